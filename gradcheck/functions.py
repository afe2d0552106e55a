"""Functions and their derivatives, without a layer around them: vjp, gradient, jvp, hvp."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from gradcheck.case import given_case
from gradcheck.conventions.callables import CallableSubject
from gradcheck.errors import UsageError
from gradcheck.findings import Report
from gradcheck.numerics.rounding import typical_scale
from gradcheck.runner import assemble, check_subject
from gradcheck.settings import settings_from
from gradcheck.signature import ArraySpec, Signature
from gradcheck.subject import Array, Identity, Words

Primals = Array | Sequence[Array] | Mapping[str, Array]


def check_vjp(
    forward: Callable[..., Any],
    vjp: Callable[..., Any],
    primals: Primals,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check a vector-Jacobian product at one point, all gradients.

    Parameters
    ----------
    forward
        ``forward(primals) -> y``, one real array of any shape.
    vjp
        ``vjp(primals, cotangent) -> gradients`` of the same structure as ``primals``.
    primals
        An array, a sequence of arrays, or a dict of named arrays. Arrays that are not of a
        floating-point dtype are passed through and have no gradient.
    seed
        Of the random cotangent and directions; 0 by default.
    """
    settings = settings_from({**options, "seed": seed or 0})
    named, pack, unpack = _structure(primals)
    arrays = tuple(
        ArraySpec(
            name, tuple(map(str, array.shape)), "input" if array.dtype.kind == "f" else "label"
        )
        for name, array in named.items()
    )
    signature = Signature(arrays, (ArraySpec("y", ("...",), "output"),))
    symbol = getattr(forward, "__name__", "forward")
    subject = CallableSubject(
        Identity(symbol, "callables"),
        signature,
        lambda given: forward(pack(given)),
        lambda given, cotangent: unpack(vjp(pack(given), cotangent)),
    )
    case = given_case(signature, named, settings.seed, mode=settings.mode)
    return assemble([check_subject(subject, settings, case)], settings)


def check_gradient(
    f: Callable[[Array], Any],
    grad_f: Callable[[Array], Any],
    x: Array,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check the gradient of a scalar function at one point.

    Parameters
    ----------
    f
        ``f(x) -> `` one real number.
    grad_f
        ``grad_f(x) -> `` its gradient, like ``x``.
    x
        A floating-point array of any shape.
    """
    return check_vjp(f, lambda at, u: np.asarray(grad_f(at)) * u, x, seed=seed, **options)


def check_jvp(
    f: Callable[..., Any],
    jvp: Callable[..., Any],
    primals: Primals,
    tangents: Primals | None = None,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check a Jacobian-vector product at one point along one tangent.

    Along the line ``primals + t * tangents`` the output is a function of t alone, whose derivative
    at zero is the jvp. So it is held against differences by the same engine as a gradient.

    Parameters
    ----------
    f
        ``f(primals) -> y``, one real array of any shape.
    jvp
        ``jvp(primals, tangents) -> J tangents``, like ``y``; linear in the tangents.
    primals
        An array, a sequence of arrays, or a dict of named arrays, all floating point.
    tangents
        Of the same structure and shapes; by default random, of the scale of each primal.

    Raises
    ------
    UsageError
        A tangent has another shape than its primal.
    """
    settings = settings_from({**options, "seed": seed or 0})
    named, pack, _ = _structure(primals)
    along = _tangents(named, tangents, settings.seed)
    signature = Signature((ArraySpec("t", (), "input"),), (ArraySpec("y", ("...",), "output"),))

    def at(t: Array) -> Any:
        return pack({name: array + t * along[name] for name, array in named.items()})

    symbol = getattr(jvp, "__name__", "jvp")
    subject = CallableSubject(
        Identity(symbol, "callables", words=Words({}, {"t": "the jvp"}, "the weights of y")),
        signature,
        lambda given: f(at(given["t"])),
        lambda given, u: {"t": np.sum(u * np.asarray(jvp(at(given["t"]), pack(along))))},
    )
    dtype = np.result_type(*named.values())
    case = given_case(signature, {"t": np.zeros((), dtype)}, settings.seed, mode=settings.mode)
    return assemble([check_subject(subject, settings, case)], settings)


def check_hvp(
    grad_f: Callable[..., Any],
    hvp: Callable[..., Any],
    x: Primals,
    v: Primals | None = None,
    *,
    seed: int | None = None,
    **options: Any,
) -> Report:
    """Check a Hessian-vector product against differences of the gradient.

    Parameters
    ----------
    grad_f
        ``grad_f(x)`` -> the gradient, like ``x``; check it first (:func:`check_gradient`).
    hvp
        ``hvp(x, v)`` -> the Hessian at x times v, like ``x``.
    x, v
        Of one structure; v is random by default.
    """
    return check_jvp(grad_f, hvp, x, v, seed=seed, **options)


def _tangents(named: Mapping[str, Array], tangents: Primals | None, seed: int) -> dict[str, Array]:
    """Return the tangents by name, as long as the primals are large: the unit of the line."""
    if tangents is None:
        rng = np.random.default_rng(seed)
        return {
            name: (typical_scale(x) * rng.uniform(0.5, 1.0, x.shape)).astype(x.dtype)
            * rng.choice([-1, 1], x.shape).astype(x.dtype)
            for name, x in named.items()
        }
    given, _, _ = _structure(tangents)
    for name, x in named.items():
        shape = given[name].shape if name in given else None
        if shape != x.shape:
            raise UsageError(f"the tangent of {name} has shape {shape}, its primal {x.shape}")
    largest = max((float(np.abs(v).max(initial=0.0)) for v in given.values()), default=0.0)
    wanted = max((typical_scale(x) for x in named.values()), default=1.0)
    factor = wanted / largest if largest > 0 else 1.0
    return {name: np.asarray(v) * factor for name, v in given.items()}


def _structure(
    primals: Primals,
) -> tuple[dict[str, Array], Callable[[Any], Any], Callable[[Any], Any]]:
    """Return the primals by name, and the ways between names and the caller's structure."""
    if isinstance(primals, Mapping):
        return {name: np.asarray(one) for name, one in primals.items()}, dict, dict
    if isinstance(primals, (tuple, list)):
        names = [f"x{number}" for number in range(len(primals))]
        named = dict(zip(names, (np.asarray(one) for one in primals), strict=True))
        return (
            named,
            lambda given: type(primals)(given[name] for name in names),
            lambda found: dict(zip(names, found, strict=False)),
        )
    return {"x": np.asarray(primals)}, lambda given: given["x"], lambda found: {"x": found}
