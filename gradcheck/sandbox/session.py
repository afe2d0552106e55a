"""One worker with one hand-in: questions there, answers back, and what its end means."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, TypeVar

from gradcheck.errors import AdaptError, GradcheckError, HarnessError, LayerLost, SourceError
from gradcheck.sandbox.descriptions import Description, unpack_description
from gradcheck.sandbox.endings import lost_layer, lost_source
from gradcheck.sandbox.far_reference import answer
from gradcheck.sandbox.frames import Refused
from gradcheck.sandbox.hand_in import HandIn
from gradcheck.sandbox.limits import Limits
from gradcheck.sandbox.listings import Listing, unpack_listing
from gradcheck.sandbox.packing import Malformed, Reader
from gradcheck.sandbox.processes import Sandbox, WorkerLost
from gradcheck.sandbox.questions import (
    BUILD,
    LOAD,
    MOST_BLUEPRINT,
    READ,
    REFERENCE,
    Load,
    Which,
    packed,
)
from gradcheck.sandbox.refusals import unpack_error
from gradcheck.sandbox.traces import last_frames
from gradcheck.settings import Settings

T = TypeVar("T")
_MOST_TEXT = 16 << 20  # bytes of a listing or a description
_NOT_PERMITTED = "PermissionError: [Errno 1]"
_ISOLATED = (
    "an isolated layer computes: it writes no file, starts no process and opens no socket (as "
    "asyncio.run does)"
)
_CALLS_A_LIMIT = 8  # so many forwards may take as long as one call


class Session:
    """A worker that has read the hand-in; ``subjects`` counts the readings so far.

    ``listed`` says whether it lists what the hand-in holds, as one of its workers must. ``whose``
    is called where a worker ended as ours do that fail, and raises if it is our fault.

    Raises
    ------
    SourceError
        The hand-in cannot be read, or ended its worker.
    HarnessError
        There is no worker.
    """

    def __init__(
        self,
        sandbox: Sandbox,
        hand_in: HandIn,
        settings: Settings,
        limits: Limits,
        whose: Callable[[], None] = lambda: None,
        *,
        listed: bool = True,
    ) -> None:
        self.limits, self.subjects = limits, 0
        self.ended: LayerLost | None = None
        self.files, self.referred = tuple(hand_in.files), 0.0
        asked = Load(
            hand_in.files,
            hand_in.asked,
            hand_in.shown,
            hand_in.symbol,
            hand_in.folder,
            hand_in.refused,
            settings.run_module,
            limits.load_seconds,
            settings.assume,
            settings.layers,
            listed,
        )
        self._whose = whose
        try:
            self.worker = sandbox.worker(id(hand_in))
        except WorkerLost as lost:  # nothing of the hand-in has run
            raise HarnessError(f"no worker can be had: {lost}") from None
        try:
            data = self._asked(LOAD, packed(asked), limits.load_seconds, "its definitions")
            self.listing: Listing = unpack_listing(data) if listed else ([], {})
        except WorkerLost as lost:
            self._see_whose(lost)
            raise lost_source(hand_in.shown, lost, limits, self._place(lost)) from None
        except Malformed as error:
            self.close()
            raise lost_source(hand_in.shown, _refused(error), limits) from None
        except GradcheckError as error:
            self.close()
            raise SourceError(str(error)) from None
        except BaseException:
            self.close()
            raise

    def reading(self, which: Which, kind: str) -> tuple[Description, bytes]:
        """Return what the worker says of a layer, in its next reading; ``kind`` if it is given.

        And what another worker needs to make the same layer, empty where that cannot be told.

        Raises
        ------
        AdaptError
            There is no further reading.
        LayerLost
            The worker ended.
        """
        told, symbol = "finding out how it is called", which.symbol
        seconds = self.limits.load_seconds
        try:
            data = self._asked(READ, packed((which, seconds)), seconds, told)
            reader = Reader(data)
            described = unpack_description(reader.blob(_MOST_TEXT))
            blueprint = reader.blob(MOST_BLUEPRINT)
            reader.end()
            if described.identity.symbol != symbol:
                raise Malformed(f"{described.identity.symbol}, which was read in its place")
            if kind and described.identity.kind != kind:
                raise Malformed(f"no layer of the kind {kind}, as which it is to be read")
        except WorkerLost as lost:
            raise self._lost(symbol, f"{told}{self._place(lost)}", lost) from None
        except Malformed as error:
            raise self._lost(symbol, told, _refused(error)) from None
        except AdaptError as error:
            if type(error) is AdaptError and _NOT_PERMITTED in str(error):
                raise AdaptError(f"{error}; {_ISOLATED}") from None
            raise
        except GradcheckError as error:  # of a layer that is read no other can come
            raise AdaptError(f"{symbol}: {error}") from None
        self.subjects += 1
        return described, blueprint

    def build(self, blueprint: bytes, symbol: str) -> bool:
        """Let the worker make a layer as another one has told; return whether it could.

        Raises
        ------
        LayerLost
            The worker ended.
        """
        try:
            self._asked(BUILD, packed(blueprint), self.limits.load_seconds)
        except WorkerLost as lost:
            raise self._lost(symbol, "being made", lost) from None
        except Malformed as error:
            raise self._lost(symbol, "being made", _refused(error)) from None
        except GradcheckError:
            return False
        self.subjects += 1
        return True

    def ask(
        self,
        kind: int,
        question: Any,
        told: Callable[[], str],
        unpack: Callable[[bytes], T],
        meanwhile: Callable[[], None] | None = None,
        *,
        symbol: str,
    ) -> T:
        """Return the answer to a question about the layer ``symbol``, unpacked.

        ``told`` says in words what it does meanwhile; ``meanwhile`` is called once while it does.

        Raises
        ------
        LayerLost
            The worker ended, or answered what is no answer.
        """
        if self.ended is not None:  # here, not in a handler: its context stays the first one's,
            raise self.ended  # and whoever replays it sees the same failure
        shares = -(-len(question[1]) // _CALLS_A_LIMIT)
        data = packed(question)
        try:
            seconds = self.limits.request_seconds * shares
            return unpack(self._asked(kind, data, seconds, meanwhile=meanwhile))
        except WorkerLost as lost:
            raise self._lost(symbol, told(), lost) from None
        except (Malformed, GradcheckError) as error:
            raise self._lost(symbol, told(), _refused(error)) from None

    def close(self) -> None:
        """End the worker."""
        self.worker.close()

    def _referred(self, kind: int, question: bytes) -> bytes:
        """Return what a reference gives, for a worker that asks back, as long as that is cheap."""
        if kind != REFERENCE:
            raise Refused("asked back what nobody asks")
        begun = time.monotonic()
        try:
            return answer(question)
        except Malformed as error:
            raise Refused(f"asked back for {error}") from None
        finally:
            self.referred += time.monotonic() - begun
            if self.referred > self.limits.load_seconds:
                raise Refused("asked for more of the references than they can give in time")

    def _place(self, lost: WorkerLost) -> str:
        """Return in words where it was when its time ran out, as far as it said so."""
        if lost.reason != "time-out":
            return ""
        frames = last_frames(self.worker.output, self.files)
        return f", at {frames}" if frames else ""

    def _lost(self, symbol: str, told: str, lost: WorkerLost) -> LayerLost:
        """Return what ended the worker at first: later questions only find it closed."""
        self.worker.close()
        self._see_whose(lost)
        if self.ended is None:
            self.ended = lost_layer(symbol, told, lost, self.limits)
        return self.ended

    def _see_whose(self, lost: WorkerLost) -> None:
        if lost.reason == "failed":
            self._whose()

    def _asked(
        self,
        kind: int,
        data: bytes,
        seconds: float,
        told: str = "",
        meanwhile: Callable[[], None] | None = None,
    ) -> bytes:
        """Return the answer to a question, or raise the error that the worker answers with.

        Raises
        ------
        GradcheckError
            The worker says that it cannot read what it was asked to read.
        Malformed
            It says so in words that are none.
        WorkerLost
            It ended.
        """
        reading = kind in (LOAD, READ)
        data = self.worker.ask(
            kind,
            data,
            seconds=seconds,
            most=_MOST_TEXT if reading else 4 * self.limits.array_bytes,
            during=told,
            answer=self._referred if reading else None,
            meanwhile=meanwhile,
        )
        if self.worker.status:
            raise unpack_error(data)
        return data


def _refused(error: Exception) -> WorkerLost:
    return WorkerLost("refused", f"what came back is {error}")
