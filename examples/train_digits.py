"""Check the gradients of a network, then train it on scikit-learn's handwritten digits.

Usage: python examples/train_digits.py [--model two-layer|convolutional] [--epochs 30] [--seed 0]
       [--output FOLDER]

Exit codes: 0 when the gradients are right and the test accuracy reaches 95 %, 1 when they are not
or it does not, 2 when a package of the extra "examples" is missing or the usage is wrong.
"""

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from gradcheck import check_vjp, numerical_gradient
from layers import ConvNet, TwoLayerNet

try:
    import matplotlib
    from sklearn.datasets import load_digits
    from sklearn.model_selection import train_test_split
    from tqdm import tqdm

    matplotlib.use("Agg")  # draws into files and needs no display
    import matplotlib.pyplot as plt
    from matplotlib.ticker import MaxNLocator
except ImportError as error:
    print(
        f"{error}: this example needs the extra: pip install 'gradcheck[examples]'", file=sys.stderr
    )
    sys.exit(2)

Net = TwoLayerNet | ConvNet
HIDDEN_SIZE = 50
WEIGHT_SCALE = 0.1
FILTERS, FILTER_SIZE = 16, 3
BATCH_SIZE = 32
LEARNING_RATE = 0.05
MOMENTUM = 0.9
SMOOTHING_WINDOW = 25  # iterations

SAMPLES_CHECKED = 8
# Generous: five-point differences of a float64 loss agree to about 1e-9 with a right gradient,
# and a wrong one is usually off by 1e-2 or more, so nothing hangs on the exact bound.
GRADIENT_TOLERANCE = 1e-6
ACCURACY_WANTED = 0.95


@dataclass(frozen=True)
class Digits:
    """Images of brightnesses in [0, 1], rows of 64 or (1, 8, 8) each, and their labels."""

    x_train: np.ndarray
    t_train: np.ndarray
    x_test: np.ndarray
    t_test: np.ndarray


@dataclass
class History:
    """What the curves are drawn from: losses per iteration, accuracies after each epoch."""

    loss: list[float] = field(default_factory=list)
    train_accuracy: list[float] = field(default_factory=list)
    test_accuracy: list[float] = field(default_factory=list)

    def record_accuracy(self, net: Net, data: Digits) -> None:
        self.train_accuracy.append(net.accuracy(data.x_train, data.t_train))
        self.test_accuracy.append(net.accuracy(data.x_test, data.t_test))


def load(shape: tuple[int, ...]) -> Digits:
    images, labels = load_digits(return_X_y=True)
    images = images.reshape(-1, *shape)
    # The split has its own fixed seed, so that runs with different --seed stay comparable.
    x_train, x_test, t_train, t_test = train_test_split(
        images / 16.0, labels, test_size=0.25, stratify=labels, random_state=0
    )
    return Digits(x_train, t_train, x_test, t_test)


def two_layer(rng: np.random.Generator) -> TwoLayerNet:
    return TwoLayerNet(64, HIDDEN_SIZE, 10, weight_scale=WEIGHT_SCALE, rng=rng)


def convolutional(rng: np.random.Generator) -> ConvNet:
    return ConvNet((1, 8, 8), FILTERS, FILTER_SIZE, HIDDEN_SIZE, 10, pad=1, rng=rng)


def directions_are_right(net: ConvNet, x: np.ndarray, t: np.ndarray) -> bool:
    """Print the verdict of gradcheck, which needs few evaluations however many parameters.

    Blank pixels and biases of zero put ReLU and pooling exactly at their kinks, where plain
    differences would see a slope that is none; the verdict knows of kinks.
    """
    start = dict(net.params)

    def loss(params: dict[str, np.ndarray]) -> np.ndarray:
        net.params.update(params)
        return net.loss(x, t)

    def gradient(params: dict[str, np.ndarray], upstream: np.ndarray) -> dict[str, np.ndarray]:
        net.params.update(params)
        return {name: upstream * array for name, array in net.gradient(x, t).items()}

    report = check_vjp(loss, gradient, {name: array.copy() for name, array in start.items()})
    net.params.update(start)
    print(f"Gradient check on {len(x)} samples: {report.verdict}")
    print(f"  {report.subjects[0].forward_calls} forward and", end=" ")
    print(f"{report.subjects[0].backward_calls} backward passes for", end=" ")
    print(f"{sum(array.size for array in start.values()):,} elements in {len(start)} parameters")
    if report.verdict != "pass":
        print(report)
    return report.verdict == "pass"


def elements_are_right(net: TwoLayerNet, x: np.ndarray, t: np.ndarray) -> bool:
    """Print how far backpropagation is from finite differences, for every parameter."""
    backpropagated = net.gradient(x, t)
    numerical = net.numerical_gradient(x, t, differentiate=numerical_gradient)
    print(f"Gradient check on {len(x)} samples, every element of every parameter")
    print(f"  {'parameter':<10} {'shape':<10} largest difference / largest gradient")
    right = True
    for name, expected in numerical.items():
        difference = np.max(np.abs(backpropagated[name] - expected)) / np.max(np.abs(expected))
        # Written so that nan counts as wrong.
        verdict = "ok" if difference <= GRADIENT_TOLERANCE else "WRONG"
        right = right and verdict == "ok"
        print(f"  {name:<10} {expected.shape!s:<10} {difference:.1e}  {verdict}")
    print(
        f"  allowed: {GRADIENT_TOLERANCE:.0e}, which is generous: rounding leaves about 1e-9, "
        "mistakes usually 1e-2 or more"
    )
    return right


def train(net: Net, data: Digits, epochs: int, rng: np.random.Generator) -> History:
    """Mini-batch gradient descent with momentum; changes the parameters of ``net``."""
    history = History()
    velocity = {name: np.zeros_like(array) for name, array in net.params.items()}
    progress = tqdm(range(epochs), desc="Training", unit="epoch")
    for _ in progress:
        for batch in batches(len(data.x_train), rng):
            x, t = data.x_train[batch], data.t_train[batch]
            history.loss.append(float(net.loss(x, t)))
            step(net, velocity, net.gradient(x, t))
        history.record_accuracy(net, data)
        progress.set_postfix(test=f"{history.test_accuracy[-1]:.1%}")
    return history


def batches(samples: int, rng: np.random.Generator) -> list[np.ndarray]:
    """Split a fresh shuffle into batches of nearly equal size, none of them a tiny remainder."""
    return np.array_split(rng.permutation(samples), -(-samples // BATCH_SIZE))


def step(net: Net, velocity: dict[str, np.ndarray], gradient: dict[str, np.ndarray]) -> None:
    for name, array in net.params.items():
        velocity[name] = MOMENTUM * velocity[name] - LEARNING_RATE * gradient[name]
        array += velocity[name]


def draw(history: History, folder: Path, name: str) -> Path:
    """Write the loss and accuracy curves as a PNG and return its path."""
    figure, (loss_axes, accuracy_axes) = plt.subplots(1, 2, figsize=(11, 4.2), layout="constrained")
    draw_loss(loss_axes, history.loss)
    draw_accuracy(accuracy_axes, history)
    for axes in (loss_axes, accuracy_axes):
        axes.grid(alpha=0.3)
        axes.spines[["top", "right"]].set_visible(False)
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{name}.png"
    figure.savefig(path, dpi=150)
    plt.close(figure)
    return path


def draw_loss(axes: plt.Axes, loss: list[float]) -> None:
    iterations = np.arange(1, len(loss) + 1)
    window = min(SMOOTHING_WINDOW, len(loss))
    # "valid" leaves out the ends: a padded mean would bend the curve there.
    smooth = np.convolve(loss, np.full(window, 1 / window), mode="valid")
    first = (window - 1) // 2
    centres = iterations[first : first + len(smooth)]
    axes.plot(iterations, loss, color="C0", alpha=0.25, linewidth=0.8, label="mini-batch")
    axes.plot(centres, smooth, color="C0", linewidth=1.8, label=f"mean of {window} iterations")
    axes.set(title="Training loss", xlabel="iteration", ylabel="cross-entropy", yscale="log")
    axes.legend(frameon=False)


def draw_accuracy(axes: plt.Axes, history: History) -> None:
    epochs = np.arange(1, len(history.test_accuracy) + 1)
    train, test = 100 * np.array(history.train_accuracy), 100 * np.array(history.test_accuracy)
    axes.plot(epochs, train, color="C0", marker=".", label=f"train ({train[-1]:.1f} %)")
    axes.plot(epochs, test, color="C1", marker=".", label=f"test ({test[-1]:.1f} %)")
    axes.axhline(
        100 * ACCURACY_WANTED,
        color="grey",
        linestyle="--",
        linewidth=1,
        label=f"wanted ({100 * ACCURACY_WANTED:.0f} %)",
    )
    axes.set(title="Accuracy", xlabel="epoch", ylabel="accuracy (%)")
    axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    axes.legend(frameon=False, loc="lower right")


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


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--model", choices=MODELS, default="two-layer", help="default: %(default)s")
    parser.add_argument("--epochs", type=whole_number(1), default=30, help="default: %(default)s")
    parser.add_argument("--seed", type=whole_number(0), default=0, help="default: %(default)s")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(__file__).resolve().parent / "output",
        help="folder for the picture (default: output, beside this script)",
    )
    return parser.parse_args()


MODELS = {
    "two-layer": (two_layer, elements_are_right, (64,), "digits"),
    "convolutional": (convolutional, directions_are_right, (1, 8, 8), "digits-convolutional"),
}
"""Name -> how to make it, how to check it, the shape of an image, the name of the picture."""


def main() -> int:
    options = arguments()
    rng = np.random.default_rng(options.seed)
    make, gradients_are_right, shape, picture = MODELS[options.model]
    data, net = load(shape), make(rng)
    few = slice(SAMPLES_CHECKED)
    if not gradients_are_right(net, data.x_train[few], data.t_train[few]):
        print("Not trained: a gradient is wrong.")
        return 1
    history = train(net, data, options.epochs, rng)
    path = draw(history, options.output, picture)
    accuracy = history.test_accuracy[-1]
    print(f"Test accuracy: {accuracy:.2%} on {len(data.t_test)} images")
    print(f"Curves: {displayed(path)}")
    if accuracy < ACCURACY_WANTED:
        print(f"That is below the {ACCURACY_WANTED:.0%} wanted.")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
