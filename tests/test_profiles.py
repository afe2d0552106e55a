"""Profiles: one table, for the library, the command line and pytest."""

from __future__ import annotations

import re
import sys
from dataclasses import fields

import pytest

from gradcheck import UsageError, check_layer
from gradcheck.cli import main
from gradcheck.profiles import PROFILES, merged
from gradcheck.settings import Settings, settings_from
from tests.broken_layers import DividedTwice, Sigmoid


def test_profiles_set_only_what_settings_know() -> None:
    known = {one.name for one in fields(Settings)}
    assert all(set(values) == set(PROFILES["ci"]) <= known for values in PROFILES.values())


@pytest.mark.parametrize("name", PROFILES)
def test_a_profile_gives_what_was_not_said(name: str) -> None:
    settings = settings_from({"profile": name, "shrink_seconds": 0.5})
    assert settings.examples == PROFILES[name]["examples"]
    assert settings.mode == PROFILES[name]["mode"]
    assert settings.shrink_seconds == 0.5
    assert settings.profile == name


def test_only_ci_draws_from_a_fixed_seed() -> None:
    seeds = {name: {settings_from({"profile": name}).seed for _ in "abcd"} for name in PROFILES}
    assert seeds["ci"] == {0}
    assert all(len(seeds[name]) > 1 for name in ("dev", "thorough"))
    assert settings_from({"profile": "dev", "seed": 3}).seed == 3


def test_a_profile_counts_where_it_is_named() -> None:
    weak, strong = {"examples": 7, "profile": "dev"}, {"profile": "ci", "seed": 5}
    assert merged(weak)["examples"] == 7
    told = merged(weak, strong)
    assert (told["examples"], told["seed"]) == (PROFILES["ci"]["examples"], 5)


def test_an_unknown_profile_is_a_mistake() -> None:
    with pytest.raises(UsageError, match="no profile 'tho'"):
        check_layer(Sigmoid, kind="sigmoid", profile="tho")


def test_the_report_says_which_profile_drew_from_which_seed() -> None:
    report = check_layer(Sigmoid, kind="sigmoid", profile="dev", examples=5)
    assert report.settings["profile"] == "dev"
    assert report.seed == report.settings["seed"]
    again = check_layer(DividedTwice, kind="affine", profile="dev", seed=41)
    assert "seed=41" in again.findings[0].replay


WRONG = """
class Affine:
    def __init__(self, W, b): self.W, self.b = W, b
    def forward(self, x):
        self.x = x
        return x @ self.W + self.b
    def backward(self, dout):
        self.dW, self.db = self.x.T @ dout / len(dout), dout.sum(axis=0)
        return dout @ self.W.T
"""


def test_the_command_line_takes_a_profile_and_the_replay_repeats_it(
    tmp_path, monkeypatch, capsys
) -> None:
    (tmp_path / "layer.py").write_text(WRONG)
    (tmp_path / "gradcheck.toml").write_text("examples = 9\nselect = ['GC102']\n")
    monkeypatch.chdir(tmp_path)

    def told(*arguments: str) -> str:
        monkeypatch.setattr(sys, "argv", ["gradcheck", "check", "layer.py", *arguments])
        with pytest.raises(SystemExit):
            main()
        return capsys.readouterr().out

    shown = told("--profile", "dev")
    assert "25 cases" in shown  # what was typed comes before the file
    replay = re.search(r"replay +gradcheck (check .*)", shown)
    assert replay
    assert re.search(r"--profile dev --seed \d+$", replay.group(1).strip())
    shown = told("--profile", "dev", "--examples", "8", "--seed", "1")
    assert "8 cases" in shown
    (tmp_path / "gradcheck.toml").write_text("profile = 'ci'\nexamples = 9\n")
    assert "9 cases" in told()
