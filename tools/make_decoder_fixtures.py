"""Pico language models with transformers' own logits, for the tests of the decoder families.

    python tools/make_decoder_fixtures.py core/src/test/resources/decoder

Needs torch, transformers and safetensors. Each folder holds
  config.json            by hand, as checkpoints of that family have it (old and new ways of writing rope)
  model.safetensors      4 layers, random weights, norms and biases away from 1 and 0
  expected.safetensors   tokens and targets [2, 24], logits of the whole network and of the one without layers 1 and 2,
                         the mean loss and the Euclidean norm of each parameter's gradient (in sorted order of the names)
"""

import copy
import json
import sys
from pathlib import Path

import torch
import transformers
from safetensors.torch import save_file
from transformers import AutoConfig, AutoModelForCausalLM

REMOVED = [1, 2]
VOCABULARY, TOKENS, PADDING = 48, 24, 5
SENSITIVE = 5e-5


def config(family, **more):
    """What all of them have."""
    common = dict(
        architectures=[{"llama": "Llama", "mistral": "Mistral", "qwen2": "Qwen2", "qwen3": "Qwen3"}[family] + "ForCausalLM"],
        model_type=family, hidden_size=16, intermediate_size=24, num_hidden_layers=4, num_attention_heads=2,
        num_key_value_heads=1, vocab_size=VOCABULARY, max_position_embeddings=64, rms_norm_eps=1e-5, hidden_act="silu",
        initializer_range=0.02, tie_word_embeddings=False, use_cache=True, bos_token_id=1, eos_token_id=2)
    return common | more


CONFIGS = {
    "llama2": config("llama", num_key_value_heads=2, rope_theta=10000.0, rope_scaling=None, attention_bias=False,
                     mlp_bias=False, pretraining_tp=1, torch_dtype="float32"),
    "llama3": config("llama", num_attention_heads=4, num_key_value_heads=2, head_dim=8, rope_theta=10000.0,
                     eos_token_id=[2, 3, 4],
                     tie_word_embeddings=True, torch_dtype="float32",
                     rope_scaling=dict(rope_type="llama3", factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                                       original_max_position_embeddings=32)),
    "linear": config("llama", attention_bias=True, mlp_bias=True, dtype="float32",
                     rope_parameters=dict(rope_type="linear", factor=2.5, rope_theta=5000.0)),
    "mistral": config("mistral", sliding_window=7, rope_theta=10000.0, torch_dtype="float32"),
    "qwen2": config("qwen2", tie_word_embeddings=True, use_sliding_window=True, sliding_window=5, max_window_layers=2,
                    rope_theta=1000000.0, torch_dtype="float32"),
    "qwen3": config("qwen3", num_attention_heads=4, num_key_value_heads=2, head_dim=6, attention_bias=False,
                    use_sliding_window=True, sliding_window=6, max_window_layers=4,
                    layer_types=["full_attention", "sliding_attention", "full_attention", "sliding_attention"],
                    rope_parameters=dict(rope_type="default", rope_theta=10000.0), dtype="float32"),
}


def drawn(model):
    for name, parameter in sorted(model.named_parameters()):
        noise = torch.randn(parameter.shape)
        if "norm" in name:
            parameter.data = 1 + 0.2 * noise
        else:
            parameter.data = (0.5 if "embed" in name else 0.3) * noise
    return model.eval()


def without(model, removed):
    """The same network without some layers, built by transformers from a smaller config."""
    kept = [i for i in range(model.config.num_hidden_layers) if i not in removed]
    smaller = copy.deepcopy(model.config)
    smaller.num_hidden_layers = len(kept)
    if getattr(smaller, "layer_types", None):
        smaller.layer_types = [smaller.layer_types[i] for i in kept]
    pruned = AutoModelForCausalLM.from_config(smaller, attn_implementation="eager").eval()
    state = {}
    for name, tensor in model.state_dict().items():
        parts = name.split(".")
        if parts[1] == "layers":
            if int(parts[2]) not in kept:
                continue
            parts[2] = str(kept.index(int(parts[2])))
        state[".".join(parts)] = tensor
    pruned.load_state_dict(state)
    return pruned


def sensitivity(model, tokens):
    """How far logits move, at most, when every weight is off by about one float32 rounding; in float64."""
    exact = copy.deepcopy(model).double()
    logits, most = exact(tokens).logits, 0.0
    for seed in range(8):
        generator = torch.Generator().manual_seed(seed)
        off = copy.deepcopy(exact)
        for parameter in off.parameters():
            parameter.mul_(1 + 1e-7 * torch.randn(parameter.shape, generator=generator, dtype=torch.float64))
        most = max(most, float((off(tokens).logits - logits).abs().max()))
    return most


@torch.no_grad()
def drawn_tokens(model):
    """Tokens on which float32 can be compared to 1e-4: a random network can have some where it cannot."""
    while True:
        tokens = torch.randint(0, VOCABULARY, (2, TOKENS))
        if sensitivity(model, tokens) < SENSITIVE:
            return tokens


def expected(model):
    tokens = drawn_tokens(model)
    targets = torch.roll(tokens, -1, 1)
    targets[:, -1] = -100
    targets[1, -PADDING:] = -100
    logits = model(tokens).logits
    loss = torch.nn.functional.cross_entropy(logits.view(-1, VOCABULARY), targets.view(-1))
    loss.backward()
    norms = [p.grad.norm() for _, p in sorted(model.named_parameters())]
    with torch.no_grad():
        pruned = without(model, REMOVED)(tokens).logits
    return {"tokens": tokens, "targets": targets, "logits": logits.detach(), "logits_without_1_2": pruned,
            "loss": loss.detach(), "gradient_norms": torch.stack(norms)}


def main(folder):
    made_by = {"made_by": f"tools/make_decoder_fixtures.py, torch {torch.__version__}, transformers {transformers.__version__}"}
    for number, (name, values) in enumerate(CONFIGS.items()):
        torch.manual_seed(number)
        target = folder / name
        target.mkdir(parents=True, exist_ok=True)
        (target / "config.json").write_text(json.dumps(values, indent=2) + "\n")
        model = drawn(AutoModelForCausalLM.from_config(AutoConfig.from_pretrained(target), attn_implementation="eager"))
        tied = values["tie_word_embeddings"]
        tensors = {n: t for n, t in model.state_dict().items() if not (tied and n == "lm_head.weight")}
        save_file(tensors, target / "model.safetensors", metadata={"format": "pt"})
        save_file(expected(model), target / "expected.safetensors", metadata=made_by)
        print(name, [f"{f.name} {f.stat().st_size}" for f in sorted(target.iterdir())])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
