"""Course rules: gradients that are divided, or not divided, by the batch size on purpose.

A rule turns a documented convention into the gradient of the layer's own forward, by the factor
that the course leaves to another place; then the checks know nothing of it.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace

from gradcheck.assumptions import Assumptions
from gradcheck.batch import batch_of
from gradcheck.conventions.readers import Reader, Reduced, Scaled
from gradcheck.conventions.wired_subject import WiredSubject
from gradcheck.conventions.wiring import Wiring
from gradcheck.subject import Subject


def under_rules(subject: Subject, assumed: Assumptions) -> Subject:
    """Return the subject with the scales of its gradients as they are assumed to be."""
    if not isinstance(subject, WiredSubject) or not _rules(assumed):
        return subject
    ruled = copy.copy(subject)
    ruled.wirings = {form: _ruled(one, assumed) for form, one in subject.wirings.items()}
    ruled.accumulation = assumed.accumulation
    told = {**subject.identity.assumptions, **_rules(assumed)}
    ruled.identity = replace(subject.identity, assumptions=told)
    return ruled


def _rules(assumed: Assumptions) -> dict[str, str]:
    told = {}
    if assumed.grad_reduction == "mean":
        told["gradients"] = "those of parameters divided by the batch size, as assumed"
    if assumed.loss_gradient == "sum":
        told["loss gradient"] = "not divided by the batch size, as assumed"
    if assumed.accumulation:
        how = "add up until they are reset" if assumed.accumulation == "add" else "start anew"
        told["accumulation"] = f"gradients {how}, as assumed"
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
