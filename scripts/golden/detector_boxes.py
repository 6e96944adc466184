#!/usr/bin/env python3
"""Reference faces for the tests of `portrait::detect`: the same cascade in Python.

Needs `pip install onnxruntime==1.31.1 onnx numpy pillow` and the two models in the cache folder (`make setup`).

    python scripts/golden/detector_boxes.py PICTURE... > tests/golden/detector_boxes.json

Each picture is given relative to the repository. Written per picture: width, height, the step that found a face, and
the faces, best first (x, y, width, height, score, ten landmark coordinates, in pixels of the original).
"""
import json
import os
import sys

import numpy as np
import onnx
import onnxruntime
from PIL import Image, ImageOps

CACHE = os.environ.get("PROMENADE_CACHE") or os.path.join(
    os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache"), "promenade")
GRID = 32
NMS_IOU = 0.3


def session(name):
    """A model whose input takes any height and width and whose outputs state no shape."""
    model = onnx.load(os.path.join(CACHE, "models", name))
    initialised = {tensor.name for tensor in model.graph.initializer}
    for value in list(model.graph.input):
        if value.name in initialised:
            model.graph.input.remove(value)
        else:
            dims = value.type.tensor_type.shape.dim
            dims[0].dim_value = 1
            dims[2].dim_param, dims[3].dim_param = "height", "width"
    for value in model.graph.output:
        value.type.tensor_type.ClearField("shape")
    del model.graph.value_info[:]
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(model.SerializeToString(), options, ["CPUExecutionProvider"])


def letterbox(picture, side, square=False):
    """The picture with its longer side brought to `side`, at the top left of a canvas in multiples of 32."""
    scale = side / max(picture.size)
    width, height = (max(1, round(s * scale)) for s in picture.size)
    small = np.asarray(picture.resize((width, height), Image.BILINEAR), np.float32)
    up = (lambda _: side) if square else (lambda s: -(-s // GRID) * GRID)
    canvas = np.zeros((up(height), up(width), 3), np.float32)
    canvas[:height, :width] = small
    return canvas[:, :, ::-1].transpose(2, 0, 1)[None].copy(), scale


def yunet(net, blob, threshold):
    names = [output.name for output in net.get_outputs()]
    out = dict(zip(names, net.run(names, {net.get_inputs()[0].name: blob})))
    rows, width = [], blob.shape[3]
    for stride in (8, 16, 32):
        cls, obj = out[f"cls_{stride}"][0, :, 0], out[f"obj_{stride}"][0, :, 0]
        score = np.sqrt(np.clip(cls, 0, 1) * np.clip(obj, 0, 1))
        for i in np.flatnonzero(score >= threshold):
            row, column = divmod(int(i), width // stride)
            dx, dy, dw, dh = out[f"bbox_{stride}"][0, i]
            w, h = np.exp(dw) * stride, np.exp(dh) * stride
            x, y = (column + dx) * stride - w / 2, (row + dy) * stride - h / 2
            marks = (out[f"kps_{stride}"][0, i].reshape(5, 2) + (column, row)) * stride
            rows.append([x, y, w, h, score[i], *marks.ravel()])
    return np.array(rows, np.float64).reshape(-1, 15)


def centerface(net, blob, threshold):
    blob = blob[:, ::-1].copy()  # RGB, while YuNet takes BGR
    heat, scale, offset, marks = (o[0] for o in net.run(["537", "538", "539", "540"], {"input.1": blob}))
    rows = []
    for r, c in zip(*np.where(heat[0] >= threshold)):
        h, w = np.exp(scale[:, r, c]) * 4
        x = (c + offset[1, r, c] + 0.5) * 4 - w / 2
        y = (r + offset[0, r, c] + 0.5) * 4 - h / 2
        # Landmarks are shares of the box, y before x; the box's corner is first moved into the picture.
        left, top = max(x, 0), max(y, 0)
        lm = np.stack([marks[1::2, r, c] * w + left, marks[0::2, r, c] * h + top], 1)
        rows.append([x, y, w, h, heat[0, r, c], *lm.ravel()])
    return np.array(rows, np.float64).reshape(-1, 15)


def clip(rows, width, height):
    """Boxes cut to the picture; those with nothing left fall out."""
    x0, y0 = np.clip(rows[:, 0], 0, width), np.clip(rows[:, 1], 0, height)
    x1, y1 = np.clip(rows[:, 0] + rows[:, 2], 0, width), np.clip(rows[:, 1] + rows[:, 3], 0, height)
    rows = rows.copy()
    rows[:, :4] = np.stack([x0, y0, x1 - x0, y1 - y0], 1)
    return rows[(rows[:, 2] >= 1) & (rows[:, 3] >= 1)]


def iou(a, b):
    w = min(a[0] + a[2], b[0] + b[2]) - max(a[0], b[0])
    h = min(a[1] + a[3], b[1] + b[3]) - max(a[1], b[1])
    both = max(w, 0) * max(h, 0)
    return both / (a[2] * a[3] + b[2] * b[3] - both)


def suppress(rows):
    kept = []
    for row in sorted(rows, key=lambda row: -row[4]):
        if all(iou(row, other) <= NMS_IOU for other in kept):
            kept.append(row)
    return kept


STEPS = (("yunet_320", yunet, "face_detection_yunet_2023mar.onnx", 320, 0.6),
         ("yunet_640", yunet, "face_detection_yunet_2023mar.onnx", 640, 0.6),
         ("centerface_320", centerface, "centerface.onnx", 320, 0.4))
_nets = {}


def net(name):
    return _nets.setdefault(name, None) or _nets.__setitem__(name, session(name)) or _nets[name]


def faces(picture, steps=STEPS, square=False):
    for name, decode, model, side, threshold in steps:
        blob, scale = letterbox(picture, side, square)
        rows = decode(net(model), blob, threshold)
        rows[:, [0, 1, 2, 3, *range(5, 15)]] /= scale
        kept = suppress(clip(rows, *picture.size))
        if kept:
            return name, kept
    return None, []


def main():
    golden = []
    for path in sys.argv[1:]:
        picture = ImageOps.exif_transpose(Image.open(path)).convert("RGB")
        step, found = faces(picture)
        golden.append({"path": path, "width": picture.width, "height": picture.height, "step": step,
                       "faces": [[round(float(v), 3) for v in row] for row in found]})
    json.dump(golden, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
