"""Check the gradients of a character-level language model, then train it on the Zen of Python.

Usage: python examples/train_characters.py [--model lstm|transformer] [--steps 800] [--seed 0]
           [--text FILE] [--output FOLDER]

Exit codes: 0 when the gradients are right and the model predicts better than the frequencies of
the characters do, 1 when they are not or it does not, 2 when a package of the extra "examples" is
missing or the usage is wrong.
"""

import argparse
import codecs
import contextlib
import io
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from gradcheck import Report, check_vjp
from layers import CharacterLSTM, LanguageModel, TransformerNet

try:
    import matplotlib
    from tqdm import tqdm

    matplotlib.use("Agg")  # draws into files and needs no display
    import matplotlib.pyplot as plt
except ImportError as error:
    print(
        f"{error}: this example needs the extra: pip install 'gradcheck[examples]'", file=sys.stderr
    )
    sys.exit(2)

CONTEXT = 32  # characters that the model sees at a time
BATCH_SIZE = 16
LEARNING_RATE = 5e-3
DECAYS = 0.9, 0.99  # of the two running means of Adam
SMOOTHING_WINDOW = 25  # steps
SEQUENCES_CHECKED = 2
SAMPLE_LENGTH = 400
TEMPERATURE = 0.5

MODELS: dict[str, Callable[[int, np.random.Generator], LanguageModel]] = {
    "transformer": lambda V, rng: TransformerNet(V, 32, blocks=2, heads=4, hidden=64, rng=rng),
    "lstm": lambda V, rng: CharacterLSTM(V, 24, 96, rng=rng),
}


@dataclass(frozen=True)
class Text:
    """A text as ids, and the character that each id stands for."""

    ids: np.ndarray
    alphabet: str

    @classmethod
    def of(cls, text: str) -> "Text":
        alphabet = "".join(sorted(set(text)))
        return cls(np.array([alphabet.index(character) for character in text]), alphabet)

    def decoded(self, ids: np.ndarray) -> str:
        return "".join(self.alphabet[one] for one in ids)

    def batch(self, size: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
        """Draw pieces of the text, and as targets the same pieces one character further on."""
        length = min(CONTEXT, len(self.ids) - 1)
        starts = rng.integers(0, len(self.ids) - length, size)
        pieces = self.ids[starts[:, np.newaxis] + np.arange(length + 1)]
        return pieces[:, :-1], pieces[:, 1:]

    def entropy(self) -> float:
        """Return the loss of a model that knows how frequent each character is, and no more."""
        share = np.bincount(self.ids) / len(self.ids)
        return float(-np.sum(share * np.log(share)))


def zen() -> str:
    with contextlib.redirect_stdout(io.StringIO()):  # the module prints itself
        import this
    return codecs.decode(this.s, "rot13")


def check(net: LanguageModel, ids: np.ndarray, t: np.ndarray) -> Report:
    """Hold backpropagation against differences, for all parameters of the model together."""

    def at(params: dict[str, np.ndarray]) -> LanguageModel:
        net.params.update(params)
        return net

    def loss(params: dict[str, np.ndarray]) -> np.ndarray:
        return at(params).loss(ids, t)

    def gradient(params: dict[str, np.ndarray], dloss: float) -> dict[str, np.ndarray]:
        return {name: dloss * array for name, array in at(params).gradient(ids, t).items()}

    start = dict(net.params)
    report = check_vjp(loss, gradient, {name: array.copy() for name, array in start.items()})
    net.params.update(start)
    return report


@dataclass
class Adam:
    """Steps along the mean of the gradients over the root of the mean of their squares."""

    params: dict[str, np.ndarray]

    def __post_init__(self) -> None:
        self.step = 0
        self.mean = {name: np.zeros_like(array) for name, array in self.params.items()}
        self.square = {name: np.zeros_like(array) for name, array in self.params.items()}

    def update(self, gradient: dict[str, np.ndarray], rate: float) -> None:
        self.step += 1
        first, second = DECAYS
        # The running means start from zero; this makes up for it.
        rate *= np.sqrt(1 - second**self.step) / (1 - first**self.step)
        for name, array in self.params.items():
            self.mean[name] += (1 - first) * (gradient[name] - self.mean[name])
            self.square[name] += (1 - second) * (gradient[name] ** 2 - self.square[name])
            array -= rate * self.mean[name] / (np.sqrt(self.square[name]) + 1e-8)


def train(net: LanguageModel, text: Text, steps: int, rng: np.random.Generator) -> list[float]:
    """Change the parameters of ``net``; return the loss of each batch."""
    adam, losses = Adam(net.params), []
    progress = tqdm(range(steps), desc="Training", unit="step")
    for step in progress:
        loss, gradient = net.loss_and_gradient(*text.batch(BATCH_SIZE, rng))
        adam.update(gradient, LEARNING_RATE * (1 - step / steps))
        losses.append(float(loss))
        if step % 10 == 0:
            progress.set_postfix(loss=f"{losses[-1]:.2f}")
    return losses


def draw(losses: list[float], entropy: float, letters: int, path: Path) -> None:
    """Write the loss curve as a PNG."""
    figure, axes = plt.subplots(figsize=(7, 4.2), layout="constrained")
    steps = np.arange(1, len(losses) + 1)
    window = min(SMOOTHING_WINDOW, len(losses))
    # "valid" leaves out the ends: a padded mean would bend the curve there.
    smooth = np.convolve(losses, np.full(window, 1 / window), mode="valid")
    first = (window - 1) // 2
    axes.plot(steps, losses, color="C0", alpha=0.25, linewidth=0.8, label="batch")
    axes.plot(
        steps[first : first + len(smooth)],
        smooth,
        color="C0",
        linewidth=1.8,
        label=f"mean of {window} steps",
    )
    for height, style, label in (
        (np.log(letters), ":", f"{letters} characters by chance"),
        (entropy, "--", "by frequency alone"),
    ):
        axes.axhline(height, color="grey", linestyle=style, linewidth=1, label=label)
    axes.set(
        title="Training loss", xlabel="step", ylabel="cross-entropy per character", ylim=(0, None)
    )
    axes.grid(alpha=0.3)
    axes.spines[["top", "right"]].set_visible(False)
    axes.legend(frameon=False)
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, dpi=150)
    plt.close(figure)


def displayed(path: Path) -> str:
    """Return ``path`` as seen from the current folder."""
    try:
        return os.path.relpath(path)
    except ValueError:  # on another drive
        return str(path)


def whole_number(at_least: int) -> Callable[[str], int]:
    def number(text: str) -> int:
        value = int(text)
        if value < at_least:
            raise argparse.ArgumentTypeError(f"must be at least {at_least}")
        return value

    return number


def text_file(name: str) -> str:
    try:
        text = Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise argparse.ArgumentTypeError(f"cannot read {name}: {error}") from error
    if len(text) < 2:
        raise argparse.ArgumentTypeError(f"{name} holds less than two characters")
    return text


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--model", choices=MODELS, default="lstm", help="default: %(default)s")
    parser.add_argument("--steps", type=whole_number(1), default=800, help="default: %(default)s")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="default: %(default)s")
    parser.add_argument("--text", type=text_file, help="a file (default: the Zen of Python)")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent / "output",
        help="folder for the picture (default: output, beside this script)",
    )
    return parser.parse_args()


def main() -> int:
    options = arguments()
    rng = np.random.default_rng(options.seed)
    text = Text.of(options.text or zen())
    net = MODELS[options.model](len(text.alphabet), rng)
    numbers = sum(array.size for array in net.params.values())
    print(f"{type(net).__name__}: {len(net.params)} parameters of {numbers} numbers")
    report = check(net, *text.batch(SEQUENCES_CHECKED, rng))
    print(f"Gradient check on {SEQUENCES_CHECKED} sequences, all parameters: {report.verdict}")
    if report.verdict != "pass":
        print(f"{report}\nNot trained: a gradient is wrong.")
        return 1
    losses = train(net, text, options.steps, rng)
    path = options.output / f"characters_{options.model}.png"
    draw(losses, text.entropy(), len(text.alphabet), path)
    print(f"Curve: {displayed(path)}")
    start = text.ids[:4]
    sample = net.generate(start, SAMPLE_LENGTH, context=CONTEXT, temperature=TEMPERATURE, rng=rng)
    print(f"A sample, from {text.decoded(start)!r}:\n\n{text.decoded(sample)}\n")
    loss, bound = float(np.mean(losses[-SMOOTHING_WINDOW:])), text.entropy()
    print(f"Loss per character: {loss:.2f}; by frequency alone it would be {bound:.2f}")
    if not loss < bound:  # written so that nan counts as worse
        print("That is no better.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
