# SPDX-License-Identifier: Apache-2.0
"""PyTorch's side of the test of archives (tests/core/io/pytorch_peer_test.cpp).

torch_archives.py save DIR   odd tensors as PyTorch writes them: DIR/NAME.pth, and their values in DIR/NAME.safetensors
torch_archives.py load FILE  FILE.pth, read with weights_only=True, equals FILE.safetensors; says how many tensors
"""
import collections
import json
import struct
import sys
import warnings

import torch

TYPES = {"F32": torch.float32, "F64": torch.float64, "BF16": torch.bfloat16, "F16": torch.float16, "I64": torch.int64,
         "I32": torch.int32, "I16": torch.int16, "I8": torch.int8, "U8": torch.uint8, "BOOL": torch.bool}
NAMES = {dtype: name for name, dtype in TYPES.items()}


def raw(x):
    x = x.detach().contiguous().reshape(-1)
    return bytes(x.view(torch.uint8).tolist()) if x.numel() else b""


def write_safetensors(path, tensors):
    header, data = {}, b""
    for name, x in tensors.items():
        begin, data = len(data), data + raw(x)
        header[name] = {"dtype": NAMES[x.dtype], "shape": list(x.shape), "data_offsets": [begin, len(data)]}
    text = json.dumps(header).encode()
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + data)


def read_safetensors(path):
    with open(path, "rb") as file:
        content = file.read()
    length = struct.unpack_from("<Q", content)[0]
    header, data = json.loads(content[8:8 + length]), content[8 + length:]
    header.pop("__metadata__", None)
    return {name: (TYPES[entry["dtype"]], entry["shape"], data[slice(*entry["data_offsets"])])
            for name, entry in header.items()}


def odd_tensors():
    torch.manual_seed(1)
    tensors = collections.OrderedDict()
    for dtype in TYPES.values():
        values = torch.randint(0, 2 if dtype == torch.bool else 100, (3, 4)).to(dtype)
        short = str(dtype).split(".")[1]
        tensors[short] = values
        tensors[short + ".scalar"] = values[0, 1].clone()
        tensors[short + ".strided"] = values[::2, 1::2]
    base = torch.randn(6, 10)
    tensors["shared.whole"], tensors["shared.row"], tensors["shared.transposed"] = base, base[2], base.t()
    tensors["empty"] = torch.zeros(0, 5)
    tensors["empty.view"] = base[6:, 3:]
    tensors["expanded"] = torch.randn(1, 3).expand(4, 3)
    tensors["channels_last"] = torch.randn(2, 3, 4, 5).contiguous(memory_format=torch.channels_last)
    tensors["eight"] = torch.randn(1, 2, 1, 2, 1, 2, 1, 3)
    tensors["special"] = torch.tensor([float("nan"), float("inf"), -0.0, 1e-45])
    tensors["parameter"] = torch.nn.Parameter(torch.randn(2, 2))
    tensors["attributed"] = torch.nn.Parameter(torch.randn(2))
    tensors["attributed"].note = "kept with the tensor"
    tensors["caf\u00e9 \U0001f600"] = torch.randn(1)
    return tensors


def save(folder):
    tensors = odd_tensors()
    besides = {"epoch": 3, "best": 0.5, "none": None, "size": torch.Size([2]), "device": torch.device("cpu"),
               "dtype": torch.bfloat16, "counter": collections.Counter({3: 1}), "set": {1, 2}, "bytes": b"a\xff",
               "large": 2**100, "nested": [{"a": (1, 2)}]}

    def put(name, value, tensors, **options):
        torch.save(value, f"{folder}/{name}.pth", **options)
        write_safetensors(f"{folder}/{name}.safetensors", tensors)

    put("flat", tensors, tensors)
    put("nested", {"state_dict": tensors, **besides}, tensors)
    put("legacy", {"model": tensors, **besides}, tensors, _use_new_zipfile_serialization=False)
    for protocol in (3, 4, 5):
        put(f"protocol{protocol}", {"state_dict": tensors, **besides}, tensors, pickle_protocol=protocol)
    torch.serialization.set_crc32_options(False)
    put("unchecked", tensors, tensors)
    torch.serialization.set_crc32_options(True)
    layers = torch.nn.Sequential(collections.OrderedDict(
        first=torch.nn.Conv2d(3, 4, 3), norm=torch.nn.BatchNorm2d(4), last=torch.nn.Sequential(torch.nn.Linear(4, 2))))
    put("module", layers.state_dict(), layers.state_dict())
    torch.jit.script(layers.half()).save(f"{folder}/script.pth")
    write_safetensors(f"{folder}/script.safetensors", layers.state_dict())
    layers = torch.nn.Linear(4, 2)
    optimizer = torch.optim.AdamW(layers.parameters())
    layers(torch.randn(3, 4)).sum().backward()
    optimizer.step()
    put("optimizer", {"model": layers.state_dict(), "optimizer": optimizer.state_dict()}, layers.state_dict())


def load(path):
    found = torch.load(path + ".pth", weights_only=True)
    expected = read_safetensors(path + ".safetensors")
    if list(found) == ["state_dict"]:
        found = found["state_dict"]
    assert set(found) == set(expected), "names differ"
    for name, (dtype, shape, data) in expected.items():
        x = found[name]
        assert x.dtype == dtype and list(x.shape) == shape and raw(x) == data, name
    torch.load(path + ".pth", weights_only=True, mmap=True)
    print(f"{len(expected)} equal tensors")


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    {"save": save, "load": load}[sys.argv[1]](sys.argv[2])
