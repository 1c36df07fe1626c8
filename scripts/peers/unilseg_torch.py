# SPDX-License-Identifier: Apache-2.0
"""UniLSeg in eager PyTorch, written for speed on a CPU: the peer of our benchmarks and an oracle of our tests.

Parameters carry the names of the released checkpoint, except for CLIP's image tower, which is never run. Tokens are
[B, L, C] and images are channels-last views of the same memory, so no layout is ever converted. Attention runs
PyTorch's fused kernel where that is the fastest. Batch norms are not folded into convolutions.
"""
from functools import lru_cache
from types import SimpleNamespace

import torch
import torch.nn.functional as F
from torch import nn

RELEASED = dict(
    embed_dim=128, depths=[2, 2, 18, 2], num_heads=[4, 8, 16, 32], window_size=7, patch_size=4, mlp_ratio=4,
    text_width=512, text_heads=8, text_layers=12, text_embed=512, vocab_size=49408, context_length=77, word_len=17,
    pixel_decoder_in=[128, 256, 512, 1024], pixel_decoder_conv=512, pixel_decoder_mask=256, pixel_ffn=2048,
    sr_ratios=[8, 4, 2, 1], fusion_dim=1024, visual_in=1024, text_in=512, d_model=256, num_enc=0, num_dec=6,
    query_ffn=2048, nhead=8, sot_token=49406, eot_token=49407, layer_norm_eps=1e-5, batch_norm_eps=1e-5,
    batch_norm_momentum=0.1)


def constant(function):
    """Computed once for each set of arguments, and never an inference tensor, so that training may use it too."""
    return lru_cache(maxsize=None)(torch.inference_mode(False)(torch.no_grad()(function)))


def waves(coordinates, features):
    """Interleaved sines and cosines [n, features] of frequencies 10000^(-2 floor(i / 2) / features)."""
    even = torch.arange(0, features, 2, dtype=coordinates.dtype, device=coordinates.device)
    angles = coordinates[:, None] / 10000 ** (even / features)
    return torch.stack([angles.sin(), angles.cos()], 2).flatten(1)


def coordinates(length, shift, dtype, device):
    return (torch.arange(1, length + 1, dtype=dtype, device=device) - shift) / (length + 1e-6) * (2 * torch.pi)


@constant
def position_1d(length, channels, dtype, device):
    return waves(coordinates(length, 0, dtype, device), channels)[None]


@constant
def position_2d(size, channels, dtype, device):
    y, x = (waves(coordinates(length, 0.5, dtype, device), channels // 2) for length in size)
    grid = y[:, None].expand(*size, -1), x[None].expand(*size, -1)
    return torch.cat(grid, 2).flatten(0, 1)[None]


def as_image(tokens, size):
    """[B, L, C] as a channels-last [B, C, H, W]."""
    return tokens.transpose(1, 2).unflatten(2, size)


def as_tokens(image):
    return image.flatten(2).transpose(1, 2)


def resize(tokens, size, target):
    if size == target:
        return tokens
    return as_tokens(F.interpolate(as_image(tokens, size), target, mode="bilinear", align_corners=False))


def dropout(x, p):
    """F.dropout draws its numbers one by one on one thread; 16 random bits an element take a third of that time."""
    if not p:
        return x
    bits = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-2**63, None).view(torch.int16)
    keep = torch.empty(x.shape, dtype=x.dtype)
    torch.ge(bits[:x.numel()].view(x.shape), round(p * 2**16) - 2**15, out=keep)
    return x * keep.mul_(1 / (1 - p))


def attend(q, k, v, heads, mask=None, causal=False, p=0):
    """Attention of [B, L, C] tensors; the mask is added to the scores and has no gradient."""
    q, k, v = (x.unflatten(2, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    # The fused kernel drops nothing, and what stands in for it is slower than this; for one key, the gradient that it
    # gives to q and k is not exactly zero.
    if p or k.shape[2] == 1:
        scores = q @ (k * q.shape[-1]**-0.5).transpose(2, 3)
        out = dropout((scores if mask is None else scores.add_(mask)).softmax(3), p) @ v
    else:
        out = F.scaled_dot_product_attention(q, k, v, mask, is_causal=causal)
    return out.transpose(1, 2).flatten(2)


class Attention(nn.Module):
    """Multi-head attention with the parameters of nn.MultiheadAttention, on [B, L, C]."""

    def __init__(self, dim, heads, p=0):
        super().__init__()
        self.in_proj_weight = nn.Parameter(torch.empty(3 * dim, dim))
        self.in_proj_bias, self.out_proj = nn.Parameter(torch.zeros(3 * dim)), nn.Linear(dim, dim)
        self.heads, self.p = heads, p
        nn.init.xavier_uniform_(self.in_proj_weight)

    def forward(self, q, k, v, mask=None, causal=False):
        if q is k and k is v:
            q, k, v = F.linear(q, self.in_proj_weight, self.in_proj_bias).chunk(3, 2)
        else:
            weights, biases = self.in_proj_weight.chunk(3), self.in_proj_bias.chunk(3)
            q, k, v = (F.linear(*each) for each in zip((q, k, v), weights, biases))
        return self.out_proj(attend(q, k, v, self.heads, mask, causal, self.p if self.training else 0))


def mask_of(blocked):
    """What is added to the scores [B, N, L, keys] so that no blocked key of [B, keys] counts."""
    return torch.zeros(blocked.shape).masked_fill_(blocked, -torch.inf)[:, None, None]


class TextBlock(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.attn = Attention(width, heads)
        self.ln_1, self.ln_2 = nn.LayerNorm(width), nn.LayerNorm(width)
        self.mlp = nn.ModuleDict({"c_fc": nn.Linear(width, 4 * width), "c_proj": nn.Linear(4 * width, width)})

    def forward(self, x):
        y = self.ln_1(x)
        x = self.attn(y, y, y, causal=True).add_(x)
        hidden = self.mlp["c_fc"](self.ln_2(x))
        return self.mlp["c_proj"](hidden * torch.sigmoid(1.702 * hidden)).add_(x)


class TextEncoder(nn.Module):
    """Ids [B, L] -> words [B, L, width], state [B, embed]."""

    def __init__(self, width, heads, layers, embed, vocabulary, context):
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(context, width))
        self.transformer = nn.ModuleDict({"resblocks": nn.ModuleList(TextBlock(width, heads) for _ in range(layers))})
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(width**-0.5 * torch.randn(width, embed))
        self.logit_scale = nn.Parameter(torch.zeros(()))  # of the checkpoint; not used

    def forward(self, ids):
        x = self.token_embedding(ids) + self.positional_embedding[:ids.shape[1]]
        for block in self.transformer["resblocks"]:
            x = block(x)
        words = self.ln_final(x)
        return words, words[torch.arange(len(ids)), ids.argmax(1)] @ self.text_projection


@constant
def window_order(size, window, shift, device):
    """The tokens of a map in the order of its shifted windows: their indices [places] (that of no token where the map
    is padded), the padded places, each token's place [L], and the mask between regions [windows, 1, K^2, K^2]."""
    h, w = size
    padded = [-(-length // window) * window for length in size]

    def by_window(grid):
        grid = grid.roll((-shift, -shift), (0, 1)).unflatten(1, (-1, window)).unflatten(0, (-1, window))
        return grid.transpose(1, 2).reshape(-1, window**2)

    index = torch.full(padded, h * w, device=device)
    index[:h, :w] = torch.arange(h * w, device=device).view(h, w)
    index = by_window(index).flatten()
    places = index.argsort()
    mask = None
    if shift:  # the first rows and columns come round to the last windows
        y, x = (torch.arange(length, device=device) < shift for length in padded)
        region = by_window(2 * y[:, None] + x)
        mask = -100.0 * (region[:, None, :, None] != region[:, None, None])
    return (index.where(index < h * w, 0), places[h * w:]), (places[:h * w], places[:0]), mask


def take(x, order, filler):
    index, padding = order
    y = x.index_select(1, index)
    if len(padding):
        y[:, padding] = filler
    return y


class Reorder(torch.autograd.Function):
    """Tokens in another order, padded with `filler`; the gradient is a gather too, where PyTorch's own scatters."""

    @staticmethod
    def forward(ctx, x, filler, order, back):
        ctx.order, ctx.back = order, back
        return take(x, order, filler)

    @staticmethod
    def backward(ctx, grad):
        filler = grad[:, ctx.order[1]].sum((0, 1)) if ctx.needs_input_grad[1] else None
        return take(grad, ctx.back, 0), filler, None, None


@constant
def relative_index(window, device):
    """Row of the bias table for each pair of a window's places [K^4]."""
    y, x = (c.flatten() for c in torch.meshgrid(*[torch.arange(window, device=device)] * 2, indexing="ij"))
    offset = lambda c: c[:, None] - c + window - 1
    return (offset(y) * (2 * window - 1) + offset(x)).flatten()


class WindowAttention(nn.Module):
    def __init__(self, dim, heads, window, shift):
        super().__init__()
        self.relative_position_bias_table = nn.Parameter(torch.empty((2 * window - 1)**2, heads))
        self.qkv, self.proj = nn.Linear(dim, 3 * dim), nn.Linear(dim, dim)
        self.heads, self.window, self.shift = heads, window, shift
        nn.init.trunc_normal_(self.relative_position_bias_table, std=0.02, a=-0.04, b=0.04)

    def forward(self, x, size):
        """q, k, v are found before the windows are formed: at padded places they are the bias, without a product."""
        batch, area = len(x), self.window**2
        order, back, mask = window_order(size, self.window, self.shift, x.device)
        qkv = Reorder.apply(self.qkv(x), self.qkv.bias, order, back)
        q, k, v = qkv.view(-1, area, 3, self.heads, x.shape[2] // self.heads).permute(2, 0, 3, 1, 4)
        bias = self.relative_position_bias_table[relative_index(self.window, x.device)]
        bias = bias.t().reshape(1, self.heads, area, area)
        if mask is not None:
            bias = bias + mask
        if torch.is_grad_enabled():  # the fused kernel has no gradient to its mask
            scores = (q @ k.transpose(2, 3)).unflatten(0, (batch, -1))
            out = torch.add(bias, scores, alpha=q.shape[3]**-0.5).softmax(4).flatten(0, 1) @ v
        else:
            out = F.scaled_dot_product_attention(q, k, v, bias if len(bias) == 1 else bias.repeat(batch, 1, 1, 1))
        out = out.transpose(1, 2).reshape(batch, -1, x.shape[2])
        return self.proj(Reorder.apply(out, None, back, order))


def add(y, x):
    """y + x, in the memory of y where no gradient will be asked for."""
    return y + x if torch.is_grad_enabled() else y.add_(x)


def relu(x):
    return F.relu(x, inplace=not torch.is_grad_enabled())


class SwinBlock(nn.Module):
    def __init__(self, dim, heads, window, shift, mlp_ratio, drop_path):
        super().__init__()
        self.norm1, self.norm2 = nn.LayerNorm(dim), nn.LayerNorm(dim)
        self.attn = WindowAttention(dim, heads, window, shift)
        hidden = int(mlp_ratio * dim)
        self.mlp = nn.ModuleDict({"fc1": nn.Linear(dim, hidden), "fc2": nn.Linear(hidden, dim)})
        self.drop_path = drop_path

    def residual(self, x, y):
        if not (self.training and self.drop_path):
            return add(y, x)
        keep = 1 - self.drop_path
        return torch.addcmul(x, y, y.new_empty(len(y), 1, 1).bernoulli_(keep).div_(keep))

    def forward(self, x, size):
        x = self.residual(x, self.attn(self.norm1(x), size))
        return self.residual(x, self.mlp["fc2"](F.gelu(self.mlp["fc1"](self.norm2(x)))))


def pad_to_multiple(x, multiple, dims):
    """Zeros after the end of the dimensions; F.pad copies even where there is nothing to pad."""
    missing = [-length % multiple if dim in dims else 0 for dim, length in enumerate(x.shape)]
    return F.pad(x, [n for m in reversed(missing) for n in (0, m)]) if any(missing) else x


class PatchEmbed(nn.Module):
    def __init__(self, patch, dim):
        super().__init__()
        self.proj, self.norm = nn.Conv2d(3, dim, patch, patch), nn.LayerNorm(dim)

    def forward(self, image):
        x = self.proj(pad_to_multiple(image, self.proj.stride[0], (2, 3)))
        return self.norm(as_tokens(x)), tuple(x.shape[2:])


class PatchMerging(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.norm, self.reduction = nn.LayerNorm(4 * dim), nn.Linear(4 * dim, 2 * dim, bias=False)

    def forward(self, x, size):
        x = pad_to_multiple(x.unflatten(1, size), 2, (1, 2))
        x = torch.cat([x[:, row::2, column::2] for column in (0, 1) for row in (0, 1)], 3)
        return self.reduction(self.norm(x.flatten(1, 2))), tuple(x.shape[1:3])


class SwinStage(nn.Module):
    def __init__(self, dim, heads, window, mlp_ratio, drop_paths, last):
        super().__init__()
        self.blocks = nn.ModuleList(SwinBlock(dim, heads, window, i % 2 * (window // 2), mlp_ratio, rate)
                                    for i, rate in enumerate(drop_paths))
        self.downsample = None if last else PatchMerging(dim)


class Swin(nn.Module):
    """Image [B, 3, H, W] -> the normalised (tokens, size) of each stage."""

    def __init__(self, embed_dim, depths, num_heads, window_size, mlp_ratio=4, patch_size=4, drop_path=0.2):
        super().__init__()
        self.patch_embed = PatchEmbed(patch_size, embed_dim)
        rates = torch.linspace(0, drop_path, sum(depths)).split(depths)
        self.layers = nn.ModuleList(
            SwinStage(embed_dim * 2**i, num_heads[i], window_size, mlp_ratio, rates[i].tolist(), i + 1 == len(depths))
            for i in range(len(depths)))
        for i in range(len(depths)):
            self.add_module(f"norm{i}", nn.LayerNorm(embed_dim * 2**i))

    def forward(self, image):
        x, size = self.patch_embed(image)
        stages = []
        for i, layer in enumerate(self.layers):
            for block in layer.blocks:
                x = block(x, size)
            stages.append((self.get_submodule(f"norm{i}")(x), size))
            if layer.downsample:
                x, size = layer.downsample(x, size)
        return stages


class FusionModule(nn.Module):
    def __init__(self, dim, heads, p=0.1):
        super().__init__()
        self.multihead_attn = Attention(dim, heads, p)

    def forward(self, tgt, memory, mask, pos):
        return add(self.multihead_attn(tgt + pos, memory, memory, mask), tgt)


class PostNormLayer(nn.Module):
    """What decoders' layers share: residuals with dropout, each followed by a norm; the feed-forward network."""

    def __init__(self, dim, heads, hidden, p, attentions):
        super().__init__()
        for name in attentions:
            self.add_module(name, Attention(dim, heads, p))
        self.linear1, self.linear2 = nn.Linear(dim, hidden), nn.Linear(hidden, dim)
        for i in range(len(attentions) + 1):
            self.add_module(f"norm{i + 1}", nn.LayerNorm(dim))
        self.p = p

    def drop(self, x):
        return dropout(x, self.p if self.training else 0)

    def residual(self, norm, x, y):
        return norm(add(self.drop(y), x))

    def feed_forward(self, x):
        return self.linear2(self.drop(relu(self.linear1(x))))


class VisionLanguageBlock(PostNormLayer):
    def __init__(self, dim, heads, hidden, sr_ratio, p=0.1):
        super().__init__(dim, heads, hidden, p, ["self_attn", "multihead_attn"])
        self.sr_ratio = sr_ratio

    def forward(self, tgt, words, mask, pos, query_pos, size):
        """tgt, query_pos [B, L, C] of an image of `size`; words, pos [B, words, C]; mask as of mask_of."""
        small = tuple(length // self.sr_ratio for length in size)
        v = resize(tgt, size, small)
        q = v + resize(query_pos, size, small)
        y = self.self_attn(q, torch.cat([q, words], 1), torch.cat([v, words], 1), F.pad(mask, (v.shape[1], 0)))
        x = self.residual(self.norm1, tgt, resize(y, small, size))
        x = self.residual(self.norm2, x, self.multihead_attn(x + query_pos, words + pos, words, mask))
        return self.residual(self.norm3, x, self.feed_forward(x))


def conv_layer(inputs, outputs, kernel):
    return nn.Sequential(nn.Conv2d(inputs, outputs, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(outputs),
                         nn.ReLU(inplace=True)).to(memory_format=torch.channels_last)


class PixelDecoder(nn.Module):
    """(tokens, size) of each stage and words [B, L, C] -> features [B, mask_dim, H/4, W/4]."""

    def __init__(self, channels, dim, mask_dim, hidden, heads, sr_ratios, p=0.1):
        super().__init__()
        for i, (inputs, ratio) in enumerate(zip(channels, sr_ratios), 1):
            self.add_module(f"adapter_{i}", conv_layer(inputs, dim, 1))
            self.add_module(f"layer_{i}", conv_layer(dim, dim, 3))
            self.add_module(f"cross_attn_{i}", VisionLanguageBlock(dim, heads, hidden, ratio, p))
        self.mask_features = conv_layer(dim, mask_dim, 3)

    def forward(self, stages, words, mask):
        pos = position_1d(*words.shape[1:], words.dtype, words.device)
        y = None
        for i in range(len(stages), 0, -1):
            tokens, size = stages[i - 1]
            adapter, layer, block = (self.get_submodule(f"{name}_{i}") for name in ("adapter", "layer", "cross_attn"))
            x = as_tokens(adapter(as_image(tokens, size)))
            query_pos = position_2d(size, x.shape[2], x.dtype, x.device)
            x = as_image(block(x, words, mask, pos, query_pos, size), size)
            if y is not None:
                x = add(F.interpolate(y, size, mode="bilinear", align_corners=False), x)
            y = layer(x)
        return self.mask_features(y)


class EncoderLayer(PostNormLayer):
    def forward(self, x, pos):
        q = x + pos
        x = self.residual(self.norm1, x, self.self_attn(q, q, x))
        return self.residual(self.norm2, x, self.feed_forward(x))


class DecoderLayer(PostNormLayer):
    def forward(self, x, query_pos, key, value):
        q = x + query_pos
        x = self.residual(self.norm1, x, self.self_attn(q, q, x))
        x = self.residual(self.norm2, x, self.multihead_attn(x + query_pos, key, value))
        return self.residual(self.norm3, x, self.feed_forward(x))


class QueryDecoder(nn.Module):
    """The last stage's (tokens, size) and the state [B, C] -> queries [layers, B, 1, dim]."""

    def __init__(self, visual_in, text_in, dim, num_enc, num_dec, hidden, heads, p=0.1):
        super().__init__()
        self.visual_proj = conv_layer(visual_in, dim, 3)
        self.text_proj = nn.Sequential(nn.Linear(text_in, dim, bias=False), nn.BatchNorm1d(dim), nn.ReLU())
        encoder = [EncoderLayer(dim, heads, hidden, p, ["self_attn"]) for _ in range(num_enc)]
        decoder = [DecoderLayer(dim, heads, hidden, p, ["self_attn", "multihead_attn"]) for _ in range(num_dec)]
        self.query_transformer = nn.ModuleDict({
            "encoder": nn.ModuleDict({"layers": nn.ModuleList(encoder)}),
            "decoder": nn.ModuleDict({"layers": nn.ModuleList(decoder), "norm": nn.LayerNorm(dim)})})

    def forward(self, stage, state):
        tokens, size = stage
        memory = as_tokens(self.visual_proj(as_image(tokens, size)))
        pos = position_2d(size, memory.shape[2], memory.dtype, memory.device)
        for layer in self.query_transformer["encoder"]["layers"]:
            memory = layer(memory, pos)
        key, query_pos = memory + pos, self.text_proj(state)[:, None]
        x, queries, decoder = torch.zeros_like(query_pos), [], self.query_transformer["decoder"]
        for layer in decoder["layers"]:
            x = layer(x, query_pos, key, memory)
            queries.append(x)
        return decoder["norm"](torch.stack(queries))


class UniLSeg(nn.Module):
    """Image [B, 3, H, W] and ids [B, L] -> maps [layers, B, 1, H/4, W/4], the last for inference."""

    def __init__(self, dropout=0.1, drop_path=0.2, **config):
        super().__init__()
        if unknown := config.keys() - RELEASED.keys():
            raise ValueError(f"UniLSeg: unknown settings {sorted(unknown)}; expected some of {sorted(RELEASED)}")
        c = SimpleNamespace(**RELEASED | config)
        self.backbone = TextEncoder(c.text_width, c.text_heads, c.text_layers, c.text_embed, c.vocab_size,
                                    c.context_length)
        self.backbone_visual = Swin(c.embed_dim, c.depths, c.num_heads, c.window_size, c.mlp_ratio, c.patch_size,
                                    drop_path)
        *dims, last = c.pixel_decoder_in[:-1] + [c.fusion_dim]
        self.all_fusion_module = nn.ModuleList(FusionModule(dim, c.nhead, dropout) for dim in dims)
        self.all_fusion_proj = nn.ModuleList(nn.Linear(c.text_width, dim) for dim in dims)
        self.fusion, self.fusion_proj = FusionModule(last, c.nhead, dropout), nn.Linear(c.text_width, last)
        self.pixel_decoder = PixelDecoder(c.pixel_decoder_in, c.pixel_decoder_conv, c.pixel_decoder_mask, c.pixel_ffn,
                                          c.nhead, c.sr_ratios, dropout)
        self.query_decoder = QueryDecoder(c.visual_in, c.text_in, c.d_model, c.num_enc, c.num_dec, c.query_ffn, c.nhead,
                                          dropout)
        for module in self.modules():
            if isinstance(module, nn.LayerNorm):
                module.eps = c.layer_norm_eps
            elif isinstance(module, nn.modules.batchnorm._BatchNorm):
                module.eps, module.momentum = c.batch_norm_eps, c.batch_norm_momentum

    def forward(self, image, ids):
        words, state = self.backbone(ids)
        mask = mask_of(ids == 0).to(words.dtype)
        stages = self.backbone_visual(image)
        projections, fusions = [*self.all_fusion_proj, self.fusion_proj], [*self.all_fusion_module, self.fusion]
        for i, (proj, fusion) in enumerate(zip(projections, fusions)):
            tokens, size = stages[i]
            pos = position_2d(size, tokens.shape[2], tokens.dtype, tokens.device)
            stages[i] = fusion(tokens, proj(words), mask, pos), size
        pixels = self.pixel_decoder(stages, words, mask)
        queries = self.query_decoder(stages[-1], state)
        return find_maps(queries, pixels)


def find_maps(queries, pixels):
    """[layers, B, Q, C] and [B, C, H, W] -> [layers, B, Q, H, W], as a product of all layers' queries."""
    layers, batch, count, _ = queries.shape
    maps = torch.bmm(as_tokens(pixels), queries.permute(1, 3, 0, 2).flatten(2))
    return maps.view(batch, *pixels.shape[2:], layers, count).permute(3, 0, 4, 1, 2)


def mask_losses(maps, target):
    """Mean binary cross-entropy plus dice of each layer's maps [layers, B, 1, H, W]."""
    logits, t = maps.flatten(2), target.flatten(1)
    t = t.expand_as(logits)
    cost = F.binary_cross_entropy_with_logits(logits, t, reduction="none").mean((1, 2))
    p = torch.sigmoid(logits)
    return cost + (1 - (2 * (p * t).sum(2) + 1) / (p.sum(2) + t.sum(2) + 1)).mean(1)


def load_weights(model, state):
    """Weights by their names in the checkpoint; what has no place must be the image tower or a constant index."""
    state = {name.removeprefix("module."): value for name, value in state.items()}
    missing, unexpected = model.load_state_dict(state, strict=False)
    unexpected = [name for name in unexpected
                  if not (name.startswith("backbone.visual.") or name.endswith("relative_position_index"))]
    if missing or unexpected:
        raise ValueError(f"load_weights: missing {missing}, unexpected {unexpected}")
