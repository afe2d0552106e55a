"""The attention layers against those of PyTorch."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import Any

import numpy as np

from layers.attention import ScaledDotProductAttention
from layers.multi_head_attention import MultiHeadAttention, MultiHeadCrossAttention
from tests.oracles.comparison import Comparison, Pair

N, T, S, D, E = 2, 5, 7, 6, 3


def draw_mask(rng: np.random.Generator, *shape: int) -> Any:
    """Draw booleans with the first true in every row."""
    mask = rng.random(shape) < 0.5
    mask[..., 0] = True
    return mask


def dot_product_pairs(
    rng: np.random.Generator, leading: tuple[int, ...], causal: bool, masked: bool
) -> Iterable[Pair]:
    """Hold the core against torch.nn.functional.scaled_dot_product_attention."""
    import torch

    sizes = ((T, D), (S, D), (S, E))
    arrays = [3 * rng.standard_normal((*leading, *size)) for size in sizes]
    mask = draw_mask(rng, *leading, T, S) if masked else None
    visible = None if mask is None else torch.from_numpy(mask)
    if masked and causal:  # PyTorch takes one of the two
        visible = visible & torch.ones(T, S, dtype=torch.bool).tril()
    leaves = [torch.tensor(array, requires_grad=True) for array in arrays]
    theirs = torch.nn.functional.scaled_dot_product_attention(
        *leaves, attn_mask=visible, is_causal=causal and not masked
    )
    layer = ScaledDotProductAttention(causal=causal)
    ours = layer.forward(*arrays, *([mask] if masked else []))
    yield "y", ours, theirs.detach().numpy()
    dout = rng.standard_normal(ours.shape)
    theirs.backward(torch.from_numpy(dout))
    for name, gradient, leaf in zip("qkv", layer.backward(dout), leaves, strict=True):
        yield f"d{name}", gradient, leaf.grad.numpy()


def copied_module(weights: Any, biases: Any, heads: int) -> Any:
    """Return torch.nn.MultiheadAttention with our parameters."""
    import torch

    module = torch.nn.MultiheadAttention(D, heads, bias=len(biases) > 0, batch_first=True).double()
    with torch.no_grad():
        together = np.concatenate([W.T for W in weights[:3]])
        module.in_proj_weight.copy_(torch.from_numpy(together))
        module.out_proj.weight.copy_(torch.from_numpy(weights[3].T.copy()))
        if len(biases):
            module.in_proj_bias.copy_(torch.from_numpy(np.concatenate(biases[:3])))
            module.out_proj.bias.copy_(torch.from_numpy(biases[3]))
    return module


def multi_head_pairs(
    rng: np.random.Generator, cross: bool, heads: int, biased: bool, causal: bool, masked: bool
) -> Iterable[Pair]:
    """Hold self and cross attention against torch.nn.MultiheadAttention."""
    import torch

    weights = rng.standard_normal((4, D, D))
    biases = rng.standard_normal((4, D)) if biased else ()
    module = copied_module(weights, biases, heads)
    width = S if cross else T
    inputs = [rng.standard_normal((N, T, D))]
    inputs += [rng.standard_normal((N, S, D))] if cross else []
    leaves = [torch.tensor(array, requires_grad=True) for array in inputs]
    mask = draw_mask(rng, N, T, width) if masked else np.ones((N, T, width), bool)
    hidden = ~(np.tril(mask) if causal else mask)
    theirs, _ = module(
        leaves[0], leaves[-1], leaves[-1], attn_mask=torch.from_numpy(hidden.repeat(heads, axis=0))
    )
    layer: Any = (MultiHeadCrossAttention if cross else MultiHeadAttention)(
        *weights, *biases, heads=heads, causal=causal
    )
    ours = layer.forward(*inputs, *([mask] if masked else []))
    yield "o", ours, theirs.detach().numpy()
    dout = rng.standard_normal(ours.shape)
    theirs.backward(torch.from_numpy(dout))
    found = layer.backward(dout)
    found = found if cross else (found,)
    for position, (gradient, leaf) in enumerate(zip(found, leaves, strict=True)):
        yield f"gradient of input {position}", gradient, leaf.grad.numpy()
    parts = np.split(module.in_proj_weight.grad.numpy(), 3)
    for name, part in zip("qkv", parts, strict=True):
        yield f"dW{name}", getattr(layer, f"dW{name}"), part.T
    yield "dWo", layer.dWo, module.out_proj.weight.grad.numpy().T
    if biased:
        for name, part in zip("qkv", np.split(module.in_proj_bias.grad.numpy(), 3), strict=True):
            yield f"db{name}", getattr(layer, f"db{name}"), part
        yield "dbo", layer.dbo, module.out_proj.bias.grad.numpy()


def words(**options: Any) -> str:
    """List what is switched on."""
    return ", ".join(
        name if value is True else f"{name}={value}" for name, value in options.items() if value
    )


OPTIONS: tuple[dict[str, Any], ...] = (
    {"heads": 1, "biased": True, "causal": False, "masked": False},
    {"heads": 3, "biased": False, "causal": False, "masked": False},
    {"heads": 2, "biased": True, "causal": True, "masked": False},
    {"heads": 3, "biased": True, "causal": False, "masked": True},
    {"heads": 6, "biased": True, "causal": True, "masked": True},
)
COMPARISONS: list[Comparison] = [
    Comparison(
        "ScaledDotProductAttention",
        "torch.nn.functional.scaled_dot_product_attention",
        words(leading=leading, causal=causal, masked=masked),
        partial(dot_product_pairs, leading=leading, causal=causal, masked=masked),
    )
    for leading in ((N,), (N, 4), ())
    for causal in (False, True)
    for masked in (False, True)
] + [
    Comparison(
        "MultiHeadCrossAttention" if cross else "MultiHeadAttention",
        "torch.nn.MultiheadAttention",
        words(**options),
        partial(multi_head_pairs, cross=cross, **options),
    )
    for cross in (False, True)
    for options in OPTIONS
]
