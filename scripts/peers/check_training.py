# SPDX-License-Identifier: Apache-2.0
"""Trains the model of a golden case in PyTorch, in float64, and compares another program's training with it: losses
and gradient norms of each step, all parameters and buffers at the end. Exit code 1 beyond the tolerance.

  check_training.py CASE [OURS.safetensors]     CASE: DIR/NAME, such as fixtures/e2e_train

The optimizer is what e2e_training.json says: AdamW, lr 1e-3, decay 0.01 on tensors of two or more dimensions, gradients
clipped to the norm 1, the same batch each step, no dropout. OURS holds loss [steps], gradient_norm [steps] and
state.NAME. Without it the float32 run of PyTorch itself takes its place, to show how far rounding alone leads.
"""
import argparse
import json
import os
import sys

import torch
from safetensors.torch import load_file

import unilseg_torch as peer
from check_unilseg import build

# What 50 steps make of float64's rounding: where weights are changed by 2e-16 of themselves, PyTorch's own losses differ
# by up to 2e-12, its gradient norms by 2e-11. In float32 rounding alone leads to other losses after ten steps.
TOLERANCE = 1e-9


def train(case, steps, dtype):
    with open(case + ".json") as file:
        info = json.load(file)
    tensors = load_file(case + ".safetensors")
    model = build(os.path.dirname(case), info).to(dtype)
    image, target = (tensors[f"in.{name}"].to(dtype) for name in ("image", "target"))
    trained = list(model.parameters())
    optimizer = torch.optim.AdamW([{"params": [p for p in trained if p.ndim >= 2], "weight_decay": 0.01},
                                   {"params": [p for p in trained if p.ndim < 2], "weight_decay": 0}], lr=1e-3)
    history = {"loss": [], "gradient_norm": []}
    for _ in range(steps):
        optimizer.zero_grad()
        loss = peer.mask_losses(model(image, tensors["in.words"]), target).sum()
        loss.backward()
        history["loss"].append(loss.item())
        history["gradient_norm"].append(torch.nn.utils.clip_grad_norm_(trained, 1.0).item())
        optimizer.step()
    history = {name: torch.tensor(values, dtype=torch.float64) for name, values in history.items()}
    state = model.state_dict()
    del state["backbone.logit_scale"]  # of the checkpoint; not used
    return history | {f"state.{name}": value for name, value in state.items()}


def main():
    parser = argparse.ArgumentParser(description="compares a training with PyTorch's in float64")
    parser.add_argument("case", help="DIR/NAME of the golden case")
    parser.add_argument("ours", nargs="?", help="safetensors of the training to compare")
    parser.add_argument("--steps", type=int, default=50, help="of PyTorch's own float32 run (default 50)")
    options = parser.parse_args()

    torch.set_num_threads(1)  # the model is too small for more
    ours = load_file(options.ours) if options.ours else train(options.case, options.steps, torch.float32)
    theirs = train(options.case, len(ours["loss"]), torch.float64)
    worst = 0.0
    for key in ("loss", "gradient_norm"):
        differences = ((ours[key] - theirs[key]).abs() / theirs[key].abs()).tolist()
        worst = max(worst, *differences)
        print(f"{key}, largest relative difference {max(differences):.2e}; by step:")
        print("  " + " ".join(f"{d:.1e}" for d in differences))
    if missing := theirs.keys() - ours.keys():
        sys.exit(f"check_training: missing in {options.ours}: {sorted(missing)}")
    changes = {}
    for key in theirs.keys() - {"loss", "gradient_norm"}:
        a, b = ours[key].double(), theirs[key].double()
        changes[key] = ((a - b).norm() / b.norm()).item() if b.any() else (a - b).abs().max().item()
    key = max(changes, key=changes.get)
    worst = max(worst, changes[key])
    print(f"{len(changes)} parameters and buffers after the last step, largest difference of norms {changes[key]:.2e} "
          f"({key.removeprefix('state.')})")
    print(f"largest {worst:.2e}, allowed {TOLERANCE:.0e}")
    sys.exit(worst > TOLERANCE)


if __name__ == "__main__":
    main()
