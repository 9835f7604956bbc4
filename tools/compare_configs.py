"""Changes every field of the decoders' configurations and compares what transformers and sglp make of each.

    python tools/compare_configs.py [--only llama] [--verbose]      # needs torch, transformers, safetensors; some minutes

For every family a pico network is written under many config.json files: each field of transformers' own config class
absent, null and with plausible other values, further fields that people's files have, other ways to name the tensors.
transformers opens each, loses layer 1, and computes logits; `sglp apply` removes layer 1 too, and what it wrote is opened
in transformers again. Printed is one line a change:

  same        both read it, the logits agree, and the written directory opens with no tensor missing or unexpected
  refused     sglp does not read it (whatever transformers does)
  beyond      sglp reads what transformers refuses, or opens with tensors missing
  DIFFERENT   the logits differ, or what was written does not open: the script ends with 1

Logits of a change that are those of the unchanged network are marked with `=`, so one can see which fields matter at all.
"""

import argparse
import collections
import dataclasses
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM

ROOT = Path(__file__).resolve().parent.parent
ABSENT, VOCABULARY, TOLERANCE = object(), 48, 1e-4
LLAMA3 = dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=32)
LINEAR = dict(rope_type="linear", factor=2.5)


def base(family):
    names = {"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3"}
    common = dict(
        architectures=[names[family] + "ForCausalLM"], model_type=family, hidden_size=16, intermediate_size=24,
        num_hidden_layers=4, num_attention_heads=4, num_key_value_heads=2, vocab_size=VOCABULARY,
        max_position_embeddings=64, rms_norm_eps=1e-5, hidden_act="silu", initializer_range=0.02,
        tie_word_embeddings=False, use_cache=True, bos_token_id=1, eos_token_id=2, rope_theta=10000.0, dtype="float32")
    own = {"llama": dict(head_dim=4, attention_bias=False, mlp_bias=False), "mistral": dict(sliding_window=5, head_dim=4),
           "qwen2": dict(use_sliding_window=True, sliding_window=5, max_window_layers=2),
           "qwen3": dict(head_dim=4, attention_bias=False, use_sliding_window=True, sliding_window=5, max_window_layers=2)}
    return common | own[family]


def others(name, value):
    """Plausible other values of a field by the type of the one it has."""
    if isinstance(value, bool):
        return [not value, int(value)]
    if isinstance(value, int):
        return sorted({value + 1, 2 * value, value // 2, 0, 1, -1} - {value}) + [str(value), float(value)]
    if isinstance(value, float):
        return [value * 2, value / 2, 0.0, 1, str(value)]
    if isinstance(value, list):
        return [[]]
    return []


def by_class(family):
    """Every field of the configuration class, and of the common one below it."""
    config, values = type(AutoConfig.for_model(family)), base(family)
    for field in dataclasses.fields(config):
        value = values.get(field.name, field.default)
        yield field.name, {field.name: ABSENT}
        yield field.name, {field.name: None}
        for other in others(field.name, value):
            yield field.name, {field.name: other}


def by_hand(family):
    """What people's files have."""
    for act in ("swish", "gelu", "relu", "quick_gelu", "SiLU"):
        yield "hidden_act", {"hidden_act": act}
    for value in (False, True, 0, "false"):
        yield "is_causal", {"is_causal": value}
    for old in (LINEAR, LLAMA3, dict(type="linear", factor=2.5), dict(type="default"), dict(rope_type="default", factor=2.0), {},
                dict(rope_type="linear", factor=2.5, rope_theta=500.0), LINEAR | dict(original_max_position_embeddings=32),
                LINEAR | dict(low_freq_factor=1.0, high_freq_factor=4.0), LLAMA3 | dict(attention_factor=2.0),
                LLAMA3 | dict(type="linear"), dict(type="llama3") | {k: v for k, v in LLAMA3.items() if k != "rope_type"},
                {k: v for k, v in LLAMA3.items() if k != "original_max_position_embeddings"},
                dict(rope_type="default", mrope_section=[1, 1]), dict(type="mrope", mrope_section=[1, 1]),
                dict(factor=2.0), dict(rope_type="dynamic", factor=2.0), dict(rope_type="yarn", factor=2.0),
                dict(rope_type="linear", factor=1), dict(rope_type="linear", factor=0.5), dict(rope_type="linear", factor=None),
                LINEAR | dict(partial_rotary_factor=0.5), dict(rope_type="default", partial_rotary_factor=0.5),
                LINEAR | dict(truncate=False), dict(rope_type=None, type="linear", factor=2.0), dict(rope_type=None, factor=2.0),
                dict(rope_type="linear", type=None, factor=2.0), LLAMA3 | dict(original_max_position_embeddings=None),
                LLAMA3 | dict(factor=0.5), LLAMA3 | dict(high_freq_factor=1.0), dict(rope_type="linear", factor="2.5"),
                dict(rope_type="linear", factor=2.5, rope_theta=None), dict(full_attention=LINEAR),
                dict(full_attention=dict(rope_type="default", rope_theta=500.0), sliding_attention=dict(rope_type="default"))):
        yield "rope_scaling", {"rope_scaling": old}
        yield "rope_parameters", {"rope_parameters": old}
        yield "rope_parameters alone", {"rope_parameters": old, "rope_theta": ABSENT}
    now = dict(rope_type="default", rope_theta=500.0)
    for old in (LINEAR, LINEAR | dict(rope_theta=2000.0), dict(type="default"), {}, None, LLAMA3):
        yield "both ropes", {"rope_scaling": old, "rope_parameters": now}
        yield "both ropes", {"rope_scaling": old, "rope_parameters": now, "rope_theta": ABSENT}
        yield "both ropes", {"rope_scaling": old, "rope_parameters": LINEAR | now}
    for name, values in (("original_max_position_embeddings", [32]), ("partial_rotary_factor", [0.5, 1.0, None]), ("rope_theta", [None, "10000.0", 500, 0, ABSENT])):
        for value in values:
            for old in ({}, {"rope_scaling": LINEAR}, {"rope_scaling": LLAMA3},
                        {"rope_scaling": {k: v for k, v in LLAMA3.items() if k != "original_max_position_embeddings"}}):
                yield name, {name: value} | old
    yield "max_position_embeddings", {"max_position_embeddings": ABSENT,
                                      "rope_scaling": {k: v for k, v in LLAMA3.items() if k != "original_max_position_embeddings"}}
    for name, values in FURTHER.items():
        for value in values:
            yield name, {name: value}
    types = ["full_attention", "sliding_attention", "full_attention", "sliding_attention"]
    for more in ({}, {"use_sliding_window": False}, {"sliding_window": None}):
        yield "layer_types", {"layer_types": types} | more
        yield "layer_types", {"layer_types": ["full_attention"] * 4} | more
        yield "layer_types", {"layer_types": ["sliding_attention"] * 4} | more
    yield "layer_types", {"layer_types": ["attention"] * 4}
    yield "layer_types", {"layer_types": ["full_attention"] * 5}
    yield "sliding_window", {"sliding_window": 2, "use_sliding_window": True}
    yield "sliding_window", {"sliding_window": 2, "use_sliding_window": False}
    for name in ("architectures",):
        for value in ([AutoModelForCausalLM._model_mapping[type(AutoConfig.for_model(family))].__name__.replace("ForCausalLM", "Model")], None, [], "LlamaForCausalLM", ["LlamaForCausalLM", "Other"], ["LLaMAForCausalLM"]):
            yield name, {name: value}


FURTHER = {
    "use_flash_attn": [True, False], "attention_probs_dropout_prob": [0.0, 0.1], "hidden_dropout_prob": [0.1], "attn_pdrop": [0.1],
    "resid_pdrop": [0.1], "embd_pdrop": [0.1], "hidden_dropout": [0.1], "classifier_dropout": [0.1], "mlp_dropout": [0.1],
    "attn_implementation": ["eager", "sdpa"], "_attn_implementation": ["eager", "sdpa"], "attn_config": [{"a": 1}],
    "use_bidirectional_attention": [True], "bidirectional": [True], "causal": [False], "is_decoder": [True, False],
    "add_cross_attention": [True], "cross_attention_hidden_size": [16], "pruned_heads": [{}, {"0": [1]}], "tie_encoder_decoder": [True],
    "per_layer_config": [{}, {"1": {"sliding_window": 2}}, {"1": {"intermediate_size": 12}}],
    "attention_chunk_size": [4], "chunk_size_feed_forward": [2], "logits_soft_cap": [1.0], "final_logit_softcapping": [1.0],
    "attn_logit_softcapping": [1.0], "logit_scale": [0.5], "embedding_multiplier": [2.0], "residual_multiplier": [0.5],
    "attention_multiplier": [0.5], "logits_scaling": [2.0], "query_pre_attn_scalar": [4], "rope_local_base_freq": [500.0],
    "rope_interleaved": [True], "qk_norm": [True], "use_qk_norm": [True], "no_rope_layers": [[1, 1, 0, 1]], "nope_layer_interval": [2],
    "rotary_dim": [2], "rotary_pct": [0.5], "rotary_base": [500], "rope_base": [500.0], "num_experts": [0, 4], "num_local_experts": [0, 1],
    "decoder_sparse_step": [1], "mlp_only_layers": [[], [1]], "intermediate_size_mlp": [24], "moe_intermediate_size": [8],
    "num_experts_per_tok": [2], "shared_expert_intermediate_size": [8], "norm_topk_prob": [False], "router_aux_loss_coef": [0.001],
    "output_router_logits": [False], "qkv_bias": [True, False], "bias": [True], "use_bias": [True], "o_bias": [True],
    "norm_type": ["rmsnorm", "layernorm"], "layer_norm_eps": [1e-3], "norm_eps": [1e-3], "norm_epsilon": [1e-3], "layernorm_epsilon": [1e-3],
    "parallel_attn": [True], "alibi": [True], "use_parallel_residual": [True], "n_layer": [2], "num_layers": [2], "n_head": [2],
    "num_heads": [2], "n_embd": [8], "d_model": [8], "num_kv_heads": [1], "multi_query": [True], "n_positions": [32], "max_sequence_length": [32],
    "seq_length": [32], "model_max_length": [32], "pad_token_id": [0, -1, 47, 48, 100, "0"], "num_labels": [3], "id2label": [{"0": "a"}],
    "problem_type": ["regression"], "task_specific_params": [{"a": 1}], "output_attentions": [True], "output_hidden_states": [True],
    "return_dict": [False], "torchscript": [True], "use_return_dict": [False], "torch_dtype": ["float16", "bfloat16", "float32", "auto"],
    "dtype": ["float16", "bfloat16", "torch.float32", "foo"], "tie_last_hidden_states": [True], "is_encoder_decoder": [True],
    "pretraining_tp": [2], "use_mup": [True], "mup_scale": [2.0], "unsloth_fixed": [True], "unsloth_version": ["2025.1"], "use_sliding_window": [True, False],
    "quantization_config": [{}, None], "compression_config": [{"a": 1}], "rope_ratio": [2.0], "rope_fraction": [0.5], "partial_rotary_emb": [0.5],
    "attention_type": ["full"], "attention_types": [[[["global"], 4]]], "attn_bias": [True], "mlp_act": ["gelu"], "activation_function": ["gelu"],
    "hidden_activation": ["gelu_pytorch_tanh"], "hidden_act_mlp": ["gelu"], "layer_scale": [0.5], "scale_embeddings": [True], "scale_emb": [12],
    "scale_depth": [1.4], "dim_model_base": [8], "num_nextn_predict_layers": [1], "text_config": [{"hidden_size": 8}], "vision_config": [{"a": 1}],
    "head_size": [8], "kv_channels": [8], "attention_head_dim": [8], "tokenizer_class": ["LlamaTokenizer"], "_name_or_path": ["x"],
    "attention_dropout": [0.5], "use_cache": [False], "cache_implementation": ["static"], "suppress_tokens": [[1]], "temperature": [0.5], "repetition_penalty": [2.0],
    "begin_suppress_tokens": [[1]], "sliding_window_pattern": [2], "layer_norm_type": ["rms"], "block_size": [32], "transformers.js_config": [{"dtype": "q4"}],
}


def drawn(model):
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape)
        parameter.data = 1 + 0.2 * noise if "norm" in name else (0.5 if "embed" in name else 0.3) * noise
    return model.eval()


def weights(family):
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "config.json").write_text(json.dumps(base(family)))
        model = drawn(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(folder)))
    return {n: t.clone() for n, t in model.state_dict().items()}


def tensors_of(family, whole):
    """Other ways to name or leave out tensors: label, tensors, changes of the configuration."""
    bare = {n.removeprefix("model."): t for n, t in whole.items()}
    tied = {n: t for n, t in whole.items() if n != "lm_head.weight"}
    embedding = whole["model.embed_tokens.weight"]
    head_alone = {n: t for n, t in whole.items() if n != "model.embed_tokens.weight"} | {"lm_head.weight": embedding.clone()}
    name = base(family)["architectures"][0].replace("ForCausalLM", "Model")
    tie = {"tie_word_embeddings": True}
    yield "tied, no head", tied, tie
    yield "tied, both the same", tied | {"lm_head.weight": embedding.clone()}, tie
    yield "tied, both differ", whole, tie
    yield "tied, head alone", head_alone, tie
    yield "untied, no head", tied, {}
    yield "untied, head alone", head_alone, {}
    yield "bare names", bare, {}
    yield "bare names, base class", {n: t for n, t in bare.items() if n != "lm_head.weight"}, tie | {"architectures": [name]}
    yield "bare names, base class, untied", {n: t for n, t in bare.items() if n != "lm_head.weight"}, {"architectures": [name]}
    yield "bare names, base class, head", bare, {"architectures": [name]}
    yield "base class, prefix", tied, tie | {"architectures": [name]}
    yield "doubled prefix", {"model." + n: t for n, t in whole.items()}, {}
    yield "wrapper's prefix", {"module." + n: t for n, t in whole.items()}, {}
    yield "compiled", {"_orig_mod." + n: t for n, t in whole.items()}, {}
    yield "frequencies", whole | {f"model.layers.{i}.self_attn.rotary_emb.inv_freq": torch.ones(2) for i in range(4)}, {}
    yield "frequencies of the model", whole | {"model.rotary_emb.inv_freq": torch.ones(2)}, {}
    yield "no head_dim, its default", head_of_128(family, whole), {"head_dim": ABSENT}
    yield "no head_dim, null", whole, {"head_dim": None}


def head_of_128(family, whole):
    """What the projections are where a head has 128 numbers."""
    if family != "qwen3":
        return whole
    torch.manual_seed(1)
    made = {}
    for name, tensor in whole.items():
        heads = {"q_proj": 4, "k_proj": 2, "v_proj": 2}.get(name.split(".")[-2])
        if heads:
            tensor = 0.3 * torch.randn(heads * 128, 16)
        elif "o_proj" in name:
            tensor = 0.05 * torch.randn(16, 4 * 128)
        elif "q_norm" in name or "k_norm" in name:
            tensor = 1 + 0.2 * torch.randn(128)
        made[name] = tensor
    return made


@dataclasses.dataclass
class Case:
    family: str
    field: str
    label: str
    folder: Path
    verdict: str = ""
    note: str = ""


def written(folder, config, tensors):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config, indent=1))
    save_file({n: t.contiguous() for n, t in tensors.items()}, folder / "model.safetensors", metadata={"format": "pt"})
    return folder


def cases(families, root):
    for family in families:
        whole, config, seen = weights(family), base(family), set()
        changes = [("unchanged", {}), *by_class(family), *by_hand(family)]
        made = [(f, {n: v for n, v in c.items()}, whole) for f, c in changes] + [("tensors: " + l, c, t) for l, t, c in tensors_of(family, whole)]
        for number, (field, change, tensors) in enumerate(made):
            now = {n: v for n, v in (config | change).items() if v is not ABSENT}
            key = json.dumps(now, sort_keys=True)
            if tensors is whole and key in seen:
                continue
            seen.add(key)
            label = ", ".join(f"{n} " + ("absent" if v is ABSENT else json.dumps(v)) for n, v in change.items())
            yield Case(family, field, label, written(root / f"{family}-{number}", now, tensors))


def without(model, layer):
    """The same network without a layer, taken out of the module."""
    config = model.config
    model.model.layers = torch.nn.ModuleList(l for i, l in enumerate(model.model.layers) if i != layer)
    types = getattr(config, "layer_types", None)
    config.num_hidden_layers -= 1
    if types:
        config.layer_types = [t for i, t in enumerate(types) if i != layer]
    for i, l in enumerate(model.model.layers):
        l.self_attn.layer_idx = i
    return model


def opened(folder):
    """transformers' network, and what is wrong with its tensors."""
    model, loading = AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, output_loading_info=True)
    return model.eval(), [f"{what} {sorted(map(str, names))[:3]}" for what, names in loading.items() if names]


@torch.no_grad()
def logits(model, tokens):
    found = model(tokens, use_cache=False, return_dict=True)
    return found.logits.float()


class Sglp:
    """Many commands in one process: starting one for each change would take an hour."""

    SOURCE = """
        import dev.sglp.cli.Main;
        import java.io.*;
        class Many {
            public static void main(String[] none) throws IOException {
                var in = new BufferedReader(new InputStreamReader(System.in));
                for (var line = in.readLine(); line != null; line = in.readLine()) {
                    var err = new StringWriter();
                    int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true), line.split("\\t"));
                    System.out.println(code + "\\t" + err.toString().strip().replace("\\n", " / "));
                }
            }
        }"""

    def __init__(self, folder):
        subprocess.run([ROOT / "sglp", "--version"], check=True, stdout=subprocess.DEVNULL)  # builds it where that is needed
        target, source = ROOT / "core/target", folder / "Many.java"
        source.write_text(self.SOURCE)
        jar = next(target.glob("sglp-*.jar"))
        self.process = subprocess.Popen(
            [(target / "jdk").read_text() + "/bin/java", "--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow",
             "-cp", f"{jar}:{(target / 'classpath.txt').read_text().strip()}", source],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def apply(self, folder):
        """Exit code and what was said."""
        words = ["apply", folder.parent / "plan.json", folder, "--out", folder / "out", "--any-weights", "--quiet", "--threads", "1"]
        self.process.stdin.write("\t".join(map(str, words)) + "\n")
        self.process.stdin.flush()
        code, said = self.process.stdout.readline().rstrip("\n").split("\t", 1)
        return int(code), said


def judged(case, code, said, unchanged):
    if code == 4:
        return "DIFFERENT", said
    message = said.split("] ", 1)[-1][:150]
    try:
        model, wrong = opened(case.folder)
        if any(w.startswith("missing") for w in wrong):
            raise ValueError("; ".join(wrong))
        model = without(model, 1)
        logits(model, torch.zeros(1, 2, dtype=torch.long))
    except Exception as e:  # whatever transformers ends with
        if code:
            return "refused", "both"
        ours = load_file(case.folder / "out" / "proof.st")["logits"]
        equal = "=" if unchanged is not None and (ours - unchanged).abs().max() < TOLERANCE else ""
        return "beyond", f"{equal} transformers: {str(e).strip().splitlines()[0][:150]}".strip()
    if code:
        return "refused", message
    proof = load_file(case.folder / "out" / "proof.st")
    expected = logits(model, proof["input"].long())
    apart = float((expected - proof["logits"]).abs().max())
    equal = "=" if unchanged is not None and torch.equal(expected, unchanged) else ""
    if apart > TOLERANCE or any("mismatched" in w for w in wrong):
        return "DIFFERENT", f"logits {apart:.2e} apart; {wrong}"
    try:
        again, wrong = opened(case.folder / "out")
    except Exception as e:
        return "DIFFERENT", "what was written does not open: " + str(e).strip().splitlines()[0][:150]
    apart = float((logits(again, proof["input"].long()) - proof["logits"]).abs().max())
    return ("DIFFERENT" if wrong or apart > TOLERANCE else "same", f"{equal} {'; '.join(wrong)}{f' written {apart:.2e} apart' if apart > TOLERANCE else ''}".strip())


def plan(root):
    (root / "plan.json").write_text(json.dumps(dict(
        removed=[1], names=["x"], method="sglp", criterion="loss", layers=4, segmentation=dict(boundaries=[0, 4], losses=[0.0], rule="given"),
        quota=[1], candidates=dict(scored=1, possible=4, search="all"), choices=[], verification=[],
        provenance=dict(model="pico", weights="00", data="none", seed=0, version="0"))))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="llama,mistral,qwen2,qwen3", help="families, comma-separated")
    parser.add_argument("--field", default="", help="only fields that contain this")
    parser.add_argument("--verbose", action="store_true", help="print every change, not only a summary of the fields")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    counts, bad, unchanged = collections.Counter(), 0, {}
    with tempfile.TemporaryDirectory() as made:
        root = Path(made)
        plan(root)
        sglp = Sglp(root)
        for case in cases(arguments.only.split(","), root):
            if arguments.field not in case.field and case.field != "unchanged":
                continue
            case.verdict, case.note = judged(case, *sglp.apply(case.folder), unchanged.get(case.family))
            if case.field == "unchanged":
                unchanged[case.family] = logits(without(opened(case.folder)[0], 1), load_file(case.folder / "out/proof.st")["input"].long())
            counts[case.family, case.verdict] += 1
            bad += case.verdict == "DIFFERENT"
            shutil.rmtree(case.folder)
            if arguments.verbose or case.verdict in ("DIFFERENT", "beyond"):
                print(f"{case.family:8}{case.verdict:10} {case.field + ': ' if case.field.startswith('tensors') else ''}{case.label}   [{case.note}]", flush=True)
    verdicts = ("same", "refused", "beyond", "DIFFERENT")
    print(f"transformers {transformers.__version__}", *(f"{v:>10}" for v in verdicts))
    for family in arguments.only.split(","):
        print(f"{family:20}", *(f"{counts[family, v]:>10}" for v in verdicts))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
