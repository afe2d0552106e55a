"""Transformer blocks and language models against those of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.language_model import CharacterLSTM
from layers.transformer import TransformerBlock, TransformerNet
from tests.oracles.comparison import Comparison, Pair

N, T, D, V, H = 3, 5, 6, 7, 8
# Theirs, and ours in the layout of theirs.
BLOCK = {
    "norm1.weight": "norm1.gamma",
    "norm1.bias": "norm1.beta",
    "norm2.weight": "norm2.gamma",
    "norm2.bias": "norm2.beta",
    "self_attn.out_proj.weight": "attention.Wo",
    "self_attn.out_proj.bias": "attention.bo",
    "linear1.weight": "expand.W",
    "linear1.bias": "expand.b",
    "linear2.weight": "contract.W",
    "linear2.bias": "contract.b",
}
JOINED = {"self_attn.in_proj_weight": "attention.W", "self_attn.in_proj_bias": "attention.b"}


def shake(rng: np.random.Generator, arrays: dict[str, Any]) -> None:
    """Move scales and biases from their start."""
    for array in arrays.values():
        array += 0.3 * rng.standard_normal(array.shape)


def as_theirs(arrays: dict[str, Any], prefix: str = "") -> dict[str, Any]:
    """Name and lay out arrays of a block, parameters or gradients, as PyTorch does."""
    whole = {theirs: arrays[prefix + ours].T for theirs, ours in BLOCK.items()}
    joined = {
        theirs: np.concatenate([arrays[f"{prefix}{ours}{letter}"].T for letter in "qkv"])
        for theirs, ours in JOINED.items()
    }
    return {**whole, **joined}


def their_block(arrays: dict[str, Any], heads: int) -> Any:
    """Make torch.nn.TransformerEncoderLayer, norm first and without dropout, with our weights."""
    import torch

    hidden = len(arrays["linear1.bias"])
    module = torch.nn.TransformerEncoderLayer(
        D, heads, hidden, dropout=0.0, activation="gelu", batch_first=True, norm_first=True
    ).double()
    module.load_state_dict({name: torch.from_numpy(a.copy()) for name, a in arrays.items()})
    return module


def future() -> Any:
    """Return true above the diagonal: what PyTorch is to hide."""
    import torch

    return torch.ones(T, T, dtype=torch.bool).triu(1)


def block_pairs(rng: np.random.Generator, heads: int, causal: bool) -> Iterable[Pair]:
    """Hold a whole block against its like."""
    import torch

    ours = TransformerBlock.random(D, H, heads=heads, causal=causal, rng=rng)
    shake(rng, ours.parameters_by_name)
    theirs = their_block(as_theirs(ours.parameters_by_name), heads)
    x = rng.standard_normal((N, T, D))
    leaf = torch.tensor(x, requires_grad=True)
    expected = theirs(leaf, src_mask=future() if causal else None)
    y = ours.forward(x)
    yield "y", y, expected.detach().numpy()
    dout = rng.standard_normal(y.shape)
    expected.backward(torch.from_numpy(dout))
    yield "dx", ours.backward(dout), leaf.grad.numpy()
    gradients = as_theirs(ours.gradients_by_name)
    for name, parameter in theirs.named_parameters():
        yield name, gradients[name], parameter.grad.numpy()


def texts(rng: np.random.Generator) -> tuple[Any, Any]:
    """Draw ids, and targets of which some are left out."""
    ids, targets = rng.integers(0, V, (2, N, T))
    targets[0, -2:] = -1
    return ids, targets


def loss_of(logits: Any, targets: Any) -> Any:
    """Return the mean cross-entropy at the steps that count."""
    import torch

    flat = torch.from_numpy(targets.reshape(-1))
    return torch.nn.functional.cross_entropy(logits.reshape(-1, V), flat, ignore_index=-1)


def lstm_pairs(rng: np.random.Generator) -> Iterable[Pair]:
    """Hold the loss and all gradients of the character model against autograd."""
    import torch

    model, (ids, targets) = CharacterLSTM(V, D, H, rng=rng), texts(rng)
    shake(rng, model.params)
    leaves = {k: torch.tensor(a, requires_grad=True) for k, a in model.params.items()}
    W = [leaves["lstm.Wx"].T, leaves["lstm.Wh"].T, leaves["lstm.b"], torch.zeros(4 * H).double()]
    start = (torch.zeros(1, N, H).double(), torch.zeros(1, N, H).double())
    embedded = leaves["embedding.W"][torch.from_numpy(ids)]
    h, _, _ = torch.lstm(embedded, start, W, True, 1, 0.0, True, False, True)
    loss = loss_of(h @ leaves["affine.W"] + leaves["affine.b"], targets)
    loss.backward()
    yield "loss", model.loss(ids, targets), loss.detach().numpy()
    for name, gradient in model.gradient(ids, targets).items():
        yield name, gradient, leaves[name].grad.numpy()


def net_pairs(rng: np.random.Generator, heads: int, blocks: int) -> Iterable[Pair]:
    """Hold the loss and all gradients of the transformer against autograd."""
    import torch

    model, (ids, targets) = TransformerNet(V, D, blocks=blocks, heads=heads, rng=rng), texts(rng)
    shake(rng, model.params)
    names = ("embedding.W", "norm.gamma", "norm.beta", "affine.W", "affine.b")
    leaves = {name: torch.tensor(model.params[name], requires_grad=True) for name in names}
    t, pair = torch.arange(T).double()[:, None], torch.arange(0, D, 2).double()
    angles = t / 10000 ** (pair / D)
    waves = torch.stack([angles.sin(), angles.cos()], dim=-1).reshape(T, D)
    x = leaves["embedding.W"][torch.from_numpy(ids)] + waves
    prefixes = [f"block{number}." for number in range(1, blocks + 1)]
    stack = [their_block(as_theirs(model.params, prefix), heads) for prefix in prefixes]
    for block in stack:
        x = block(x, src_mask=future())
    x = torch.nn.functional.layer_norm(x, (D,), leaves["norm.gamma"], leaves["norm.beta"])
    loss = loss_of(x @ leaves["affine.W"] + leaves["affine.b"], targets)
    loss.backward()
    yield "loss", model.loss(ids, targets), loss.detach().numpy()
    gradients = model.gradient(ids, targets)
    for name, leaf in leaves.items():
        yield name, gradients[name], leaf.grad.numpy()
    for prefix, block in zip(prefixes, stack, strict=True):
        own = as_theirs(gradients, prefix)
        for name, parameter in block.named_parameters():
            yield prefix + name, own[name], parameter.grad.numpy()


COMPARISONS: list[Comparison] = [
    *(
        Comparison(
            "TransformerBlock",
            "torch.nn.TransformerEncoderLayer",
            f"heads={heads}" + ", causal" * causal,
            partial(block_pairs, heads=heads, causal=causal),
        )
        for heads, causal in ((1, False), (2, False), (3, True))
    ),
    Comparison("CharacterLSTM", "torch.autograd", "", lstm_pairs),
    *(
        Comparison(
            "TransformerNet",
            "torch.nn.TransformerEncoderLayer",
            f"blocks={blocks}",
            partial(net_pairs, heads=2, blocks=blocks),
        )
        for blocks in (1, 3)
    ),
]
