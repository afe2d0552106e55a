"""A mutant is named only where it alone gives the claimed gradient in every case."""

from __future__ import annotations

import numpy as np
import pytest

from gradcheck.diagnosis import mutant_match
from gradcheck.mutants import Mutant, mutants_of
from tests.diagnosis.wrong_layers import Embedding, name_of


class Overwrites(Embedding):
    def backward(self, dout):
        self.dW = np.zeros_like(self.W)
        self.dW[self.ids] = dout


def mutant(name, change):
    def gradients(at):
        return {"W": change(at.gradients["W"])}

    return Mutant(name, "a mistake", "its repair", ("embedding",), gradients)


def scaled(factor):
    class Scaled(Embedding):
        def backward(self, dout):
            super().backward(dout)
            self.dW = np.cbrt(self.dW) * factor

    return Scaled


@pytest.mark.parametrize(
    ("known", "name"),
    [
        ([mutant("cubic", lambda g: np.cbrt(g) * 3)], "cubic"),
        ([mutant("cubic", lambda g: np.cbrt(g) * 3.0001)], None),
        ([mutant("right", lambda g: g)], None),
        ([mutant("a", lambda g: np.cbrt(g) * 3), mutant("b", lambda g: 3 * np.cbrt(g))], None),
    ],
)
def test_only_one_mutant_may_fit(monkeypatch, known, name) -> None:
    monkeypatch.setattr(mutant_match, "mutants_of", lambda kind: tuple(known))
    assert name_of(scaled(3), "embedding", "dW") == name


def test_the_evidence_is_exact_equality() -> None:
    assert mutants_of("embedding")
    assert name_of(Overwrites, "embedding", "dW") is not None
