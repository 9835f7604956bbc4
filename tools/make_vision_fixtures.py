"""Pico vision transformers with the logits or embeddings of transformers, timm and torchvision, for the tests of the vision families.

    python tools/make_vision_fixtures.py core/src/test/resources/vision [vit timm-vit/plain ...]

Needs torch, torchvision, transformers, timm and safetensors. Makes DIR/FAMILY/VARIANT, all of them or the named ones; each holds
  config.json, preprocessor_config.json   as the libraries write them, where they write them
  model.safetensors (or model.pth)        random weights, norms away from 1 and 0; names as published checkpoints have them
  expected.safetensors   pixels [3, C, H, W], labels [3], logits of the whole network and `logits_without` the removed layers, the
                         mean loss (of embeddings: their labels are random ones, the loss is one minus the cosine), and `gradient_norms`: the Euclidean norm of the gradient of each parameter that has one, in
                         sorted order of the names the file gives them (the metadata's `gradients` holds these names)
  removal.json           `removed`: the layers; `config`: the fields of config.json that change with them
timm.tsv holds what timm's code says of its plain vision transformers: name, width, heads, epsilon of the norms, activation.
The script ends with an error where the library, reading the written folder, computes other logits.
"""

import copy
import json
import re
import sys
from pathlib import Path

import timm
import torch
import torchvision
import transformers
from safetensors.torch import load_file, save_file
from timm.models._hub import save_for_hf
from transformers.core_model_loading import revert_weight_conversion

REMOVED, IMAGES, CLASSES = [1, 2], 3, 10
EQUAL = 2e-6
MADE_BY = (f"tools/make_vision_fixtures.py, torch {torch.__version__}, transformers {transformers.__version__}, "
           f"timm {timm.__version__}, torchvision {torchvision.__version__}")


def drawn(model):
    """Weights that matter: each moves the logits by about one."""
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape)
        if re.search(r"norm|\.ln_|\.ln\.|lambda1|gamma", name):
            parameter.data = (0 if name.endswith("bias") else 1) + 0.2 * noise
        else:
            parameter.data = (0.5 if re.search(r"token|pos", name) else 0.3) * noise
    return model.eval()


def logits_of(output):
    for name in ("logits", "image_embeds", "pooler_output"):
        if getattr(output, name, None) is not None:
            return getattr(output, name)
    return output.last_hidden_state[:, 0] if hasattr(output, "last_hidden_state") else output


def loss_of(output, labels):
    if labels.is_floating_point():
        return 1 - torch.nn.functional.cosine_similarity(output, labels).mean()
    return torch.nn.functional.cross_entropy(output, labels)


def counted(model, pixels, labels, renamed):
    """Logits, loss and norms of gradients by the file's names."""
    model.zero_grad()
    logits = logits_of(model(pixels)).contiguous()
    loss = loss_of(logits, labels)
    loss.backward()
    gradients = {n: p.grad for n, p in model.named_parameters() if p.grad is not None}
    norms = {n: g.norm() for n, g in sorted(renamed(gradients).items())}
    return logits.detach(), loss.detach(), norms


def expected(folder, model, pruned, size, renamed, embeds=0):
    pixels = torch.randn(IMAGES, 3, *size)
    labels = torch.randn(IMAGES, embeds) if embeds else torch.tensor([0, 3, CLASSES - 1])
    logits, loss, norms = counted(model, pixels, labels, renamed)
    with torch.no_grad():
        without = logits_of(pruned(pixels)).contiguous()
    assert (logits - without).abs().max() > 1e-2
    save_file({"pixels": pixels, "labels": labels, "logits": logits, "loss": loss, "logits_without": without,
               "gradient_norms": torch.stack(list(norms.values()))}, folder / "expected.safetensors",
              {"gradients": json.dumps(list(norms)), "made_by": MADE_BY})
    return pixels, logits


def removal(folder, config):
    (folder / "removal.json").write_text(json.dumps({"removed": REMOVED, "config": config}) + "\n")


def same(found, logits):
    apart = (found - logits).abs().max() / logits.abs().max()
    assert apart < EQUAL, apart


# transformers -------------------------------------------------------------------------------------------------------------

def layers_of(model):
    return next((owner, name) for owner in model.modules() for name, child in owner.named_children()
                if isinstance(child, torch.nn.ModuleList) and len(child) == model.config.num_hidden_layers)


def of_transformers(folder, kind, processor=None, size=None, pooler=True, before="", **fields):
    """A classifier, or without one the network that gives embeddings, with a pooler or without; `before`: what stands before
    every name in the file, as where the tower was cut out of a classifier's."""
    embeds = 16 if kind.endswith("Model") else 0
    also = {} if pooler else {"add_pooling_layer": False}
    config = getattr(transformers, re.split("For|Model", kind)[0] + "Config")(
        **{"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2, "patch_size": 8, "image_size": 16,
           **({} if "id2label" in fields else {"num_labels": CLASSES}),
           **({} if kind.startswith("Dinov2") else {"intermediate_size": 40}), **fields})
    config.architectures = [kind]
    model = drawn(getattr(transformers, kind)(config, **also))
    model.save_pretrained(folder)
    if processor:
        (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")

    def renamed(tensors):
        return {before + n: t for n, t in revert_weight_conversion(model, dict(tensors)).items()}

    if before:
        save_file(renamed(model.state_dict()), folder / "model.safetensors", {"format": "pt"})
    pruned = copy.deepcopy(model)
    owner, name = layers_of(pruned)
    setattr(owner, name, torch.nn.ModuleList(l for i, l in enumerate(getattr(owner, name)) if i not in REMOVED))
    pixels, logits = expected(folder, model, pruned, size or [config.image_size] * 2, renamed, embeds)
    with torch.no_grad():
        same(logits_of(getattr(transformers, kind).from_pretrained(folder, **also).eval()(pixels)), logits)
    stages = {"stage_names": ["stem", "stage1", "stage2"], "out_features": ["stage2"], "out_indices": [2]}
    removal(folder, {"num_hidden_layers": 2, **(stages if kind.startswith("Dinov2") else {})})


def of_tower(folder, kind, processor=None, embeds=16, old=False, **fields):
    """CLIP's and SigLIP's image towers; old files have `vision_model.` before every name, and numbers of positions."""
    config = getattr(transformers, kind.split("Vision")[0] + "VisionConfig")(
        **{"hidden_size": 16, "num_hidden_layers": 4, "num_attention_heads": 2, "patch_size": 8, "image_size": 16,
           "intermediate_size": 40, **fields})
    config.architectures = [kind]
    model = drawn(getattr(transformers, kind)(config))
    model.save_pretrained(folder)
    if processor:
        (folder / "preprocessor_config.json").write_text(json.dumps(processor, indent=2) + "\n")

    def renamed(tensors):
        named = revert_weight_conversion(model, dict(tensors))
        return {(n if not old or n.startswith("v") else "vision_model." + n): t for n, t in named.items()}

    if old:
        tensors = renamed(model.state_dict())
        tensors["vision_model.embeddings.position_ids"] = torch.arange(5)[None]
        save_file(tensors, folder / "model.safetensors", {"format": "pt"})
    pruned = copy.deepcopy(model)
    owner, name = layers_of(pruned)
    setattr(owner, name, torch.nn.ModuleList(l for i, l in enumerate(getattr(owner, name)) if i not in REMOVED))
    pixels, embeddings = expected(folder, model, pruned, [config.image_size] * 2, renamed, embeds)
    with torch.no_grad():
        same(logits_of(getattr(transformers, kind).from_pretrained(folder).eval()(pixels)), embeddings)
    removal(folder, {"num_hidden_layers": 2})


def of_whole(folder, kind, embeds=16, **fields):
    """The tower inside a network with a tower for texts."""
    sizes = {"hidden_size": 16, "num_attention_heads": 2, "intermediate_size": 40}
    config = getattr(transformers, kind.replace("Model", "Config"))(
        vision_config={**sizes, "num_hidden_layers": 4, "patch_size": 8, "image_size": 16},
        text_config={**sizes, "num_hidden_layers": 1, "vocab_size": 20, "max_position_embeddings": 8}, **fields)
    config.architectures = [kind]
    model = drawn(getattr(transformers, kind)(config))
    model.save_pretrained(folder)

    class Tower(torch.nn.Module):
        def __init__(self, whole):
            super().__init__()
            self.vision_model = whole.vision_model
            if hasattr(whole, "visual_projection"):
                self.visual_projection = whole.visual_projection

        def forward(self, pixels):
            found = self.vision_model(pixels).pooler_output
            return self.visual_projection(found) if hasattr(self, "visual_projection") else found

    tower, pruned = Tower(model), Tower(copy.deepcopy(model))
    layers = pruned.vision_model.encoder.layers
    pruned.vision_model.encoder.layers = torch.nn.ModuleList(l for i, l in enumerate(layers) if i not in REMOVED)
    expected(folder, tower, pruned, [16, 16], dict, embeds)
    removal(folder, {"num_hidden_layers": 2})


HALF = {"do_normalize": True, "do_rescale": True, "rescale_factor": 1 / 255, "do_resize": True, "resample": 2,
        "image_mean": [0.5, 0.5, 0.5], "image_std": [0.5, 0.5, 0.5], "image_processor_type": "ViTImageProcessor",
        "size": {"height": 16, "width": 16}}
CROPPED = {**HALF, "do_center_crop": True, "crop_size": {"height": 24, "width": 24}, "size": {"shortest_edge": 28},
           "image_mean": [0.485, 0.456, 0.406], "image_std": [0.229, 0.224, 0.225],
           "image_processor_type": "BitImageProcessor"}
RADFORD = {**CROPPED, "resample": 3, "crop_size": {"height": 16, "width": 16}, "size": {"shortest_edge": 16},
           "do_convert_rgb": True, "image_processor_type": "CLIPImageProcessor",
           "image_mean": [0.48145466, 0.4578275, 0.40821073], "image_std": [0.26862954, 0.26130258, 0.27577711]}
ZHAI = {**HALF, "resample": 3, "image_processor_type": "SiglipImageProcessor"}
NAMES = {"id2label": {i: f"class {i}" for i in range(CLASSES)}, "label2id": {f"class {i}": i for i in range(CLASSES)}}


# timm ---------------------------------------------------------------------------------------------------------------------

def of_timm(folder, architecture="vit_tiny_patch16_224", **args):
    args = {"img_size": 16, "patch_size": 8, "embed_dim": 16, "depth": 4, "num_heads": 2, "mlp_ratio": 2.5,
            "num_classes": CLASSES, **args}
    model = drawn(timm.create_model(architecture, **args))
    folder.mkdir(parents=True, exist_ok=True)
    save_for_hf(model, folder, model_args=args, safe_serialization=True)
    pruned = copy.deepcopy(model)
    pruned.blocks = torch.nn.Sequential(*(b for i, b in enumerate(pruned.blocks) if i not in REMOVED))
    pixels, logits = expected(folder, model, pruned, [args["img_size"]] * 2, dict, 0 if args["num_classes"] else 16)
    with torch.no_grad():
        same(timm.create_model(f"local-dir:{folder}", pretrained=True).eval()(pixels), logits)
    removal(folder, {})


def timm_architectures(file):
    """What neither tensors nor configurations of timm say, of all its plain vision transformers."""
    rows = []
    for name in sorted(timm.list_models(module="vision_transformer") + timm.list_models(module="deit")):
        with torch.device("meta"):
            model = timm.create_model(name)
        block = model.blocks[0] if hasattr(model, "blocks") and len(model.blocks) else None
        kinds = [type(part).__name__ for part in (model, block, *(getattr(block, p, None) for p in ("attn", "mlp", "norm1")))]
        if (kinds[0].startswith("VisionTransformer") and kinds[1:] == ["Block", "Attention", "Mlp", "LayerNorm"]
                and model.global_pool in ("token", "avg")):
            rows.append((name, model.embed_dim, block.attn.num_heads, block.norm1.eps, type(block.mlp.act).__name__))
    file.write_text("".join("\t".join(map(str, row)) + "\n" for row in rows))


# torchvision --------------------------------------------------------------------------------------------------------------

def of_torchvision(folder, old=False, pickled=False, **args):
    args = {"image_size": 16, "patch_size": 8, "num_layers": 4, "num_heads": 2, "hidden_dim": 16, "mlp_dim": 40,
            "num_classes": CLASSES, **args}
    model = drawn(torchvision.models.VisionTransformer(**args))
    folder.mkdir(parents=True, exist_ok=True)

    def renamed(tensors):
        names = {".mlp.0.": ".mlp.linear_1.", ".mlp.3.": ".mlp.linear_2."} if old else {}
        return {re.sub(r"\.mlp\.[03]\.", lambda m: names.get(m[0], m[0]), n): t for n, t in tensors.items()}

    tensors = renamed(model.state_dict())
    if pickled:
        torch.save(tensors, folder / "model.pth")
    else:
        save_file(tensors, folder / "model.safetensors")
    pruned = copy.deepcopy(model)
    pruned.encoder.layers = torch.nn.Sequential(*(b for i, b in enumerate(pruned.encoder.layers) if i not in REMOVED))
    (folder / "config.json").write_text(json.dumps({"family": "torchvision-vit", "num_heads": args["num_heads"]}) + "\n")
    pixels, logits = expected(folder, model, pruned, [args["image_size"]] * 2, renamed)
    again = torchvision.models.VisionTransformer(**args).eval()
    if not old:
        again.load_state_dict(torch.load(folder / "model.pth") if pickled else load_file(folder / "model.safetensors"))
        with torch.no_grad():
            same(again(pixels), logits)
    removal(folder, {})


VIT, DEIT, TEACHER = "ViTForImageClassification", "DeiTForImageClassification", "DeiTForImageClassificationWithTeacher"
DINO, REGISTERS = "Dinov2ForImageClassification", "Dinov2WithRegistersForImageClassification"
CLIP, SIGLIP = "CLIPVisionModel", "SiglipVisionModel"
VARIANTS = {
    "vit/plain": lambda f: of_transformers(f, VIT, processor=HALF),
    "vit/unbiased": lambda f: of_transformers(f, VIT, qkv_bias=False, hidden_act="relu", layer_norm_eps=1e-3, **NAMES),
    "vit/small_patches": lambda f: of_transformers(f, VIT, patch_size=4, image_size=24, num_attention_heads=4,
                                                   hidden_act="gelu_new"),
    "deit/plain": lambda f: of_transformers(f, DEIT),
    "deit/teacher": lambda f: of_transformers(f, TEACHER, processor=HALF, patch_size=4),
    "deit/unbiased": lambda f: of_transformers(f, TEACHER, qkv_bias=False, image_size=24, **NAMES),
    "dinov2/plain": lambda f: of_transformers(f, DINO),
    "dinov2/resized": lambda f: of_transformers(f, DINO, processor=CROPPED, image_size=40, size=[24, 24], patch_size=4),
    "dinov2/gated": lambda f: of_transformers(f, DINO, use_swiglu_ffn=True, layerscale_value=0.5),
    "dinov2_with_registers/plain": lambda f: of_transformers(f, REGISTERS, num_register_tokens=2),
    "dinov2_with_registers/resized": lambda f: of_transformers(f, REGISTERS, processor=CROPPED, image_size=40,
                                                               size=[24, 24], patch_size=4),
    "dinov2_with_registers/enlarged": lambda f: of_transformers(f, REGISTERS, processor=CROPPED, image_size=16,
                                                                size=[24, 24], qkv_bias=False),
    "timm-vit/plain": lambda f: of_timm(f),
    "timm-vit/pooled": lambda f: of_timm(f, global_pool="avg", class_token=False, patch_size=4),
    "timm-vit/registers": lambda f: of_timm(f, reg_tokens=3, no_embed_class=True, init_values=1e-5, qk_norm=True),
    "timm-vit/registers_with_positions": lambda f: of_timm(f, reg_tokens=2, global_pool="avg", qkv_bias=False, fc_norm=False),
    "timm-vit/clip": lambda f: of_timm(f, "vit_base_patch16_clip_224", pre_norm=True, img_size=24),
    "timm-vit/distilled": lambda f: of_timm(f, "deit_tiny_distilled_patch16_224"),
    "timm-vit/deit3": lambda f: of_timm(f, "deit3_small_patch16_224", global_pool="avg", pool_include_prefix=True),
    "torchvision-vit/plain": lambda f: of_torchvision(f),
    "torchvision-vit/old_names": lambda f: of_torchvision(f, old=True, image_size=24),
    "torchvision-vit/pickled": lambda f: of_torchvision(f, pickled=True, patch_size=4, num_heads=4),
    "clip_vision_model/projected": lambda f: of_tower(f, CLIP + "WithProjection", processor=RADFORD, embeds=12,
                                                      projection_dim=12),
    "clip_vision_model/plain": lambda f: of_tower(f, CLIP, hidden_act="gelu", patch_size=4),
    "clip_vision_model/prefixed": lambda f: of_tower(f, CLIP, old=True),
    "clip_vision_model/whole": lambda f: of_whole(f, "CLIPModel", embeds=12, projection_dim=12),
    "siglip_vision_model/whole": lambda f: of_whole(f, "SiglipModel"),
    "siglip_vision_model/plain": lambda f: of_tower(f, SIGLIP, processor=ZHAI),
    "siglip_vision_model/prefixed": lambda f: of_tower(f, SIGLIP, old=True, num_attention_heads=4, patch_size=4,
                                                        image_size=24, hidden_act="gelu"),
    "vit/tower": lambda f: of_transformers(f, "ViTModel", processor=HALF),
    "vit/tower_unpooled": lambda f: of_transformers(f, "ViTModel", pooler=False, qkv_bias=False, patch_size=4),
    "deit/tower": lambda f: of_transformers(f, "DeiTModel", hidden_act="relu"),
    "deit/tower_unpooled": lambda f: of_transformers(f, "DeiTModel", pooler=False),
    "dinov2/tower": lambda f: of_transformers(f, "Dinov2Model"),
    "dinov2/tower_resized": lambda f: of_transformers(f, "Dinov2Model", processor=CROPPED, image_size=40, size=[24, 24],
                                                      patch_size=4),
    "dinov2_with_registers/tower": lambda f: of_transformers(f, "Dinov2WithRegistersModel", num_register_tokens=2),
    "timm-vit/tower": lambda f: of_timm(f, num_classes=0),
    "timm-vit/tower_pooled": lambda f: of_timm(f, num_classes=0, global_pool="avg", reg_tokens=2, init_values=1e-5),
    "vit/tower_prefixed": lambda f: of_transformers(f, "ViTModel", before="vit."),
    "dinov2/tower_prefixed": lambda f: of_transformers(f, "Dinov2Model", before="dinov2."),
}


def main(where, wanted):
    if not wanted or "timm.tsv" in wanted:
        timm_architectures(where / "timm.tsv")
    for number, (name, make) in enumerate(VARIANTS.items()):
        if not wanted or any(name == w or name.startswith(w + "/") for w in wanted):
            torch.manual_seed(number)
            make(where / name)
            print(name)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
