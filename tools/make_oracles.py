"""Makes the fixtures in core/src/test/resources/oracle: numbers that share no code with sglp.

    SGLP_TEST_DATA=FOLDER python tools/make_oracles.py [--threads 1] [cka] [gradnorm] [pico] [evaluate]

FOLDER has models/resnet56-4bfd9763.th, models/resnet20-12fca82f.th and data/cifar10-jpeg.zip (pico needs none).

- cka: cka_resnet56.json. ResNet-56's 27 block outputs, flattened, on 128 training images (sorted names,
  every 390th); linear CKA biased, unbiased and over 4 minibatches, rbf CKA, Fisher's segments by brute force.
- gradnorm: gradnorm_resnet56.json, gradnorm_reinit.safetensors. GradNorm on the same images.
- pico: pico_resnet.json, pico_resnet.safetensors (a checkpoint), pico_batch.safetensors (input, labels,
  logits), pico_reinit.safetensors: a network so small that tests of it need no other file.
- evaluate: evaluate_resnet.json. Both networks on the first 100 test images of every class.

The network runs in float64 unless a field says float32.
"""

import argparse
import os
from pathlib import Path

import numpy as np
import torch

import similarity_oracle as similarity
from cifar_images import MEAN, STD, CifarImages
from cifar_resnet import CifarResNet, load
from evaluation_oracle import evaluate
from gradnorm_oracle import GradNorm, loss_and_norms, reinitialised, without_counters
from oracle_files import write_json, write_tensors

ORACLE = Path(__file__).parents[1] / "core/src/test/resources/oracle"
# The first row of the biased matrix as another run of PyTorch once gave it.
KNOWN_ROW = """1 .961505 .923663 .874038 .847494 .812726 .797750 .773091 .762089 .759097 .765552 .770779 .755422 .745886
.733149 .718250 .706606 .687356 .641827 .627604 .614772 .600610 .583701 .567134 .526666 .491907 .421528"""


def shared(path):
    return Path(os.environ["SGLP_TEST_DATA"]) / path


def images():
    return CifarImages(shared("data/cifar10-jpeg.zip"))


def block_outputs(model, x):
    """The flattened output of every block, each [n, d], float64."""
    with torch.inference_mode():
        return [h.flatten(1).double().numpy() for h in model.outputs(x)]


def segments(vectors):
    found = {k: similarity.fisher(vectors, k) for k in range(1, 6)}
    return [{"k": k, "boundaries": bounds, "loss": loss} for k, (bounds, loss) in found.items()]


def make_cka():
    zipped = images()
    names = zipped.calibration()
    model, (x, _) = load(shared("models/resnet56-4bfd9763.th")), zipped.batch(names)
    in32 = similarity.cka([similarity.linear_gram(f) for f in block_outputs(model, x)], similarity.hsic_biased)
    features = block_outputs(model.double(), x.double())
    grams = [similarity.linear_gram(f) for f in features]
    biased = similarity.cka(grams, similarity.hsic_biased)
    wrong = np.abs(biased[0] - np.array(KNOWN_ROW.split(), dtype=float)).max()
    if wrong > 2e-6:
        raise SystemExit(f"the first row is {wrong} away from the known one: {biased[0]}")
    rbf, medians = zip(*(similarity.rbf_gram(f, 0.5) for f in features))
    write_json(ORACLE / "cka_resnet56.json", {
        "model": "resnet56-4bfd9763.th",
        "images": {"count": len(names), "first": names[0], "second": names[1], "last": names[-1], "pixel_sum": int(zipped.pixels(names).sum(dtype=np.int64))},
        "largest_difference_with_a_float32_network": float(np.abs(in32 - biased).max()),
        "biased": biased,
        "unbiased": similarity.cka(grams, similarity.hsic_unbiased),
        "minibatch": {"size": 32, "values": similarity.minibatch_cka(features, 32)},
        "averaged": {"size": 64, "values": similarity.averaged_cka(features, 64)},
        "rbf": {"fraction": 0.5, "median_distances": list(medians), "biased": similarity.cka(rbf, similarity.hsic_biased)},
        "fisher_rows": segments(biased),
        "fisher_mean": segments(biased.mean(axis=1, keepdims=True)),
    })


def scores(gradnorm, sets):
    found = [gradnorm.dense(statistics) for statistics in ("stored", "batch")]
    for absent in sets:
        found += [gradnorm.reinit(absent, statistics) for statistics in ("batch", "stored")]
        found.append(gradnorm.identity(absent))
    return found


def make_gradnorm():
    zipped = images()
    model, names = load(shared("models/resnet56-4bfd9763.th")), zipped.calibration()
    replacement = reinitialised(model, ["layer1.3", "layer2.4", "layer2.5", "layer3.7"], seed=1)
    gradnorm = GradNorm(model, zipped.batch(names), [0, 6, 24, 27], replacement)
    write_tensors(ORACLE / "gradnorm_reinit.safetensors", replacement)
    write_json(ORACLE / "gradnorm_resnet56.json", {
        "model": "resnet56-4bfd9763.th",
        "images": {"count": len(names), "first": names[0], "last": names[-1]},
        "boundaries": gradnorm.boundaries,
        "removable": gradnorm.removable,
        "scores": scores(gradnorm, [[3], [13], [25], [13, 14]]),
    })


def pico_network():
    """Seed 0; batch norm with weights, biases and statistics that are neither 0 nor 1."""
    torch.manual_seed(0)
    model = CifarResNet([2, 2, 2], [4, 8, 16], 5)
    for name, tensor in without_counters(model.state_dict()).items():
        if name.endswith(("running_var", "bn1.weight", "bn2.weight")):
            tensor.uniform_(0.5, 1.5)
        elif tensor.dim() == 1:
            tensor.normal_(0, 0.2)
        else:
            tensor.normal_(0, (2 / tensor[0].numel()) ** 0.5)
    return model.eval()


def make_pico():
    model = pico_network()
    x, y = torch.randn(8, 3, 16, 16), torch.randint(5, (8,))
    write_tensors(ORACLE / "pico_resnet.safetensors", without_counters(model.state_dict()))
    write_tensors(ORACLE / "pico_batch.safetensors", {"input": x, "labels": y, "logits": model(x)})
    replacement = reinitialised(model, ["layer1.1", "layer2.1"], seed=1)
    write_tensors(ORACLE / "pico_reinit.safetensors", replacement)
    gradnorm = GradNorm(model, (x, y), [0, 2, 4, 6], replacement)
    found = scores(gradnorm, [[1], [3]])
    model, x = model.double(), x.double()
    features = block_outputs(model, x)
    grams = [similarity.linear_gram(f) for f in features]
    loss, norms = loss_and_norms(model, x, y)
    write_json(ORACLE / "pico_resnet.json", {
        "config": {"family": "cifar-resnet", "depths": [2, 2, 2], "widths": [4, 8, 16], "classes": 5,
                   "class_names": ["a", "b", "c", "d", "e"], "normalisation": {"mean": MEAN, "std": STD}},
        "labels": y.tolist(),
        "logits": model(x).tolist(),
        "loss": loss,
        "block_output_sums": [float(f.sum()) for f in features],
        "cka_biased": similarity.cka(grams, similarity.hsic_biased),
        "cka_unbiased": similarity.cka(grams, similarity.hsic_unbiased),
        "gradient_norms": [{"name": name, "norm": norm} for name, norm in norms.items()],
        "boundaries": gradnorm.boundaries,
        "removable": gradnorm.removable,
        "scores": found,
    })


def make_evaluate():
    zipped = images()
    names = zipped.first_of_every_class(100)
    batch = zipped.batch(names)
    results = {name: evaluate(load(shared(f"models/{name}")), batch, 250) for name in ("resnet20-12fca82f.th", "resnet56-4bfd9763.th")}
    write_json(ORACLE / "evaluate_resnet.json", {
        "images": {"count": len(names), "of_every_class": 100, "first": names[0], "last": names[-1], "pixel_sum": int(zipped.pixels(names).sum(dtype=np.int64))},
        "network": "float32, batches of 250",
        "models": results,
    })


def main():
    makers = {"cka": make_cka, "gradnorm": make_gradnorm, "pico": make_pico, "evaluate": make_evaluate}
    parser = argparse.ArgumentParser(description="Makes sglp's test fixtures.")
    parser.add_argument("what", nargs="*", metavar="WHAT", help=f"{', '.join(makers)}; all by default")
    parser.add_argument("--threads", type=int, default=1)
    settings = parser.parse_args()
    if unknown := set(settings.what) - set(makers):
        parser.error(f"unknown: {', '.join(sorted(unknown))}; known are {', '.join(makers)}")
    torch.set_num_threads(settings.threads)
    ORACLE.mkdir(parents=True, exist_ok=True)
    for what in settings.what or makers:
        makers[what]()


if __name__ == "__main__":
    main()
