# SPDX-License-Identifier: Apache-2.0
"""Times rows of `unilseg bench` beside PyTorch on the same CPU: pairs of samples, one of each side, in random order.

A sample is the mean over a few calls of forward (recorded) and of backward to all inputs; one more call before it is
not counted. A row without differentiable inputs, such as an optimizer's step, has no backward. The sides run in turn,
never at once. Ratios are PyTorch's time over ours, of each pair: above 1 ours is faster. Run it through scripts/bench.
"""
import argparse
import json
import random
import statistics
import subprocess
import sys
import time

import torch

from figures import spread, write
from ops_torch import OPERATIONS


class Ours:
    def __init__(self, program, rows_of):
        self.process = subprocess.Popen([program, "bench", "--feed", *rows_of], stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE, text=True, bufsize=1)

    def measure(self, number, calls):
        self.process.stdin.write(f"{number} {calls}\n")
        self.process.stdin.flush()
        line = self.process.stdout.readline()
        if not line:
            sys.exit("bench: unilseg ended in the middle; its message is above")
        times = json.loads(line)
        return times["forward_ms"], times["backward_ms"]


class Torch:
    """One way to compute one row."""

    def __init__(self, row, function):
        generator = torch.Generator().manual_seed(1)
        inputs = [torch.empty(i["shape"]).uniform_(i["low"], i["high"], generator=generator).requires_grad_(i["differentiable"])
                  for i in row["inputs"]]
        self.function = function
        self.inputs = function.prepare(inputs) if hasattr(function, "prepare") else inputs
        y = self.call_forward()
        self.cotangent = torch.randn_like(y) if y.requires_grad else None

    def call_forward(self):
        return self.function(*self.inputs)

    def call(self):
        for x in self.inputs:
            x.grad = None
        start = time.perf_counter()
        y = self.call_forward()
        middle = time.perf_counter()
        if self.cotangent is not None:
            y.backward(self.cotangent)
        return (middle - start) * 1e3, (time.perf_counter() - middle) * 1e3

    def measure(self, calls):
        self.call()
        times = [self.call() for _ in range(calls)]
        return tuple(sum(t[p] for t in times) / calls for p in range(2))


def fastest(row):
    """The fastest of PyTorch's ways, by forward and backward together."""
    ways = [Torch(row, f) for f in OPERATIONS[row["op"]](row)]
    return min(ways, key=lambda way: min(sum(way.measure(1)) for _ in range(3))) if len(ways) > 1 else ways[0]


def time_row(ours, row, number, pairs):
    peer = fastest(row)
    ours.measure(number, 0)
    calls = max(1, min(100, int(10 / sum(peer.measure(1)))))
    samples = {"ours": [], "torch": []}
    sides = {"ours": lambda: ours.measure(number, calls), "torch": lambda: peer.measure(calls)}
    for _ in range(pairs):
        for side in random.sample(sorted(sides), 2):
            time.sleep(0.02)  # the other side's threads stop spinning
            samples[side].append(sides[side]())
    passes = {}
    for index, name in enumerate(("forward", "backward", "both") if peer.cotangent is not None else ("forward",)):
        pick = (lambda s: s[index]) if index < 2 else sum
        mine, theirs = [pick(s) for s in samples["ours"]], [pick(s) for s in samples["torch"]]
        passes[name] = {"ours_ms": spread(mine), "torch_ms": spread(theirs),
                        "ratio": spread([t / m for m, t in zip(mine, theirs)]), "best_ratio": min(theirs) / min(mine)}
        if index < 2:
            for unit, key in (("gflops", "flops"), ("gbytes", "bytes")):
                passes[name][unit] = row[f"{name}_{key}"] / statistics.median(mine) * 1e-6
    return {"op": row["op"], "row": row["row"], "calls": calls, "passes": passes}


def main():
    parser = argparse.ArgumentParser(prog="scripts/bench", description="times operations beside PyTorch on the CPU")
    parser.add_argument("--program", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--pairs", type=int, default=15, help="pairs of samples a row (default 15)")
    parser.add_argument("--threads", type=int, default=2, help="threads of each side (default 2)")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    parser.add_argument("ops", nargs="*", metavar="OP", help="operations; all where none is given")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    random.seed(1)

    listed = subprocess.run([options.program, "bench", "--list", *options.ops], check=True, capture_output=True, text=True)
    rows = [json.loads(line) for line in listed.stdout.splitlines()]
    ours = Ours(options.program, options.ops)
    version = subprocess.run([options.program, "--version"], check=True, capture_output=True, text=True).stdout.strip()
    print(f"{version} beside PyTorch {torch.__version__}, {options.threads} threads, {options.pairs} pairs a row")
    print(f"{'op':<11} {'row':<28} {'pass':<8} {'ours ms':>9} {'torch ms':>9} {'ratio':>6} {'quartiles':>13} {'best':>6}")
    results = []
    for number, row in enumerate(rows):
        result = time_row(ours, row, number, options.pairs)
        results.append(result)
        for name, p in result["passes"].items():
            r = p["ratio"]
            print(f"{row['op']:<11} {row['row']:<28} {name:<8} {p['ours_ms']['median']:9.3f} {p['torch_ms']['median']:9.3f} "
                  f"{r['median']:6.2f} {r['low']:6.2f}-{r['high']:<6.2f} {p['best_ratio']:6.2f}", flush=True)
    if options.json:
        write(options.json,
              {"command": "./scripts/bench " + " ".join(sys.argv[3:]), "program": version, "torch": torch.__version__,
               "threads": options.threads, "pairs": options.pairs, "rows": results})


if __name__ == "__main__":
    main()
