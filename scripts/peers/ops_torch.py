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
}
