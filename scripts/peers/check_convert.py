#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
# What a source data set holds, decoded by PIL, scipy and pycocotools: one line for each image, region, target, label
# map and ignored area, in the words of the unified format. tests/data/convert compares them with what
# `unilseg data convert` made of the same folder. Needs the packages numpy, pillow, scipy and pycocotools.
#
#   python3 scripts/peers/check_convert.py SOURCE ROOT [key=value ...]
import csv
import json
import pickle
import re
import sys
import zlib
from pathlib import Path

import numpy as np
import scipy.io
from PIL import Image
from pycocotools import mask as coco_mask

VOC = """aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person pottedplant sheep
sofa train tvmonitor""".split()
SPOKEN = {"diningtable": "dining table", "pottedplant": "potted plant", "tvmonitor": "tv monitor", "tv/monitor": "tv monitor"}
CAMVID = ["sky", "building", "pole", "road", "pavement", "tree", "sign symbol", "fence", "car", "pedestrian", "bicyclist"]
COCO = """person bicycle car motorcycle airplane bus train truck boat traffic_light fire_hydrant stop_sign parking_meter
bench bird cat dog horse sheep cow elephant bear zebra giraffe backpack umbrella handbag tie suitcase frisbee skis snowboard
sports_ball kite baseball_bat baseball_glove skateboard surfboard tennis_racket bottle wine_glass cup fork knife spoon bowl
banana apple sandwich orange broccoli carrot hot_dog pizza donut cake chair couch potted_plant bed dining_table toilet tv
laptop mouse remote keyboard cell_phone microwave oven toaster sink refrigerator book clock vase scissors teddy_bear
hair_drier toothbrush""".replace("_", " ").replace("\n", " ")
COCO = re.findall(r"traffic light|fire hydrant|stop sign|parking meter|sports ball|baseball bat|baseball glove|tennis racket|"
                  r"wine glass|hot dog|potted plant|dining table|cell phone|teddy bear|hair drier|\w+", COCO)
# VLPart's parts, in its order: the first that occurs in Pascal-Part's name counts.
FACE = "head leg ear eye"
PARTS = {
    "aeroplane": "body wing tail wheel", "bicycle": "wheel handlebar saddle",
    "bird": "beak head eye leg foot wing neck tail torso", "bottle": "body cap",
    "bus": "liplate headlight door mirror window wheel", "car": "liplate headlight door mirror window wheel",
    "cat": FACE + " pa neck nose tail torso", "cow": FACE + " neck horn muzzle tail torso",
    "dog": FACE + " pa neck nose muzzle tail torso", "horse": FACE + " neck muzzle tail torso",
    "motorbike": "wheel handlebar headlight saddle",
    "person": "hair head ear eye nose neck mouth arm hand leg foot torso", "pottedplant": "plant pot",
    "sheep": FACE + " neck horn muzzle tail torso",
}
STUFF = {0: ("person", "person"), 95: ("building-other", "building"), 111: ("door-stuff", "door"),
         170: ("wall-brick", "wall brick"), 181: ("wood", "wood")}  # the values that the tests' trees use


def line(sample, key, array):
    height, width = array.shape
    print(f"{sample}\t{key}\t{height}x{width}\t{array.sum(dtype=np.int64)}\t{zlib.crc32(array.tobytes()):08x}")


def mask_line(sample, key, mask):
    line(sample, key, np.ascontiguousarray(mask != 0, dtype=np.uint8))


def label_line(sample, task, labels):
    line(sample, f"label {task}", np.ascontiguousarray(labels, dtype="<u2"))


def region(sample, source, mask):
    mask_line(sample, "region " + (json.dumps(source, separators=(",", ":"), ensure_ascii=False) if source else "null"), mask)


def target(sample, ident, task, granularity, category, texts, mask):
    mask_line(sample, f"target {ident} {task} {granularity} {category} {'|'.join(texts)}", mask)


def image(sample, path, name, split, video="", frame=-1):
    width, height = Image.open(path).size
    print(f"{sample}\timage {name} {split} {video} {frame}\t{height}x{width}")
    return height, width


def classes(sample, labels, names, values, task="semantic", ignore=None, regions=True, template="all {}", spoken=None):
    """A label map whose classes are regions and targets."""
    for index, value in enumerate(values):
        mask = labels == value
        if mask.any():
            if regions:
                region(sample, {"value": value}, mask)
            target(sample, f"{sample}/{task}/{value}", task, "coarse", index, [template.format((spoken or names)[index])], mask)
    if ignore is not None and (labels == ignore).any():
        mask_line(sample, "ignore", labels == ignore)
    label_line(sample, task, labels)


def camvid(root, _):
    for split in ("train", "val", "test"):
        for path in sorted((root / split).glob("*.png")):
            sample = f"{split}/{path.stem}"
            image(sample, path, f"{split}/{path.name}", split)
            classes(sample, np.array(Image.open(root / f"{split}annot" / path.name)), CAMVID, range(11), ignore=11)


def ccp(root, options):
    task = options.get("task", "part")
    names = [str(name[0]) for name in scipy.io.loadmat(root / "label_list.mat")["label_list"][0]]
    for path in sorted((root / "annotations/pixel-level").glob("*.mat")):
        image(path.stem, root / "photos" / (path.stem + ".jpg"), f"photos/{path.stem}.jpg", "all")
        classes(path.stem, scipy.io.loadmat(path)["groundtruth"], names[1:], range(1, len(names)), task=task,
                template="{}" if task == "part" else "all {}")


def davis(root, _):
    for folder in sorted((root / "JPEGImages/480p").iterdir()):
        for frame, path in enumerate(sorted(folder.glob("*.jpg"))):
            sample = f"{folder.name}/{path.stem}"
            image(sample, path, f"{folder.name}/{path.name}", "all", folder.name, frame)
            labels = np.array(Image.open(root / "Annotations/480p" / folder.name / (path.stem + ".png")))
            for value in np.unique(labels[labels > 0]):
                region(sample, {"value": int(value)}, labels == value)
            target(sample, f"{sample}/video", "video", "fine", -1, [folder.name], labels)


def voc(root, _):
    names = VOC
    if (root / "class_names.txt").exists():
        names = (root / "class_names.txt").read_text().split("\n")[1:]
        names = [name for name in names if name]
    spoken = [SPOKEN.get(name, name) for name in names]
    lists = {split: root / f"ImageSets/Segmentation/{split}.txt" for split in ("train", "val", "test")}
    items = [(split, name) for split, path in lists.items() if path.exists() for name in path.read_text().split()]
    items = items or [("all", path.stem) for path in sorted((root / "SegmentationClass").glob("*.png"))]
    for split, name in items:
        sample = f"{split}/{name}"
        image(sample, root / "JPEGImages" / (name + ".jpg"), f"JPEGImages/{name}.jpg", split)
        labels = np.array(Image.open(root / "SegmentationClass" / (name + ".png")))
        objects = root / "SegmentationObject" / (name + ".png")
        classes(sample, labels, names, range(1, len(names) + 1), ignore=255, regions=not objects.exists(), spoken=spoken)
        if objects.exists():
            objects = np.array(Image.open(objects))
            for value, number in sorted({(int(a), int(b)) for a, b in zip(labels.ravel(), objects.ravel())}):
                if (value, number) not in ((0, 0), (255, 255)):
                    region(sample, {"value": value, "object": number}, (labels == value) & (objects == number))


def pascal_part(root, options):
    for path in sorted(root.glob("*.mat")):
        sample = f"all/{path.stem}"
        image(sample, root / (path.stem + ".jpg"), path.stem + ".jpg", "all")
        pairs, parts = [], {}
        for k, found in enumerate(scipy.io.loadmat(path)["anno"][0][0][1][0]):
            name, value, mask = str(found[0][0]), int(found[1][0][0]), found[2]
            region(sample, {"object": k, "class": name}, mask)
            pairs.append((value, mask != 0))
            for part in found[3][0] if len(found[3]) else []:
                original = str(part[0][0])
                region(sample, {"object": k, "part": original}, part[1])
                merged = next((word for word in PARTS.get(name, "").split() if word in original), None)
                if options.get("parts") == "original":
                    merged = original
                if merged and part[1].any():
                    merged = {"liplate": "license plate", "pa": "paw"}.get(merged, merged)
                    parts[merged] = parts.get(merged, False) | (part[1] != 0)
        instances(sample, pairs, [""] + [SPOKEN.get(name, name) for name in VOC])
        for name, mask in parts.items():
            target(sample, f"{sample}/part/{name}", "part", "coarse", -1, [name], mask)


def ade20k_full(root, _):
    paths = [path for folder in ("training", "validation") for path in sorted((root / folder).rglob("*_seg.png"))]
    names = {}
    for path in paths:
        text = json.loads(path.with_name(path.name.replace("_seg.png", ".json")).read_bytes().decode("latin-1"))
        names.update({thing["name_ndx"]: thing["name"] for thing in text["annotation"]["object"]})
    values = sorted(names)

    def encoded(path):
        rgb = np.array(Image.open(path).convert("RGB")).astype(int)
        return rgb[..., 0] // 10 * 256 + rgb[..., 1], rgb[..., 2]

    def regions(sample, numbers, objects, level):
        for pair in np.unique(numbers * 256 + objects):
            if pair:
                region(sample, {"class": int(pair) // 256, "object": int(pair) % 256, "level": level},
                       (numbers == pair // 256) & (objects == pair % 256))

    for path in paths:
        stem = str(path.relative_to(root))[:-len("_seg.png")]
        image(stem, root / (stem + ".jpg"), stem + ".jpg", "train" if stem.startswith("training") else "val")
        numbers, objects = encoded(path)
        regions(stem, numbers, objects, 0)
        classes(stem, numbers, [names[value].split(",")[0] for value in values], values, ignore=0, regions=False)
        level = 1
        while (root / f"{stem}_parts_{level}.png").exists():
            numbers, objects = encoded(root / f"{stem}_parts_{level}.png")
            regions(stem, numbers, objects, level)
            for value in np.unique(numbers[numbers > 0]):
                texts = [names[value].split(",")[0]]
                target(stem, f"{stem}/part/{level}/0/{value}", "part", "coarse", -1, texts, numbers == value)
            level += 1


def union(masks):
    return np.logical_or.reduce(masks)


def polygon(xy, height, width):
    xy = list(xy)
    while len(xy) < 6:
        xy += xy[-2:]
    return coco_mask.decode(coco_mask.frPyObjects([xy], height, width))[..., 0]


def yolo(path, height, width):
    lines = path.read_text().strip().split("\n") if path.exists() else []
    rows = [text.split() for text in lines]
    scale = [width, height]
    return [(int(row[0]), polygon([float(v) * scale[i % 2] for i, v in enumerate(row[1:])], height, width)) for row in rows]


def instances(sample, pairs, names, task="semantic"):
    """Instances that may overlap: a target for each class, without a label map."""
    for value in sorted({value for value, _ in pairs}):
        target(sample, f"{sample}/{task}/{value}", task, "coarse", -1, ["all " + names[value]],
               union([mask for other, mask in pairs if other == value]))


def coco128(root, options):
    for path in sorted((root / "images/train2017").glob("*.jpg")):
        sample = f"train/{path.stem}"
        height, width = image(sample, path, f"images/train2017/{path.name}", "train")
        pairs = yolo(root / "labels/train2017" / (path.stem + ".txt"), height, width)
        for number, (value, mask) in enumerate(pairs):
            region(sample, {"line": number, "class": value}, mask)
        instances(sample, pairs, COCO, options.get("task", "semantic"))


def refexp(root, options):
    matches = dict(tuple(map(int, pair.split(":"))) for pair in options["match"].split(","))
    texts = {}
    with open(root / "evaluation/AMT_csv/sample_generation_val1000.csv", newline="") as table:
        for row in csv.DictReader(table):
            for k in range(5):
                ident, number = map(int, re.search(r"coco_(\d+)_ann_(\d+)_", row[f"image_url_mask_{k}"]).groups())
                for form in "01":
                    if row[f"descrip_type_{k}_{form}"] == "GT" and number in matches:
                        texts.setdefault((ident, number), []).append(row[f"descrip_{k}_{form}"])
    for (ident, number), sentences in texts.items():
        sample, name = f"val/{ident}", f"{ident:012}"
        folder = Path(options["coco128"])
        height, width = image(sample, folder / f"images/train2017/{name}.jpg", name + ".jpg", "val")
        mask = yolo(folder / f"labels/train2017/{name}.txt", height, width)[matches[number]][1]
        region(sample, {"ann_id": number, "line": matches[number]}, mask)
        target(sample, f"{sample}/{number}", "referring", "fine", -1, sentences, mask)


def coco_annotation(annotation, found):
    height, width = found["height"], found["width"]
    segmentation = annotation["segmentation"]
    if isinstance(segmentation, dict):
        if isinstance(segmentation["counts"], list):
            segmentation = coco_mask.frPyObjects(segmentation, height, width)
        return coco_mask.decode(segmentation)
    return union([polygon(xy, height, width) for xy in segmentation])


def ids_of(annotation):
    ids = {"ann_id": annotation["id"], "category_id": annotation["category_id"]}
    return ids | ({"iscrowd": 1} if annotation.get("iscrowd") else {})


def refer(name):
    def read(root, folder, variant):
        path = root / folder / f"{'grefs' if folder == 'grefcoco' else 'refs'}({variant})"
        if path.with_name(path.name + ".json").exists():
            return json.loads(path.with_name(path.name + ".json").read_text())
        path = path.with_name(path.name + ".p")
        return pickle.loads(path.read_bytes(), encoding="latin-1") if path.exists() else []

    def convert(root, options):
        refs = read(root, name, options.get("split_by", "umd" if name == "refcocog" else "unc"))
        held_out = {ref["image_id"] for folder in ("refcoco", "refcoco+", "refcocog", "grefcoco")
                    for variant in ("unc", "google", "umd") for ref in read(root, folder, variant)
                    if ref["split"] != "train"}
        whole = json.loads((root / name / "instances.json").read_text())
        images = {found["id"]: found for found in whole["images"]}
        annotations = {found["id"]: found for found in whole["annotations"]}
        seen = set()
        for ref in refs:
            ident = ref["image_id"]
            if options.get("leak_free") == "true" and ref["split"] == "train" and ident in held_out:
                continue
            for split in ["testA", "testB"] if ref["split"] == "testAB" else [ref["split"]]:
                sample, file_name = f"{split}/{ident}", images[ident]["file_name"]
                if sample not in seen:
                    image(sample, root / "images/mscoco/images/train2014" / file_name, file_name, split)
                numbers = ref["ann_id"] if isinstance(ref["ann_id"], list) else [ref["ann_id"]]
                masks = [np.zeros((images[ident]["height"], images[ident]["width"]), bool)]
                for number in numbers:
                    if number == -1 or (name == "grefcoco" and annotations[number].get("iscrowd")):
                        continue
                    masks.append(coco_annotation(annotations[number], images[ident]))
                    if (sample, number) not in seen:
                        region(sample, ids_of(annotations[number]), masks[-1])
                    seen.add((sample, number))
                seen.add(sample)
                texts = [sentence["sent"] for sentence in ref["sentences"] if sentence["sent"].strip()]
                target(sample, f"{split}/{ref['ref_id']}", "referring", "fine", -1, texts, union(masks))
    return convert


def coco_instances(root, _):
    for split in ("train", "val"):
        path = root / f"annotations/instances_{split}2017.json"
        whole = json.loads(path.read_text()) if path.exists() else {"images": [], "categories": []}
        names = {category["id"]: category["name"] for category in whole["categories"]}
        for found in whole["images"]:
            sample, pairs = f"{split}/{found['id']}", []
            image(sample, root / f"{split}2017" / found["file_name"], f"{split}2017/{found['file_name']}", split)
            for annotation in whole["annotations"]:
                if annotation["image_id"] == found["id"]:
                    pairs.append((annotation["category_id"], coco_annotation(annotation, found)))
                    region(sample, ids_of(annotation), pairs[-1][1])
            instances(sample, pairs, names)


def coco_stuff(root, _):
    order = [value for value in range(182) if value not in (11, 25, 28, 29, 44, 65, 67, 68, 70, 82, 90)]
    for split in ("train", "val"):
        for path in sorted((root / f"stuffthingmaps/{split}2017").glob("*.png")):
            sample = f"{split}/{path.stem}"
            image(sample, root / f"{split}2017/{path.stem}.jpg", f"{split}2017/{path.stem}.jpg", split)
            spoken = [STUFF.get(value, ("", ""))[1] for value in order]
            classes(sample, np.array(Image.open(path)), spoken, order, ignore=255)


def coco_panoptic(root, _):
    for split in ("train", "val"):
        path = root / f"annotations/panoptic_{split}2017.json"
        whole = json.loads(path.read_text()) if path.exists() else {"annotations": []}
        for annotation in whole["annotations"]:
            ident = annotation["image_id"]
            found = next(one for one in whole["images"] if one["id"] == ident)
            sample = f"{split}/{ident}"
            image(sample, root / f"{split}2017" / found["file_name"], f"{split}2017/{found['file_name']}", split)
            rgb = np.array(Image.open(path.with_suffix("") / annotation["file_name"]).convert("RGB")).astype(int)
            numbers = rgb[..., 0] + 256 * rgb[..., 1] + 65536 * rgb[..., 2]
            labels = np.zeros(numbers.shape, int)
            for segment in annotation["segments_info"]:
                labels[numbers == segment["id"]] = segment["category_id"]
                region(sample, {key: segment[key] for key in ("id", "category_id", "iscrowd")}, numbers == segment["id"])
            names = [re.sub("-(other|stuff)$", "", category["name"]).replace("-", " ") for category in whole["categories"]]
            classes(sample, labels, names, [category["id"] for category in whole["categories"]], ignore=0, regions=False)


def folders(root, options):
    threshold = options.get("threshold", "128")
    for path in sorted((root / "masks").glob("*.png")):
        picture = next(one for one in sorted((root / "images").iterdir()) if one.stem == path.stem)
        image(path.stem, picture, picture.name, "all")
        mask = np.array(Image.open(path)) > (0 if threshold == "nonzero" else int(threshold))
        if mask.any():
            region(path.stem, None, mask)
        target(path.stem, f"{path.stem}/salient", "salient", "coarse", -1, ["the most salient object"], mask)


SOURCES = {one.__name__: one for one in (camvid, ccp, davis, voc, pascal_part, ade20k_full, coco128, refexp, coco_instances,
                                         coco_stuff, coco_panoptic, folders)}
SOURCES |= {name: refer(name) for name in ("refcoco", "refcoco+", "refcocog", "grefcoco")}

if __name__ == "__main__":
    source, root = sys.argv[1:3]
    SOURCES[source](Path(root), dict(text.split("=", 1) for text in sys.argv[3:]))
