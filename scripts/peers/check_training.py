# SPDX-License-Identifier: Apache-2.0
"""Trains the model of a golden case in PyTorch, in float64, and compares another program's training with it: losses
and gradient norms of each step, all parameters and buffers at the end. Exit code 1 beyond the tolerance.

  check_training.py CASE [OURS.safetensors]     CASE: DIR/NAME, such as fixtures/e2e_train

The optimizer is what e2e_training.json says: AdamW, lr 1e-3, decay 0.01 on tensors of two or more dimensions, gradients
clipped to the norm 1, no dropout. in.image, in.words and in.target of the case are the batch of every step, or, with a
dimension more in front, the batches of steps one after the other, from the first again after the last; in.rate [steps],
where it is there, is the factor of the learning rate. OURS holds loss [steps], gradient_norm [steps] and state.NAME.
Without it runs of PyTorch itself take its place, to show how far rounding alone leads: in float32, and in float64 from
weights changed by 4e-16 of themselves.
"""
import argparse
import json
import os
import sys

import torch
from safetensors.torch import load_file

import unilseg_torch as peer
from check_unilseg import build

# What float64's rounding makes of 200 steps on one batch: from weights changed by 4e-16 of themselves PyTorch's own
# losses differ by up to 6e-12, its gradient norms by 7e-11, its parameters by 1.4e-10; the differences shrink again as
# it nears the minimum. Over 200 batches of scenes its losses differ by 3e-13, its norms by 1.2e-12. In float32 rounding
# alone leads to losses that differ by 5e-3 after ten steps, by 0.15 at most.
TOLERANCE = 1e-9
# Where a gradient is rounding alone, Adam divides it by its eps of 1e-8: after the 200 batches such biases of PyTorch's
# own differ by 2.9e-9 of a step.
PARAMETER_TOLERANCE = 1e-8


def train(case, steps, dtype, change=0.0):
    with open(case + ".json") as file:
        info = json.load(file)
    tensors = load_file(case + ".safetensors")
    model = build(os.path.dirname(case), info, dtype)
    image, words, target = (tensors[f"in.{name}"] for name in ("image", "words", "target"))
    if image.ndim == 4:
        image, words, target = image[None], words[None], target[None]
    image, target = image.to(dtype), target.to(dtype)
    rates = tensors["in.rate"].tolist() if "in.rate" in tensors else [1] * steps
    trained = list(model.parameters())
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for p in trained:
            p.mul_(1 + change * (2 * torch.rand(p.shape, generator=generator, dtype=dtype) - 1))
    optimizer = torch.optim.AdamW([{"params": [p for p in trained if p.ndim >= 2], "weight_decay": 0.01},
                                   {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0}], lr=1e-3)
    history = {"loss": [], "gradient_norm": []}
    for step in range(steps):
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * rates[step]
        optimizer.zero_grad()
        batch = step % len(image)
        loss = peer.mask_losses(model(image[batch], words[batch]), target[batch]).sum()
        loss.backward()
        history["loss"].append(loss.item())
        history["gradient_norm"].append(torch.nn.utils.clip_grad_norm_(trained, 1.0).item())
        optimizer.step()
    history = {name: torch.tensor(values, dtype=torch.float64) for name, values in history.items()}
    state = model.state_dict()
    del state["backbone.logit_scale"]  # of the checkpoint; not used
    return history | {f"state.{name}": value for name, value in state.items()}


def compare(ours, theirs):
    """Prints how far apart two trainings are; gives the largest differences of the steps and of the parameters."""
    worst = 0.0
    for key in ("loss", "gradient_norm"):
        differences = ((ours[key] - theirs[key]).abs() / theirs[key].abs()).tolist()
        worst = max(worst, *differences)
        print(f"{key}, largest relative difference {max(differences):.2e}; by step:")
        print("  " + " ".join(f"{d:.1e}" for d in differences))
    changes = {}
    for key in theirs.keys() - {"loss", "gradient_norm"}:
        a, b = ours[key].double(), theirs[key].double()
        # What began as zeros and has no gradient but rounding, such as a bias before a norm, has no digits to compare:
        # nothing counts as smaller than a step of the learning rate.
        changes[key] = ((a - b).norm() / max(b.norm().item(), 1e-3 * b.numel() ** 0.5)).item()
    key = max(changes, key=changes.get)
    print(f"{len(changes)} parameters and buffers after the last step, largest difference of norms {changes[key]:.2e} "
          f"({key.removeprefix('state.')})")
    return worst, changes[key]


def main():
    parser = argparse.ArgumentParser(description="compares a training with PyTorch's in float64")
    parser.add_argument("case", help="DIR/NAME of the golden case")
    parser.add_argument("ours", nargs="?", help="safetensors of the training to compare")
    parser.add_argument("--steps", type=int, default=200, help="of PyTorch's own runs (default 200)")
    options = parser.parse_args()

    torch.set_num_threads(1)  # the model is too small for more
    if not options.ours:
        theirs = train(options.case, options.steps, torch.float64)
        print("PyTorch in float32")
        compare(train(options.case, options.steps, torch.float32), theirs)
        print("PyTorch in float64, from weights changed by 4e-16 of themselves")
        compare(train(options.case, options.steps, torch.float64, 4e-16), theirs)
        return
    ours = load_file(options.ours)
    theirs = train(options.case, len(ours["loss"]), torch.float64)
    if missing := theirs.keys() - ours.keys():
        sys.exit(f"check_training: missing in {options.ours}: {sorted(missing)}")
    steps, parameters = compare(ours, theirs)
    print(f"largest {steps:.2e} and {parameters:.2e}, allowed {TOLERANCE:.0e} and {PARAMETER_TOLERANCE:.0e}")
    sys.exit(steps > TOLERANCE or parameters > PARAMETER_TOLERANCE)


if __name__ == "__main__":
    main()
