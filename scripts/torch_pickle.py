"""Converts a state dictionary that PyTorch saved before 1.6 (a pickle, not a zip) to safetensors, without PyTorch.

Such a file holds four pickles (magic number, protocol, machine, the dictionary), a fifth with the storages' keys
and then, in that order, each storage: its count of elements as 64 bits and its bytes, both little-endian.
The unpickler knows four names and builds nothing but a dictionary of views, so a tampered file can run no code.
"""

import json
import pickle
import struct
from collections import OrderedDict
from pathlib import Path
from typing import BinaryIO, Dict, NamedTuple, Tuple

SOURCE = "mobilenet_v2-b0353104.pth"
TARGET = "mobilenet_v2_imagenet.safetensors"
MAGIC = 0x1950A86A20F9469CFC6C

# Storage class to safetensors' name and bytes an element.
DTYPES = {"FloatStorage": ("F32", 4), "LongStorage": ("I64", 8)}


class Storage(NamedTuple):
    key: str
    dtype: str
    width: int
    count: int


class View(NamedTuple):
    storage: Storage
    offset: int  # in elements
    shape: Tuple[int, ...]


def _rebuild(storage, offset, shape, stride, *_):
    """Stands in for torch._utils._rebuild_tensor_v2."""
    step = 1
    for length, jump in zip(reversed(shape), reversed(stride)):
        if jump != step and length > 1:
            raise ValueError("a tensor is not laid out row by row")
        step *= length
    return View(storage, offset, tuple(shape))


class _Unpickler(pickle.Unpickler):
    KNOWN = {
        ("collections", "OrderedDict"): OrderedDict,
        ("torch._utils", "_rebuild_tensor_v2"): _rebuild,
        ("torch", "FloatStorage"): "FloatStorage",
        ("torch", "LongStorage"): "LongStorage",
    }

    def find_class(self, module, name):
        try:
            return self.KNOWN[module, name]
        except KeyError:
            raise pickle.UnpicklingError(f"{module}.{name} does not belong in a file of weights") from None

    def persistent_load(self, pid):
        _, kind, key, _device, count, _view = pid
        return Storage(key, *DTYPES[kind], count)


def read(file: BinaryIO) -> Dict[str, Tuple[str, Tuple[int, ...], bytes]]:
    """Name to dtype, shape and little-endian bytes."""
    if _Unpickler(file).load() != MAGIC:
        raise ValueError("not a PyTorch file of the old kind")
    for _ in range(2):
        _Unpickler(file).load()
    views = _Unpickler(file).load()
    widths = {view.storage.key: view.storage.width for view in views.values()}
    stored = {}
    for key in _Unpickler(file).load():
        (count,) = struct.unpack("<q", file.read(8))
        stored[key] = file.read(count * widths[key])
    tensors = {}
    for name, (storage, offset, shape) in views.items():
        count = 1
        for length in shape:
            count *= length
        start = offset * storage.width
        data = stored[storage.key][start : start + count * storage.width]
        if len(data) != count * storage.width:
            raise ValueError(f"{name} is cut short")
        tensors[name] = (storage.dtype, shape, data)
    return tensors


def write(tensors: Dict[str, Tuple[str, Tuple[int, ...], bytes]], path: Path) -> None:
    """Writes safetensors: widest type first, then by name, the header padded to eight bytes."""
    order = sorted(tensors, key=lambda name: (tensors[name][0] != "I64", name))
    header, end = {}, 0
    for name in order:
        dtype, shape, data = tensors[name]
        header[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [end, end + len(data)]}
        end += len(data)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as out:
        out.write(struct.pack("<Q", len(text)) + text)
        for name in order:
            out.write(tensors[name][2])


def finish(folder: Path) -> None:
    """Replaces the pickle in `folder` by safetensors."""
    source = folder / SOURCE
    with open(source, "rb") as file:
        write(read(file), folder / TARGET)
    source.unlink()
