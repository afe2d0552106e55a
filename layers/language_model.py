"""Models of text: from the ids of characters so far to the logits of the next one."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from layers.activations import Softmax
from layers.affine import Affine
from layers.composite import Sequential
from layers.embedding import Embedding
from layers.layer import Array
from layers.lstm import LSTM
from layers.networks import Network
from layers.sequence_losses import TimeSoftmaxWithLoss


class LanguageModel(Network):
    """A network from ids to logits, with the softmax loss at every step of the sequence.

    ``params`` holds the arrays in float64 under the names that the network gives them, such as
    ``"lstm.Wx"``; both ``params[name] -= step`` and ``params[name] = new`` take effect at the next
    pass.

    ids: integers (N, T) in [0, V); t: (N, T), the id that follows at each step, or -1 where none
    does and nothing is to be learned. Raises ValueError when shapes do not fit or an id is out of
    range.
    """

    def __init__(self, network: Sequential) -> None:
        """Take a chain from ids (N, T) to logits (N, T, V)."""
        self._network = network
        self.params = network.parameters_by_name

    def predict(self, ids: ArrayLike) -> Array:
        """Return the logits of the next id at every step, of shape (N, T, V)."""
        self._network.share(self.params)
        return self._network.forward(ids)

    def loss(self, ids: ArrayLike, t: ArrayLike) -> Array:
        """Return the mean loss, 0-d."""
        return TimeSoftmaxWithLoss().forward(self.predict(ids), t)

    def gradient(self, ids: ArrayLike, t: ArrayLike) -> dict[str, Array]:
        """Return dL/dparameter by backpropagation, under the names of ``params``."""
        return self.loss_and_gradient(ids, t)[1]

    def loss_and_gradient(self, ids: ArrayLike, t: ArrayLike) -> tuple[Array, dict[str, Array]]:
        """Return the loss and the gradient of one and the same forward pass."""
        loss = TimeSoftmaxWithLoss()
        value = loss.forward(self.predict(ids), t)
        self._network.backward(loss.backward())
        return value, self._network.gradients_by_name

    def generate(
        self,
        ids: ArrayLike,
        length: int,
        *,
        context: int,
        temperature: float = 1.0,
        rng: np.random.Generator | None = None,
    ) -> Array:
        """Continue ids (T,) with ``length`` more, each drawn from the softmax of its logits.

        The model sees the last ``context`` ids at a time. Logits are divided by ``temperature``:
        below one the likely gets likelier.
        """
        rng = np.random.default_rng(rng)
        text = [int(one) for one in np.asarray(ids)]
        if not text:
            raise ValueError("generate: ids must hold at least one id to continue, got none")
        for _ in range(length):
            logits = self.predict([text[-context:]])[0, -1]
            p = Softmax().forward(logits / temperature)
            text.append(int(rng.choice(len(p), p=p)))
        return np.array(text)


class CharacterLSTM(LanguageModel):
    """Embedding, LSTM, affine: logits of the next id, from V ids by D numbers and H states.

    The states are zero at the start of every sequence, and ``truncate`` is that of LSTM.

    Source: Karpathy, "The unreasonable effectiveness of recurrent neural networks" (2015); Saito,
    "Deep Learning from Scratch 2" (2018), sec. 6.4.
    """

    def __init__(
        self,
        V: int,
        D: int,
        H: int,
        *,
        truncate: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw parameters, as the layers do; pass ``rng`` to draw the same again."""
        rng = np.random.default_rng(rng)
        super().__init__(
            Sequential(
                embedding=Embedding.random(V, D, rng=rng),
                lstm=LSTM.random(D, H, rng=rng, truncate=truncate),
                affine=Affine.random(H, V, rng=rng, gain=1),
            )
        )
