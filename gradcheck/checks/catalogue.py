"""The one table of checks: registered by being written here, in the order of the report."""

from __future__ import annotations

from collections.abc import Sequence

from gradcheck.checks import (
    accumulation,
    batching,
    determinism,
    directional,
    dtypes,
    exact_points,
    gradients,
    honesty,
    interface,
    layout,
    linearity,
    purity,
    reading,
    shapes,
    stability,
    state,
    values,
)
from gradcheck.checks.check import Check
from gradcheck.errors import UsageError, nearest

CHECKS: tuple[Check, ...] = (
    Check("layer-unusable", "GC000", "certain", "stable", None, reading.UNUSABLE),
    Check("method-misspelt", "GC001", "certain", "stable", None, reading.MISSPELT),
    Check("method-missing", "GC002", "certain", "stable", None, reading.MISSING),
    Check("constructor-never-ran", "GC003", "certain", "stable", None, reading.NEVER_RAN),
    Check("self-missing", "GC006", "certain", "stable", None, reading.SELF_MISSING),
    Check("layer-times-out", "GC007", "certain", "stable", None, reading.TIMES_OUT, isolated=True),
    Check("layer-stops", "GC008", "certain", "stable", None, reading.STOPS, isolated=True),
    Check("layer-raises", "GC004", "certain", "stable", interface.layer_raises),
    Check(
        "forward-returns-nothing", "GC005", "certain", "stable", interface.forward_returns_nothing
    ),
    Check("forward-differs", "GC501", "certain", "stable", values.forward_differs),
    Check("output-not-finite", "GC502", "certain", "stable", stability.output_not_finite, most=30),
    Check("warns-at-values", "GC503", "suspicious", "stable", stability.warns_at_values, most=30),
    Check("input-gradient-wrong", "GC101", "certain", "stable", gradients.input_gradient_wrong),
    Check(
        "parameter-gradient-wrong",
        "GC102",
        "certain",
        "stable",
        gradients.parameter_gradient_wrong,
    ),
    Check("gradient-missing", "GC103", "certain", "stable", gradients.gradient_missing),
    Check("gradient-not-finite", "GC104", "certain", "stable", gradients.gradient_not_finite),
    Check(
        "adjoint-identity-broken",
        "GC105",
        "certain",
        "stable",
        directional.adjoint_identity_broken,
        most=6,
        unless=("GC101", "GC102", "GC103", "GC104", "GC106", "GC2", "GC3", "GC4", "GC6"),
    ),
    Check(
        "tie-counted-twice",
        "GC106",
        "suspicious",
        "stable",
        directional.tie_counted_twice,
        most=20,
        unless=("GC101", "GC102", "GC103", "GC104", "GC2", "GC3", "GC4", "GC6"),
    ),
    Check(
        "wrong-at-a-point",
        "GC107",
        "suspicious",
        "stable",
        exact_points.wrong_at_a_point,
        unless=("GC101", "GC102", "GC103", "GC104", "GC2", "GC3", "GC4", "GC6"),
    ),
    Check("upstream-ignored", "GC201", "certain", "stable", linearity.upstream_ignored),
    Check("upstream-not-linear", "GC202", "certain", "stable", linearity.upstream_not_linear),
    Check("upstream-masks", "GC203", "certain", "stable", linearity.upstream_masks),
    Check(
        "upstream-not-additive",
        "GC204",
        "certain",
        "stable",
        linearity.upstream_not_additive,
        most=16,
        unless=("GC202", "GC203"),
    ),
    Check("gradient-shape-wrong", "GC301", "certain", "stable", shapes.gradient_shape_wrong),
    Check("output-shape-wrong", "GC302", "certain", "stable", shapes.output_shape_wrong),
    Check("precision-lost", "GC303", "suspicious", "stable", dtypes.precision_lost, most=8),
    Check(
        "integers-truncated", "GC304", "suspicious", "stable", dtypes.integers_truncated, most=12
    ),
    Check(
        "single-precision-differs",
        "GC305",
        "certain",
        "stable",
        dtypes.single_precision_differs,
        most=8,
        unless=("GC303",),
        fit=lambda case: case.generic,
    ),
    Check("precision-widened", "GC306", "style", "preview", dtypes.precision_widened, most=3),
    Check("input-mutated", "GC401", "certain", "stable", purity.input_mutated, in_evaluation=True),
    Check("upstream-mutated", "GC402", "certain", "stable", purity.upstream_mutated),
    Check("parameter-mutated", "GC403", "certain", "stable", purity.parameter_mutated),
    Check("result-overwritten", "GC404", "certain", "stable", purity.result_overwritten, most=20),
    Check("output-is-cache", "GC405", "style", "preview", purity.output_is_cache, most=8),
    Check("result-is-view", "GC406", "style", "preview", purity.result_is_view, most=8),
    Check("not-deterministic", "GC601", "suspicious", "stable", determinism.not_deterministic),
    Check(
        "backward-not-deterministic",
        "GC602",
        "certain",
        "stable",
        determinism.backward_not_deterministic,
        most=16,
    ),
    Check(
        "generator-reseeded",
        "GC603",
        "suspicious",
        "stable",
        determinism.generator_reseeded,
        most=2,
    ),
    Check("stale-cache", "GC701", "certain", "stable", state.stale_cache, most=20),
    Check(
        "backward-twice-differs",
        "GC702",
        "suspicious",
        "stable",
        state.backward_twice_differs,
        most=20,
    ),
    Check("state-shared", "GC703", "certain", "stable", state.state_shared, most=20),
    Check(
        "gradient-accumulates",
        "GC704",
        "certain",
        "stable",
        accumulation.gradient_accumulates,
        most=20,
    ),
    Check(
        "gradient-overwritten",
        "GC705",
        "certain",
        "stable",
        accumulation.gradient_overwritten,
        most=20,
    ),
    Check("history-matters", "GC706", "certain", "stable", state.history_matters, most=20),
    Check(
        "evaluation-changes-state",
        "GC707",
        "certain",
        "stable",
        state.evaluation_changes_state,
        most=20,
        in_evaluation=True,
    ),
    Check("parameter-stale", "GC708", "certain", "stable", accumulation.parameter_stale, most=20),
    Check(
        "batch-order-matters",
        "GC801",
        "certain",
        "stable",
        batching.batch_order_matters,
        most=20,
        unless=("GC501",),
    ),
    Check(
        "rows-differ-from-batch",
        "GC802",
        "certain",
        "stable",
        batching.rows_differ_from_batch,
        most=20,
        unless=("GC501", "GC801"),
    ),
    Check("empty-batch-fails", "GC803", "style", "preview", batching.empty_batch_fails, most=8),
    Check(
        "layout-matters",
        "GC811",
        "certain",
        "stable",
        layout.layout_matters,
        most=10,
        fit=layout.may_matter,
    ),
    Check(
        "differentiates-numerically",
        "GC901",
        "suspicious",
        "stable",
        honesty.differentiates_numerically,
        most=3,
    ),
    Check(
        "delegates-to-autodiff",
        "GC902",
        "suspicious",
        "stable",
        honesty.delegates_to_autodiff,
        most=3,
    ),
)


def find_check(name: str) -> Check:
    """Return the check of this name or code.

    Raises
    ------
    UsageError
        There is none; the nearest name is offered.
    """
    for check in CHECKS:
        if name.lower() == check.name or name.upper() == check.code:
            return check
    names = [text for check in CHECKS for text in (check.name, check.code)]
    raise UsageError(f"no check {name!r}{nearest(name, names)}")


def selected(
    select: Sequence[str], ignore: Sequence[str], *, preview: bool = False
) -> tuple[Check, ...]:
    """Return the checks that a name, a code, a prefix of a code or a category selects.

    Those in preview only where they are named in full, or all of them are asked for.

    Raises
    ------
    UsageError
        A word is none of these, or nothing is left to run.
    """
    for word in (*select, *ignore):
        if not any(_matches(check, word) for check in CHECKS):
            find_check(word)  # raises, with the nearest name
    chosen = tuple(
        check
        for check in CHECKS
        if (not select or any(_matches(check, word) for word in select))
        and (check.stage == "stable" or preview or any(_names(check, word) for word in select))
        and not any(_matches(check, word) for word in ignore)
    )
    if not chosen:
        hint = "" if preview else "; checks in preview need --preview or their full name"
        raise UsageError(f"no check is left of --select {' '.join(select)}{hint}")
    return chosen


def fails(check: Check, words: Sequence[str]) -> bool:
    """Return whether a finding of ``check`` fails a layer.

    ``words`` are names, codes, prefixes of codes and categories that were said to fail.
    """
    return check.category == "certain" or any(_matches(check, word) for word in words)


def _names(check: Check, word: str) -> bool:
    return word.lower() == check.name or word.upper() == check.code


def _matches(check: Check, word: str) -> bool:
    known = (check.name, check.category)
    return word.lower() in known or check.code.startswith(word.upper())
