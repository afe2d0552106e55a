"""The strategy that draws cases.

Axes and options are drawn one by one, values from a drawn seed: so drawing is fast, and a
failing case shrinks to the smallest axes, the plainest regime and a small seed, whatever the
fault. The plain regime has short decimals only; :mod:`gradcheck.simplifying` makes them simple.
"""

from __future__ import annotations

from dataclasses import replace

from hypothesis import strategies as st

from gradcheck.case import Case, make_case
from gradcheck.drawing import Choice, Plan, choices
from gradcheck.subject import Subject


def cases(
    subject: Subject,
    *,
    dtypes: tuple[str, ...] = ("float64",),
    largest: int = 6,
    mode: str = "fast",
) -> st.SearchStrategy[Case]:
    """Return the strategy of cases for ``subject``: any of its forms, options and sizes.

    Shrinks towards the first form, default options, axes of size one, and short decimals.
    """
    plan = Plan(
        subject.forms,
        dict(subject.options),
        dict(subject.fixed_axes),
        subject.constraints,
        dtypes=dtypes,
        largest=largest,
    )
    return planned(plan, mode)


def planned(plan: Plan, mode: str = "fast") -> st.SearchStrategy[Case]:
    """Return the strategy of cases that a plan describes."""

    def made(choice: Choice) -> Case:
        case = make_case(
            choice.signature,
            choice.axes,
            choice.options,
            regime=choice.regime,
            seed=choice.seed,
            dtype=choice.dtype,
            layout=choice.layout,
        )
        return case if mode == "fast" else replace(case, mode=mode)

    return choices(plan).map(made)
