"""Pico encoders with transformers' own numbers, for the tests of the encoder families.

    python tools/make_encoder_fixtures.py core/src/test/resources/encoder [bert distilbert/masked ...]

Needs torch, transformers and safetensors. Makes DIR/FAMILY/VARIANT, all of them or the named ones; each holds
  config.json            by hand, with the fields that published checkpoints of that family have
  modules.json, 1_Pooling/config.json   where the variant has them, as sentence-transformers writes them
  model.safetensors      random weights, norms and biases away from 1 and 0; names as published checkpoints have them
  expected.safetensors   tokens [2, 24]; hidden: the last hidden state; output: the embedding [2, D], or the logits of a
                         masked-token head [2, 24, V] where there is one; targets: random embeddings, or tokens, -100 where
                         nothing is asked; loss: the mean of one minus the cosine, or of the cross-entropy; gradient_norms:
                         of each parameter that it depends on, in sorted order of their names in the file (the metadata's
                         `gradients` holds them); hidden_without, output_without: without the removed layers
  removal.json           `removed`: the layers; `config`: the fields of config.json that change with them
The script ends with an error where transformers, reading the written folder, finds other numbers than the module gave.
"""

import copy
import json
import re
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModel, AutoModelForMaskedLM

TOKENS = 24
MADE_BY = f"tools/make_encoder_fixtures.py, torch {torch.__version__}, transformers {transformers.__version__}"
BERT = dict(attention_probs_dropout_prob=0.1, hidden_act="gelu", hidden_dropout_prob=0.1, hidden_size=24,
            initializer_range=0.02, intermediate_size=40, layer_norm_eps=1e-12, max_position_embeddings=40,
            model_type="bert", num_attention_heads=3, num_hidden_layers=4, pad_token_id=0,
            position_embedding_type="absolute", transformers_version="4.8.2", type_vocab_size=2, use_cache=True,
            vocab_size=97)
ROBERTA = BERT | dict(model_type="roberta", bos_token_id=0, eos_token_id=2, pad_token_id=1, layer_norm_eps=1e-5,
                      type_vocab_size=1, max_position_embeddings=42)
DISTIL = dict(activation="gelu", attention_dropout=0.1, dim=24, dropout=0.1, hidden_dim=40, initializer_range=0.02,
              max_position_embeddings=40, model_type="distilbert", n_heads=3, n_layers=4, pad_token_id=0,
              qa_dropout=0.1, seq_classif_dropout=0.2, sinusoidal_pos_embds=False, tie_weights_=True,
              transformers_version="4.10.0.dev0", vocab_size=97)
MODERN = dict(attention_bias=False, attention_dropout=0.0, bos_token_id=93, classifier_activation="gelu",
              classifier_bias=False, classifier_dropout=0.0, classifier_pooling="mean", cls_token_id=93,
              decoder_bias=True, deterministic_flash_attn=False, embedding_dropout=0.0, eos_token_id=94,
              global_attn_every_n_layers=3, global_rope_theta=160000.0, gradient_checkpointing=False,
              hidden_activation="gelu", hidden_size=24, initializer_cutoff_factor=2.0, initializer_range=0.02,
              intermediate_size=20, layer_norm_eps=1e-05, local_attention=8, local_rope_theta=10000.0,
              max_position_embeddings=64, mlp_bias=False, mlp_dropout=0.0, model_type="modernbert", norm_bias=False,
              norm_eps=1e-05, num_attention_heads=3, num_hidden_layers=6, pad_token_id=92,
              position_embedding_type="absolute", reference_compile=True, sep_token_id=94, torch_dtype="float32",
              transformers_version="4.47.0.dev0", vocab_size=97)
TIED = {"cls.predictions.decoder.weight": "embeddings.word_embeddings.weight",
        "lm_head.decoder.weight": "embeddings.word_embeddings.weight",
        "vocab_projector.weight": "embeddings.word_embeddings.weight",
        "decoder.weight": "embeddings.tok_embeddings.weight",
        "cls.predictions.decoder.bias": "cls.predictions.bias", "lm_head.decoder.bias": "lm_head.bias"}
# name: (fields, what stands before the base network's names, pooling, unit length, removed, without pooler)
VARIANTS = {
    "bert/minilm": (BERT | dict(architectures=["BertModel"]), "", "mean", True, [1, 2], False),
    "bert/masked": (BERT | dict(architectures=["BertForMaskedLM"]), "bert.", None, False, [0, 3], True),
    "bert/first": (BERT | dict(architectures=["BertModel"], hidden_act="gelu_new"), "", "cls", False, [3], True),
    "roberta/base": (ROBERTA | dict(architectures=["RobertaModel"]), "", "mean", False, [0], False),
    "roberta/masked": (ROBERTA | dict(architectures=["RobertaForMaskedLM"]), "roberta.", None, False, [1, 3], True),
    "roberta/pooled": (ROBERTA | dict(architectures=["RobertaModel"]), "roberta.", "cls", True, [2], True),
    "xlm-roberta/e5": (ROBERTA | dict(architectures=["XLMRobertaModel"], model_type="xlm-roberta"), "", "mean", True,
                       [0, 1], False),
    "xlm-roberta/masked": (ROBERTA | dict(architectures=["XLMRobertaForMaskedLM"], model_type="xlm-roberta"),
                           "roberta.", None, False, [2], True),
    "xlm-roberta/largest": (ROBERTA | dict(architectures=["XLMRobertaModel"], model_type="xlm-roberta"), "", "max",
                            False, [1], True),
    "distilbert/base": (DISTIL | dict(architectures=["DistilBertModel"]), "", None, False, [1], False),
    "distilbert/masked": (DISTIL | dict(architectures=["DistilBertForMaskedLM"]), "distilbert.", None, False, [0, 2],
                          False),
    "distilbert/sentences": (DISTIL | dict(architectures=["DistilBertModel"], activation="relu"), "", "mean", True,
                             [3], False),
    "modernbert/base": (MODERN | dict(architectures=["ModernBertModel"]), "", "mean", False, [2], False),
    "modernbert/masked": (MODERN | dict(architectures=["ModernBertForMaskedLM"]), "model.", None, False, [3, 4],
                          False),
    "modernbert/types": ({k: v for k, v in MODERN.items() if k not in ("global_attn_every_n_layers",
                          "global_rope_theta", "local_rope_theta")}
                         | dict(architectures=["ModernBertModel"], norm_bias=True, attention_bias=True, mlp_bias=True,
                                layer_types=["full_attention", "sliding_attention", "full_attention",
                                             "sliding_attention", "sliding_attention", "full_attention"],
                                rope_parameters={"full_attention": {"rope_theta": 80000.0, "rope_type": "default"},
                                                 "sliding_attention": {"rope_theta": 5000.0, "rope_type": "default"}}),
                         "", "cls", True, [1, 5], False),
}


def drawn(model):
    """Weights that matter."""
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape)
        if re.search(r"norm", name, re.I):
            parameter.data = (0 if name.endswith("bias") else 1) + 0.2 * noise
        else:
            parameter.data = (0.5 if "embed" in name else 0.3) * noise
    return model.eval()


def base_of(model):
    return model.base_model


def layers_of(model):
    return next((owner, name) for owner in base_of(model).modules() for name, child in owner.named_children()
                if isinstance(child, torch.nn.ModuleList) and len(child) == model.config.num_hidden_layers)


def fields_without(config, removed):
    kept = [i for i in range(config.num_hidden_layers) if i not in removed]
    fields = {type(config).attribute_map.get("num_hidden_layers", "num_hidden_layers"): len(kept)}
    if getattr(config, "layer_types", None):
        fields["layer_types"] = [config.layer_types[i] for i in kept]
    return fields


def without(model, removed):
    pruned = copy.deepcopy(model)
    owner, name = layers_of(pruned)
    fields = fields_without(pruned.config, removed)
    setattr(owner, name, torch.nn.ModuleList(l for i, l in enumerate(getattr(owner, name)) if i not in removed))
    for field, value in fields.items():
        setattr(pruned.config, field, value)
    return pruned, fields


def pooled(hidden, pooling, unit):
    found = {"mean": lambda: hidden.mean(1), None: lambda: hidden.mean(1), "cls": lambda: hidden[:, 0],
             "max": lambda: hidden.max(1).values}[pooling]()
    return torch.nn.functional.normalize(found, dim=1) if unit else found


def computed(model, tokens, pooling, unit):
    found = {"hidden": base_of(model)(tokens).last_hidden_state}
    head = base_of(model) is not model
    found["output"] = model(tokens).logits if head else pooled(found["hidden"], pooling, unit)
    return found


def sentence_files(folder, pooling, unit):
    if pooling is None:
        return
    kinds = ["Transformer", "Pooling"] + (["Normalize"] if unit else [])
    paths = ["", "1_Pooling", "2_Normalize"]
    modules = [dict(idx=i, name=str(i), path=paths[i], type=f"sentence_transformers.models.{k}")
               for i, k in enumerate(kinds)]
    (folder / "modules.json").write_text(json.dumps(modules, indent=2))
    (folder / "1_Pooling").mkdir(exist_ok=True)
    modes = dict(word_embedding_dimension=24, pooling_mode_cls_token=pooling == "cls",
                 pooling_mode_mean_tokens=pooling == "mean", pooling_mode_max_tokens=pooling == "max",
                 pooling_mode_mean_sqrt_len_tokens=False)
    (folder / "1_Pooling/config.json").write_text(json.dumps(modes, indent=2) + "\n")


def named(model, prefix, tensors):
    """Names as the file has them: behind `prefix`, or plain where the base network alone is saved."""
    own = model.base_model_prefix + "."
    inside = base_of(model) is not model
    return {(n if inside else prefix + n) if not (inside and not prefix and n.startswith(own)) else n[len(own):]:
            t for n, t in tensors.items()}


def opened_by(fields, bare):
    """The class that opens an encoder of this configuration, and what it is told."""
    masked = "MaskedLM" in (fields.get("architectures") or [""])[0]
    extra = {"add_pooling_layer": False} if bare and not masked else {}
    return AutoModelForMaskedLM if masked else AutoModel, {"attn_implementation": "eager"} | extra


def make(folder, name):
    fields, prefix, pooling, unit, removed, bare = VARIANTS[name]
    torch.manual_seed(sum(name.encode()))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(fields, indent=2) + "\n")
    config = AutoConfig.from_pretrained(folder, attn_implementation="eager")
    kind, how = opened_by(fields, bare)
    masked = kind is AutoModelForMaskedLM
    model = drawn(kind.from_config(config, **how))
    if masked:
        model.tie_weights()
    sentence_files(folder, pooling, unit)
    tokens = torch.randint(3, 90, (2, TOKENS))
    found = computed(model, tokens, pooling, unit)
    if masked:
        targets = torch.randint(3, 90, (2, TOKENS))
        targets[:, ::3] = -100
        loss = torch.nn.functional.cross_entropy(found["output"].flatten(0, 1), targets.flatten())
    else:
        targets = torch.randn(2, 24)
        loss = (1 - torch.nn.functional.cosine_similarity(found["output"], targets)).mean()
    loss.backward()
    gradients = {n: p.grad.norm() for n, p in named(model, prefix, dict(model.named_parameters())).items()
                 if p.grad is not None and float(p.grad.norm()) > 0}
    for one, other in TIED.items():  # named by either
        if one in gradients:
            gradients[(prefix if other.startswith("emb") else "") + other] = gradients.pop(one)
    pruned, changed = without(model, removed)
    less = {n + "_without": t for n, t in computed(pruned, tokens, pooling, unit).items()}
    tied = set() if name == "bert/masked" else TIED  # old files have them twice
    tensors = {n: t.detach().clone().contiguous() for n, t in named(model, prefix, model.state_dict()).items()
               if n not in tied}
    if name == "bert/minilm":
        tensors["embeddings.position_ids"] = torch.arange(40).view(1, -1)
    save_file(tensors, folder / "model.safetensors", metadata={"format": "pt"})
    again = kind.from_pretrained(folder, **how).eval()
    for key, value in computed(again, tokens, pooling, unit).items():
        if not torch.allclose(value, found[key], atol=1e-6):
            raise SystemExit(f"{name}: {key} is not the same when read again")
    order = sorted(gradients)
    everything = {n: t.detach().contiguous() for n, t in (found | less).items()} | dict(
        tokens=tokens, targets=targets, loss=loss.detach(), gradient_norms=torch.stack([gradients[n] for n in order]))
    save_file(everything, folder / "expected.safetensors", metadata={"made_by": MADE_BY, "gradients": json.dumps(order)})
    (folder / "removal.json").write_text(json.dumps(dict(removed=removed, config=changed), indent=2) + "\n")
    print(name, len(order), "gradients")


if __name__ == "__main__":
    root = Path(sys.argv[1])
    for variant in VARIANTS:
        if len(sys.argv) < 3 or any(variant == w or variant.startswith(w + "/") for w in sys.argv[2:]):
            make(root / variant, variant)
