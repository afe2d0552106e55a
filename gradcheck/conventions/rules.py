"""Course rules: gradients that are divided, or not divided, by the batch size on purpose.

A rule turns a documented convention into the gradient of the layer's own forward, by the factor
that the course leaves to another place; then the checks know nothing of it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from gradcheck.assumptions import Assumptions
from gradcheck.conventions.readers import Reader, Reduced, Scaled
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.conventions.wiring import Wiring
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import Subject


def under_rules(subject: Subject, assumed: Assumptions) -> Subject:
    """Return the subject with the scales of its gradients as they are assumed to be."""
    if not isinstance(subject, WiredSubject) or not _rules(assumed):
        return subject
    ruled = copy.copy(subject)
    ruled.wirings = {form: _ruled(one, assumed) for form, one in subject.wirings.items()}
    told = {**subject.identity.assumptions, **_rules(assumed)}
    ruled.identity = replace(subject.identity, assumptions=told)
    return ruled


def batch_of(signature: Signature) -> tuple[str, int] | None:
    """Return the array and the axis that count the samples, None without any.

    The axis called N or m, else the first axis of the first input that no parameter shares.
    """
    learned = {term for one in signature.parameters for term in one.axes}
    inputs: list[ArraySpec] = [one for one in signature.inputs if one.axes]
    for one in inputs:
        named = [n for n, term in enumerate(one.axes) if term in ("N", "m")]
        free = [n for n, term in enumerate(one.axes) if term not in learned and term != "1"]
        if named or free:
            return one.name, (named or free)[0]
    return None


def _rules(assumed: Assumptions) -> dict[str, str]:
    told = {}
    if assumed.grad_reduction == "mean":
        told["gradients"] = "those of parameters divided by the batch size, as assumed"
    if assumed.loss_gradient == "sum":
        told["loss gradient"] = "not divided by the batch size, as assumed"
    if assumed.loss_reduction:
        told["loss"] = f"{assumed.loss_reduction} over the batch, as assumed"
    return told


def _ruled(wiring: Wiring, assumed: Assumptions) -> Wiring:
    gradients = dict(wiring.gradients)
    batch = batch_of(wiring.signature)
    if batch is not None:
        powers: Mapping[str, int] = {
            "parameter": 1 if assumed.grad_reduction == "mean" else 0,
            "input": -1 if assumed.loss_gradient == "sum" else 0,
        }
        roles = {one.name: one.role for one in wiring.signature.arrays}
        for name, readers in wiring.gradients.items():
            power = powers.get(roles[name], 0)
            if power:
                gradients[name] = tuple(_scaled(one, batch, power) for one in readers)
    outputs = dict(wiring.outputs)
    if assumed.loss_reduction:
        outputs = {
            name: Reduced(one.inner, assumed.loss_reduction) if isinstance(one, Reduced) else one
            for name, one in outputs.items()
        }
    return replace(wiring, gradients=gradients, outputs=outputs)


def _scaled(reader: Reader, batch: tuple[str, int], power: int) -> Reader:
    array, axis = batch
    return Scaled(reader, array, axis, power)
