"""Mistakes that any layer in time can make: in what is carried from step to step."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from gradcheck.mutants.mutant import Formula, Mutant, mutant
from gradcheck.mutants.parts import parameters_of
from gradcheck.mutants.situation import Situation
from gradcheck.subject import Array, Arrays

_STATES: Mapping[str, tuple[str, ...]] = {"rnn": ("h0",), "gru": ("h0",), "lstm": ("h0", "c0")}
Backward = Callable[[Situation], Arrays]
"""The gradients of one step, by names as of the whole sequence; x has one step."""


def steps(situation: Situation) -> list[Situation]:
    """Return each step as a sequence of length one, with the upstream gradient of its output."""
    x, dh, states = situation.arrays["x"], situation.upstream["h"], _STATES[situation.kind.name]
    blank = np.zeros((len(x), len(situation.arrays["Wh"])), dh.dtype)
    now = {name: situation.arrays.get(name, blank) for name in states}
    found = []
    for t in range(x.shape[1]):
        upstream = {"h": dh[:, t : t + 1]}
        if "c" in situation.upstream:
            last = t == x.shape[1] - 1
            upstream["c"] = situation.upstream["c"] if last else np.zeros_like(blank)
        step = situation.again(arrays={"x": x[:, t : t + 1], **now}, upstream=upstream)
        now = {"h0": step.outputs["h"][:, 0], "c0": step.outputs.get("c", blank)}
        now = {name: now[name] for name in states}
        found.append(step)
    return found


def through_time(
    situation: Situation,
    backward: Backward = lambda step: step.gradients,
    carried: Sequence[str] = ("h0", "c0"),
) -> list[Arrays]:
    """Return the gradients of each step, in the order of time.

    Backward goes from the last step to the first; of the gradients of the states, those that are
    ``carried`` are added to what the step before gets.
    """
    left: dict[str, Array] = {}
    found: list[Arrays] = []
    for step in reversed(steps(situation)):
        upstream = dict(step.upstream)
        if "h0" in left:
            upstream["h"] = upstream["h"] + left["h0"][:, np.newaxis]
        if "c0" in left:
            upstream["c"] = upstream["c"] + left["c0"]
        gradients = backward(step.again(upstream=upstream))
        left = {name: gradients[name] for name in carried if name in gradients}
        found.append(gradients)
    return found[::-1]


def summed(found: Sequence[Arrays]) -> dict[str, Array]:
    """Put the steps together: dx side by side, the parameters added, the states of the first."""
    together: dict[str, Array] = {}
    for name in found[0]:
        if name == "x":
            together[name] = np.concatenate([one["x"] for one in found], axis=1)
        elif name in ("h0", "c0"):
            together[name] = found[0][name]
        else:
            together[name] = np.sum([one[name] for one in found], axis=0)
    return together


def in_time(backward: Backward) -> Formula:
    """The student made the mistake of ``backward`` at every step."""
    return lambda situation: summed(through_time(situation, backward))


def _carrying(*carried: str) -> Formula:
    """The student did not carry the gradient of a state from step to step."""
    return lambda situation: summed(through_time(situation, carried=carried))


def _only_last_output(situation: Situation) -> dict[str, Array]:
    """The student used the upstream gradient of the last step only."""
    dh = np.zeros_like(situation.upstream["h"])
    dh[:, -1] = situation.upstream["h"][:, -1]
    return dict(situation.again(upstream={"h": dh}).gradients)


def _parameters_of_step(index: int) -> Formula:
    """The student overwrote the gradients of the weights at every step."""

    def formula(situation: Situation) -> dict[str, Array]:
        found = through_time(situation)[index]
        return {name: found[name] for name in situation.kind.parameters if name in found}

    return formula


def _reversed(situation: Situation) -> dict[str, Array]:
    """The student collected the steps in the order of backward and did not turn them round."""
    return {"x": situation.gradients["x"][:, ::-1]}


def _only_last_input(situation: Situation) -> dict[str, Array]:
    """The student stored dx of the last step only."""
    dx = np.zeros_like(situation.gradients["x"])
    dx[:, -1] = situation.gradients["x"][:, -1]
    return {"x": dx}


def _state_of_last_step(situation: Situation) -> dict[str, Array]:
    """The student returned the gradient of the state before the last step, not the first."""
    found = through_time(situation)[-1]
    return {name: found[name] for name in _STATES[situation.kind.name] if name in found}


def _cell_upstream_ignored(situation: Situation) -> dict[str, Array]:
    """The student ignored the gradient of the last cell state."""
    zero = np.zeros_like(situation.upstream["c"])
    return dict(situation.again(upstream={"c": zero}).gradients)


def _upstream_not_added(situation: Situation) -> dict[str, Array]:
    """The student carried the gradient without multiplying by the step: dh = dout summed up."""
    dh = np.flip(np.cumsum(np.flip(situation.upstream["h"], 1), axis=1), 1)
    found = [
        step.again(upstream={"h": dh[:, t : t + 1]}).gradients
        for t, step in enumerate(steps(situation))
    ]
    return summed(found)


_CELLS = "rnn-cell lstm-cell gru-cell"
_LAYERS = "rnn lstm gru"
_CARRY = "Add what step t + 1 gives back for its state to dout[:, t] before going through step t."
_ADD = "Set the gradients of the weights to zero before the loop, and add with += in it."

MUTANTS: tuple[Mutant, ...] = (
    mutant(
        "hidden-gradient-not-carried",
        "{gradient} lacks what later steps give back: dh is not carried from step to step",
        _CARRY,
        _LAYERS,
        _carrying("c0"),
    ),
    mutant(
        "cell-gradient-not-carried",
        "{gradient} lacks what later steps give back: dc is not carried from step to step",
        "Pass dc of step t + 1 on to step t, beside dh.",
        "lstm",
        _carrying("h0"),
    ),
    mutant(
        "no-state-gradient-carried",
        "{gradient} lacks what later steps give back: neither dh nor dc is carried",
        _CARRY,
        "lstm",
        _carrying(),
    ),
    mutant(
        "only-last-output",
        "{gradient} uses dout of the last step only; every step has an output",
        "Add dout[:, t] at every step of the loop.",
        _LAYERS,
        _only_last_output,
    ),
    mutant(
        "cell-upstream-ignored",
        "{gradient} ignores the upstream gradient of the last cell state",
        "Begin the loop with dc as given, not with zeros.",
        "lstm",
        _cell_upstream_ignored,
    ),
    mutant(
        "overwritten-per-step",
        "{gradient} comes from the first step only: overwritten at every step, not summed",
        _ADD,
        _LAYERS,
        _parameters_of_step(0),
    ),
    mutant(
        "only-last-step",
        "{gradient} comes from the last step only; the weights serve every step",
        _ADD,
        _LAYERS,
        _parameters_of_step(-1),
    ),
    mutant(
        "steps-reversed",
        "{gradient} has its steps in reverse order",
        "Write dx[:, t] at its own t, or turn the list round at the end.",
        _LAYERS,
        _reversed,
    ),
    mutant(
        "only-last-input",
        "{gradient} is zero but for the last step",
        "Write dx[:, t] at every step of the loop.",
        _LAYERS,
        _only_last_input,
    ),
    mutant(
        "state-of-last-step",
        "{gradient} is that of the state before the last step, not of the initial one",
        "Return what the loop has carried after its end, at t = 0.",
        _LAYERS,
        _state_of_last_step,
    ),
    mutant(
        "carried-past-the-step",
        "{gradient} carries dout from step to step as it is, not through the step's weights",
        "Carry the dh that the step itself gives back.",
        "rnn gru",
        _upstream_not_added,
    ),
    mutant(
        "only-last-sample",
        "{gradient} comes from the last sample only: overwritten in the loop, not summed",
        "Sum over the batch: x.T @ da.",
        f"{_CELLS} {_LAYERS}",
        parameters_of("N", slice(-1, None)),
    ),
    mutant(
        "only-first-sample",
        "{gradient} comes from the first sample only",
        "Sum over the batch: x.T @ da.",
        f"{_CELLS} {_LAYERS}",
        parameters_of("N", slice(0, 1)),
    ),
)
"""The mistakes, each with its formula."""
