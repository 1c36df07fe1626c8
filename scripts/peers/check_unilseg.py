# SPDX-License-Identifier: Apache-2.0
"""Replays the golden cases of the model and its parts with unilseg_torch.py: the worst ratio of difference to allowed
difference of each file. Exit code 1 where one exceeds 1.

  check_unilseg.py [FOLDER] [--only NAME...]    FOLDER: default $ULS_SHARED/fixtures
"""
import argparse
import json
import os
import re
import statistics
import sys

import numpy as np
import torch
from safetensors.torch import load_file

import unilseg_torch as peer

ULP = 2**-23


class Case:
    """One case of a file: its tensors by key, and the differences found."""

    def __init__(self, info, tensors):
        self.info, self.tensors, self.rows = info, tensors, []

    def group(self, prefix):
        return {key.removeprefix(prefix): value for key, value in self.tensors.items() if key.startswith(prefix)}

    def add(self, key, ours, theirs, allowed):
        if ours.shape != theirs.shape:
            raise ValueError(f"{key}: shape {tuple(ours.shape)}; expected {tuple(theirs.shape)}")
        difference = float((ours.double() - theirs.double()).abs().max())
        self.rows.append((difference / allowed if difference else 0, key) if allowed else (difference and np.inf, key))

    def compare(self, key, ours):
        noise, scale = (self.info.get(name, {}).get(key, 0) for name in ("noise", "scale"))
        self.add(key, ours.detach(), self.tensors[key], 8 * noise + 4 * ULP * scale)

    def compare_all(self, prefix, find):
        for name in self.group(prefix):
            self.compare(prefix + name, find(name))


def replay(case, part, call):
    """Forward, the objective sum(out * cotangent), gradients and buffers; `call` maps inputs to outputs, by name."""
    part.load_state_dict(case.group("param.") | case.group("buffer."), strict=False)
    part.train(case.info["train"])
    inputs = {name: x.requires_grad_(f"grad.in.{name}" in case.tensors) for name, x in case.group("in.").items()}
    outputs = call(inputs)
    cotangents = case.group("cot.")
    sum((outputs[name] * cotangent).sum() for name, cotangent in cotangents.items()).backward()
    case.compare_all("out.", outputs.__getitem__)
    compare_gradients(case, part, inputs)


def compare_gradients(case, model, inputs):
    case.compare_all("grad.in.", lambda name: inputs[name].grad)
    case.compare_all("grad.param.", lambda name: model.get_parameter(name).grad)
    case.compare_all("buffer_after.", model.get_buffer)


def swap(x):
    """[L, B, C] <-> [B, L, C]"""
    return x.transpose(0, 1)


def tokens_of(image):
    return peer.as_tokens(image), tuple(image.shape[2:])


def check_swin(case):
    config = dict(case.info["config"])
    part = peer.Swin(drop_path=config.pop("drop_path_rate"), **config)
    replay(case, part, lambda x: {f"stage{i}": peer.as_image(*stage) for i, stage in enumerate(part(x["image"]))})


def check_text(case):
    c = case.info["config"]
    part = peer.TextEncoder(*(c[f"text_{name}"] for name in ("width", "heads", "layers", "embed")), c["vocab_size"],
                            c["context_length"])
    replay(case, part, lambda x: dict(zip(("words", "state"), part(x["words"]))))


def check_fusion(case):
    c = case.info["config"]
    part = peer.FusionModule(c["d_model"], c["nhead"], 0)
    replay(case, part, lambda x: {"tgt": swap(part(swap(x["tgt"]), swap(x["memory"]), peer.mask_of(x["mask"]),
                                                   swap(x["query_pos"])))})


def check_block(case):
    c = case.info["config"]
    part = peer.VisionLanguageBlock(c["d_model"], c["nhead"], c["ffn"], c["sr_ratio"], 0)
    replay(case, part, lambda x: {"tgt": swap(part(swap(x["tgt"]), swap(x["memory"]), peer.mask_of(x["mask"]),
                                                   swap(x["pos"]), swap(x["query_pos"]), (c["h"], c["w"])))})


def check_pixel_decoder(case):
    c = case.info["config"]
    names = "channels", "conv_dim", "mask_dim", "ffn", "nhead", "sr_ratios"
    part = peer.PixelDecoder(*(c[name] for name in names), 0)

    def call(x):
        stages = [tokens_of(x[f"feature{i}"]) for i in range(len(c["channels"]))]
        return {"mask_features": part(stages, x["text"], peer.mask_of(x["mask"]))}

    replay(case, part, call)


def check_query_decoder(case):
    c = case.info["config"]
    names = "in_visual", "in_text", "d_model", "num_enc", "num_dec", "ffn", "nhead"
    part = peer.QueryDecoder(*(c[name] for name in names), 0)
    replay(case, part, lambda x: {"queries": part(tokens_of(x["visual"]), x["text"])})


def keep_parts(model):
    """What the parts of the model return, by the keys of the fixtures, filled by each forward."""
    kept = {}

    def keep(module, name, pick):
        module.register_forward_hook(lambda _, inputs, output: kept.update({name(key): x for key, x in pick(output)}))

    keep(model.backbone, str, lambda out: zip(("words", "state"), out))
    keep(model.backbone_visual, "swin.stage{}".format, lambda out: enumerate([peer.as_image(*stage) for stage in out]))
    for key, module in [*enumerate(model.all_fusion_module), ("last", model.fusion)]:
        keep(module, "fusion.{}".format, lambda out, key=key: [(key, swap(out))])
    for name in ("pixel_decoder", "query_decoder"):
        keep(model.get_submodule(name), str, lambda out, name=name: [(name, out)])
    return kept


def build(folder, info, dtype=torch.float32):
    model = peer.UniLSeg(info["dropout"], info["drop_path"], **info["config"]).to(dtype)
    peer.load_weights(model, load_file(os.path.join(folder, info["weights"])))
    return model.train(info["train"])


def run(model, image, ids, target):
    """All outputs by name; gradients are left in the model and the image."""
    kept = keep_parts(model)
    maps = model(image, ids)
    losses = peer.mask_losses(maps, target)
    losses.sum().backward()
    return kept | {"maps": maps, "official": maps[-1], "losses": losses, "loss": losses.sum()}


def check_whole(case):
    model = build(case.folder, case.info)
    inputs = {"image": case.tensors["in.image"].requires_grad_()}
    outputs = run(model, inputs["image"], case.tensors["in.words"], case.tensors["in.target"])
    case.compare_all("out.", outputs.__getitem__)
    compare_gradients(case, model, inputs)


def check_training(case):
    """Steps of AdamW: the first within 1e-4, the last within 5 %, those between on the way from one to the other."""
    with open(os.path.join(case.folder, "e2e_train.json")) as file:
        model = build(case.folder, json.load(file))
    batch = load_file(os.path.join(case.folder, "e2e_train.safetensors"))
    groups = [{"params": [p for p in model.parameters() if (p.dim() > 1) == decayed],
               "weight_decay": 0.01 if decayed else 0} for decayed in (True, False)]
    optimizer = torch.optim.AdamW(groups, lr=1e-3, fused=True)
    steps = len(case.info["loss"])
    for i in range(steps):
        loss = peer.mask_losses(model(batch["in.image"], batch["in.words"]), batch["in.target"]).sum()
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        expected = torch.tensor(case.info["loss"][i])
        case.add(f"loss {i + 1}", loss.detach(), expected, 1e-4 * 500**(i / (steps - 1)) * float(expected))


# The full size, by the portable rule of full_size.json


def portable_values(name, shape, seed):
    golden, key = 0x9E3779B97F4A7C15, 0xCBF29CE484222325
    for byte in name.encode():
        key = (key ^ byte) * 0x100000001B3 % 2**64
    key ^= seed * golden % 2**64
    z = np.arange(1, 1 + int(np.prod(shape)), dtype=np.uint64)
    z *= np.uint64(golden)
    z += np.uint64(key)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB), (31, 1)):
        z ^= z >> np.uint64(shift)
        z *= np.uint64(factor)
    z >>= np.uint64(40)
    return torch.from_numpy(z.astype(np.float32)).mul_(2**-23).sub_(1).view(tuple(shape))


def portable_weight(name, shape, seed):
    u = portable_values(name, shape, seed)
    if name.endswith("running_var"):
        return u.mul_(0.5).add_(1)
    if name.endswith("running_mean"):
        return u.mul_(0.2)
    if len(shape) == 1 and name.endswith("weight"):
        return u.mul_(0.3).add_(1)
    if name.endswith("bias"):
        return u.mul_(0.1)
    if name.endswith("bias_table"):
        return u.mul_(0.5)
    return u.mul_(0.3 if "embedding" in name else (3 * shape[0] / u.numel())**0.5)


def described_values(text, seed):
    """Those of "input.train_image [3, 3, 160, 192]", with other words around."""
    name, shape = re.search(r"(input\.\w+) (\[.*?\])", text).groups()
    return portable_values(name, json.loads(shape), seed)


def sampled(x, count):
    return x.detach().reshape(-1)[torch.tensor([i * 2654435761 % x.numel() for i in range(count)])]


def check_full_size(case):
    info, seed, train = case.info, case.info["seed"], case.info["train"]
    model = peer.UniLSeg(0, 0)
    with torch.no_grad():
        for name, x in model.state_dict().items():
            if x.is_floating_point() and name != "backbone.logit_scale":
                x.copy_(portable_weight(name, x.shape, seed))

    layers, batch, _, h, w = info["eval_shape.maps"]
    kept = keep_parts(model.eval())
    with torch.inference_mode():
        maps = model(2 * portable_values("input.image", (batch, 3, 4 * h, 4 * w), seed), case.tensors["eval/in.words"])
    case.compare("eval/out.official", maps[-1, 0, 0, ::2, ::2])
    case.compare_all("eval/sample.", lambda name: sampled((kept | {"maps": maps})[name], info["samples"]))

    image, target = (described_values(train[name], seed) for name in ("image", "target"))
    outputs = run(model.train(), 2 * image, case.tensors["train/in.words"], (target > 0).float())
    case.compare("train/loss", outputs["loss"])
    case.compare("train/maps", sampled(outputs["maps"], info["samples"]))
    gradients = [model.get_parameter(name).grad for name in train["parameters"]]
    case.compare("train/grad_samples", torch.stack([sampled(g, 4) for g in gradients]))
    # A norm is one number: its sample of noise is often a lucky one, so that none counts for less than their median.
    noises = train["grad_norm_relative_noise"]
    least = statistics.median(noises)
    for name, noise, gradient, theirs in zip(train["parameters"], noises, gradients, case.tensors["train/grad_norms"]):
        allowed = (8 * max(noise, least) + 4 * ULP) * float(theirs)
        case.add(f"train/grad_norms {name}", gradient.double().norm(), theirs, allowed)


CHECKS = {"swin": check_swin, "text_encoder": check_text, "fusion": check_fusion, "vision_language_block": check_block,
          "fpn_decoder": check_pixel_decoder, "query_decoder": check_query_decoder, "e2e_eval": check_whole,
          "e2e_train": check_whole, "e2e_training": check_training, "full_size": check_full_size}


def cases_of(folder, name):
    path = os.path.join(folder, name)
    with open(path + ".json") as file:
        info = json.load(file)
    tensors = load_file(path + ".safetensors") if os.path.exists(path + ".safetensors") else {}
    several = info.get("cases") or {"": info}
    for label, each in several.items():
        prefix = f"{label}/" if label else ""
        case = Case(each, {key.removeprefix(prefix): x for key, x in tensors.items() if key.startswith(prefix)})
        case.folder = folder
        yield prefix, case


def main():
    parser = argparse.ArgumentParser(description="replays the golden cases of the model with PyTorch")
    shared = os.environ.get("ULS_SHARED", "../shared")
    parser.add_argument("folder", nargs="?", default=os.path.join(shared, "fixtures"))
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these files alone, such as e2e_train")
    options = parser.parse_args()
    torch.set_num_threads(2)
    kinds = sorted(CHECKS, key=len, reverse=True)
    failed, checked = False, 0
    for name in sorted(file.removesuffix(".json") for file in os.listdir(options.folder) if file.endswith(".json")):
        kind = next((kind for kind in kinds if name.startswith(kind)), None)
        if kind is None or options.only and name not in options.only:
            continue
        rows = []
        for prefix, case in cases_of(options.folder, name):
            CHECKS[kind](case)
            rows += [(ratio, prefix + key) for ratio, key in case.rows]
        ratio, key = max(rows)
        checked += 1
        failed |= not ratio <= 1
        print(f"{name:<26} {len(rows):>4} tensors  worst {ratio:7.3f}  {key}", flush=True)
        for ratio, key in sorted(rows, reverse=True):
            if not ratio <= 1:
                print(f"    {ratio:9.3f}  {key}")
    sys.exit(int(failed) if checked else f"check_unilseg: no case found in {options.folder}")


if __name__ == "__main__":
    main()
