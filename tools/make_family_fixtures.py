"""Pico language models of many families with transformers' own logits, for the tests of the decoder families.

    python tools/make_family_fixtures.py core/src/test/resources/family [gemma2 gpt2/stanford ...]

Needs torch, transformers and safetensors. Makes DIR/FAMILY/VARIANT, all of them or the named ones; each holds
  config.json            by hand, with the fields that published checkpoints of that family have
  model.safetensors      random weights, norms and biases away from 1 and 0; names as published checkpoints have them
  expected.safetensors   tokens and targets [2, 24] (targets -100 where nothing is to be predicted), logits of the
                         whole network and `logits_without` the removed layers, the mean loss, and `gradient_norms`:
                         the Euclidean norm of the gradient of each parameter in the file, in sorted order of the
                         names the file gives them (the metadata's `gradients` holds these names)
  removal.json           `removed`: the layers; `config`: the fields of config.json that change with them;
                         `query_scales`: where config.json cannot say it, by what each kept layer's queries are
                         multiplied
The script ends with an error where transformers, reading the written folder, finds a tensor missing or unexpected or
computes other logits, and where the folder of the network without the layers does.
"""

import copy
import json
import re
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from family_configs import VARIANTS
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.core_model_loading import revert_weight_conversion
from transformers.modeling_utils import remove_tied_weights_from_state_dict

TOKENS, PADDING = 24, 5
SENSITIVE = 5e-5
EQUAL = 2e-6
ZERO_CENTRED = ("gemma", "gemma2", "gemma3_text")
MADE_BY = f"tools/make_family_fixtures.py, torch {torch.__version__}, transformers {transformers.__version__}"


def drawn(model):
    """Weights that matter: each moves the logits by about one."""
    zero_centred = model.config.model_type in ZERO_CENTRED
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape)
        if re.search(r"norm|\.ln_", name):
            centre = 0 if zero_centred or name.endswith("bias") else 1
            parameter.data = centre + 0.2 * noise
        else:
            parameter.data = (0.5 if re.search(r"embed|\.wte|\.wpe", name) else 0.3) * noise
    return model.eval()


def in_file(model, tensors, variant):
    """Tensors by the names that the checkpoint has, from those by transformers' own."""
    tensors = remove_tied_weights_from_state_dict(dict(tensors), model)
    return {variant.name(n): t.contiguous() for n, t in revert_weight_conversion(model, tensors).items()}


def layers_of(model):
    """The module that holds the layers, and under which name."""
    return next((owner, name) for owner in model.base_model.modules() for name, child in owner.named_children()
                if isinstance(child, torch.nn.ModuleList) and len(child) == model.config.num_hidden_layers)


def without_in_config(config, removed):
    """The fields that say how many layers there are and what each of them is, of the network without some."""
    kept = [i for i in range(config.num_hidden_layers) if i not in removed]
    fields = {type(config).attribute_map.get("num_hidden_layers", "num_hidden_layers"): len(kept)}
    for name in ("layer_types", "no_rope_layers"):
        if getattr(config, name, None):
            fields[name] = [getattr(config, name)[i] for i in kept]
    if hasattr(config, "mlp_only_layers"):
        step, dense = config.decoder_sparse_step, config.mlp_only_layers or []
        fields["mlp_only_layers"] = [j for j, i in enumerate(kept) if i in dense or (i + 1) % step]
        fields["decoder_sparse_step"] = 1
    return fields


def without(model, removed):
    """The same network without some layers, taken out of the module."""
    pruned = copy.deepcopy(model)
    owner, name = layers_of(pruned)
    fields = without_in_config(pruned.config, removed)
    setattr(owner, name, torch.nn.ModuleList(l for i, l in enumerate(getattr(owner, name)) if i not in removed))
    for field_name, value in fields.items():
        setattr(pruned.config, field_name, value)
    return pruned, fields


def renumbered(tensors, removed):
    """The same tensors without those of some layers, names as if there had never been more."""
    kept = {}
    for name, tensor in tensors.items():
        found = re.search(r"(?<![a-z])(?:layers|h)\.(\d+)\.", name)
        if not found:
            kept[name] = tensor
        elif (number := int(found[1])) not in removed:
            below = sum(r < number for r in removed)
            kept[name[:found.start(1)] + str(number - below) + name[found.end(1):]] = tensor
    return kept


def query_scales(config, removed):
    """GPT-2 can divide the scores of a layer by its number: what its queries take when the number changes."""
    if not getattr(config, "scale_attn_by_inverse_layer_idx", False):
        return None
    kept = [i for i in range(config.num_hidden_layers) if i not in removed]
    return [(j + 1) / (i + 1) for j, i in enumerate(kept)]


def scaled(tensors, scales):
    tensors = {n: t.clone() for n, t in tensors.items()}
    for name, tensor in tensors.items():
        if found := re.search(r"h\.(\d+)\.attn\.c_attn\.", name):
            tensor[..., :tensor.shape[-1] // 3] *= scales[int(found[1])]
    return tensors


def opened(folder, attention):
    """What transformers reads, which has to be all there is."""
    model, loading = AutoModelForCausalLM.from_pretrained(
        folder, dtype=torch.float32, attn_implementation=attention, experts_implementation="eager",
        output_loading_info=True)
    if wrong := {what: names for what, names in loading.items() if names}:
        raise SystemExit(f"{folder}: {wrong}")
    return model.eval()


def written(folder, values, tensors):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values, indent=2) + "\n")
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})


@torch.no_grad()
def logits(model, tokens):
    return model(tokens, use_cache=False).logits


@torch.no_grad()
def sensitivity(model, inputs, answers=logits):
    """How far answers move, at most, when every weight is off by about one float32 rounding; in float64."""
    exact = copy.deepcopy(model).double()
    for module in exact.modules():
        if hasattr(module, "reorder_and_upcast_attn"):  # GPT-2's own order of the same products, for float32 only
            module.reorder_and_upcast_attn = False
    inputs = inputs.double() if inputs.is_floating_point() else inputs
    most, found = 0.0, answers(exact, inputs)
    for seed in range(8):
        generator = torch.Generator().manual_seed(seed)
        off = copy.deepcopy(exact)
        for parameter in off.parameters():
            parameter.mul_(1 + 1e-7 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        most = max(most, float((answers(off, inputs) - found).abs().max()))
    return most


def drawn_tokens(model, label):
    """Tokens on which float32 can be compared to 1e-4; without the one for padding, whose row has no gradient."""
    vocabulary, padding = model.config.vocab_size, model.config.pad_token_id
    for attempt in range(50):
        tokens = torch.randint(0, vocabulary, (2, TOKENS))
        tokens[tokens == padding] = (vocabulary - 1 if padding == 0 else 0)
        if sensitivity(model, tokens) < SENSITIVE:
            return tokens
    raise SystemExit(f"{label}: no tokens on which float32 can be compared")


def expected(model, variant, label):
    """What transformers computes, and the fields of the configuration without the layers."""
    tokens = drawn_tokens(model, label)
    targets = torch.roll(tokens, -1, 1)
    targets[:, -1] = -100
    targets[1, -PADDING:] = -100
    found = model(tokens, use_cache=False).logits
    loss = torch.nn.functional.cross_entropy(found.flatten(0, 1), targets.flatten())
    loss.backward()
    gradients = {n: torch.zeros_like(p) if p.grad is None else p.grad for n, p in model.named_parameters()}
    gradients = in_file(model, gradients, variant)
    norms = torch.stack([gradients[n].norm() for n in sorted(gradients)])
    model.zero_grad()
    pruned, fields = without(model, variant.removed)
    tensors = {"tokens": tokens, "targets": targets, "logits": found.detach(), "loss": loss.detach(),
               "gradient_norms": norms, "logits_without": logits(pruned, tokens)}
    return tensors, sorted(gradients), fields


def saved(tensors, file, metadata):
    """A file whose bytes are the same each time: the library writes the metadata in any order."""
    save_file(tensors, file, metadata=metadata)
    raw = file.read_bytes()
    length = int.from_bytes(raw[:8], "little")
    header = json.loads(raw[8:8 + length])
    header["__metadata__"] = dict(sorted(header["__metadata__"].items()))
    again = json.dumps(header, separators=(",", ":"), ensure_ascii=False).encode().ljust(length)
    if len(again) != length:
        raise SystemExit(f"{file}: the header is written otherwise")
    file.write_bytes(raw[:8] + again + raw[8 + length:])


def apart(first, second):
    return float((first - second).abs().max())


def check(folder, variant, tensors, wanted, removal, label):
    """Whether what was written, and the same without the layers, is read as what was computed."""
    tokens = wanted["tokens"]
    found = {"whole": apart(logits(opened(folder, variant.attention), tokens), wanted["logits"])}
    smaller = renumbered(tensors, removal["removed"])
    if scales := removal.get("query_scales"):
        smaller = scaled(smaller, scales)
    with tempfile.TemporaryDirectory() as made:
        written(Path(made), variant.config | removal["config"], smaller)
        found["without"] = apart(logits(opened(Path(made), variant.attention), tokens), wanted["logits_without"])
    if max(found.values()) > (EQUAL * 10 if scales else EQUAL):
        raise SystemExit(f"{label}: what was read differs {found}")
    return apart(wanted["logits"], wanted["logits_without"])


def make(folder, variant, label):
    torch.manual_seed(sum(map(ord, label)))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(variant.config, indent=2) + "\n")
    model = drawn(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder), dtype=torch.float32,
                                                   attn_implementation=variant.attention,
                                                   experts_implementation="eager"))
    if variant.stored:
        for parameter in model.parameters():
            parameter.data = parameter.data.to(variant.stored).float()
    tensors = in_file(model, model.state_dict(), variant)
    tensors |= variant.more(tensors)
    if variant.stored:
        tensors = {n: t.to(variant.stored) for n, t in tensors.items()}
    written(folder, variant.config, tensors)
    wanted, names, fields = expected(model, variant, label)
    missing = [n for n in names if n not in tensors]
    if missing:
        raise SystemExit(f"{label}: no such tensors {missing}")
    saved(wanted, folder / "expected.safetensors", {"gradients": json.dumps(names), "made_by": MADE_BY})
    removal = {"removed": variant.removed, "config": fields}
    if scales := query_scales(model.config, variant.removed):
        removal["query_scales"] = scales
    (folder / "removal.json").write_text(json.dumps(removal) + "\n")
    moved = check(folder, variant, tensors, wanted, removal, label)
    size = sum(f.stat().st_size for f in folder.iterdir())
    print(f"{label:28} {size:8} bytes, logits up to {wanted['logits'].abs().max():.2f}, "
          f"{moved:.2f} apart without {variant.removed}, {json.dumps(fields)}", flush=True)


def main(home, wanted):
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    for label, variant in VARIANTS.items():
        if not wanted or label in wanted or label.split("/")[0] in wanted:
            make(home / label, variant, label)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
