#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Masks of every kind and what pycocotools makes of them, as a table that tests/data/format/rle_table_test.cpp and
rle_peer_test.cpp hold against data/format/rle.h. Needs the packages pycocotools and numpy.

  python3 scripts/peers/coco_masks.py --out FILE --groups N [--side N] [--seed N] [--polygons FILE]

A group is three masks of one size with unions, intersections and quotients. --polygons: a JSON list of
{"size": [height, width], "xy": [...]}, which are traced instead of random polygons. tests/data/format/rle_table.json is
made by --groups 6 --side 12."""
import argparse
import json

import numpy as np
from pycocotools import mask as coco


def text(rle):
    return rle["counts"].decode("ascii")


def runs_of(mask):
    """Lengths of the runs down the columns, background first, by numpy alone."""
    flat = np.concatenate([[0], mask.flatten(order="F"), [2]])
    changes = np.flatnonzero(np.diff(flat))
    return np.diff(np.concatenate([[0], changes])).tolist()


def random_mask(rng, height, width):
    kind = rng.integers(6)
    if kind == 0:
        return np.full((height, width), rng.integers(2), np.uint8)
    if kind == 1:
        return (rng.random((height, width)) < rng.random()).astype(np.uint8)
    if kind == 2:  # few runs: a box
        mask = np.zeros((height, width), np.uint8)
        top, left = rng.integers(height), rng.integers(width)
        mask[top:rng.integers(top, height) + 1, left:rng.integers(left, width) + 1] = 1
        return mask
    if kind == 3:  # an ellipse
        y, x = np.mgrid[:height, :width]
        cy, cx = rng.random() * height, rng.random() * width
        ry, rx = (rng.random(2) + 0.05) * [height, width]
        return (((y - cy) / ry) ** 2 + ((x - cx) / rx) ** 2 < 1).astype(np.uint8)
    if kind == 4:  # stripes
        stripes = (np.arange(height * width) // rng.integers(1, height * width + 1) % 2).astype(np.uint8)
        return stripes.reshape((height, width), order=rng.choice(["C", "F"]))
    mask = np.zeros((height, width), np.uint8)  # one pixel, or two
    for _ in range(rng.integers(1, 3)):
        mask[rng.integers(height), rng.integers(width)] = 1
    return mask


def mask_case(mask):
    mask = np.asfortranarray(mask)
    rle = coco.encode(mask)
    assert (coco.decode(rle) == mask).all()
    runs = runs_of(mask)
    assert coco.frPyObjects({"size": list(mask.shape), "counts": runs}, *mask.shape)["counts"] == rle["counts"]
    return {"pixels": np.packbits(mask.flatten()).tobytes().hex(), "text": text(rle), "counts": runs,
            "area": int(coco.area(rle)), "box": coco.toBbox(rle).tolist()}


def group_case(rng, height, width):
    masks = [random_mask(rng, height, width) for _ in range(3)]
    rles = [coco.encode(np.asfortranarray(mask)) for mask in masks]
    return {"size": [height, width], "masks": [mask_case(mask) for mask in masks],
            "union": text(coco.merge(rles)), "intersection": text(coco.merge(rles, intersect=True)),
            "iou": coco.iou(rles, rles, [0] * 3).tolist(), "crowd_iou": coco.iou(rles, rles, [1] * 3).tolist()}


def random_polygon(rng, height, width):
    points = int(rng.integers(3, 12))
    kind = rng.integers(4)
    xy = rng.random((points, 2)) * [width, height]
    if kind == 0:  # beyond the image too
        xy = (rng.random((points, 2)) * 2 - 0.5) * [width, height]
    elif kind == 1:  # on whole and half pixels, with repeated points
        xy = np.round(xy * 2) / 2
        xy[rng.integers(points)] = xy[0]
    elif kind == 2:  # as exports round them
        xy = np.round(xy, 2)
    return xy.flatten().tolist()


def polygon_case(size, xy):
    return {"size": size, "xy": xy, "text": text(coco.frPyObjects([xy], *size)[0])}


def box_case(rng, height, width):
    box = ((rng.random(4) * 1.5 - 0.25) * [width, height, width, height]).tolist()
    box[2:] = [abs(side) for side in box[2:]]
    return {"size": [height, width], "box": box, "text": text(coco.frPyObjects(np.array([box]), height, width)[0])}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--out", required=True)
    parser.add_argument("--groups", type=int, required=True)
    parser.add_argument("--side", type=int, default=64, help="of the largest mask")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--polygons")
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)

    def size():
        return [int(side) for side in rng.integers(1, args.side + 1, 2)]

    groups = [group_case(rng, *size()) for _ in range(args.groups)]
    boxes = [box_case(rng, *size()) for _ in range(args.groups)]
    if args.polygons:
        with open(args.polygons) as file:
            polygons = [polygon_case(row["size"], row["xy"]) for row in json.load(file)]
    else:
        sizes = [size() for _ in range(3 * args.groups)]
        polygons = [polygon_case(each, random_polygon(rng, *each)) for each in sizes]
    with open(args.out, "w") as file:
        json.dump({"groups": groups, "boxes": boxes, "polygons": polygons}, file, separators=(",", ":"))
        file.write("\n")


if __name__ == "__main__":
    main()
