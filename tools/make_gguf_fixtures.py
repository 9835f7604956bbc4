"""Makes core/src/test/resources/gguf with the `gguf` package: blocks of every type that is read with the package's own values,
and pico models.

    python tools/make_gguf_fixtures.py
    python tools/make_gguf_fixtures.py --real DATA/models/SmolLM2-135M-Instruct.Q4_1.gguf

The second form prints, for some tensors of a real file, what transformers makes of them (needs `transformers`): sum, sum of
squares and a few entries. Its output for SmolLM2 is real.json.
"""
import argparse
import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from gguf import GGMLQuantizationType as Type
from gguf import GGUFWriter, RopeScalingType
from gguf.constants import GGML_QUANT_SIZES
from gguf.quants import dequantize, quantize

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/gguf"
TYPES = [Type.F32, Type.F16, Type.BF16, Type.Q4_0, Type.Q4_1, Type.Q5_0, Type.Q5_1, Type.Q8_0, Type.Q4_K, Type.Q5_K,
         Type.Q6_K]
HALVES = {Type.Q4_0: [0], Type.Q4_1: [0, 2], Type.Q5_0: [0], Type.Q5_1: [0, 2], Type.Q8_0: [0], Type.Q4_K: [0, 2],
          Type.Q5_K: [0, 2], Type.Q6_K: [208]}  # where a block has float16 numbers
WIDTH, INSIDE, HEADS, GROUPS, VOCABULARY, LAYERS = 32, 64, 4, 2, 48, 2
BASE = 500000.0


def blocks(rng, kind, count):
    """Random bytes, with float16 numbers where the type has them; what the package says they mean."""
    elements, size = GGML_QUANT_SIZES[kind]
    if kind in HALVES:
        raw = rng.integers(0, 256, (count, size), dtype=np.uint8)
        for at in HALVES[kind]:
            raw[:, at:at + 2] = rng.normal(0, 0.01, count).astype(np.float16).view(np.uint8).reshape(count, 2)
    else:
        raw = quantize(rng.normal(size=(count, 256)).astype(np.float32), kind)
        raw = raw.view(np.uint8).reshape(count, -1)
    return raw.reshape(1, -1), dequantize(raw.reshape(1, -1), kind).astype(np.float32).reshape(-1)


def write_blocks():
    rng = np.random.default_rng(7)
    raw, values = bytearray(), bytearray()
    index = {}
    for kind in TYPES:
        data, meaning = blocks(rng, kind, 4)
        index[kind.name] = {"code": int(kind), "bytes": [len(raw), data.size], "elements": meaning.size,
                            "values": [len(values), meaning.nbytes]}
        raw += data.tobytes()
        values += meaning.tobytes()
    (HERE / "blocks.bin").write_bytes(bytes(raw))
    (HERE / "blocks.f32").write_bytes(bytes(values))
    (HERE / "blocks.json").write_text(json.dumps({"made_by": made_by(), "types": index}, indent=1) + "\n")


def made_by():
    return f"gguf {version('gguf')}, numpy {version('numpy')}"


def permuted(weights, heads):
    """The order of rows that `llama` has in GGUF: the two halves of a head take turns."""
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(
        weights.shape)


def llama3_factors(head):
    """By what the frequencies are divided, as transformers has it."""
    import torch
    from transformers import LlamaConfig
    from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
    rope = {"rope_type": "llama3", "rope_theta": BASE, "factor": 32.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0,
            "original_max_position_embeddings": 8192}
    config = LlamaConfig(hidden_size=head * HEADS, num_attention_heads=HEADS, head_dim=head, rope_parameters=rope,
                         max_position_embeddings=131072)
    stretched, _ = ROPE_INIT_FUNCTIONS["llama3"](config, torch.device("cpu"))
    plain = 1 / BASE ** (torch.arange(0, head, 2).float() / head)
    return (plain / stretched).numpy().astype(np.float32)


def layer(rng, arch, i, biased):
    head = WIDTH // HEADS
    made = {"attn_norm.weight": (WIDTH,), "ffn_norm.weight": (WIDTH,), "attn_q.weight": (WIDTH, WIDTH),
            "attn_k.weight": (GROUPS * head, WIDTH), "attn_v.weight": (GROUPS * head, WIDTH),
            "attn_output.weight": (WIDTH, WIDTH), "ffn_gate.weight": (INSIDE, WIDTH),
            "ffn_up.weight": (INSIDE, WIDTH), "ffn_down.weight": (WIDTH, INSIDE)}
    if arch == "qwen2":
        made |= {"attn_q.bias": (WIDTH,), "attn_k.bias": (GROUPS * head,), "attn_v.bias": (GROUPS * head,)}
    if arch == "llama" and biased:
        made |= {"attn_q.bias": (WIDTH,), "attn_k.bias": (GROUPS * head,), "attn_v.bias": (GROUPS * head,),
                 "attn_output.bias": (WIDTH,)}
    if arch == "qwen3":
        made |= {"attn_q_norm.weight": (head,), "attn_k_norm.weight": (head,)}
    return {f"blk.{i}.{name}": rng.normal(0, 0.1, shape).astype(np.float32) for name, shape in made.items()}


def pico(arch, file, kind, tied, llama3=False):
    rng = np.random.default_rng(11)
    tensors = {"token_embd.weight": rng.normal(0, 0.1, (VOCABULARY, WIDTH)).astype(np.float32)}
    for i in range(LAYERS):
        tensors |= layer(rng, arch, i, llama3)
    tensors["output_norm.weight"] = rng.normal(0, 0.1, WIDTH).astype(np.float32)
    if not tied:
        tensors["output.weight"] = rng.normal(0, 0.1, (VOCABULARY, WIDTH)).astype(np.float32)
    writer = GGUFWriter(HERE / file, arch)
    writer.add_name("pico é")
    writer.add_block_count(LAYERS)
    writer.add_context_length(128)
    writer.add_embedding_length(WIDTH)
    writer.add_feed_forward_length(INSIDE)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(GROUPS)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_rope_freq_base(BASE)
    if arch == "qwen3":
        writer.add_key_length(WIDTH // HEADS)
        writer.add_value_length(WIDTH // HEADS)
        writer.add_rope_scaling_type(RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(4.0)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("smollm")
    writer.add_token_list([f"t{i}" for i in range(VOCABULARY)])
    writer.add_token_types([1] * VOCABULARY)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)
    meant = {}
    for name, values in tensors.items():
        plain = values.ndim == 1
        heads = {"attn_q": HEADS, "attn_k": GROUPS}.get(name.split(".")[-2]) if arch == "llama" else None
        raw = quantize(permuted(values, heads) if heads else values, Type.F32 if plain else kind)
        writer.add_tensor(name, raw, raw_dtype=Type.F32 if plain else kind)
        raw = quantize(values, Type.F32 if plain else kind)
        meant[name] = dequantize(raw, Type.F32 if plain else kind).reshape(values.shape)
    if llama3:
        writer.add_tensor("rope_freqs.weight", llama3_factors(WIDTH // HEADS))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return meant


def sums(meant):
    """Enough to tell a tensor, and the order of its rows. The names are the file's, the order of rows is Hugging Face's."""
    return {name: {"shape": list(v.shape), "first": [float(x) for x in v.reshape(-1)[:4]],
                   "sum": float(np.abs(v.astype(np.float64)).sum()), "by_row": by_row(v)} for name, v in meant.items()}


def by_row(values):
    """The sum of all elements, each times the number of its row from 1."""
    rows = np.arange(values.shape[0]).reshape(-1, *[1] * (values.ndim - 1)) + 1.0
    return float((values.astype(np.float64) * rows).sum())


def write_picos():
    described = {"made_by": made_by()}
    for arch, file, kind, tied, llama3 in [("llama", "pico-llama.gguf", Type.Q8_0, True, False),
                                           ("llama", "pico-llama3.gguf", Type.Q4_0, False, True),
                                           ("qwen2", "pico-qwen2.gguf", Type.Q4_1, False, False),
                                           ("qwen3", "pico-qwen3.gguf", Type.F16, True, False)]:
        described[file] = sums(pico(arch, file, kind, tied, llama3))
    (HERE / "pico.json").write_text(json.dumps(described, indent=1) + "\n")


def real(path):
    from gguf import GGUFReader
    from transformers import AutoModelForCausalLM
    model = AutoModelForCausalLM.from_pretrained(path.parent, gguf_file=path.name)
    state = model.state_dict()
    last = model.config.num_hidden_layers - 1
    names = ["model.embed_tokens.weight", "model.norm.weight"]
    names += [f"model.layers.{i}.{n}.weight" for i in (0, last) for n in (
        "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj", "mlp.down_proj",
        "input_layernorm")]
    tensors = {}
    for name in names:
        values = state[name].double().numpy()
        flat = values.reshape(-1)
        places = [0, 1, flat.size // 3, flat.size // 2, flat.size - 1]
        tensors[name] = {"shape": list(values.shape), "sum": flat.sum(), "squares": (flat ** 2).sum(),
                         "by_row": by_row(values), "entries": {str(p): flat[p] for p in places}}
    types = [t.tensor_type.name for t in GGUFReader(path).tensors]
    print(json.dumps({"made_by": f"transformers {version('transformers')}, {made_by()}", "in_file": len(types),
                      "types": {t: types.count(t) for t in sorted(set(types))}, "tensors": tensors}, indent=1))


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--real", metavar="FILE", type=Path)
    given = parser.parse_args().real
    if given:
        real(given)
    else:
        HERE.mkdir(parents=True, exist_ok=True)
        write_blocks()
        write_picos()
