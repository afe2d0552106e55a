"""A fresh process is asked again: what it catches, what it must not say of honest layers."""

from __future__ import annotations

import contextlib
import random
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from gradcheck import check_module
from gradcheck.case import plain_case
from gradcheck.checks.foreseeing import same_outputs
from gradcheck.conventions.candidates import candidates_in
from gradcheck.errors import AdaptError, LayerForged, LayerUnsteady
from gradcheck.readings import readings_of
from gradcheck.sandbox.blueprint import blueprint, built
from gradcheck.sandbox.session import Session
from gradcheck.sandbox.witness import Sample, Seen, Witness, differing
from gradcheck.settings import Settings
from gradcheck.signature import parse_signature
from gradcheck.sources import read_source
from gradcheck.subject import Backward, Evaluation, Forward, Identity, Script, Subject

STYLES = sorted((Path(__file__).parents[1] / "conventions" / "styles").glob("*.py"))
WRITTEN = [one for one in STYLES if one.stem != "stubs"]
NNFS = next(one for one in STYLES if one.name == "output_attribute.py")


class Layer(Subject):
    """Gives ``factor * x**2``; ``history`` is what it does to the values of its n-th call."""

    def __init__(self, history=lambda count, values: values) -> None:
        self.identity = Identity("Layer", "test")
        self.forms = (parse_signature("x: N D -> y: N D"),)
        self.history, self.calls = history, 0

    def run(self, script, options=None):
        self.calls += 1
        x = script[0].primals["x"]
        values = {"y": self.history(self.calls, x**2)}
        steps = [Evaluation(outputs=values)]
        if len(script) == 2:
            upstream = script[1].cotangents["y"]
            gradient = self.history(self.calls, 2 * x * upstream)
            steps.append(Evaluation(gradients={"x": gradient}))
        return tuple(steps)


def seen_by(first: Layer, *others: Layer) -> Witness:
    """Return a witness of what a layer answers to some questions; ``others`` are fresh ones."""
    waiting = list(others)

    @contextlib.contextmanager
    def fresh() -> Iterator[Subject]:
        yield waiting.pop(0)

    witness = Witness(fresh)
    rng = np.random.default_rng(0)
    for _ in range(40):
        x = rng.standard_normal((3, 2))
        script: Script = (Forward({"x": x}), Backward({"y": rng.standard_normal((3, 2))}))
        witness.note_script(script, {}, first.run(script))
        points = [{"x": x + 1e-4 * rng.standard_normal(x.shape)} for _ in range(8)]
        witness.note_points(points, {}, first.forward_many(points))
    return witness


def test_an_honest_layer_is_asked_once_more_and_no_more() -> None:
    first, other = Layer(), Layer()
    seen_by(first, other).see(first)
    assert other.calls == 48  # the least; 5 % of 400 evaluations are fewer


def test_the_last_bits_may_differ() -> None:
    first = Layer()
    seen_by(first, Layer(lambda count, values: values * (1 + 1e-15))).see(first)


def test_what_is_right_only_after_many_calls_is_caught() -> None:
    def late(count, values):
        return values if count > 100 else 0.5 * values

    first = Layer(late)
    first.calls = 1000
    with pytest.raises(LayerForged, match=r"Layer\.forward gives another value in a fresh process"):
        seen_by(first, Layer(late), Layer(late)).see(first)


def test_the_gradient_is_named_with_both_values() -> None:
    first = Layer()
    other = [Layer(lambda count, v: v) for _ in range(2)]
    for one in other:
        one.run = lambda script, options=None, run=one.run: tuple(  # type: ignore[method-assign]
            Evaluation(step.outputs, {n: -a for n, a in step.gradients.items()})
            for step in run(script)
        )
    with pytest.raises(LayerForged, match=r"with x \(3, 2\).*dx\[\d, \d\] is -?[\d.]+ instead of"):
        seen_by(first, *other).see(first)


def test_another_layer_in_every_process_is_no_fault_of_the_first_calls() -> None:
    first = Layer()
    others = [Layer(lambda count, v, k=k: v * k) for k in (2.0, 3.0, 4.0)]
    with pytest.raises(LayerUnsteady, match="in every process"):
        seen_by(first, *others).see(first)


def test_what_processes_without_a_history_agree_on_is_what_the_layer_gives() -> None:
    """The witness may have been asked something close to it before, and be bent as well."""
    first = Layer()
    others = [Layer(lambda count, v, k=k: v * k) for k in (2.0, 3.0, 3.0)]
    with pytest.raises(LayerForged, match="in a fresh process"):
        seen_by(first, *others).see(first)


def test_what_draws_anew_in_every_call_is_no_fault_either() -> None:
    noise = np.random.default_rng(1)
    first = Layer(lambda count, v: v + noise.standard_normal(v.shape))
    with pytest.raises(LayerUnsteady):
        seen_by(first, Layer()).see(first)
    first.repeatable = False
    seen_by(first).see(first)  # known before: nobody is asked


def test_a_layer_that_only_raises_there_is_caught() -> None:
    first, other = Layer(), Layer()
    script: Script = (Forward({"x": np.ones((2, 2))}),)
    one = Seen(script, {}, first.run(script))
    assert differing(one, other.run(script)) is None
    assert differing(one, ()) == ("forward", "it is not reached there")


def test_a_sample_is_fair() -> None:
    taken = np.zeros(20)
    for seed in range(400):
        sample = Sample(5, random.Random(seed))
        for number in range(20):
            sample.offer(Seen((), {}, (Evaluation(forward_calls=number),)))
        assert len(sample.kept) == 5
        for one in sample.kept:
            taken[one.answers[0].forward_calls] += 1
    assert (np.abs(taken / 400 - 0.25) < 0.1).all()


@pytest.mark.parametrize("file", WRITTEN, ids=lambda one: one.stem)
def test_every_way_of_writing_can_be_told_and_built(file: Path) -> None:
    """Twice from the file, as in two processes: the built one calls the code of the second."""
    first, second = read_source(file), read_source(file)
    found = [(one, module) for module in first.modules for one in of(module)]
    assert found
    for candidate, module in found[:6]:
        with contextlib.suppress(AdaptError):
            subject = next(readings_of(candidate, module, Settings())).subject
            data = blueprint(subject, first.modules)
            assert data, candidate.symbol
            other = built(data, second.modules)
            assert other.identity == subject.identity
            assert other.forms == subject.forms
            case = plain_case(subject, subject.forms[0])
            mine, theirs = (one.forward(case.primals, case.options) for one in (subject, other))
            assert same_outputs(mine.outputs, theirs.outputs)
            assert str(mine.raised) == str(theirs.raised)
    first.close()
    second.close()


def of(module):
    return [one for one in candidates_in(module.definitions).candidates if not one.unfinished]


def test_what_is_no_blueprint_builds_nothing() -> None:
    for data in (b"", b"nonsense", b"\x80\x05K\x01."):
        with pytest.raises(AdaptError):
            built(data, ())


UNTELLABLE = """
class Meta(type):
    pass

class Square(metaclass=Meta):
    forwards = 0

    def forward(self, x):
        self.x = x
        return x * x

    def backward(self, dout):
        return 2 * dout * self.x
"""


def test_without_a_blueprint_the_witness_reads_itself(tmp_path: Path, monkeypatch) -> None:
    asked = []
    monkeypatch.setattr(Session, "build", lambda self, data, symbol: asked.append(symbol))
    path = tmp_path / "hand_in.py"
    path.write_text(UNTELLABLE, encoding="utf-8")
    report = check_module(path, isolate=True, examples=8)
    assert report.verdict == "pass"
    assert asked == ["Square"]


@pytest.mark.parametrize("seed", [3, 5])
def test_a_loss_that_clips_is_not_called_forged(seed: int) -> None:
    """Points next to an earlier case were held against the latest one."""
    loss = "Activation_Softmax_Loss_CategoricalCrossentropy"
    report = check_module(
        NNFS, symbols=[loss], isolate=True, examples=6, seed=seed, shrink_seconds=0.1
    )
    assert [one.verdict for one in report.subjects] == ["pass"]


def test_a_sample_of_large_outputs_is_small() -> None:
    sample = Sample(5, random.Random(0))
    large = Evaluation(outputs={"y": np.broadcast_to(1.0, (2 << 20,))})  # as if of 16 MiB
    for _ in range(20):
        sample.offer(Seen((), {}, (large,)))
    assert 1 <= len(sample.kept) <= 2
