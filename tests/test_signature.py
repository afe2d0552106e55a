"""Signatures read like docstrings, print as they read, and say what does not fit."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradcheck.errors import SignatureError
from gradcheck.signature import ArraySpec, Signature, axis_size, parse_signature

steady = settings(deadline=None, derandomize=True, max_examples=100)

AFFINE = "x: N D, W: D M, b: M -> y: N M"
CONV = "x: N C H W, w: F C K K -> y: N F (H+2*pad-K)//stride+1 (W+2*pad-K)//stride+1"
TEXTS = [
    AFFINE,
    CONV,
    "x: N D -> y: N D",
    "x: N D -> loss:",
    "x: N C, t: N [int < C] -> loss:",
    "x: N C, t: N [int < 10] -> loss:",
    "p: N C [probabilities], t: N C [one-hot] -> loss:",
    "a: N [positive], b: N [nonzero] -> y: N",
    "x: N -> y: ...",
    "x: N H*K -> y: N H K",
    "x: 3 4 -> y: 12",
    "größe: ν -> y: ν",
    "x: N -> y: N, mean:",
]

NAMES = st.sampled_from(["x", "W1", "b_hat", "t", "größe", "_h"])
TERMS = st.sampled_from(["N", "D", "3", "H*K", "(H-K)//2+1", "2*N", ""])
DOMAINS = st.sampled_from(
    ["", "[real]", "[positive]", "[ nonzero ]", "[probabilities]", "[int < C]", "[int<7]"]
)


def read(text: str) -> str:
    """Return what the reader makes of ``text``: a signature, or why it is none."""
    try:
        return str(parse_signature(text))
    except SignatureError as error:
        return str(error)


@st.composite
def declarations(draw: Any) -> str:
    """Return the text of a signature with up to six arrays."""
    names = draw(st.lists(NAMES, min_size=2, unique=True))
    cut = draw(st.integers(1, len(names) - 1))
    axes = st.lists(TERMS, max_size=3).map(" ".join)
    left = [f"{name} : {draw(axes)} {draw(DOMAINS)}" for name in names[:cut]]
    right = [f"{name}:{draw(axes | st.just('...'))}" for name in names[cut:]]
    return f"{','.join(left)}->{' , '.join(right)}"


@pytest.mark.parametrize("text", TEXTS)
def test_prints_as_it_reads(text: str) -> None:
    assert str(parse_signature(text)) == text


@steady
@given(text=declarations())
def test_what_it_prints_reads_the_same(text: str) -> None:
    signature = parse_signature(text)
    assert parse_signature(str(signature)) == signature


@steady
@given(text=declarations())
def test_space_does_not_matter(text: str) -> None:
    spaced = "  " + text.replace(",", " , ").replace(":", " : ").replace("->", " -> ") + " "
    assert parse_signature(spaced) == parse_signature(text)


@steady
@given(text=st.text("xyNW:,->[] ()+*/<int.0123\n", max_size=30))
def test_any_text_is_a_signature_or_a_signature_error(text: str) -> None:
    assert "->" in read(text) or len(read(text)) > 20


def test_roles() -> None:
    text = "x: N C, W: C C, t: N [int < C], o: N C [one-hot] -> y: N, z: N"
    signature = parse_signature(text, ("W",))
    assert {name: one.role for name, one in signature.by_name.items()} == {
        "x": "input",
        "W": "parameter",
        "t": "label",
        "o": "label",
        "y": "output",
        "z": "output",
    }
    assert [one.name for one in signature.inputs] == ["x", "t", "o"]
    assert [one.name for one in signature.parameters] == ["W"]
    assert [one.name for one in signature.differentiable] == ["x", "W"]


@pytest.mark.parametrize(
    ("written", "domain", "below"),
    [
        ("", "real", ""),
        ("[real]", "real", ""),
        ("[positive]", "positive", ""),
        ("[ nonzero ]", "nonzero", ""),
        ("[probabilities]", "probabilities", ""),
        ("[one-hot]", "one-hot", ""),
        ("[int < C]", "labels", "C"),
        ("[int<10]", "labels", "10"),
        ("[int < C-1]", "labels", "C-1"),
    ],
)
def test_domains(written: str, domain: str, below: str) -> None:
    one = parse_signature(f"x: N {written} -> y: N").by_name["x"]
    assert (one.domain, one.below) == (domain, below)


@pytest.mark.parametrize(("written", "open_"), [("...", True), ("", False), ("N", False)])
def test_only_an_ellipsis_is_open(written: str, open_: bool) -> None:
    assert parse_signature(f"x: N -> y: {written}").by_name["y"].open is open_


@pytest.mark.parametrize(
    ("text", "free"),
    [
        (AFFINE, ("N", "D", "M")),
        (CONV, ("N", "C", "H", "W", "F", "K")),
        ("x: N C, t: N [int < K] -> y: M", ("N", "C", "K")),
        ("x: 3 H*K -> y: ...", ("H", "K")),
        ("x: -> y:", ()),
    ],
)
def test_free_axes_are_those_of_the_inputs_in_order(text: str, free: tuple[str, ...]) -> None:
    assert parse_signature(text).free_axes == free


@pytest.mark.parametrize("names", [set(), {"W"}, {"x", "W", "b"}, {"x", "unknown"}])
def test_with_parameters_changes_roles_alone(names: set[str]) -> None:
    before = parse_signature(AFFINE, ("W", "b"))
    after = before.with_parameters(frozenset(names))
    assert str(after) == str(before)
    assert {one.name for one in after.parameters} == names & {"x", "W", "b"}


def test_with_parameters_leaves_labels() -> None:
    signature = parse_signature("x: N C, t: N [int < C], o: N C [one-hot] -> loss:")
    assert signature.with_parameters(frozenset(["t", "o"])) == signature


@pytest.mark.parametrize(
    ("term", "size"),
    [
        ("H", 7),
        ("12", 12),
        ("H*K", 21),
        ("2*H+1", 15),
        ("H-K", 4),
        ("H//2", 3),
        ("(H+2*pad-K)//stride+1", 4),
        ("H-(K-1)", 5),
        ("H-K-1", 3),
    ],
)
def test_axis_size_is_arithmetic(term: str, size: int) -> None:
    assert axis_size(term, {"H": 7, "K": 3, "pad": 1, "stride": 2}) == size


@steady
@given(sizes=st.lists(st.integers(0, 9), min_size=3, max_size=3))
def test_bind_solves_the_axes(sizes: list[int]) -> None:
    axes = dict(zip("NDM", sizes, strict=True))
    signature = parse_signature(AFFINE)
    shapes = {one.name: one.shape(axes) for one in signature.arrays}
    assert signature.bind(shapes) == axes
    assert signature.by_name["y"].shape(axes) == (axes["N"], axes["M"])


def test_bind_solves_arithmetic_from_other_arrays() -> None:
    signature = parse_signature("x: N H*K, w: K, v: H -> y: N H")
    assert signature.bind({"x": (2, 12), "w": (3,), "v": (4,)}) == {"N": 2, "K": 3, "H": 4}


def test_bind_takes_options_for_sizes() -> None:
    known = {"pad": 1, "stride": 2}
    axes = parse_signature(CONV).bind({"x": (2, 3, 7, 9), "w": (4, 3, 3, 3)}, known)
    assert parse_signature(CONV).by_name["y"].shape(axes) == (2, 4, 4, 5)
    assert known == {"pad": 1, "stride": 2}


def test_bind_takes_some_of_the_arrays() -> None:
    assert parse_signature(AFFINE).bind({"b": (3,)}) == {"M": 3}


@pytest.mark.parametrize(
    ("text", "shapes", "words"),
    [
        (AFFINE, {"x": (2,)}, ["x has 1 axes", "(2,)", "expected 2", "x: N D"]),
        (AFFINE, {"b": ()}, ["b has 0 axes", "expected 1", "b: M"]),
        (AFFINE, {"x": (2, 3), "W": (4, 5)}, ["axis D is 3 elsewhere", "4 in W", "(4, 5)"]),
        ("x: N N -> y:", {"x": (2, 3)}, ["axis N is 2 elsewhere", "3 in x"]),
        ("x: N 3 -> y:", {"x": (2, 4)}, ["x has shape (2, 4)", "x: N 3", "(2, 3)", "N=2"]),
        ("x: N, z: 2*N -> y:", {"x": (2,), "z": (5,)}, ["z has shape (5,)", "z: 2*N", "(4,)"]),
        ("x: 2*N -> y:", {"x": (5,)}, ["axis N in '2*N' has no size"]),
        ("x: G*C -> y:", {"x": (4,)}, ["axis G in 'G*C' has no size"]),
    ],
)
def test_bind_says_what_does_not_fit(text: str, shapes: Any, words: list[str]) -> None:
    with pytest.raises(SignatureError) as refusal:
        parse_signature(text).bind(shapes)
    assert [word for word in words if word not in str(refusal.value)] == []


def test_bind_says_which_option_does_not_fit() -> None:
    with pytest.raises(SignatureError, match="axis D is 9 elsewhere and 3 in x"):
        parse_signature(AFFINE).bind({"x": (2, 3)}, {"D": 9})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x: N D", ["no '->'", "'x: N D'"]),
        ("", ["no '->'", "''"]),
        ("x: N, , W: D -> y: N", ["empty place between commas", "x: N, , W: D -> y: N"]),
        ("-> y: N", ["empty place"]),
        ("x: N ->", ["empty place"]),
        ("x N D -> y: N", ["cannot read 'x N D'", "name: AXIS AXIS [domain]"]),
        ("3x: N -> y: N", ["cannot read '3x: N'"]),
        ("x: N [positive] D -> y: N", ["cannot read 'x: N [positive] D'"]),
        ("x: N [positive -> y: N", ["cannot read 'x: N [positive'"]),
        ("x: N [negative] -> y: N", ["unknown domain [negative] of x", "positive", "int < AXIS"]),
        ("x: N [int > C] -> y: N", ["unknown domain [int > C] of x"]),
        ("x: N [] -> y: N", ["unknown domain [] of x"]),
        ("x: (H + 1) -> y: N", ["cannot read the axis '(H'"]),
        ("x: N -> y: N+", ["cannot read the axis 'N+'"]),
        ("x: N -> y: N -> z: N", ["cannot read the axis '->'"]),
        ("x: N, x: N -> y: N", ["two arrays are called 'x'"]),
        ("x: N -> x: N", ["two arrays are called 'x'"]),
    ],
)
def test_parse_says_what_it_cannot_read(text: str, words: list[str]) -> None:
    with pytest.raises(SignatureError) as refusal:
        parse_signature(text)
    assert [word for word in words if word not in str(refusal.value)] == []


@pytest.mark.parametrize("name", ["z", "y"])
def test_parameter_that_is_no_input_array_is_refused(name: str) -> None:
    with pytest.raises(SignatureError, match=f"the parameter '{name}' is not in the signature"):
        parse_signature("x: N -> y: N", (name,))


@pytest.mark.parametrize("term", ["N/2", "N**2", "-N", "f(N)", "N.T", "1.5", "'N'", "N%2", "True"])
def test_axis_that_is_no_whole_arithmetic_is_refused(term: str) -> None:
    with pytest.raises(SignatureError, match="an axis is a name, a number, or") as refusal:
        axis_size(term, {"N": 4})
    assert repr(term) in str(refusal.value)


def test_axis_without_a_size_is_named() -> None:
    with pytest.raises(SignatureError, match=r"axis K in 'H\*K' has no size"):
        axis_size("H*K", {"H": 2})


def test_division_by_zero_is_named() -> None:
    with pytest.raises(SignatureError, match="H//stride"):
        axis_size("H//stride", {"H": 4, "stride": 0})


@pytest.mark.parametrize("bound", ["(", "C+", "<"])
def test_bound_of_labels_that_is_no_axis_is_refused(bound: str) -> None:
    with pytest.raises(SignatureError) as refusal:
        parse_signature(f"x: N C, t: N [int < {bound}] -> y: N")
    assert bound in str(refusal.value)


def test_domain_of_an_output_is_not_silently_dropped() -> None:
    assert "[positive]" in read("x: N -> y: N [positive]")


def test_null_byte_is_refused() -> None:
    with pytest.raises(SignatureError):
        parse_signature("x: \0 -> y: N")


def test_specs_are_values() -> None:
    one = ArraySpec("x", ("N", "D"), "input")
    assert parse_signature("x: N D -> y:") == Signature((one,), (ArraySpec("y", (), "output"),))
    assert one.shape({"N": 2, "D": 3}) == (2, 3)
