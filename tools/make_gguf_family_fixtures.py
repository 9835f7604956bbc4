"""Makes core/src/test/resources/gguf/family: pico networks of the families, as llama.cpp's converter writes them.

    python tools/make_gguf_family_fixtures.py [gemma2 ...]
    python tools/make_gguf_family_fixtures.py --written DIR

Each is one of core/src/test/resources/family (make_family_fixtures.py), written with the `gguf` package: names by its own
table, and by the rules of convert_hf_to_gguf.py rows of queries and keys in pairs (Llama, OLMo, Granite, SmolLM3), norms by
their whole numbers (Gemma), matrices the other way round (GPT-2), queries, keys and values kind by kind (GPT-NeoX, Falcon),
experts and norms of heads one behind the other. What a file cannot say (StarCoder2's window) is left out of the network first.
logits.safetensors holds transformers' logits of the network that was written, for 24 tokens (in `tokens`).

Where transformers reads the architecture's tensors from a GGUF file itself, its logits are compared, too, with the configuration
of the network that was written, since it takes what it does not read of that from elsewhere.

The second form opens in transformers what `mvn test -Dtest=GgufFamiliesTest -Dsglp.written=DIR` wrote of each, without its second
layer, and compares logits with those of the network without that layer.
"""
import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import gguf
import numpy as np
import torch
import transformers
from gguf import GGUFWriter, RopeScalingType
from make_family_fixtures import opened, saved, without
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.core_model_loading import revert_weight_conversion
from transformers.modeling_utils import remove_tied_weights_from_state_dict

RESOURCES = Path(__file__).resolve().parent.parent / "core/src/test/resources"
HERE = RESOURCES / "gguf/family"
MADE_BY = f"gguf {version('gguf')}, torch {torch.__version__}, transformers {transformers.__version__}"

PAIRED = ("llama", "granite", "smollm3", "olmo")
BY_KINDS = ("gptneox", "falcon")
EXPERTS = {"w1": "gate", "w2": "down", "w3": "up", "gate_proj": "gate", "down_proj": "down", "up_proj": "up"}

# label: (architecture, folder, what the file cannot say)
NETWORKS = {
    "gemma": ("gemma", "gemma/7b", {}),
    "gemma2": ("gemma2", "gemma2/2b", {}),
    "gemma3": ("gemma3", "gemma3_text/1b", {}),
    "gemma3-linear": ("gemma3", "gemma3_text/4b", {"query_pre_attn_scalar": 6}),
    "phi2": ("phi2", "phi/2", {}),
    "phi3": ("phi3", "phi3/mini_4k", {}),
    "phi3-long": ("phi3", "phi3/mini_128k_long", {}),
    "phi4": ("phi3", "phi3/phi4_mini_five", {}),
    "smollm3": ("smollm3", "smollm3/3b", {}),
    "olmo": ("olmo", "olmo/7b", {}),
    "olmo2": ("olmo2", "olmo2/7b", {}),
    "granite": ("granite", "granite/2b", {}),
    "stablelm": ("stablelm", "stablelm/3b", {}),
    "stablelm-12b": ("stablelm", "stablelm/12b", {}),
    "command-r": ("command-r", "cohere/command_r", {}),
    "command-r-plus": ("command-r", "cohere/command_r_plus", {}),
    "cohere2": ("cohere2", "cohere2/r7b", {}),
    "gpt2": ("gpt2", "gpt2/gpt2", {}),
    "gptneox": ("gptneox", "gpt_neox/pythia", {}),
    "falcon-7b": ("falcon", "falcon/7b", {}),
    "falcon-40b": ("falcon", "falcon/40b", {}),
    "starcoder2": ("starcoder2", "starcoder2/3b", {"sliding_window": None}),
    "mixtral": ("llama", "mixtral/8x7b", {}),
    "qwen2moe": ("qwen2moe", "qwen2_moe/a2_7b", {}),
    "qwen3moe": ("qwen3moe", "qwen3_moe/30b_a3b", {"norm_topk_prob": True}),
    "qwen3-yarn": ("qwen3", "qwen3/yarn", {}),
}


def first(config, *names, otherwise=None):
    return next((getattr(config, n) for n in names if getattr(config, n, None) is not None), otherwise)


def rope(config):
    """The numbers of the positions; of those that see all, where layers differ."""
    found = getattr(config, "rope_parameters", None) or {}
    return found.get("full_attention", found)


class Written:
    """One GGUF file."""

    def __init__(self, model, arch, file):
        self.config, self.arch = model.config, arch
        self.heads = self.config.num_attention_heads
        self.keys = first(self.config, "num_kv_heads", "num_key_value_heads", otherwise=self.heads)
        if arch == "falcon" and not self.config.new_decoder_architecture:
            self.keys = 1 if self.config.multi_query else self.heads
        self.size = first(self.config, "head_dim", otherwise=self.config.hidden_size // self.heads)
        self.writer = GGUFWriter(file, arch)
        self.metadata()
        layers = self.config.num_hidden_layers
        kind = next(a for a, name in gguf.MODEL_ARCH_NAMES.items() if name == arch)
        self.names = gguf.get_tensor_name_map(kind, layers)
        self.stacked = {}
        tensors = remove_tied_weights_from_state_dict(dict(model.state_dict()), model)
        for name, tensor in revert_weight_conversion(model, tensors).items():
            self.add(name, tensor.float().numpy())
        for name, parts in self.stacked.items():
            self.put(name, np.stack([parts[i] for i in range(len(parts))]))
        self.factors()
        for step in ("header", "kv_data", "tensors"):
            getattr(self.writer, f"write_{step}_to_file")()
        self.writer.close()

    # ------------------------------------------------------------------------------------------------------- values

    def metadata(self):
        c, w = self.config, self.writer
        w.add_name("pico")
        w.add_block_count(c.num_hidden_layers)
        w.add_context_length(2048 if self.arch == "falcon" else c.max_position_embeddings)
        w.add_embedding_length(c.hidden_size)
        w.add_feed_forward_length(first(c, "ffn_hidden_size", "intermediate_size", "n_inner",
                                        otherwise=4 * c.hidden_size))
        w.add_head_count(self.heads)
        if self.arch not in ("gpt2", "gptneox"):
            w.add_head_count_kv(self.keys)
        if getattr(c, "rms_norm_eps", None) is not None:
            w.add_layer_norm_rms_eps(c.rms_norm_eps)
        epsilon = first(c, "layer_norm_eps", "layer_norm_epsilon", "norm_epsilon")
        if self.arch == "olmo":
            epsilon = 1e-5
        if epsilon is not None:
            w.add_layer_norm_eps(epsilon)
        if self.arch in ("gemma", "gemma2", "gemma3", "cohere2", "qwen3", "qwen3moe") or hasattr(c, "head_dim") \
                and self.arch in ("llama", "smollm3"):
            w.add_key_length(self.size)
            w.add_value_length(self.size)
        w.add_tokenizer_model("gpt2")
        w.add_tokenizer_pre("default")
        w.add_token_list([f"t{i}" for i in range(c.vocab_size)])
        w.add_token_types([1] * c.vocab_size)
        if getattr(c, "pad_token_id", None) is not None:
            w.add_pad_token_id(c.pad_token_id)
        self.positions()
        self.own()

    def positions(self):
        c, w, found = self.config, self.writer, rope(self.config)
        if self.arch in ("phi2", "stablelm", "gptneox", "phi3"):
            share = found.get("partial_rotary_factor", getattr(c, "rotary_pct", 1.0))
            w.add_rope_dimension_count(int(share * self.size))
        elif self.arch in ("llama", "smollm3", "granite", "cohere2"):
            w.add_rope_dimension_count(self.size)
        if self.arch not in ("gpt2", "gptneox", "falcon", "phi2", "gemma") and "rope_theta" in found:
            w.add_rope_freq_base(found["rope_theta"])
        kind = found.get("rope_type", "default")
        if self.arch in ("command-r", "cohere2"):
            w.add_rope_scaling_type(RopeScalingType.NONE)
        elif kind == "linear":
            w.add_rope_scaling_type(RopeScalingType.LINEAR)
            w.add_rope_scaling_factor(found["factor"])
        elif kind == "yarn":
            w.add_rope_scaling_type(RopeScalingType.YARN)
            w.add_rope_scaling_factor(found["factor"])
            w.add_rope_scaling_orig_ctx_len(found["original_max_position_embeddings"])
        if self.arch == "gemma3":
            w.add_rope_freq_base_swa(c.rope_parameters["sliding_attention"]["rope_theta"])
        if self.arch == "phi3":
            trained = first(c, "original_max_position_embeddings", otherwise=c.max_position_embeddings)
            w.add_rope_scaling_orig_ctx_len(trained)
            if kind == "longrope":
                scale = c.max_position_embeddings / trained
                w.add_rope_scaling_attn_factors(1.0 if scale <= 1 else float(
                    np.sqrt(1 + np.log(scale) / np.log(trained))))

    def own(self):
        c, w, arch = self.config, self.writer, self.arch
        if arch in ("gemma2", "gemma3", "cohere2", "phi3"):
            w.add_sliding_window(c.sliding_window or 0)
        if arch == "gemma2":
            w.add_attn_logit_softcapping(c.attn_logit_softcapping)
            w.add_final_logit_softcapping(c.final_logit_softcapping)
        if arch in ("command-r", "cohere2"):
            w.add_logit_scale(c.logit_scale)
        if arch == "granite":
            w.add_attention_scale(c.attention_multiplier)
            w.add_embedding_scale(c.embedding_multiplier)
            w.add_residual_scale(c.residual_multiplier)
            w.add_logit_scale(c.logits_scaling)
        if arch in ("stablelm", "gptneox"):
            w.add_parallel_residual(c.use_parallel_residual)
        if arch == "olmo" and c.clip_qkv is not None:
            w.add_clamp_kqv(c.clip_qkv)
        if arch == "falcon":
            w.add_tensor_data_layout("jploski")
        experts = first(c, "num_local_experts", "num_experts")
        if experts:
            w.add_expert_count(experts)
            w.add_expert_used_count(c.num_experts_per_tok)
        if arch in ("qwen2moe", "qwen3moe"):
            w.add_expert_feed_forward_length(c.moe_intermediate_size)
        if arch == "qwen2moe":
            w.add_expert_shared_feed_forward_length(c.shared_expert_intermediate_size)

    def factors(self):
        found = rope(self.config)
        if found.get("rope_type") == "longrope":
            for which in ("long", "short"):
                self.writer.add_tensor(f"rope_factors_{which}.weight", np.float32(found[f"{which}_factor"]))

    # ------------------------------------------------------------------------------------------------------ tensors

    def add(self, name, values):
        parts = name.split(".")
        if ".experts." in name:
            at = parts.index("experts")
            kind = EXPERTS[parts[at + 2]]
            layer = parts[parts.index("layers") + 1]
            self.stacked.setdefault(f"blk.{layer}.ffn_{kind}_exps.weight", {})[int(parts[at + 1])] = values
            return
        if ".norms." in name:  # of each head
            whole = name[:name.index(".norms.")]
            self.stacked.setdefault(self.names.get_name(whole) + ".weight", {})[int(parts[-2])] = values
            return
        stem, ending = name.rsplit(".", 1)
        found = self.names.get_name(stem)
        if found is None:
            raise SystemExit(f"{self.arch}: the gguf package knows no '{name}'")
        self.put(f"{found}.{ending}", self.laid(found.split(".")[-1], values))

    def laid(self, kind, values):
        """As llama.cpp has the numbers."""
        if self.arch in PAIRED and kind in ("attn_q", "attn_k"):
            heads = self.heads if kind == "attn_q" else self.keys
            return values.reshape(heads, 2, -1, *values.shape[1:]).swapaxes(1, 2).reshape(values.shape)
        if self.arch.startswith("gemma") and kind.endswith("norm"):
            return values + np.float32(1)
        if self.arch == "gpt2" and values.ndim == 2 and kind.startswith(("attn_", "ffn_")):
            return values.T
        if self.arch in BY_KINDS and kind == "attn_qkv":
            groups = values.reshape(self.keys, -1, self.size, *values.shape[1:])
            kinds = [groups[:, :-2], groups[:, -2:-1], groups[:, -1:]]
            return np.concatenate([k.reshape(-1, *values.shape[1:]) for k in kinds])
        if kind == "ffn_gate_inp_shexp":
            return values.reshape(-1)
        return values

    def put(self, name, values):
        self.writer.add_tensor(name, np.ascontiguousarray(values, np.float32))


def network(folder, changes):
    """The network of a folder, other where the file cannot say it."""
    if not changes:
        return opened(folder, "eager")
    with tempfile.TemporaryDirectory() as made:
        config = json.loads((folder / "config.json").read_text()) | changes
        (Path(made) / "config.json").write_text(json.dumps(config))
        save_file(load_file(folder / "model.safetensors"), Path(made) / "model.safetensors", {"format": "pt"})
        return opened(Path(made), "eager")


@torch.no_grad()
def logits(model, tokens):
    return model.eval()(tokens, use_cache=False).logits


def by_transformers(file, tokens, expected, config):
    """How far transformers' own reading of the file is from what was written."""
    try:
        model = AutoModelForCausalLM.from_pretrained(file.parent, gguf_file=file.name, dtype=torch.float32, config=config,
                                                     attn_implementation="eager", experts_implementation="eager")
        return f"{float((logits(model, tokens) - expected).abs().max() / expected.abs().max()):.1e} apart"
    except Exception as problem:
        return f"not read ({type(problem).__name__}: {str(problem).splitlines()[0][:90]})"


def check_written(home):
    """Whether what was written of the files without their second layer is the network without it."""
    for label, (_, folder, changes) in NETWORKS.items():
        source = RESOURCES / "family" / folder
        tokens = load_file(source / "expected.safetensors")["tokens"][:1]
        expected = logits(without(network(source, changes), [1])[0], tokens)
        found = logits(opened(home / label, "eager"), tokens)
        apart = float((found - expected).abs().max() / expected.abs().max())
        print(f"{label:16} {apart:.1e} apart", flush=True)
        if apart > 1e-5:
            raise SystemExit(f"{label}: not the same network")


def main(wanted):
    transformers.logging.set_verbosity_error()
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    if wanted[:1] == ["--written"]:
        check_written(Path(wanted[1]))
        return
    HERE.mkdir(parents=True, exist_ok=True)
    found = load_file(HERE / "logits.safetensors") if wanted else {}
    for label, (arch, folder, changes) in NETWORKS.items():
        if wanted and label not in wanted:
            continue
        source = RESOURCES / "family" / folder
        tokens = load_file(source / "expected.safetensors")["tokens"][:1]
        model = network(source, changes)
        found[label], found[f"{label}.tokens"] = logits(model, tokens).contiguous(), tokens
        file = HERE / f"{label}.gguf"
        Written(model, arch, file)
        print(f"{label:16} {file.stat().st_size:7} bytes; by transformers {by_transformers(file, tokens, found[label], model.config)}",
              flush=True)
    saved(dict(sorted(found.items())), HERE / "logits.safetensors", {"made_by": MADE_BY})


if __name__ == "__main__":
    main(sys.argv[1:])
