"""What each check is nearly sure to ask of a case, told before the first question.

A subject in a worker gets it all in one message (:meth:`gradcheck.subject.Subject.foresee`); to
wake a worker costs more than a call of a small layer. What a check finds does not depend on it:
whatever is missing here is asked for when it is needed, and what is not needed is dropped.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Sequence

from gradcheck.case import Case
from gradcheck.checks import (
    batching,
    determinism,
    directional,
    dtypes,
    gradients,
    layout,
    linearity,
    rehearsal,
    stability,
)
from gradcheck.checks.check import Check
from gradcheck.checks.foreseeing import expected_upstream
from gradcheck.subject import Arrays, Script, Subject

Needs = Callable[[Subject, Case, Arrays], Iterator[Script]]
"""Subject, case and upstream gradient -> scripts; asks the subject nothing."""

NEEDS: dict[str, tuple[Needs, ...]] = {
    "output-not-finite": (stability.extremes_needed,),
    "warns-at-values": (stability.extremes_needed,),
    "input-gradient-wrong": (gradients.claims_needed,),
    "parameter-gradient-wrong": (gradients.claims_needed,),
    "adjoint-identity-broken": (directional.slope_needed,),
    "tie-counted-twice": (directional.tie_needed,),
    "upstream-ignored": (linearity.another_needed, linearity.multiples_needed),
    "upstream-not-linear": (linearity.multiples_needed,),
    "upstream-masks": (linearity.multiples_needed,),
    "upstream-not-additive": (linearity.sums_needed,),
    "single-precision-differs": (dtypes.single_needed,),
    "integers-truncated": (dtypes.whole_needed,),
    "result-overwritten": (rehearsal.rehearsal_needed,),
    "backward-not-deterministic": (determinism.second_backward_needed,),
    "stale-cache": (rehearsal.rehearsal_needed,),
    "backward-twice-differs": (rehearsal.rehearsal_needed,),
    "state-shared": (rehearsal.rehearsal_needed,),
    "gradient-accumulates": (rehearsal.rehearsal_needed,),
    "history-matters": (rehearsal.rehearsal_needed,),
    "parameter-stale": (rehearsal.rehearsal_needed,),
    "batch-order-matters": (batching.order_needed,),
    "rows-differ-from-batch": (batching.row_needed,),
    "layout-matters": (layout.layouts_needed,),
}
"""By the name of the check; what several share is asked once."""


def foresee(subject: Subject, checks: Sequence[Check], case: Case) -> None:
    """Tell a subject what these checks will ask of a case."""

    def scripts() -> Iterator[Script]:
        upstream = expected_upstream(subject, case)
        if upstream is None or not subject.repeatable:
            return
        asked = (NEEDS.get(one.name, ()) for one in checks if one.suits(case))
        needed = itertools.chain.from_iterable(asked)
        for needs in dict.fromkeys(needed):
            yield from needs(subject, case, upstream)

    subject.foresee(scripts, case.options)
