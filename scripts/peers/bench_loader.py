# SPDX-License-Identifier: Apache-2.0
"""Times our loader beside a PyTorch DataLoader doing the same work, an epoch of each in turn, in random order.

  bench_loader.py --program build/cpu/unilseg --set DIR [--set DIR...] [--size S] [--batch N] [--threads N]
                  [--pairs N] [--json FILE]

Each DIR is a folder of the unified format (`unilseg data convert`). Both sides read and decode the same image files,
letterbox them to S pixels (cubic), normalise, warp the target's mask (bilinear), take every fourth pixel of it, and
collate batches. Ours also reads the samples' JSON, decodes their masks, draws a sentence and tokenizes it; the peer has
its masks decoded in memory and reads no text. The peer is cv2 (one thread) in worker processes. The ceiling is
ours: plain loops on as many threads that decode and warp and do nothing else, in the same process. Needs PyTorch and
opencv-python-headless 4.10.
"""
import argparse
import json
import os
import random
import shlex
import subprocess
import sys
import time

import cv2
import numpy
import torch
from torch.utils.data import DataLoader, Dataset

from figures import spread, write


def decode_counts(text):
    """COCO's compressed run lengths."""
    counts, value, shift = [], 0, 0
    for byte in text.encode():
        byte -= 48
        value |= (byte & 0x1F) << shift
        shift += 5
        if not byte & 0x20:
            if byte & 0x10:
                value |= -1 << shift
            counts.append(value + counts[-2] if len(counts) > 2 else value)
            value, shift = 0, 0
    return counts


def decode_mask(rle):
    height, width = rle["size"]
    counts = decode_counts(rle["counts"])
    flat = numpy.repeat(numpy.arange(len(counts)) % 2, counts).astype(numpy.uint8) * 255
    return numpy.ascontiguousarray(flat.reshape(width, height).T)


def read_items(folder):
    """(path of the image, mask of 0 and 255) of each target."""
    with open(os.path.join(folder, "manifest.json")) as file:
        root = os.path.join(folder, json.load(file)["images"])
    items = []
    with open(os.path.join(folder, "samples.jsonl")) as file:
        for sample in map(json.loads, file):
            masks = [decode_mask(region["rle"]) for region in sample.get("regions", [])]
            for target in sample["targets"]:
                whole = numpy.zeros(sample["size"], numpy.uint8)
                for region in target.get("regions", []):
                    whole |= masks[region]
                items.append((os.path.join(root, sample["image"]), whole))
    return items


class Letterboxed(Dataset):
    mean = torch.tensor([0.48145466, 0.4578275, 0.40821073]).reshape(3, 1, 1)
    std = torch.tensor([0.26862954, 0.26130258, 0.27577711]).reshape(3, 1, 1)
    border = [0.48145466 * 255, 0.4578275 * 255, 0.40821073 * 255]

    def __init__(self, items, side):
        self.items, self.side = items, side

    def __len__(self):
        return len(self.items)

    def matrix(self, height, width):
        scale = min(self.side / height, self.side / width)
        new_height, new_width = height * scale, width * scale
        x, y = (self.side - new_width) / 2, (self.side - new_height) / 2
        source = numpy.array([[0, 0], [width, 0], [0, height]], numpy.float32)
        target = numpy.array([[x, y], [new_width + x, y], [x, new_height + y]], numpy.float32)
        return cv2.getAffineTransform(source, target)

    def __getitem__(self, index):
        path, mask = self.items[index]
        image = cv2.cvtColor(cv2.imread(path), cv2.COLOR_BGR2RGB)
        matrix, size = self.matrix(*image.shape[:2]), (self.side, self.side)
        image = cv2.warpAffine(image, matrix, size, flags=cv2.INTER_CUBIC, borderValue=self.border)
        mask = cv2.warpAffine(mask, matrix, size, flags=cv2.INTER_LINEAR, borderValue=0.0)[::4, ::4]
        image = torch.from_numpy(image.transpose(2, 0, 1)).float().div_(255).sub_(self.mean).div_(self.std)
        return image, torch.from_numpy(mask.astype(numpy.float32) / 255).unsqueeze(0)


class Peer:
    def __init__(self, options, items):
        cv2.setNumThreads(0)
        self.loader = DataLoader(Letterboxed(items, options.size), batch_size=options.batch, num_workers=options.threads,
                                 persistent_workers=True)

    def measure(self):
        start = time.perf_counter()
        samples = sum(image.shape[0] for image, mask in self.loader)
        return {"seconds": time.perf_counter() - start, "samples": samples}


class Ours:
    def __init__(self, options):
        command = [options.program, "data", "bench-loader"]
        for folder in options.set:
            command += ["--set", folder]
        command += [f"batch={options.batch}", f"threads={options.threads}", f"transform.size={options.size}"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def measure(self, what):
        self.process.stdin.write(what + "\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench_loader: our side ended in the middle; its message is above")
        return json.loads(line)


def main():
    parser = argparse.ArgumentParser(description="times the loader beside a PyTorch DataLoader")
    parser.add_argument("--program", required=True, help="our program")
    parser.add_argument("--set", action="append", required=True, help="a folder of the unified format")
    parser.add_argument("--size", type=int, default=480)
    parser.add_argument("--batch", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2, help="threads of ours, workers of the peer (default 2)")
    parser.add_argument("--pairs", type=int, default=5, help="timed epochs of each side (default 5)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    options = parser.parse_args()

    items = [item for folder in options.set for item in read_items(folder)]
    peer, ours = Peer(options, items), Ours(options)
    sides = {"loader": lambda: ours.measure("loader"), "ceiling": lambda: ours.measure("ceiling"),
             "peer": peer.measure}
    rates = {name: [] for name in sides}
    for run in range(options.pairs + 1):  # the first warms up: files, workers, memory
        for name in random.sample(sorted(sides), len(sides)):
            result = sides[name]()
            if result["samples"] != len(items):
                sys.exit(f"bench_loader: {name} gave {result['samples']} samples; expected {len(items)}")
            if run:
                rates[name].append(result["samples"] / result["seconds"])

    figures = {"command": shlex.join(["scripts/peers/bench_loader.py", *sys.argv[1:]]), "torch": torch.__version__,
               "opencv": cv2.__version__, "samples": len(items), "size": options.size, "batch": options.batch,
               "threads": options.threads, "pairs": options.pairs}
    for name, values in rates.items():
        figures[f"{name}_samples_per_second"] = spread(values)
    for name in ("peer", "ceiling"):
        figures[f"ratio_to_{name}"] = spread([a / b for a, b in zip(rates["loader"], rates[name])])
    for key, value in figures.items():
        if isinstance(value, dict):
            print(f"{key:<28} median {value['median']:.3f}, quartiles {value['low']:.3f}-{value['high']:.3f}, "
                  f"min {value['min']:.3f}, max {value['max']:.3f}")
    if options.json:
        write(options.json, figures)


if __name__ == "__main__":
    main()
