"""Which axis of a layer's arrays counts the samples."""

from __future__ import annotations

from gradcheck.signature import ArraySpec, Signature


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


def batch_axis(signature: Signature) -> str | None:
    """Return the name of the axis that counts the samples, None where it is no plain name."""
    found = batch_of(signature)
    if found is None:
        return None
    term = signature.by_name[found[0]].axes[found[1]]
    return term if term.isidentifier() else None
