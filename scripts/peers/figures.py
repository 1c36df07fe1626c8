# SPDX-License-Identifier: Apache-2.0
"""What the benchmarks beside PyTorch share: how samples are summed up, and where figures are kept."""
import json
import statistics


def spread(values):
    low, middle, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return {"median": middle, "low": low, "high": high, "min": min(values), "max": max(values)}


def write(path, figures):
    with open(path, "w") as file:
        json.dump(figures, file, indent=1)
        file.write("\n")
