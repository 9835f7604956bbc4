"""Proves that written image networks of transformers open there: tensors, logits or embeddings, and the image processor.

    python tools/open_vision.py DIR ...

Each DIR is what `sglp prune` wrote. No tensor may be missing or too many, and the outputs of `proof.st` are found again.
"""

import sys
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import load_file


def output_of(found):
    for name in ("logits", "image_embeds", "pooler_output"):
        if getattr(found, name, None) is not None:
            return getattr(found, name)
    return found.last_hidden_state[:, 0]


def unpooled(folder, kind):
    """What a network without its pooler has to be told."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        bare = kind in ("ViTModel", "DeiTModel") and not any("pooler" in name for name in file.keys())
    return {"add_pooling_layer": False} if bare else {}


def main(folders):
    for folder in map(Path, folders):
        kind = transformers.AutoConfig.from_pretrained(folder).architectures[0]
        model, loaded = getattr(transformers, kind).from_pretrained(folder, output_loading_info=True, **unpooled(folder, kind))
        unexpected = [n for n in loaded["unexpected_keys"] if not n.endswith("position_ids")]
        assert not loaded["missing_keys"] and not unexpected, loaded
        proof = load_file(folder / "proof.st")
        with torch.no_grad():
            found = output_of(model.eval()(proof["input"]))
        apart = ((found - proof["logits"]).abs().max() / proof["logits"].abs().max()).item()
        assert apart < 1e-5, apart
        layers = model.config.num_hidden_layers
        print(f"{folder}: {kind}, {layers} layers, outputs at most {apart:.1e} of the largest apart")
        if (folder / "preprocessor_config.json").exists():
            processor = transformers.AutoImageProcessor.from_pretrained(folder)
            print(f"  {type(processor).__name__}: size {processor.to_dict()['size']}, resample {processor.resample}, "
                  f"mean {processor.image_mean}, std {processor.image_std}")


if __name__ == "__main__":
    main(sys.argv[1:])
