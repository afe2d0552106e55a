"""The block of layers that transformers are stacked from, and a language model of such blocks."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from layers.affine import Affine
from layers.composite import Composite, Sequential
from layers.embedding import Embedding, PositionalEncoding
from layers.gelu import GELU
from layers.language_model import LanguageModel
from layers.layer import Array
from layers.multi_head_attention import MultiHeadAttention
from layers.normalisation import LayerNorm


class TransformerBlock(Composite):
    """h = x + attention(norm(x)), y = h + mlp(norm'(h)), with mlp(u) = GELU(u W + b) W' + b'.

    The normalisation comes first in each branch ("pre-norm"), so x itself passes unchanged beside
    both. A sum hands its gradient to both sides: dh = dy + norm''(mlp''(dy)) and
    dx = dh + norm''(attention''(dh)), where '' stands for the backward pass of a layer.

    x, y: (N, T, D); mask: booleans (N, T, T), true where a step may look, or left out. Parameters
    are named by part: norm1, attention, norm2, expand and contract. Raises ValueError when shapes
    do not fit.

    Source: Vaswani et al., "Attention is all you need" (2017), sec. 3.1 and 3.3; pre-norm: Xiong
    et al., "On layer normalization in the transformer architecture" (2020), fig. 1 and tab. 1.
    """

    _y: Array | None = None

    def __init__(
        self,
        norm1: LayerNorm,
        attention: MultiHeadAttention,
        norm2: LayerNorm,
        expand: Affine,
        contract: Affine,
    ) -> None:
        """Wire the layers; those of the mlp go from D to more numbers and back."""
        self.norm1, self.attention, self.norm2 = norm1, attention, norm2
        self.expand, self.gelu, self.contract = expand, GELU(), contract
        self.parts = {
            "norm1": norm1,
            "attention": attention,
            "norm2": norm2,
            "expand": expand,
            "contract": contract,
        }

    @classmethod
    def random(
        cls,
        D: int,
        hidden: int | None = None,
        *,
        rng: np.random.Generator | None = None,
        **options: Any,
    ) -> Self:
        """Draw each layer as its own ``random`` does; ``hidden`` is 4 D when left out.

        ``options`` are those of MultiHeadAttention: heads and causal.
        """
        rng = np.random.default_rng(rng)
        hidden = 4 * D if hidden is None else hidden
        return cls(
            LayerNorm.random(D),
            MultiHeadAttention.random(D, rng=rng, **options),
            LayerNorm.random(D),
            Affine.random(D, hidden, rng=rng),
            Affine.random(hidden, D, rng=rng, gain=1),
        )

    def forward(self, x: ArrayLike, mask: ArrayLike | None = None) -> Array:
        """Return y in the shape of x."""
        x = np.asarray(x)
        h = x + self.attention.forward(self.norm1.forward(x), mask)
        u = self.gelu.forward(self.expand.forward(self.norm2.forward(h)))
        self._y = h + self.contract.forward(u)
        return self._y.copy()

    def backward(self, dout: ArrayLike) -> Array:
        """Return dx in the shape of x; the layers store the gradients of parameters."""
        dy = self._upstream(dout, self._recall(self._y))
        du = self.gelu.backward(self.contract.backward(dy))
        dh = dy + self.norm2.backward(self.expand.backward(du))
        return dh + self.norm1.backward(self.attention.backward(dh))


class TransformerNet(LanguageModel):
    """Embedding, positions, causal transformer blocks, layer norm, affine: logits of the next id.

    V is the number of ids, D the width and ``hidden`` that within the mlp of each block (4 D when
    left out). Positions are waves, so sequences may have any length; one that is longer than
    those of the training meets places never seen there.

    Source: Radford et al., "Language models are unsupervised multitask learners" (2019), sec. 2.3,
    but for the positions, which are those of Vaswani et al. (2017), sec. 3.5.
    """

    def __init__(
        self,
        V: int,
        D: int,
        *,
        blocks: int = 2,
        heads: int = 4,
        hidden: int | None = None,
        rng: np.random.Generator | None = None,
    ) -> None:
        """Draw parameters; pass ``rng`` to draw the same again. ``heads`` must divide D."""
        rng = np.random.default_rng(rng)
        stack = {
            f"block{number}": TransformerBlock.random(D, hidden, rng=rng, heads=heads, causal=True)
            for number in range(1, blocks + 1)
        }
        super().__init__(
            Sequential(
                embedding=Embedding.random(V, D, rng=rng),
                positions=PositionalEncoding(),
                **stack,
                norm=LayerNorm.random(D),
                affine=Affine.random(D, V, rng=rng, gain=1),
            )
        )
