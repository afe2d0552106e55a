"""From shapes that were seen to axis terms: (3, 5) is ``out_features in_features``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, combinations_with_replacement, permutations

Sizes = Mapping[str, int]


def axis_terms(
    first: Sequence[int], second: Sequence[int], sizes: Sizes, others: Sizes
) -> tuple[str, ...] | None:
    """Return the terms that give shape ``first`` for ``sizes`` and ``second`` for ``others``.

    None where an axis is explained by no axis, product or sum of axes, and is not constant.
    """
    if len(first) != len(second):
        return None
    terms = [_term(a, b, sizes, others) for a, b in zip(first, second, strict=True)]
    return tuple(one for one in terms if one) if all(terms) else None


def _term(a: int, b: int, sizes: Sizes, others: Sizes) -> str:
    if a == b == 1:
        return "1"
    names = [name for name in sizes if name in others]
    for name in names:
        if (sizes[name], others[name]) == (a, b):
            return name
    for factor in (2, 3, 4):
        for name in names:
            if (factor * sizes[name], factor * others[name]) == (a, b):
                return f"{factor}*{name}"
    if a == b:
        return str(a)
    for x, y in combinations(names, 2):
        if (sizes[x] + sizes[y], others[x] + others[y]) == (a, b):
            return f"{x}+{y}"
    for x, y in permutations(names, 2):
        for more in (0, 1):
            if (sizes[x] - sizes[y] + more, others[x] - others[y] + more) == (a, b):
                return f"{x}-{y}+{more}" if more else f"{x}-{y}"
    for count in (2, 3):
        for chosen in combinations_with_replacement(names, count):
            if (_product(chosen, sizes), _product(chosen, others)) == (a, b):
                return "*".join(chosen)
    return ""


def _product(chosen: Sequence[str], sizes: Sizes) -> int:
    result = 1
    for name in chosen:
        result *= sizes[name]
    return result
