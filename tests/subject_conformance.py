"""What every implementation of ``Subject`` must keep, whatever it adapts.

Each law is a function named after it; ``test_subject_conformance.py`` runs all of them against
every implementation. A new convention, or a subject in another process, adds one row there.
"""

from __future__ import annotations

import numpy as np

from gradcheck.case import make_case
from gradcheck.checks.evaluation import cotangents
from gradcheck.layouts import LAYOUTS
from gradcheck.subject import Backward, Forward, Spoil, Subject, merged


def _case(subject: Subject):
    form = subject.forms[0]
    sizes = iter((4, 3, 2, 5))
    axes = {name: subject.fixed_axes.get(name, next(sizes)) for name in form.free_axes}
    return make_case(form, axes, seed=11)


def _call(subject: Subject):
    case = _case(subject)
    outputs = subject.forward(case.primals).outputs
    upstream = cotangents(subject, case, outputs)
    return case, upstream, subject.vjp(case.primals, upstream)


def names_its_outputs_and_gradients(subject: Subject) -> None:
    case, _, answer = _call(subject)
    assert set(answer.outputs) == {one.name for one in case.signature.outputs}
    assert set(answer.gradients) == {one.name for one in case.signature.differentiable}
    assert not answer.missing
    assert answer.raised is None


def gradients_have_the_shapes_of_their_arrays(subject: Subject) -> None:
    case, _, answer = _call(subject)
    for name, gradient in answer.gradients.items():
        assert gradient.shape == case.primals[name].shape


def arrays_of_an_answer_are_read_only(subject: Subject) -> None:
    _, _, answer = _call(subject)
    for array in (*answer.outputs.values(), *answer.gradients.values()):
        assert not array.flags.writeable


def answers_the_same_question_with_the_same_bits(subject: Subject) -> None:
    case, upstream, first = _call(subject)
    second = subject.vjp(case.primals, upstream)
    for name, gradient in first.gradients.items():
        assert gradient.tobytes() == second.gradients[name].tobytes()


def never_writes_what_it_is_asked_with(subject: Subject) -> None:
    case, upstream, _ = _call(subject)
    before = {name: array.tobytes() for name, array in (*case.primals.items(), *upstream.items())}
    subject.vjp(case.primals, upstream)
    after = {name: array.tobytes() for name, array in (*case.primals.items(), *upstream.items())}
    assert before == after


def answers_share_no_memory(subject: Subject) -> None:
    case, upstream, first = _call(subject)
    second = subject.vjp(case.primals, upstream)
    for name, gradient in first.gradients.items():
        assert not np.shares_memory(gradient, second.gradients[name])
        assert not any(np.shares_memory(gradient, one) for one in case.primals.values())


def a_script_answers_one_evaluation_a_step(subject: Subject) -> None:
    case, upstream, _ = _call(subject)
    script = (Forward(case.primals), Backward(upstream), Backward(upstream))
    answers = subject.run(script)
    assert [bool(one.outputs) for one in answers] == [True, False, False]
    assert [bool(one.gradients) for one in answers] == [False, True, True]


def instances_do_not_see_each_other(subject: Subject) -> None:
    case, upstream, alone = _call(subject)
    other = {
        name: array * 2 if array.dtype.kind == "f" else array
        for name, array in case.primals.items()
    }
    script = (Forward(case.primals), Forward(other, instance=1), Backward(upstream))
    together = subject.run(script)[-1]
    for name, gradient in alone.gradients.items():
        assert np.array_equal(gradient, together.gradients[name])


def a_second_forward_sees_its_own_primals(subject: Subject) -> None:
    case, upstream, alone = _call(subject)
    other = {
        name: array * 2 if array.dtype.kind == "f" else array
        for name, array in case.primals.items()
    }
    script = (Forward(other), Forward(case.primals), Backward(upstream))
    answers = subject.run(script)
    for name, output in alone.outputs.items():
        assert np.array_equal(output, answers[1].outputs[name])
    for name, gradient in alone.gradients.items():
        assert np.array_equal(gradient, answers[2].gradients[name])


def many_points_are_answered_like_one_by_one(subject: Subject) -> None:
    case, _, _ = _call(subject)
    points = [case.primals, {name: array.copy() for name, array in case.primals.items()}]
    for answer in subject.forward_many(points):
        alone = subject.forward(case.primals)
        for name, output in alone.outputs.items():
            assert np.array_equal(output, answer.outputs[name])


def an_exception_is_a_record(subject: Subject) -> None:
    case, _, _ = _call(subject)
    unfit = {name: np.zeros((2, 3, 4, 5)) for name in case.primals}
    unfit[case.signature.arrays[0].name] = np.zeros((1, 2, 3, 4, 7))
    answer = subject.forward(unfit)
    assert answer.raised is not None
    assert answer.raised.during in ("construct", "forward")
    assert answer.raised.type
    assert not answer.outputs


def elements_are_the_same_in_every_layout(subject: Subject) -> None:
    case, upstream, alone = _call(subject)
    for layout in LAYOUTS:
        script = (Forward(case.primals, layout=layout), Backward(upstream, layout=layout))
        answer = merged(subject.run(script))
        assert answer.raised is None
        for name, gradient in alone.gradients.items():
            assert np.allclose(gradient, answer.gradients[name], rtol=1e-12, atol=1e-14)


def a_spoiled_output_is_the_callers_own(subject: Subject) -> None:
    case, upstream, alone = _call(subject)
    answers = subject.run((Forward(case.primals), Spoil(), Backward(upstream)))
    assert len(answers) == 3
    for name, output in alone.outputs.items():  # what was answered before stays as it was
        assert np.array_equal(output, answers[0].outputs[name])


def a_profile_counts_the_forward_inside_backward(subject: Subject) -> None:
    case, upstream, _ = _call(subject)
    answer = subject.run((Forward(case.primals), Backward(upstream, profiled=True)))[-1]
    assert answer.forward_calls == 0  # no layer here differentiates numerically
    assert answer.gradients


def the_global_generator_is_told_apart_by_where_it_starts(subject: Subject) -> None:
    case = _case(subject)
    starts = (1, 2, 1)
    script = tuple(Forward(case.primals, n, start=start) for n, start in enumerate(starts))
    answers = subject.run(script)
    first, second, third = (one.next_draw for one in answers)
    assert first == third != second
    assert min(first, second) > 0
    assert not any(one.next_draw for one in subject.run((Forward(case.primals),)))


def what_was_foreseen_is_answered_like_anything_else(subject: Subject) -> None:
    case, upstream, alone = _call(subject)
    whole = Forward(case.primals), Backward(upstream)
    other = Forward(case.primals), Backward({name: -2 * one for name, one in upstream.items()})
    apart = merged(subject.run(other)).gradients
    subject.foresee(lambda: [whole, (Forward(case.primals),), other, whole])
    for script, wanted in ((other, apart), (whole, alone.gradients)) * 3:
        answer = merged(subject.run(script))
        assert set(answer.gradients) == set(wanted)
        for name, gradient in wanted.items():
            assert np.array_equal(gradient, answer.gradients[name])
    (forward,) = subject.forward_many([case.primals])
    for name, output in alone.outputs.items():
        assert np.array_equal(output, forward.outputs[name])


LAWS = (
    names_its_outputs_and_gradients,
    gradients_have_the_shapes_of_their_arrays,
    arrays_of_an_answer_are_read_only,
    answers_the_same_question_with_the_same_bits,
    never_writes_what_it_is_asked_with,
    answers_share_no_memory,
    a_script_answers_one_evaluation_a_step,
    instances_do_not_see_each_other,
    a_second_forward_sees_its_own_primals,
    many_points_are_answered_like_one_by_one,
    an_exception_is_a_record,
    elements_are_the_same_in_every_layout,
    a_spoiled_output_is_the_callers_own,
    a_profile_counts_the_forward_inside_backward,
    the_global_generator_is_told_apart_by_where_it_starts,
    what_was_foreseen_is_answered_like_anything_else,
)
