"""Makes the small .npz files that the array tests read, and what numpy says is in them.

    python tools/make_npz_fixtures.py

Writes core/src/test/resources/npz/: NAME.npz, and expected.json with every value of their images as bytes or
floats, the channels first, grey ones repeated, and of signals as they are. Files in refused/ are what a reader must not take.
"""

import io
import json
import zipfile
from pathlib import Path

import numpy

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/npz"
NAMES = ["ant", "bee", "é"]


def npy(array, version):
    file = io.BytesIO()
    numpy.lib.format.write_array(file, array, version=version)
    return file.getvalue()


def images(count, *shape):
    return numpy.random.default_rng(count).integers(0, 256, (count, *shape), dtype=numpy.uint8)


def signals(count, *shape):
    return numpy.random.default_rng(count).standard_normal((count, *shape))


def labels(count, dtype):
    return (numpy.arange(count) % 3).astype(dtype)


def plain(value):
    return int(value) if value == int(value) else round(float(value), 5)


def channels_first(x):
    x = x[..., None] if x.ndim == 3 else x
    x = x if x.shape[1] in (1, 3) and x.ndim == 4 and x.shape[3] not in (1, 3) else x.transpose(0, 3, 1, 2)
    return numpy.repeat(x, 3, axis=1) if x.shape[1] == 1 else x


def main():
    HERE.mkdir(parents=True, exist_ok=True)
    floats = images(9, 4, 5, 3) / 255 - 0.5
    files = {
        "splits": {"x_train": images(12, 4, 5, 3), "y_train": labels(12, "i8"), "x_test": images(6, 4, 5, 3),
                   "y_test": labels(6, "i8")[:, None], "classes": numpy.array(NAMES)},
        "unsplit": {"images": images(30, 6, 5), "labels": labels(30, "u1")},
        "first": {"images": images(9, 3, 4, 5), "labels": labels(9, "i4"), "extra": numpy.array(1.5)},
        "fortran": {"images": numpy.asfortranarray(images(9, 4, 5, 3)), "labels": labels(9, "i2")},
        "float32": {"images": floats.astype("f4"), "labels": labels(9, "i1")},
        "float64": {"images": floats, "labels": labels(9, "u4")},
        "float16": {"images": floats.astype("f2"), "labels": labels(9, "u2"), "classes": numpy.array([b"a", b"b", b"c"])},
    }
    expected = {}
    for name, arrays in files.items():
        save = numpy.savez_compressed if name in ("unsplit", "float64", "fortran") else numpy.savez
        save(HERE / f"{name}.npz", **arrays)
        expected[name] = {key: [[plain(v) for v in image.reshape(-1)] for image in
                                channels_first(numpy.ascontiguousarray(x)).astype("f4")]
                          for key, x in arrays.items() if key.startswith(("x_", "images"))}
    for version in ((1, 0), (2, 0), (3, 0)):
        with zipfile.ZipFile(HERE / f"version{version[0]}.npz", "w") as file:
            file.writestr("images.npy", npy(images(9, 4, 5, 3), version))
            file.writestr("labels.npy", npy(labels(9, "i8"), version))
        expected[f"version{version[0]}"] = {"images": [[plain(v) for v in image.reshape(-1)] for image in
                                                       channels_first(images(9, 4, 5, 3))]}
    waves = {
        "signals": {"x_train": signals(12, 3, 7).astype("f2"), "y_train": labels(12, "i8"),
                    "x_val": signals(3, 3, 7).astype("f2"), "y_val": labels(3, "i8"),
                    "x_test": signals(6, 3, 7).astype("f2"), "y_test": labels(6, "i8")},
        "signals_fortran": {"images": numpy.asfortranarray(signals(9, 2, 5).astype("f4")), "labels": labels(9, "i8")},
        "signals_flat": {"images": signals(9, 8), "labels": labels(9, "i8")},
    }
    for name, arrays in waves.items():
        numpy.savez(HERE / f"{name}.npz", **arrays)
        expected[name] = {key: [[plain(v) for v in signal.reshape(-1)] for signal in numpy.ascontiguousarray(x)]
                          for key, x in arrays.items() if key.startswith(("x_", "images"))}
    refused = {"signal_bytes": {"images": images(9, 2, 7), "labels": labels(9, "i8")},
               "signal_pictures": {"images": signals(9, 2, 3, 4), "labels": labels(9, "i8")},
               "signal_nan": {"images": numpy.where(signals(9, 2, 7) < 1, 0, numpy.nan), "labels": labels(9, "i8")},
               "signal_infinite": {"images": signals(9, 2, 7).astype("f2") * numpy.float16(numpy.inf),
                                   "labels": labels(9, "i8")},
               "objects": {"images": numpy.array([object()] * 2, dtype=object), "labels": labels(2, "i8")},
               "big_endian": {"images": images(9, 4, 5, 3), "labels": labels(9, ">i4")},
               "integers": {"images": images(9, 4, 5, 3).astype("i8"), "labels": labels(9, "i8")},
               "one_hot": {"images": images(9, 4, 5, 3), "labels": numpy.eye(3)[labels(9, "i8")]},
               "one_class": {"images": images(9, 4, 5, 3), "labels": numpy.zeros(9, "i8")},
               "negative": {"images": images(9, 4, 5, 3), "labels": labels(9, "i8") - 1},
               "fewer": {"images": images(9, 4, 5, 3), "labels": labels(8, "i8")},
               "empty": {"images": images(0, 4, 5, 3), "labels": labels(0, "i8")},
               "alone": {"images": images(9, 4, 5, 3)},
               "other": {"data": images(9, 4, 5, 3)},
               "both": {"images": images(9, 4, 5, 3), "labels": labels(9, "i8"), "x_train": images(9, 4, 5, 3),
                        "y_train": labels(9, "i8")},
               "either": {"images": images(9, 3, 5, 3), "labels": labels(9, "i8")},
               "nan": {"images": numpy.where(floats < 0.49, floats, numpy.nan).astype("f4"), "labels": labels(9, "i8")},
               "few_names": {"images": images(9, 4, 5, 3), "labels": labels(9, "i8"), "classes": numpy.array(["a", "b"])},
               "structured": {"images": numpy.zeros((9, 4, 5), dtype=[("r", "u1"), ("g", "u1")]),
                              "labels": labels(9, "i8")}}
    (HERE / "refused").mkdir(exist_ok=True)
    for name, arrays in refused.items():
        numpy.savez(HERE / "refused" / f"{name}.npz", **arrays)
    text = ",\n".join(f'"{k}": {json.dumps(v)}' for k, v in expected.items())
    (HERE / "expected.json").write_text("{\"made_by\": \"numpy " + numpy.__version__ + "\",\n" + text + "}\n")


if __name__ == "__main__":
    main()
