# SPDX-License-Identifier: Apache-2.0
"""PyTorch's eager way to compute each row of `unilseg bench`: functions of the row's inputs, by operation."""
import itertools
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


def linear(row):
    """A label such as "900x512 by 2048 gelu" ends in the activation."""
    after = {"gelu": [F.gelu], "relu": [F.relu, F.relu_]}.get(row["row"].split()[-1], [lambda y: y])
    return [lambda x, w, b, f=f: f(F.linear(x, w, b)) for f in after]


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
    causal, dropout = "causal" in row["row"], 0.1 if "dropout" in row["row"] else 0
    split = lambda x: x.unflatten(-1, (heads, -1)).transpose(1, 2)
    join = lambda y: y.transpose(1, 2).flatten(2)

    def mask_of(k):
        mask = torch.ones(k.shape[0], 1, 1, k.shape[1], dtype=torch.bool)
        mask[::2, ..., -padded:] = False
        mask[1::2, ..., :padded] = False
        return mask

    def fused(q, k, v):
        mask = mask_of(k) if padded else None
        return join(F.scaled_dot_product_attention(split(q), split(k), split(v), mask, dropout, is_causal=causal))

    def explicit(q, k, v):
        size = q.shape[-1] // heads
        scores = split(q) * size**-0.5 @ split(k).transpose(2, 3)
        if causal:
            scores = scores + torch.full(scores.shape[2:], -torch.inf).triu(1)
        if padded:
            scores = scores.masked_fill(~mask_of(k), -torch.inf)
        weights = F.dropout(scores.softmax(-1), dropout)
        return join(weights @ split(v))

    return [fused, explicit]


def add_layer_norm(row):
    """With dropout, PyTorch's own, its result added to in place, and a mask of uniform numbers, which it draws faster."""
    norm = lambda x, weight, bias: F.layer_norm(x, x.shape[-1:], weight, bias, 1e-5)
    if "dropout" not in row["row"]:
        return [lambda x, branch, weight, bias: norm(x + branch, weight, bias)]

    def by_mask(x, branch, weight, bias, p=0.1):
        keep = (torch.rand_like(branch) >= p).float()
        return norm(torch.addcmul(x, branch, keep, value=1 / (1 - p)), weight, bias)

    return [lambda x, branch, weight, bias: norm(x + F.dropout(branch, 0.1), weight, bias),
            lambda x, branch, weight, bias: norm(F.dropout(branch, 0.1).add_(x), weight, bias), by_mask]


class WindowAttention:
    """Shifted windows of [B, H, W, 3C]. What depends on the shape alone is made before the timing: the tokens' places, their
    inverse, the table's index and the mask, whose -100 is -infinity here: e^-100 is a denormal number, which is slow.

    Windows come by padding, rolling and cutting the map, or by an index of its rows and of one row of padding, which does
    all three at once. Scores are computed one by one or by PyTorch's fused attention."""

    def __init__(self, row, by_index, fused):
        self.heads, self.side, self.shift = map(int, re.search(r"(\d+) heads, window (\d+) shift (\d+)", row["row"]).groups())
        self.by_index, self.fused = by_index, fused

    def windows_of(self, x):
        """[B, rows, columns, ...] as [windows, K K, ...]."""
        k = self.side
        return x.unflatten(2, (-1, k)).unflatten(1, (-1, k)).transpose(2, 3).flatten(3, 4).flatten(0, 2)

    def prepare(self, inputs):
        batch, self.height, self.width = inputs[0].shape[:3]
        k, shift = self.side, self.shift
        self.rows, self.columns = (-(-size // k) * k for size in (self.height, self.width))
        count = batch * self.height * self.width
        places = torch.full((batch, self.rows, self.columns), count)
        places[:, :self.height, :self.width] = torch.arange(count).view(batch, self.height, self.width)
        self.places = self.windows_of(places.roll((-shift, -shift), (1, 2))).flatten()
        self.inverse = torch.argsort(self.places, stable=True)[:count]
        at = torch.cartesian_prod(torch.arange(k), torch.arange(k))
        offset = at[:, None] - at + k - 1
        self.index = (offset[..., 0] * (2 * k - 1) + offset[..., 1]).flatten()
        region = [(torch.arange(size) >= size - k).int() + (torch.arange(size) >= size - shift)
                  for size in (self.rows, self.columns)]
        parts = self.windows_of((3 * region[0][:, None] + region[1]).expand(batch, -1, -1))
        self.mask = torch.where(parts[:, None, :, None] == parts[:, None, None, :], 0, -torch.inf)
        return inputs

    def __call__(self, qkv, table, bias):
        batch, k, shift = len(qkv), self.side, self.shift
        if self.by_index:
            x = torch.cat([qkv.flatten(0, 2), bias[None]]).index_select(0, self.places)
            x = x.unflatten(0, (-1, k * k)).unflatten(2, (3, self.heads, -1))
        else:
            x = bias.expand(batch, self.rows, self.columns, -1).clone()
            x[:, :self.height, :self.width] = qkv
            x = self.windows_of(x.roll((-shift, -shift), (1, 2)) if shift else x).unflatten(2, (3, self.heads, -1))
        q, k_, v = x.permute(2, 0, 3, 1, 4).unbind(0)
        scores = table[self.index].view(k * k, k * k, -1).permute(2, 0, 1)
        if shift:
            scores = scores + self.mask
        if self.fused:
            y = F.scaled_dot_product_attention(q, k_, v, scores)
        else:
            y = (q * q.shape[-1] ** -0.5 @ k_.transpose(2, 3) + scores).softmax(-1) @ v
        y = y.transpose(1, 2).flatten(2)
        if self.by_index:
            return y.flatten(0, 1).index_select(0, self.inverse).view(batch, self.height, self.width, -1)
        y = y.view(batch, self.rows // k, self.columns // k, k, k, -1).transpose(2, 3).reshape(batch, self.rows, self.columns, -1)
        y = y.roll((shift, shift), (1, 2)) if shift else y
        return y[:, :self.height, :self.width].contiguous()


class BatchNorm:
    """In training, on our [..., C] as PyTorch's channels-last [B, C, H, W]."""

    def prepare(self, inputs):
        x, weight, bias = inputs
        self.running = torch.zeros_like(weight), torch.ones_like(weight)
        return [x.detach().permute(0, 3, 1, 2).requires_grad_(), weight, bias]

    def __call__(self, x, weight, bias):
        return F.batch_norm(x, *self.running, weight, bias, training=True)


class Step:
    """What changes tensors in place, on one tensor of each kind or on the 64 that a model's layers would have."""

    def __init__(self, make, tensors):
        self.make, self.tensors = make, tensors

    def prepare(self, inputs):
        sizes = [len(inputs[0]) // self.tensors * 2 - 512, 512] * (self.tensors // 2) or [len(inputs[0])]
        self.step = self.make(*[[part.clone() for part in x.split(sizes)] for x in inputs])
        return inputs

    def __call__(self, first, *others):
        self.step()
        return first


def steps(*makers):
    return lambda row: [Step(make, tensors) for make in makers for tensors in (1, 64)]


def optimizer(make, **options):
    def bind(parameters, gradients, *state):
        for parameter, gradient in zip(parameters, gradients):
            parameter.grad = gradient
        return make(parameters, lr=1e-4, weight_decay=0.01, **options).step
    return bind


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


def maps_of(query, pixel):
    """Layer by layer, as [layers, B, Q, H, W]."""
    return torch.einsum("lbqc,bhwc->lbqhw", query, pixel)


def maps_by_pixels(query, pixel):
    """The same by strides: a product with the queries' transpose, whose backward is by far the faster one."""
    layers, batch, queries, channels = query.shape
    maps = torch.bmm(pixel.flatten(1, 2), query.permute(1, 3, 0, 2).flatten(2))
    return maps.view(batch, *pixel.shape[1:3], layers, queries).permute(3, 0, 4, 1, 2)


def mask_loss(find_maps, at_once):
    """Binary cross-entropy and dice of each layer's maps, one layer after the other or all at once."""
    def loop(query, pixel, target):
        return sum(F.binary_cross_entropy_with_logits(maps, target) + dice(maps.flatten(0, 1), target.flatten(0, 1))
                   for maps in find_maps(query, pixel))

    def together(query, pixel, target):
        maps = find_maps(query, pixel).permute(1, 2, 0, 3, 4).flatten(3)  # [B, Q, layers, HW]
        flat = target.flatten(2)
        p = torch.sigmoid(maps)
        both = torch.matmul(p, flat[..., None])[..., 0]
        losses = 1 - (2 * both + 1) / (p.sum(3) + flat.sum(2)[..., None] + 1)
        cost = F.binary_cross_entropy_with_logits(maps, flat[:, :, None].expand_as(maps))
        return maps.shape[2] * (cost + losses.mean())

    return together if at_once else loop


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
    "linear": linear,
    "softmax": same(lambda x: F.softmax(x, dim=-1)),
    "layer_norm": same(lambda x, w, b: F.layer_norm(x, x.shape[-1:], w, b, 1e-5)),
    "add_layer_norm": add_layer_norm,
    "conv2d": conv2d,
    "resize_bilinear": resize_bilinear,
    "patch_merging": same(patch_merging),
    "concat": same(lambda *parts: torch.cat(parts, dim=1)),
    "pad": same(lambda x: F.pad(x, (0, 0, 0, 6, 0, 6))),
    "attention": attention,
    "window_attention": lambda row: [WindowAttention(row, *ways) for ways in itertools.product((True, False), repeat=2)],
    "batch_norm": lambda row: [BatchNorm()],
    "embedding": embedding,
    "dropout": same(lambda x: F.dropout(x, 0.1)),
    "drop_path": same(lambda x: x * (torch.rand(len(x), 1, 1) >= 0.2) / 0.8),
    "mask_head": lambda row: [maps_of, maps_by_pixels],
    "mask_loss": lambda row: [mask_loss(maps, once) for maps in (maps_of, maps_by_pixels) for once in (True, False)],
    "adamw": steps(*[optimizer(torch.optim.AdamW, **{way: True}) for way in ("fused", "foreach")]),
    "sgd": steps(*[optimizer(torch.optim.SGD, momentum=0.9, **{way: True}) for way in ("fused", "foreach")]),
    "ema": steps(lambda averages, parameters: lambda: torch._foreach_lerp_(averages, parameters, 1e-3)),
    "clip": steps(lambda gradients: lambda: torch.nn.utils.get_total_norm(gradients)),
    "bce_with_logits": same(F.binary_cross_entropy_with_logits),
    "focal": same(focal),
    "dice": same(dice),
}
