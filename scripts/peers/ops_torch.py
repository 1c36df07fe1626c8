# SPDX-License-Identifier: Apache-2.0
"""PyTorch's eager way to compute each row of `unilseg bench`: functions of the row's inputs, by operation."""
import re

import torch
import torch.nn.functional as F


def dims_of(row):
    """The list in a label such as "14400x512 over [0]"."""
    return [int(d) for d in re.search(r"\[(.*)\]", row["row"]).group(1).split(",") if d.strip()]


def reduction(function):
    def make(row):
        dims = dims_of(row) or list(range(len(row["inputs"][0]["shape"])))
        return [lambda x: function(x, dim=dims)]
    return make


def same(function):
    return lambda row: [function]


def conv2d(row):
    """Both layouts; the driver takes the faster one. Permutations of layout are made outside of the timing."""
    return [Conv2d(torch.channels_last), Conv2d(torch.contiguous_format)]


class Conv2d:
    """Our [B, H, W, C] and [O, kh, kw, I] as the layouts that PyTorch computes on."""

    def __init__(self, layout):
        self.layout = layout

    def prepare(self, inputs):
        x, weight, bias = inputs
        as_torch = lambda t: t.detach().permute(0, 3, 1, 2).contiguous(memory_format=self.layout).requires_grad_()
        return [as_torch(x), as_torch(weight), bias.detach().requires_grad_()]

    def __call__(self, x, weight, bias):
        return F.conv2d(x, weight, bias, padding=1)


def resize_bilinear(row):
    """Both layouts, as for conv2d; a label such as "60x60x512 to 120x120 plus other"."""
    size = [int(n) for n in re.search(r"to (\d+)x(\d+)", row["row"]).groups()]
    return [ResizeBilinear(size, torch.channels_last), ResizeBilinear(size, torch.contiguous_format)]


class ResizeBilinear:
    def __init__(self, size, layout):
        self.size, self.layout = size, layout

    def prepare(self, inputs):
        return [x.detach().permute(0, 3, 1, 2).contiguous(memory_format=self.layout).requires_grad_() for x in inputs]

    def __call__(self, x, other=None):
        y = F.interpolate(x, self.size, mode="bilinear", align_corners=False)
        return y if other is None else y + other


def patch_merging(x):
    return torch.cat([x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)], dim=-1)


def attention(row):
    """[B, L, C] as PyTorch's [B, N, L, D] views; padding lies at the end of even samples, else at the start."""
    heads = int(re.search(r"(\d+) heads", row["row"]).group(1))
    padded = int((re.search(r"(\d+) padded", row["row"]) or [0, 0])[1])

    def run(q, k, v):
        split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)
        mask = None
        if padded:
            mask = torch.ones(k.shape[0], 1, 1, k.shape[1], dtype=torch.bool)
            mask[::2, ..., -padded:] = False
            mask[1::2, ..., :padded] = False
        causal = "causal" in row["row"]
        y = F.scaled_dot_product_attention(split(q), split(k), split(v), mask, is_causal=causal)
        return y.transpose(1, 2).flatten(2)

    return [run]


class BatchNorm:
    """In training, on our [..., C] as PyTorch's channels-last [B, C, H, W]."""

    def prepare(self, inputs):
        x, weight, bias = inputs
        self.running = torch.zeros_like(weight), torch.ones_like(weight)
        return [x.detach().permute(0, 3, 1, 2).requires_grad_(), weight, bias]

    def __call__(self, x, weight, bias):
        return F.batch_norm(x, *self.running, weight, bias, training=True)


def embedding(row):
    ids = torch.tensor([i * 360 if i % 2 else 0 for i in range(8 * 17)]).reshape(8, 17)
    return [lambda table: F.embedding(ids, table)]


def focal(logits, target, alpha=0.25, gamma=2):
    p = torch.sigmoid(logits)
    cost = F.binary_cross_entropy_with_logits(logits, target, reduction="none")
    sure = p * target + (1 - p) * (1 - target)
    return ((alpha * target + (1 - alpha) * (1 - target)) * (1 - sure) ** gamma * cost).mean()


def dice(logits, target):
    p, t = torch.sigmoid(logits).flatten(1), target.flatten(1)
    return (1 - (2 * (p * t).sum(1) + 1) / (p.sum(1) + t.sum(1) + 1)).mean()


OPERATIONS = {
    "relu": same(F.relu),
    "gelu": same(F.gelu),
    "gelu_tanh": same(lambda x: F.gelu(x, approximate="tanh")),
    "quick_gelu": same(lambda x: x * torch.sigmoid(1.702 * x)),
    "sigmoid": same(torch.sigmoid),
    "tanh": same(torch.tanh),
    "exp": same(torch.exp),
    "log": same(torch.log),
    "sqrt": same(torch.sqrt),
    "square": same(torch.square),
    "abs": same(torch.abs),
    "add": same(torch.add),
    "subtract": same(torch.sub),
    "multiply": same(torch.mul),
    "divide": same(torch.div),
    "maximum": same(torch.maximum),
    "minimum": same(torch.minimum),
    "sum": reduction(torch.sum),
    "mean": reduction(torch.mean),
    "amax": reduction(torch.amax),
    "matmul": same(torch.matmul),
    "linear": same(F.linear),
    "softmax": same(lambda x: F.softmax(x, dim=-1)),
    "layer_norm": same(lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b, 1e-5)),
    "conv2d": conv2d,
    "resize_bilinear": resize_bilinear,
    "patch_merging": same(patch_merging),
    "concat": same(lambda *parts: torch.cat(parts, dim=1)),
    "pad": same(lambda x: F.pad(x, (0, 0, 0, 6, 0, 6))),
    "attention": attention,
    "batch_norm": lambda row: [BatchNorm()],
    "embedding": embedding,
    "dropout": same(lambda x: F.dropout(x, 0.1)),
    "drop_path": same(lambda x: x * (torch.rand(len(x), 1, 1) >= 0.2) / 0.8),
    "mask_head": same(lambda query, pixel: torch.einsum("lbqc,bhwc->lbqhw", query, pixel)),
    "bce_with_logits": same(F.binary_cross_entropy_with_logits),
    "focal": same(focal),
    "dice": same(dice),
}
