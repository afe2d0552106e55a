"""What a finding says is behaviour: every message is kept as text and read when it changes.

``pytest tests/test_messages.py --update-messages`` writes the texts anew; the change of them is
then read in the diff.
"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from gradcheck import check_layer
from gradcheck.findings import fault_lines
from tests.broken_layers import BROKEN, Broken
from tests.broken_scenarios import SCENARIOS

MESSAGES = Path(__file__).parent / "messages"
WIDEST = 100
RANDOM = {"Noisy-not-deterministic", "DrawsInBackward-backward-not-deterministic"}

every = pytest.mark.parametrize("broken", [*BROKEN, *SCENARIOS], ids=lambda one: one.name)


def message(broken: Broken) -> str:
    """Return all that is said of the broken layer by its check, error bounds left out.

    What an error bound is to its first digit depends on the machine's linear algebra.
    """
    report = check_layer(broken.layer, **broken.asked, select=[broken.check], shrink_seconds=60)
    text = "\n".join(line for one in report.findings for line in fault_lines(one)) + "\n"
    text = re.sub(r"\+- \d+e-\d+", "+- (bound)", text)
    return text.partition("\n")[0] + "\n" if broken.name in RANDOM else text


@every
def test_the_message_is_the_one_that_was_read(broken: Broken, request) -> None:
    kept = MESSAGES / f"{broken.name}.txt"
    text = message(broken)
    if request.config.getoption("--update-messages"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text, encoding="utf-8")
    assert kept.read_text(encoding="utf-8") == text


@pytest.mark.parametrize("kept", sorted(MESSAGES.glob("*.txt")), ids=lambda one: one.stem)
def test_headlines_fit_a_line(kept: Path) -> None:
    headline, *_ = kept.read_text(encoding="utf-8").partition("  [GC")
    assert 0 < len(headline) <= WIDEST
    assert "\n" not in headline


def test_no_message_is_of_a_layer_that_is_gone() -> None:
    assert {one.stem for one in MESSAGES.glob("*.txt")} == {
        one.name for one in (*BROKEN, *SCENARIOS)
    }
