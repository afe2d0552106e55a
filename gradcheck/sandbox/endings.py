"""In words what it means that a worker ended: of which layer, in which call, by what."""

from __future__ import annotations

from gradcheck.errors import LayerLost, SourceError
from gradcheck.sandbox.limits import MIB, Limits
from gradcheck.sandbox.packing import harmless
from gradcheck.sandbox.processes import WorkerLost

TIMES_OUT, STOPS = "layer-times-out", "layer-stops"


def lost_layer(symbol: str, told: str, lost: WorkerLost, limits: Limits) -> LayerLost:
    """Return the error for a worker that ended while a layer was read or called."""
    check, what, why = _words(lost, limits)
    detail = f"{why}, in {told}" if told else why
    return LayerLost(check, f"{symbol} {what}", detail, starved=lost.starved)


def lost_source(shown: str, lost: WorkerLost, limits: Limits, place: str = "") -> SourceError:
    """Return the error for a worker that ended while it read a hand-in."""
    _, what, why = _words(lost, limits)
    return SourceError(f"{shown}: when its definitions ran, it {what}: {why}{place}")


def _words(lost: WorkerLost, limits: Limits) -> tuple[str, str, str]:
    """Return the check, what happened, and the details."""
    detail = harmless(lost.detail)
    if lost.reason == "time-out":
        return TIMES_OUT, "did not come to an end in time", detail
    if lost.reason == "cpu-time":
        return TIMES_OUT, "used up its processor time", detail
    if lost.reason == "memory":
        return STOPS, f"needs more than {limits.memory_bytes // MIB} MiB of memory", detail
    if lost.reason == "exit":
        return STOPS, "called exit", f"{detail}; a layer must return"
    if lost.reason == "failed":
        return STOPS, "ended its process", f"{detail}; a layer of ours did not in its place"
    if lost.reason == "refused":
        return STOPS, "did not answer as a layer does", detail
    return STOPS, "crashed the process", detail
