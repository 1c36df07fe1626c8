# SPDX-License-Identifier: Apache-2.0
"""Times the whole model in PyTorch at full size, alone or beside a partner: passes in turn, in random order.

  bench_model.py [--mode eval|train] [--batch N] [--size S] [--runs N] [--partner "CMD"] [--json FILE]

A pass of eval is a forward; one of train is forward, losses, backward and a step of AdamW, with dropout. Each side is a
process of its own that reads lines "N" on standard input, times N passes and answers each with one line
{"seconds": [...]}; this program is such a side itself with --feed. Ratios are PyTorch's time over the partner's, of
each pair: above 1 the partner is faster. Weights, image and words are random (--seed).
"""
import argparse
import ctypes
import json
import os
import random
import shlex
import subprocess
import sys
import time

from figures import spread, write


def keep_freed_memory():
    """Large tensors come from huge pages and are reused rather than handed back: what PyTorch's guide to tuning asks of
    the allocator. Without it a fifth of the time goes to page faults."""
    os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read when PyTorch first allocates
    largest = 2**31 - 1
    for option in (-3, -1):  # M_MMAP_THRESHOLD, M_TRIM_THRESHOLD
        ctypes.CDLL(None).mallopt(option, largest)


def make_pass(options):
    import torch

    import unilseg_torch as peer

    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    model = peer.UniLSeg().train(options.mode == "train")
    image = torch.randn(options.batch, 3, options.size, options.size)
    ids = torch.zeros(options.batch, 17, dtype=torch.int64)
    ids[:, 0], ids[:, 1:9], ids[:, 9] = 49406, torch.randint(1, 49406, (options.batch, 8)), 49407
    if options.mode == "eval":
        @torch.inference_mode()
        def run():
            model(image, ids)
    else:
        side = -(-options.size // 4)
        target = (torch.rand(options.batch, 1, side, side) < 0.3).float()
        optimizer = torch.optim.AdamW(model.parameters(), lr=1e-5, weight_decay=0.01, fused=True)

        def run():
            optimizer.zero_grad()
            peer.mask_losses(model(image, ids), target).sum().backward()
            optimizer.step()
    return run


def feed(options):
    keep_freed_memory()
    run = make_pass(options)
    for line in sys.stdin:
        seconds = []
        for _ in range(int(line)):
            start = time.perf_counter()
            run()
            seconds.append(time.perf_counter() - start)
        print(json.dumps({"seconds": seconds}), flush=True)


class Side:
    def __init__(self, name, command):
        self.name, self.seconds = name, []
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)

    def measure(self, passes):
        try:
            self.process.stdin.write(f"{passes}\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass
        line = self.process.stdout.readline()
        if not line:
            sys.exit(f"bench_model: {self.name} ended in the middle; its message is above")
        return json.loads(line)["seconds"]

    def peak_mib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) // 1024 for line in file if line.startswith("VmHWM"))

    def end(self):
        self.process.stdin.close()
        self.process.wait()


def main():
    parser = argparse.ArgumentParser(description="times the whole model in PyTorch on the CPU")
    parser.add_argument("--mode", choices=["eval", "train"], default="eval")
    parser.add_argument("--batch", type=int, help="images a pass (default 1, of train 2)")
    parser.add_argument("--size", type=int, default=480, help="height and width (default 480)")
    parser.add_argument("--threads", type=int, default=2, help="of PyTorch (default 2)")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--runs", type=int, default=7, help="timed passes of each side (default 7)")
    parser.add_argument("--warm-up", type=int, default=2, help="passes of each side before them (default 2)")
    parser.add_argument("--partner", metavar="CMD", help="a program that reads and answers as --feed does")
    parser.add_argument("--feed", action="store_true", help="be such a program")
    parser.add_argument("--json", metavar="FILE", help="write the figures there too")
    options = parser.parse_args()
    options.batch = options.batch or {"eval": 1, "train": 2}[options.mode]
    if options.feed:
        return feed(options)

    settings = {name: getattr(options, name) for name in ("mode", "batch", "size", "threads", "seed")}
    own = [word for name, value in settings.items() for word in (f"--{name}", str(value))]
    sides = [Side("torch", [sys.executable, __file__, "--feed", *own])]
    if options.partner:
        sides.append(Side("partner", shlex.split(options.partner)))
    for side in sides:
        side.measure(options.warm_up)
    random.seed(options.seed)
    for _ in range(options.runs):
        for side in random.sample(sides, len(sides)):
            time.sleep(0.1)  # the other side's threads stop spinning
            side.seconds += side.measure(1)

    figures = settings | {"runs": options.runs}
    for side in sides:
        s, peak = spread(side.seconds), side.peak_mib()
        figures[side.name] = {"seconds": s, "peak_rss_mib": peak}
        print(f"{side.name:<8} {options.mode} batch {options.batch} size {options.size}: median {s['median']:.3f} s, "
              f"quartiles {s['low']:.3f}-{s['high']:.3f}, min {s['min']:.3f}, max {s['max']:.3f}, peak RSS {peak} MiB")
        side.end()
    if options.partner:
        ratios = [theirs / ours for theirs, ours in zip(*(side.seconds for side in sides))]
        r = figures["ratio"] = spread(ratios)
        figures["best_ratio"] = min(sides[0].seconds) / min(sides[1].seconds)
        print(f"ratio torch / partner: median {r['median']:.2f}, quartiles {r['low']:.2f}-{r['high']:.2f}, "
              f"best {figures['best_ratio']:.2f}")
    if options.json:
        write(options.json, figures)


if __name__ == "__main__":
    main()
