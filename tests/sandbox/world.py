"""The surroundings of one run of a hostile hand-in, and whether they are as they were.

A hand-in knows everything that may help it: ``@CANARY@`` and the like in its text are replaced by
real paths, ports and processes before it is run.
"""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import secrets
import shutil
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import FrameType

import layers

HOSTILE = Path(__file__).with_name("hostile")
MARK = "gradcheck_hostile"
"""Begins the name of every file that a hand-in tries to leave."""

TOKEN = "GRADCHECK_CANARY"
_COMMON_GROUND = ("/tmp", "/var/tmp", "/dev/shm", "/")
_SIGNALS = ("HUP", "TERM", "USR1", "USR2", "ALRM", "CONT", "URG", "IO", "QUIT", "TTIN", "TTOU")
_SUBREAPER = 36
_OTHER = '''"""What somebody else handed in."""


class Square:
    secret = "{token}"

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2.0 * self.x * dout
'''


class World:
    """Folders, sockets, secrets and signals around one hand-in."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.token = f"canary{secrets.token_hex(8)}"
        self.signals: list[int] = []
        for name in ("canary/empty", "working", "hand_ins/other", "hand_ins/mine", "private"):
            (folder / name).mkdir(parents=True)
        self.working = folder / "working"
        self.mine = folder / "hand_ins" / "mine"
        (folder / "canary" / "kept").write_text("kept\n" * 20, encoding="utf-8")
        self.other = folder / "hand_ins" / "other" / "other_hand_in.py"
        self.other.write_text(_OTHER.format(token=self.token), encoding="utf-8")
        self.secret = folder / "private" / "secret"
        self.secret.write_text(f"the word is: {self.token}\n", encoding="utf-8")
        self.secret.chmod(0o600)
        self.shared = Path("/dev/shm") / f"canary_{os.getpid()}_{secrets.token_hex(4)}"
        self.sockets: list[socket.socket] = []
        self._words = {
            "CANARY": str(folder / "canary"),
            "CWD": str(self.working),
            "OTHER": str(self.other),
            "OTHERS": str(self.other.parent),
            "SECRET": str(self.secret),
            "SHM": self.shared.name,
            "LAYERS": str(Path(layers.__file__).parent),
            "GRADER": str(os.getpid()),
            "GROUP": str(os.getpgid(0)),
        }

    @contextlib.contextmanager
    def running(self) -> Iterator[None]:
        """Open what can be reached, and take note of what comes."""
        before = Path.cwd()
        with contextlib.ExitStack() as stack:
            stack.callback(os.chdir, before)
            os.chdir(self.working)
            os.environ[TOKEN] = self.token
            stack.callback(os.environ.pop, TOKEN, None)
            self.shared.write_text(self.token + "\n" * 4096, encoding="utf-8")
            stack.callback(self.shared.unlink, missing_ok=True)
            self._listen(stack)
            self._heed_signals(stack)
            _adopt_orphans(1)
            stack.callback(_adopt_orphans, 0)
            yield

    def place(self, name: str) -> Path:
        """Copy a hand-in to where it is handed in, and tell it what there is to know."""
        source = HOSTILE / name
        mine = self.mine
        target = mine / name
        words = {**self._words, "SELF": str(target)}
        files = (
            [source] if source.is_file() else [one for one in source.rglob("*") if one.is_file()]
        )
        for file in files:
            if "__pycache__" in file.parts:
                continue
            copy = mine / file.relative_to(source.parent)
            copy = copy.with_name(copy.name.removesuffix(".txt"))
            copy.parent.mkdir(parents=True, exist_ok=True)
            text = file.read_text(encoding="utf-8")
            for word, value in words.items():
                text = text.replace(f"@{word}@", value)
            copy.write_text(text, encoding="utf-8")
        return target

    def files(self) -> dict[str, tuple[object, ...]]:
        """Return what lies around, so that two looks can be compared."""
        seen: dict[str, tuple[object, ...]] = {}
        for one in sorted(self.folder.rglob("*")):
            if ".hypothesis" in one.parts:  # what the grader itself keeps
                continue
            told = one.lstat()
            content = b""
            if one.is_file() and not one.is_symlink():
                content = hashlib.sha256(one.read_bytes()).digest()
            changed = 0 if one.is_dir() else told.st_mtime_ns  # what is new in it is seen itself
            seen[str(one)] = (told.st_mode, told.st_uid, changed, content)
        for ground in _COMMON_GROUND:
            for name in os.listdir(ground):
                if name.startswith(MARK):
                    seen[os.path.join(ground, name)] = ()
        if self.shared.exists():
            seen[str(self.shared)] = (hashlib.sha256(self.shared.read_bytes()).digest(),)
        return seen

    def visitors(self) -> list[str]:
        """Return which of the sockets were reached."""
        reached = []
        for one in self.sockets:
            one.setblocking(False)
            try:
                one.accept() if one.type == socket.SOCK_STREAM else one.recv(100)
            except BlockingIOError:
                continue
            reached.append(str(one))
        return reached

    def survivors(self, known: set[int], patience: float = 3.0) -> list[str]:
        """Return the processes below this one that were not there before, and end them."""
        deadline = time.monotonic() + patience
        while (left := _below(os.getpid()) - known) and time.monotonic() < deadline:
            with contextlib.suppress(ChildProcessError):
                for process in left:
                    os.waitpid(process, os.WNOHANG)
            time.sleep(0.02)
        told = [f"{process}: {_command(process)}" for process in sorted(left)]
        for process in left:
            with contextlib.suppress(OSError):
                os.kill(process, signal.SIGKILL)
        return told

    def clean(self) -> None:
        """Remove what should never have been there."""
        for ground in _COMMON_GROUND:
            for name in os.listdir(ground):
                if name.startswith(MARK):
                    path = os.path.join(ground, name)
                    if os.path.isdir(path) and not os.path.islink(path):
                        shutil.rmtree(path, ignore_errors=True)
                    else:
                        with contextlib.suppress(OSError):
                            os.unlink(path)

    def _listen(self, stack: contextlib.ExitStack) -> None:
        tcp, udp = socket.socket(), socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        named, abstract = socket.socket(socket.AF_UNIX), socket.socket(socket.AF_UNIX)
        self.sockets = [tcp, udp, named, abstract]
        for one in self.sockets:
            stack.callback(one.close)
        for one in (tcp, udp):
            one.bind(("127.0.0.1", 0))
        # A path of a socket must be short.
        path = f"/tmp/s{os.getpid()}_{secrets.token_hex(3)}"
        named.bind(path)
        stack.callback(os.unlink, path)
        name = f"canary{os.getpid()}_{secrets.token_hex(3)}"
        abstract.bind(f"\0{name}")
        for one in (tcp, named, abstract):
            one.listen()
        self._words |= {
            "TCP": str(tcp.getsockname()[1]),
            "UDP": str(udp.getsockname()[1]),
            "UNIX": path,
            "ABSTRACT": name,
        }

    def _heed_signals(self, stack: contextlib.ExitStack) -> None:
        if threading.current_thread() is not threading.main_thread():
            return

        def heed(number: int, frame: FrameType | None) -> None:
            self.signals.append(number)

        for name in _SIGNALS:
            number = getattr(signal, f"SIG{name}")
            old: Callable[[int, FrameType | None], object] | int | None
            old = signal.signal(number, heed)
            stack.callback(signal.signal, number, old)


def processes_below() -> set[int]:
    """Return the processes that were started by this one, and by those."""
    return _below(os.getpid())


def _adopt_orphans(wanted: int) -> None:
    """Let processes whose parent ended become children of this one, so that they are seen."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_SUBREAPER, wanted, 0, 0, 0)


def _below(top: int) -> set[int]:
    parents: dict[int, int] = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            with contextlib.suppress(OSError), open(f"/proc/{name}/stat", "rb") as file:
                parents[int(name)] = int(file.read().rpartition(b")")[2].split()[1])
    found: set[int] = set()
    waiting = [top]
    while waiting:
        parent = waiting.pop()
        children = {one for one, above in parents.items() if above == parent}
        found |= children
        waiting += children
    return found


def _command(process: int) -> str:
    try:
        with open(f"/proc/{process}/cmdline", "rb") as file:
            return file.read().replace(b"\0", b" ").decode(errors="replace")[:200]
    except OSError:
        return "gone"
