"""Opens pruned encoders and vision transformers, as sglp writes them, in the libraries that they come from.

    mvn -pl core test -Dtest='EncoderConformanceTest,VisionConformanceTest' -Dsglp.written=DIR
    python tools/open_written.py DIR core/src/test/resources/encoder
    python tools/open_written.py DIR core/src/test/resources/vision

For each network: transformers, timm or torchvision opens the folder by its own configuration, no tensor is missing or too
many, and what it computes is held against `..._without` of the fixture's expected.safetensors: the same network with its
layers deleted by hand. Ends with an error where one does not open, or is more than 1e-5 of the largest number apart.
"""

import json
import sys
from pathlib import Path

import make_encoder_fixtures
import timm
import torch
import torchvision
import transformers
from make_vision_fixtures import logits_of
from open_vision import unpooled
from safetensors.torch import load_file

APART = 1e-5


def checked(loading):
    unexpected = [n for n in loading["unexpected_keys"] if not n.endswith("position_ids")]
    if loading["missing_keys"] or unexpected or loading["mismatched_keys"]:
        raise ValueError(f"missing {loading['missing_keys']}, unexpected {unexpected}, mismatched {loading['mismatched_keys']}")


def encoder(folder, label, known):
    fields, _, pooling, unit, _, bare = make_encoder_fixtures.VARIANTS[label]
    kind, how = make_encoder_fixtures.opened_by(fields, bare)
    model, loading = kind.from_pretrained(folder, output_loading_info=True, **how)
    checked(loading)
    return make_encoder_fixtures.computed(model.eval(), known["tokens"], pooling, unit)["output"], known["output_without"]


def of_timm(folder, pixels):
    return timm.create_model(f"local-dir:{folder}", pretrained=True).eval()(pixels)


def of_torchvision(folder, pixels):
    pickled = folder / "model.pth"
    tensors = torch.load(pickled) if pickled.exists() else load_file(folder / "model.safetensors")
    tensors = {n.replace(".mlp.linear_1.", ".mlp.0.").replace(".mlp.linear_2.", ".mlp.3."): t  # as older ones have it
               for n, t in tensors.items()}
    layers = len({n.split(".")[2] for n in tensors if n.startswith("encoder.layers.")})
    model = torchvision.models.VisionTransformer(
        image_size=pixels.shape[-1], patch_size=tensors["conv_proj.weight"].shape[-1], num_layers=layers,
        num_heads=json.loads((folder / "config.json").read_text())["num_heads"], hidden_dim=tensors["class_token"].shape[-1],
        mlp_dim=tensors["encoder.layers.encoder_layer_0.mlp.0.weight"].shape[0],
        num_classes=tensors["heads.head.weight"].shape[0])
    model.load_state_dict(tensors)
    return model.eval()(pixels)


def of_transformers(folder, pixels):
    kind = transformers.AutoConfig.from_pretrained(folder).architectures[0]
    model, loading = getattr(transformers, kind).from_pretrained(folder, output_loading_info=True, **unpooled(folder, kind))
    checked(loading)
    return logits_of(model.eval()(pixels))


def vision(folder, label, known):
    opened = {"timm-vit": of_timm, "torchvision-vit": of_torchvision}.get(label.split("/")[0], of_transformers)
    return opened(folder, known["pixels"]), known["logits_without"]


def main(written, fixtures):
    transformers.utils.logging.disable_progress_bar()
    opened = {"encoder": encoder, "vision": vision}[fixtures.name]
    labels = sorted(str(f.parent.relative_to(fixtures)) for f in fixtures.glob("*/*/removal.json"))
    faults, largest = 0, 0.0
    for label in labels:
        try:
            with torch.no_grad():
                found, expected = opened(written / label, label, load_file(fixtures / label / "expected.safetensors"))
            apart = float((found - expected).abs().max() / expected.abs().max())
            largest, fault = max(largest, apart), "" if apart < APART else "  FAULT"
            print(f"{label:36} {apart:.1e}{fault}")
        except Exception as e:  # whatever it ends with
            fault = f"  FAULT {type(e).__name__}: {' '.join(str(e).split())[:200]}"
            print(f"{label:36} {fault}")
        faults += bool(fault)
    print(f"transformers {transformers.__version__}, timm {timm.__version__}, torchvision {torchvision.__version__}: "
          f"{len(labels)} opened, {faults} faults, at most {largest:.1e} apart")
    sys.exit(bool(faults) or not labels)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
