"""Explainers are tested without mutants, which would know most of these layers by name."""

from __future__ import annotations

import pytest

import gradcheck.runner
from gradcheck.diagnosis import mutant_match


@pytest.fixture(autouse=True)
def _without_mutants(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    if "mutant" not in request.path.name:
        monkeypatch.setattr(mutant_match, "mutants_of", lambda kind: ())


@pytest.fixture(autouse=True)
def _unshrunk(monkeypatch: pytest.MonkeyPatch) -> None:
    """No mistake is told from the smallest case, so none is searched for."""
    monkeypatch.setattr(gradcheck.runner, "shrink", lambda *_, **__: None)
