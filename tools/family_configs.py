"""The configurations that make_family_fixtures.py makes pico language models of.

Each has the fields that a published checkpoint's config.json has, with small numbers. The comment says which one.
"""

from dataclasses import dataclass
from typing import Callable

import torch


@dataclass
class Variant:
    config: dict
    removed: list
    name: Callable = lambda n: n           # what the file calls a tensor, by the name that transformers saves it under
    more: Callable = lambda tensors: {}    # further tensors that published files have
    stored: torch.dtype = None             # of the file; computed is in float32
    attention: str = "eager"               # transformers' way to compute it


def layer_tensors(count, **values):
    """The same tensors for each layer; in a name, * is the layer."""
    return {name.replace("*", str(i)): value.clone() for i in range(count) for name, value in values.items()}


def causal(length):
    return torch.tril(torch.ones(length, length)).view(1, 1, length, length)


FULL, SLIDING = "full_attention", "sliding_attention"
VOCABULARY = 48

# ------------------------------------------------------------------------------------------------------------- gpt2

GPT2 = dict(
    activation_function="gelu_new", architectures=["GPT2LMHeadModel"], attn_pdrop=0.1, bos_token_id=47, embd_pdrop=0.1,
    eos_token_id=47, initializer_range=0.02, layer_norm_epsilon=1e-05, model_type="gpt2", n_ctx=26, n_embd=12, n_head=2,
    n_layer=4, n_positions=26, resid_pdrop=0.1, summary_activation=None, summary_first_dropout=0.1,
    summary_proj_to_labels=True, summary_type="cls_index", summary_use_proj=True,
    task_specific_params={"text-generation": {"do_sample": True, "max_length": 50}}, vocab_size=VOCABULARY)

VARIANTS = {
    # openai-community/gpt2: names of the base model, masks in the file
    "gpt2/gpt2": Variant(
        GPT2, [1, 2], name=lambda n: n.removeprefix("transformer."),
        more=lambda t: layer_tensors(4, **{"h.*.attn.bias": causal(26)})),
    # distilbert/distilgpt2: names with the prefix, masks in the file
    "gpt2/distil": Variant(
        GPT2 | dict(_num_labels=1, id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}, n_head=4, n_layer=4,
                    layer_norm_epsilon=1e-3),
        [0, 3], more=lambda t: layer_tensors(4, **{"transformer.h.*.attn.bias": causal(26)})),
    # stanford-crfm/alias-gpt2-small-x21: scores divided by the layer's number
    "gpt2/stanford": Variant(
        GPT2 | dict(n_inner=None, n_layer=6, reorder_and_upcast_attn=True, scale_attn_by_inverse_layer_idx=True,
                    scale_attn_weights=True, torch_dtype="float32", transformers_version="4.15.0", use_cache=True),
        [1, 4]),
    # cerebras/Cerebras-GPT-111M: the exact gelu, a width of its own, the tied head in the file too
    "gpt2/cerebras": Variant(
        dict(activation_function="gelu", architectures=["GPT2LMHeadModel"], attn_pdrop=0.0, bos_token_id=47,
             embd_pdrop=0.0, eos_token_id=47, initializer_range=0.02, layer_norm_epsilon=1e-05, model_type="gpt2",
             n_embd=16, n_head=2, n_inner=28, n_layer=4, n_positions=32, reorder_and_upcast_attn=False, resid_pdrop=0.0,
             scale_attn_by_inverse_layer_idx=False, scale_attn_weights=True, torch_dtype="float32",
             transformers_version="4.25.1", use_cache=True, vocab_size=VOCABULARY),
        [2], more=lambda t: {"lm_head.weight": t["transformer.wte.weight"].clone()}),
    # as transformers 5 writes it; a head of its own, scores not divided by the head's width
    "gpt2/untied": Variant(
        dict(activation_function="gelu_pytorch_tanh", add_cross_attention=False, architectures=["GPT2LMHeadModel"],
             attn_pdrop=0.1, bos_token_id=47, dtype="float32", embd_pdrop=0.1, eos_token_id=47, initializer_range=0.02,
             layer_norm_epsilon=1e-05, model_type="gpt2", n_ctx=32, n_embd=12, n_head=3, n_inner=None, n_layer=4,
             n_positions=32, pad_token_id=None, reorder_and_upcast_attn=False, resid_pdrop=0.1,
             scale_attn_by_inverse_layer_idx=False, scale_attn_weights=False, summary_activation=None,
             summary_first_dropout=0.1, summary_proj_to_labels=True, summary_type="cls_index", summary_use_proj=True,
             tie_word_embeddings=False, transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY),
        [0, 1]),
}

# ----------------------------------------------------------------------------------------------------------- gemma2

GEMMA2 = dict(
    architectures=["Gemma2ForCausalLM"], attention_bias=False, attention_dropout=0.0, attn_logit_softcapping=50.0,
    bos_token_id=2, cache_implementation="hybrid", eos_token_id=1, final_logit_softcapping=30.0, head_dim=8,
    hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", hidden_size=14, initializer_range=0.02,
    intermediate_size=20, max_position_embeddings=64, model_type="gemma2", num_attention_heads=2, num_hidden_layers=6,
    num_key_value_heads=1, pad_token_id=0, query_pre_attn_scalar=8, rms_norm_eps=1e-06, rope_theta=10000.0,
    sliding_window=5, torch_dtype="float32", transformers_version="4.42.4", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # google/gemma-2-2b: the pattern of windows is nowhere in the file
    "gemma2/2b": Variant(GEMMA2, [1, 4]),
    # google/gemma-2-27b: queries scaled by another number than the head's width; caps that are felt
    "gemma2/27b": Variant(
        GEMMA2 | dict(query_pre_attn_scalar=12, head_dim=6, num_attention_heads=4, num_key_value_heads=2,
                      hidden_size=12, attn_logit_softcapping=3.0, final_logit_softcapping=4.0, sliding_window_size=7,
                      sliding_window=7,
                      rms_norm_eps=1e-3),
        [2]),
    # stored in bfloat16, computed in float32
    "gemma2/bfloat16": Variant(
        GEMMA2 | dict(torch_dtype="bfloat16", num_hidden_layers=4, hidden_size=20, attn_logit_softcapping=2.0), [0],
        stored=torch.bfloat16),
    # as transformers 5 writes it; no caps (as people train it), a head of its own, biases
    "gemma2/five": Variant(
        dict(architectures=["Gemma2ForCausalLM"], attention_bias=True, attention_dropout=0.0,
             attn_logit_softcapping=None, bos_token_id=2, dtype="float32", eos_token_id=[1, 47],
             final_logit_softcapping=None, head_dim=8,
             hidden_activation="gelu_pytorch_tanh", hidden_size=16, initializer_range=0.02, intermediate_size=24,
             layer_types=[SLIDING, FULL, SLIDING, FULL], max_position_embeddings=64, model_type="gemma2",
             num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=0, query_pre_attn_scalar=6,
             rms_norm_eps=1e-06, rope_parameters=dict(rope_theta=500.0, rope_type="default"), sliding_window=4,
             tie_word_embeddings=False, transformers_version="5.0.0", use_bidirectional_attention=None, use_cache=True,
             vocab_size=VOCABULARY),
        [1, 2]),
}

# ------------------------------------------------------------------------------------------------------ gemma3_text

GEMMA3 = dict(
    architectures=["Gemma3ForCausalLM"], attention_bias=False, attention_dropout=0.0, attn_logit_softcapping=None,
    bos_token_id=2, cache_implementation="hybrid", eos_token_id=[1, 47], final_logit_softcapping=None, head_dim=8,
    hidden_activation="gelu_pytorch_tanh", hidden_size=12, initializer_range=0.02, intermediate_size=16,
    max_position_embeddings=64, model_type="gemma3_text", num_attention_heads=2, num_hidden_layers=8,
    num_key_value_heads=1, pad_token_id=0, query_pre_attn_scalar=8, rms_norm_eps=1e-06, rope_local_base_freq=100,
    rope_scaling=None, rope_theta=10000, sliding_window=5, sliding_window_pattern=6, torch_dtype="float32",
    transformers_version="4.50.0.dev0", use_cache=True, vocab_size=VOCABULARY)
LINEAR8 = dict(factor=8.0, rope_type="linear")

VARIANTS |= {
    # google/gemma-3-1b-it: every sixth layer sees all, by a number
    "gemma3_text/1b": Variant(GEMMA3, [1, 3]),
    # google/gemma-3-270m: by a list
    "gemma3_text/270m": Variant(
        {n: v for n, v in GEMMA3.items() if n not in ("cache_implementation", "sliding_window_pattern", "torch_dtype")}
        | dict(_sliding_window_pattern=6, dtype="float32", layer_types=[SLIDING] * 5 + [FULL], num_hidden_layers=6,
               num_attention_heads=4, query_pre_attn_scalar=12, transformers_version="4.55.0.dev0",
               use_bidirectional_attention=False),
        [2, 4]),
    # the text part of google/gemma-3-4b-it: most fields left out, the rope of the layers that see all is scaled
    "gemma3_text/4b": Variant(
        dict(architectures=["Gemma3ForCausalLM"], head_dim=6, hidden_size=12, intermediate_size=16,
             model_type="gemma3_text", num_attention_heads=2, num_hidden_layers=7, num_key_value_heads=2,
             rope_scaling=LINEAR8, sliding_window=4, vocab_size=VOCABULARY),
        [0, 6]),
    # as transformers 5 writes it; every second layer, caps, a head of its own
    "gemma3_text/five": Variant(
        dict(architectures=["Gemma3ForCausalLM"], attention_bias=True, attention_dropout=0.0,
             attn_logit_softcapping=2.0, bos_token_id=2, dtype="float32", eos_token_id=[1, 47],
             final_logit_softcapping=5.0, head_dim=8, hidden_activation="gelu_pytorch_tanh", hidden_size=16,
             initializer_range=0.02, intermediate_size=24, layer_types=[SLIDING, FULL, FULL, SLIDING],
             max_position_embeddings=64, model_type="gemma3_text", num_attention_heads=2, num_hidden_layers=4,
             num_key_value_heads=1, pad_token_id=0, query_pre_attn_scalar=8, rms_norm_eps=1e-06,
             rope_parameters={FULL: dict(factor=4.0, rope_theta=5000.0, rope_type="linear"),
                              SLIDING: dict(rope_theta=200.0, rope_type="default")},
             sliding_window=6, tie_word_embeddings=False, transformers_version="5.0.0",
             use_bidirectional_attention=False, use_cache=True, vocab_size=VOCABULARY),
        [1]),
}

# ------------------------------------------------------------------------------------------------------------- phi3

PHI3 = dict(
    architectures=["Phi3ForCausalLM"], attention_bias=False, attention_dropout=0.0,
    auto_map={"AutoConfig": "configuration_phi3.Phi3Config", "AutoModelForCausalLM": "modeling_phi3.Phi3ForCausalLM"},
    bos_token_id=1, embd_pdrop=0.0, eos_token_id=46, hidden_act="silu", hidden_size=16, initializer_range=0.02,
    intermediate_size=24, max_position_embeddings=64, model_type="phi3", num_attention_heads=2, num_hidden_layers=4,
    num_key_value_heads=2, original_max_position_embeddings=64, pad_token_id=46, resid_pdrop=0.0, rms_norm_eps=1e-05,
    rope_scaling=None, rope_theta=10000.0, sliding_window=7, tie_word_embeddings=False, torch_dtype="float32",
    transformers_version="4.40.2", use_cache=True, vocab_size=VOCABULARY)
SHORT4, LONG4 = [1.0, 1.1, 1.4, 2.2], [1.2, 1.9, 6.5, 21.0]

VARIANTS |= {
    # microsoft/Phi-3-mini-4k-instruct: a window
    "phi3/mini_4k": Variant(PHI3, [1, 2]),
    # microsoft/Phi-3-mini-128k-instruct, shorter than what it was trained on
    "phi3/mini_128k_short": Variant(
        PHI3 | dict(original_max_position_embeddings=24, max_position_embeddings=96, sliding_window=200,
                    rope_scaling=dict(long_factor=LONG4, short_factor=SHORT4, type="longrope")),
        [3]),
    # the same, longer
    "phi3/mini_128k_long": Variant(
        PHI3 | dict(original_max_position_embeddings=16, max_position_embeddings=96, sliding_window=200,
                    rope_scaling=dict(long_factor=LONG4, short_factor=SHORT4, type="longrope")),
        [0]),
    # microsoft/phi-4: no window, fewer heads for keys
    "phi3/phi4": Variant(
        {n: v for n, v in PHI3.items() if n != "auto_map"}
        | dict(num_attention_heads=4, num_key_value_heads=2, rope_theta=250000, sliding_window=None,
               bos_token_id=45, eos_token_id=47, pad_token_id=43, transformers_version="4.47.0", num_hidden_layers=5),
        [2, 3]),
    # microsoft/Phi-4-mini-instruct: tied, a part of the head is turned, longer than what it was trained on
    "phi3/phi4_mini_long": Variant(
        PHI3 | dict(bos_token_id=47, eos_token_id=47, pad_token_id=47, full_attn_mod=1, interpolate_factor=1,
                    lm_head_bias=False, mlp_bias=False, partial_rotary_factor=0.75, num_key_value_heads=1,
                    original_max_position_embeddings=20, max_position_embeddings=160, sliding_window=262144,
                    rope_scaling=dict(long_factor=[1, 1.5, 9.0], short_factor=[1.0, 1.0, 1.25], type="longrope"),
                    tie_word_embeddings=True, transformers_version="4.45.0"),
        [1]),
    # as transformers 5 writes it, shorter
    "phi3/phi4_mini_five": Variant(
        dict(architectures=["Phi3ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=47,
             dtype="float32", embd_pdrop=0.0, eos_token_id=47, hidden_act="silu", hidden_size=16,
             initializer_range=0.02, intermediate_size=24, lm_head_bias=False, max_position_embeddings=160,
             mlp_bias=False, model_type="phi3",
             num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, original_max_position_embeddings=40,
             pad_token_id=47, partial_rotary_factor=0.75, resid_pdrop=0.0, rms_norm_eps=1e-05,
             rope_parameters=dict(long_factor=[1, 1.5, 9.0], original_max_position_embeddings=40,
                                  partial_rotary_factor=0.75, rope_theta=10000.0, rope_type="longrope",
                                  short_factor=[1.0, 1.2, 1.25], type="longrope"),
             sliding_window=262144, tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True,
             vocab_size=VOCABULARY),
        [0, 3]),
}

# --------------------------------------------------------------------------------------------------------- gpt_neox

PYTHIA = dict(
    architectures=["GPTNeoXForCausalLM"], bos_token_id=0, eos_token_id=0, hidden_act="gelu", hidden_size=16,
    initializer_range=0.02, intermediate_size=32, layer_norm_eps=1e-05, max_position_embeddings=32,
    model_type="gpt_neox", num_attention_heads=2, num_hidden_layers=4, rotary_emb_base=10000, rotary_pct=0.25,
    tie_word_embeddings=False, torch_dtype="float32", transformers_version="4.24.0", use_cache=True,
    use_parallel_residual=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # EleutherAI/pythia-70m: masks and frequencies in the file
    "gpt_neox/pythia": Variant(
        PYTHIA, [1, 2], more=lambda t: layer_tensors(4, **{
            "gpt_neox.layers.*.attention.bias": causal(32).bool(),
            "gpt_neox.layers.*.attention.masked_bias": torch.tensor(-1e9),
            "gpt_neox.layers.*.attention.rotary_emb.inv_freq": torch.ones(1)})),
    # togethercomputer/RedPajama-INCITE-Base-3B-v1: one after the other, all of the head is turned
    "gpt_neox/redpajama": Variant(
        PYTHIA | dict(rotary_pct=1.0, use_parallel_residual=False, num_attention_heads=4,
                      transformers_version="4.28.1"),
        [0, 3]),
    # EleutherAI/gpt-neox-20b: another gelu, whether the halves are parallel is not said
    "gpt_neox/20b": Variant(
        {n: v for n, v in PYTHIA.items() if n != "use_parallel_residual"}
        | dict(attention_probs_dropout_prob=0, hidden_act="gelu_fast", hidden_dropout_prob=0, intermediate_size=24,
               rotary_pct=0.25, transformers_version="4.19.0.dev0"),
        [2]),
    # as transformers 5 writes it; tied, attention without biases, scaled rope
    "gpt_neox/five": Variant(
        dict(architectures=["GPTNeoXForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=0,
             classifier_dropout=0.1, dtype="float32", eos_token_id=0, hidden_act="gelu", hidden_dropout=0.0,
             hidden_size=16, initializer_range=0.02, intermediate_size=32, is_decoder=True, layer_norm_eps=1e-03,
             max_position_embeddings=32, model_type="gpt_neox", num_attention_heads=2, num_hidden_layers=4,
             pad_token_id=None, rope_parameters=dict(factor=3.0, partial_rotary_factor=0.5, rope_theta=1000,
                                                     rope_type="linear"),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True, use_parallel_residual=True,
             vocab_size=VOCABULARY),
        [1]),
}

# ------------------------------------------------------------------------------------------------------------ gemma

GEMMA = dict(
    architectures=["GemmaForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=2, eos_token_id=1,
    head_dim=8, hidden_act="gelu", hidden_activation=None, hidden_size=14, initializer_range=0.02, intermediate_size=24,
    max_position_embeddings=64, model_type="gemma", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1,
    pad_token_id=0, rms_norm_eps=1e-06, rope_scaling=None, rope_theta=10000.0, torch_dtype="float32",
    transformers_version="4.38.0.dev0", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # google/gemma-2b: what the file calls gelu is its approximation
    "gemma/2b": Variant(GEMMA, [1]),
    # google/gemma-1.1-7b-it: as many heads for keys, together wider than the network
    "gemma/7b": Variant(
        GEMMA | dict(hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", num_attention_heads=3,
                     num_key_value_heads=3, head_dim=6, rms_norm_eps=1e-3),
        [2, 3]),
    # stored in bfloat16, computed in float32
    "gemma/bfloat16": Variant(GEMMA | dict(torch_dtype="bfloat16", hidden_size=20, rope_theta=100.0), [0],
                              stored=torch.bfloat16),
    # as transformers 5 writes it; a head of its own, biases
    "gemma/five": Variant(
        dict(architectures=["GemmaForCausalLM"], attention_bias=True, attention_dropout=0.0, bos_token_id=2,
             dtype="float32", eos_token_id=1, head_dim=8, hidden_act="gelu_pytorch_tanh", hidden_size=16,
             initializer_range=0.02, intermediate_size=20, max_position_embeddings=64, model_type="gemma",
             num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=0, rms_norm_eps=1e-06,
             rope_parameters=dict(factor=2.0, rope_theta=500.0, rope_type="linear"), tie_word_embeddings=False,
             transformers_version="5.0.0", use_bidirectional_attention=None, use_cache=True, vocab_size=VOCABULARY),
        [1, 2]),
}

# -------------------------------------------------------------------------------------------------------------- phi

PHI = dict(
    architectures=["PhiForCausalLM"], attention_dropout=0.0, bos_token_id=None, embd_pdrop=0.0, eos_token_id=None,
    hidden_act="gelu_new", hidden_size=16, initializer_range=0.02, intermediate_size=32, layer_norm_eps=1e-05,
    max_position_embeddings=32, model_type="phi", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=None,
    partial_rotary_factor=0.5, qk_layernorm=False, resid_pdrop=0.0, rope_scaling=None, rope_theta=10000.0,
    tie_word_embeddings=False, torch_dtype="float32", transformers_version="4.37.0", use_cache=True,
    vocab_size=VOCABULARY)

VARIANTS |= {
    # microsoft/phi-1_5
    "phi/1_5": Variant(PHI, [1, 2]),
    # microsoft/phi-2: another part of the head is turned (0.4 of 10)
    "phi/2": Variant(
        PHI | dict(bos_token_id=47, eos_token_id=47, hidden_size=20, intermediate_size=24, num_key_value_heads=2,
                   partial_rotary_factor=0.4, resid_pdrop=0.1),
        [3]),
    # norms of queries and keys, fewer heads for keys; how much of the head is turned is not said
    "phi/qk_layernorm": Variant(
        {n: v for n, v in PHI.items() if n != "partial_rotary_factor"}
        | dict(qk_layernorm=True, num_key_value_heads=1, layer_norm_eps=1e-3), [0, 2]),
    # as transformers 5 writes it; scaled, tied
    "phi/five": Variant(
        dict(architectures=["PhiForCausalLM"], attention_dropout=0.0, bos_token_id=None, dtype="float32",
             embd_pdrop=0.0, eos_token_id=None, hidden_act="gelu_new", hidden_size=16, initializer_range=0.02,
             intermediate_size=24,
             layer_norm_eps=1e-05, max_position_embeddings=16, model_type="phi", num_attention_heads=2,
             num_hidden_layers=4, num_key_value_heads=2, pad_token_id=None, qk_layernorm=False, resid_pdrop=0.0,
             rope_parameters=dict(factor=2.0, partial_rotary_factor=0.5, rope_theta=1000.0, rope_type="dynamic"),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY),
        [1]),
}

# ---------------------------------------------------------------------------------------------------------- smollm3

SMOLLM3 = dict(
    architectures=["SmolLM3ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=None,
    eos_token_id=46, hidden_act="silu", hidden_size=16, initializer_range=0.02, intermediate_size=16,
    layer_types=[FULL] * 6, max_position_embeddings=64, max_window_layers=28, mlp_bias=False, model_type="smollm3",
    no_rope_layer_interval=4, no_rope_layers=[1, 1, 1, 0, 1, 1], num_attention_heads=4, num_hidden_layers=6,
    num_key_value_heads=1, pad_token_id=44, pretraining_tp=2, rms_norm_eps=1e-06, rope_scaling=None,
    rope_theta=5000000.0, sliding_window=None, torch_dtype="float32", transformers_version="4.54.0.dev0",
    use_cache=False, use_sliding_window=False, vocab_size=VOCABULARY)

VARIANTS |= {
    # HuggingFaceTB/SmolLM3-3B: which layers have no rope, by a list
    "smollm3/3b": Variant(SMOLLM3, [1, 4]),
    # the same by a number, and most else left out
    "smollm3/interval": Variant(
        dict(architectures=["SmolLM3ForCausalLM"], hidden_size=16, intermediate_size=20, model_type="smollm3",
             no_rope_layer_interval=3, num_attention_heads=2, num_hidden_layers=5, num_key_value_heads=1,
             pad_token_id=44, vocab_size=VOCABULARY),
        [0, 3]),
    # windows where there is no rope, a head of its own, biases
    "smollm3/window": Variant(
        {n: v for n, v in SMOLLM3.items() if n not in ("layer_types", "no_rope_layers")}
        | dict(attention_bias=True, mlp_bias=True, no_rope_layer_interval=2, num_hidden_layers=4, sliding_window=5,
               tie_word_embeddings=False, use_sliding_window=True, rope_theta=500.0),
        [2]),
    # as transformers 5 writes it; longer than what it was trained on
    "smollm3/five": Variant(
        dict(architectures=["SmolLM3ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=None,
             dtype="float32", eos_token_id=46, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, layer_types=[FULL] * 4, max_position_embeddings=64, max_window_layers=28,
             mlp_bias=False, model_type="smollm3", no_rope_layer_interval=4, no_rope_layers=[1, 0, 1, 0],
             num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=44,
             rms_norm_eps=1e-06, rope_parameters=dict(factor=4.0, original_max_position_embeddings=512,
                                                      rope_theta=10000.0, rope_type="yarn"),
             sliding_window=None, tie_word_embeddings=True, transformers_version="5.0.0", use_cache=False,
             use_sliding_window=False, vocab_size=VOCABULARY),
        [0, 1]),
}

# ------------------------------------------------------------------------------------------------------------ olmo2

OLMO2 = dict(
    architectures=["Olmo2ForCausalLM"], attention_bias=False, attention_dropout=0.0, eos_token_id=46, hidden_act="silu",
    hidden_size=16, initializer_range=0.02, intermediate_size=24, max_position_embeddings=64, model_type="olmo2",
    num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=2, pad_token_id=45, rms_norm_eps=1e-06,
    rope_scaling=None, rope_theta=500000, tie_word_embeddings=False, torch_dtype="float32",
    transformers_version="4.47.0.dev0", use_cache=False, vocab_size=VOCABULARY)

VARIANTS |= {
    # allenai/OLMo-2-1124-7B
    "olmo2/7b": Variant(OLMO2, [1, 2]),
    # allenai/OLMo-2-0325-32B: fewer heads for keys
    "olmo2/32b": Variant(
        OLMO2 | dict(num_attention_heads=4, num_key_value_heads=2, intermediate_size=20, rms_norm_eps=1e-3), [0]),
    # as transformers 5 writes it; tied, biases, scaled
    "olmo2/five": Variant(
        dict(architectures=["Olmo2ForCausalLM"], attention_bias=True, attention_dropout=0.0, bos_token_id=None,
             dtype="float32", eos_token_id=46, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, max_position_embeddings=64, model_type="olmo2", num_attention_heads=2,
             num_hidden_layers=4, num_key_value_heads=1, pad_token_id=45, rms_norm_eps=1e-06,
             rope_parameters=dict(beta_fast=8.0, beta_slow=1.0, factor=8.0, original_max_position_embeddings=256,
                                  rope_theta=500.0, rope_type="yarn", attention_factor=1.2),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=False, vocab_size=VOCABULARY),
        [3]),
}

# ---------------------------------------------------------------------------------------------------------- granite

GRANITE = dict(
    architectures=["GraniteForCausalLM"], attention_bias=False, attention_dropout=0.1, attention_multiplier=0.15,
    bos_token_id=0, embedding_multiplier=3.0, eos_token_id=0, hidden_act="silu", hidden_size=16, initializer_range=0.02,
    intermediate_size=24, logits_scaling=2.5, max_position_embeddings=64, mlp_bias=False, model_type="granite",
    num_attention_heads=4, num_hidden_layers=4, num_key_value_heads=2, pad_token_id=0, residual_multiplier=0.7,
    rms_norm_eps=1e-05, rope_scaling=None, rope_theta=5000000.0, tie_word_embeddings=True, torch_dtype="float32",
    transformers_version="4.47.0.dev0", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # ibm-granite/granite-3.1-2b-base
    "granite/2b": Variant(GRANITE, [1]),
    # ibm-granite/granite-3.1-8b-base, with a head of its own
    "granite/8b": Variant(
        GRANITE | dict(attention_multiplier=0.5, embedding_multiplier=2.0, logits_scaling=1.5, num_attention_heads=2,
                       num_key_value_heads=1, intermediate_size=20, residual_multiplier=0.5, tie_word_embeddings=False),
        [0, 3]),
    # the multipliers left out: all are 1
    "granite/plain": Variant(
        {n: v for n, v in GRANITE.items() if not n.endswith("_multiplier") and n != "logits_scaling"}
        | dict(num_attention_heads=2, num_key_value_heads=2, rope_theta=10000.0), [2]),
    # as transformers 5 writes it; biases, scaled
    "granite/five": Variant(
        dict(architectures=["GraniteForCausalLM"], attention_bias=True, attention_dropout=0.1, attention_multiplier=0.3,
             bos_token_id=0, dtype="float32", embedding_multiplier=1.5, eos_token_id=0, hidden_act="silu",
             hidden_size=16, initializer_range=0.02, intermediate_size=20, logits_scaling=0.8,
             max_position_embeddings=64, mlp_bias=True, model_type="granite", num_attention_heads=2,
             num_hidden_layers=4, num_key_value_heads=1, pad_token_id=0, residual_multiplier=0.9, rms_norm_eps=1e-05,
             rope_parameters=dict(factor=8.0, high_freq_factor=4.0, low_freq_factor=1.0,
                                  original_max_position_embeddings=32, rope_theta=100.0, rope_type="llama3"),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY),
        [1, 2]),
}

# --------------------------------------------------------------------------------------------------------- stablelm

STABLELM = dict(
    architectures=["StableLmForCausalLM"], bos_token_id=0, eos_token_id=0, hidden_act="silu", hidden_size=16,
    initializer_range=0.02, intermediate_size=24, layer_norm_eps=1e-05, max_position_embeddings=64,
    model_type="stablelm", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=2,
    partial_rotary_factor=0.25, rope_theta=10000, tie_word_embeddings=False, torch_dtype="float32",
    transformers_version="4.38.0", use_cache=True,
    use_qkv_bias=False, vocab_size=VOCABULARY)

VARIANTS |= {
    # stabilityai/stablelm-3b-4e1t
    "stablelm/3b": Variant(STABLELM, [1, 2]),
    # stabilityai/stablelm-2-1_6b: biases; how much of the head is turned is not said
    "stablelm/1_6b": Variant(
        {n: v for n, v in STABLELM.items() if n != "partial_rotary_factor"}
        | dict(attention_dropout=0.0, hidden_dropout=0.0, hidden_size=16, num_attention_heads=1, num_key_value_heads=1,
               use_qkv_bias=True, intermediate_size=20),
        [0]),
    # stabilityai/stablelm-2-12b: the halves are parallel, each head has norms of its own
    "stablelm/12b": Variant(
        STABLELM | dict(attention_dropout=0.0, hidden_dropout=0.0, num_attention_heads=4, num_key_value_heads=2,
                        partial_rotary_factor=0.5, qk_layernorm=True, use_parallel_residual=True),
        [3]),
    # as transformers 5 writes it; tied, norms of heads, one half after the other, scaled
    "stablelm/five": Variant(
        dict(architectures=["StableLmForCausalLM"], attention_dropout=0.0, bos_token_id=0, dtype="float32",
             eos_token_id=0, hidden_act="silu", hidden_dropout=0.0, hidden_size=16, initializer_range=0.02,
             intermediate_size=20, layer_norm_eps=1e-03, max_position_embeddings=64, model_type="stablelm",
             num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=None, qk_layernorm=True,
             rope_parameters=dict(factor=2.0, partial_rotary_factor=0.5, rope_theta=500, rope_type="linear"),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True, use_parallel_residual=False,
             use_qkv_bias=True, vocab_size=VOCABULARY),
        [1]),
}

# ---------------------------------------------------------------------------------------------------------- cohere

COHERE = dict(
    architectures=["CohereForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=5, eos_token_id=47,
    hidden_act="silu", hidden_size=16, initializer_range=0.02, intermediate_size=24, layer_norm_eps=1e-05,
    logit_scale=0.75, max_position_embeddings=64, model_max_length=1024, model_type="cohere", num_attention_heads=2,
    num_hidden_layers=4, num_key_value_heads=2, pad_token_id=0, pretraining_tp=1, rope_theta=8000000.0,
    torch_dtype="float32", transformers_version="4.38.2", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # CohereForAI/c4ai-command-r-v01
    "cohere/command_r": Variant(COHERE, [1, 2]),
    # CohereForAI/c4ai-command-r-plus: norms of queries and keys with weights for each head
    "cohere/command_r_plus": Variant(
        COHERE | dict(logit_scale=0.8333333333333334, num_attention_heads=4, num_key_value_heads=2, rope_theta=75000.0,
                      use_qk_norm=True),
        [0]),
    # CohereForAI/aya-23-8B, with the logits' scale and the base left out
    "cohere/aya": Variant(
        {n: v for n, v in COHERE.items() if n not in ("logit_scale", "rope_theta")}
        | dict(num_key_value_heads=1, layer_norm_eps=1e-3, use_qk_norm=False, intermediate_size=20), [3]),
    # as transformers 5 writes it; a head of its own, biases, scaled
    "cohere/five": Variant(
        dict(architectures=["CohereForCausalLM"], attention_bias=True, attention_dropout=0.0, bos_token_id=5,
             dtype="float32", eos_token_id=47, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, layer_norm_eps=1e-05, logit_scale=0.5, max_position_embeddings=16,
             model_type="cohere", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=0,
             rope_parameters=dict(factor=4.0, rope_theta=10000.0, rope_type="dynamic"), tie_word_embeddings=False,
             transformers_version="5.0.0", use_cache=True, use_qk_norm=True, vocab_size=VOCABULARY),
        [1, 3]),
}

# ---------------------------------------------------------------------------------------------------------- cohere2

COHERE2 = dict(
    architectures=["Cohere2ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=5,
    cache_implementation="hybrid", eos_token_id=47, head_dim=8, hidden_act="silu", hidden_size=16,
    initializer_range=0.02, intermediate_size=16, layer_norm_eps=1e-05, layer_switch=4, logit_scale=0.9,
    max_position_embeddings=64, model_type="cohere2", num_attention_heads=2, num_hidden_layers=6, num_key_value_heads=1,
    order_of_interleaved_layers="local_attn_first", pad_token_id=0, position_embedding_type="rope_gptj",
    rope_scaling=None, rope_theta=50000, rotary_pct=1.0, sliding_window=5, sliding_window_pattern=4,
    torch_dtype="float32", transformers_version="4.48.0.dev0", use_cache=True, use_embedding_sharing=True,
    use_gated_activation=True, use_parallel_block=True, use_parallel_embedding=False, vocab_size=VOCABULARY)

VARIANTS |= {
    # CohereForAI/c4ai-command-r7b-12-2024: windows and rope in three layers of four, by a number
    "cohere2/r7b": Variant(COHERE2, [1, 4]),
    # CohereForAI/c4ai-command-a-03-2025: by a list
    "cohere2/command_a": Variant(
        {n: v for n, v in COHERE2.items()
         if n not in ("sliding_window_pattern", "layer_switch", "cache_implementation")}
        | dict(_sliding_window_pattern=3, layer_types=[SLIDING, SLIDING, FULL, SLIDING], num_hidden_layers=4,
               num_attention_heads=4, head_dim=4, num_key_value_heads=4, logit_scale=0.6, sliding_window=7),
        [0]),
    # as transformers 5 writes it, with a head of its own
    "cohere2/five": Variant(
        dict(architectures=["Cohere2ForCausalLM"], attention_bias=True, attention_dropout=0.0, bos_token_id=5,
             dtype="float32", eos_token_id=47, head_dim=8, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, layer_norm_eps=1e-05, layer_types=[FULL, SLIDING, FULL, SLIDING], logit_scale=0.5,
             max_position_embeddings=64, model_type="cohere2", num_attention_heads=2, num_hidden_layers=4,
             num_key_value_heads=1, pad_token_id=0, rope_parameters=dict(rope_theta=500.0, rope_type="default"),
             sliding_window=4, tie_word_embeddings=False, transformers_version="5.0.0", use_cache=True,
             vocab_size=VOCABULARY),
        [1, 2]),
}

# -------------------------------------------------------------------------------------------------------------- opt

OPT = dict(
    _remove_final_layer_norm=False, activation_dropout=0.0, activation_function="relu",
    architectures=["OPTForCausalLM"], attention_dropout=0.0, bos_token_id=2, do_layer_norm_before=True, dropout=0.1,
    eos_token_id=2, ffn_dim=28,
    hidden_size=16, init_std=0.02, layerdrop=0.0, max_position_embeddings=30, model_type="opt", num_attention_heads=2,
    num_hidden_layers=4, pad_token_id=1, prefix="</s>", torch_dtype="float32", transformers_version="4.21.0.dev0",
    use_cache=True, vocab_size=VOCABULARY, word_embed_proj_dim=16)

VARIANTS |= {
    # facebook/opt-125m
    "opt/125m": Variant(OPT, [1, 2]),
    # facebook/opt-6.7b: names of the base model, some fields left out
    "opt/bare": Variant(
        {n: v for n, v in OPT.items() if n not in ("_remove_final_layer_norm", "word_embed_proj_dim", "pad_token_id")}
        | dict(num_attention_heads=4), [0], name=lambda n: n.removeprefix("model.")),
    # facebook/galactica-1.3b: the exact gelu, and no biases and no weights of norms, as OPT has it for those
    "opt/galactica": Variant(
        OPT | dict(activation_function="gelu", dropout=0.1, enable_bias=False, layer_norm_elementwise_affine=False,
                   learned_embeddings=True, bos_token_id=0, scale_embeddings=False, num_hidden_layers=5), [2, 4]),
    # as transformers 5 writes it, with a head of its own
    "opt/five": Variant(
        dict(_remove_final_layer_norm=False, activation_function="relu", architectures=["OPTForCausalLM"],
             attention_dropout=0.0, bos_token_id=2, do_layer_norm_before=True, dropout=0.1, dtype="float32",
             enable_bias=True, eos_token_id=2, ffn_dim=24, hidden_size=16, init_std=0.02,
             layer_norm_elementwise_affine=True, layerdrop=0.0, max_position_embeddings=30, model_type="opt",
             num_attention_heads=2, num_hidden_layers=4, pad_token_id=1, prefix="</s>", tie_word_embeddings=False,
             transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY, word_embed_proj_dim=16),
        [3]),
}

# ----------------------------------------------------------------------------------------------------------- falcon

FALCON = dict(
    alibi=False, apply_residual_connection_post_layernorm=False, architectures=["FalconForCausalLM"],
    attention_dropout=0.0, auto_map={"AutoConfig": "configuration_falcon.FalconConfig",
                                     "AutoModelForCausalLM": "modeling_falcon.FalconForCausalLM"},
    bias=False, bos_token_id=11, eos_token_id=11, hidden_dropout=0.0, hidden_size=16, initializer_range=0.02,
    layer_norm_epsilon=1e-05, model_type="falcon", multi_query=True, new_decoder_architecture=False,
    num_attention_heads=2, num_hidden_layers=4, parallel_attn=True, torch_dtype="float32",
    transformers_version="4.27.4", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # tiiuae/falcon-7b: one head for keys, one norm for both halves; the tied head is in the file too
    "falcon/7b": Variant(FALCON | dict(hidden_size=12, num_attention_heads=3), [1],
                         more=lambda t: {"lm_head.weight": t["transformer.word_embeddings.weight"].clone()}),
    # tiiuae/falcon-40b: groups of heads, a norm for each half
    "falcon/40b": Variant(FALCON | dict(new_decoder_architecture=True, num_kv_heads=2, num_attention_heads=4), [0, 3]),
    # tiiuae/falcon-rw-1b: alibi, biases, one half after the other. transformers' eager attention adds alibi twice; the
    # slopes of the last four of 12 heads are no powers of two, and are rounded to bfloat16
    "falcon/rw_1b": Variant(
        FALCON | dict(alibi=True, bias=True, ffn_hidden_size=24, hidden_size=24, multi_query=False,
                      num_attention_heads=12, parallel_attn=False), [1, 2], attention="sdpa"),
    # tiiuae/falcon-11B: one norm for both halves, a width of its own, a head of its own
    "falcon/11b": Variant(
        {n: v for n, v in FALCON.items() if n != "multi_query"}
        | dict(ffn_hidden_size=28, max_position_embeddings=64, new_decoder_architecture=True,
               num_attention_heads=4, num_kv_heads=2, num_ln_in_parallel_attn=1, rope_scaling=None, rope_theta=500042.0,
               tie_word_embeddings=False, transformers_version="4.39.2", activation="gelu"),
        [2]),
    # as transformers 5 writes it; rope, one half after the other, heads of their own, biases
    "falcon/five": Variant(
        dict(activation="gelu", alibi=False, architectures=["FalconForCausalLM"], attention_dropout=0.0, bias=True,
             bos_token_id=11, dtype="float32", eos_token_id=11, ffn_hidden_size=32, hidden_dropout=0.0, hidden_size=16,
             initializer_range=0.02, layer_norm_epsilon=1e-05, max_position_embeddings=16, model_type="falcon",
             multi_query=False, new_decoder_architecture=False, num_attention_heads=2, num_hidden_layers=4,
             num_kv_heads=2, num_ln_in_parallel_attn=None, pad_token_id=None, parallel_attn=False,
             rope_parameters=dict(factor=3.0, rope_theta=1000.0, rope_type="dynamic"), tie_word_embeddings=True,
             transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY),
        [0]),
}

# ------------------------------------------------------------------------------------------------------- starcoder2

STARCODER2 = dict(
    architectures=["Starcoder2ForCausalLM"], attention_dropout=0.1, attention_softmax_in_fp32=True, bos_token_id=0,
    embedding_dropout=0.1, eos_token_id=0, hidden_act="gelu_pytorch_tanh", hidden_size=16, initializer_range=0.018042,
    intermediate_size=32, layer_norm_epsilon=1e-05, max_position_embeddings=64, mlp_type="default",
    model_type="starcoder2", norm_epsilon=1e-05, norm_type="layer_norm", num_attention_heads=4, num_hidden_layers=4,
    num_key_value_heads=2, residual_dropout=0.1, rope_theta=999999.4420358813, scale_attention_softmax_in_fp32=True,
    scale_attn_weights=True, sliding_window=6, torch_dtype="float32", transformers_version="4.37.0.dev0", use_bias=True,
    use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # bigcode/starcoder2-3b
    "starcoder2/3b": Variant(STARCODER2, [1, 2]),
    # bigcode/starcoder2-15b: a head of its own
    "starcoder2/15b": Variant(
        STARCODER2 | dict(num_attention_heads=2, num_key_value_heads=1, rope_theta=100000, tie_word_embeddings=False,
                          intermediate_size=24, sliding_window=9, norm_epsilon=1e-3), [0]),
    # as transformers 5 writes it; no biases, no window, scaled
    "starcoder2/five": Variant(
        dict(architectures=["Starcoder2ForCausalLM"], attention_dropout=0.1, bos_token_id=0, dtype="float32",
             embedding_dropout=0.1, eos_token_id=0, hidden_act="gelu_pytorch_tanh", hidden_size=16,
             initializer_range=0.018042, intermediate_size=32, max_position_embeddings=64, model_type="starcoder2",
             norm_epsilon=1e-05, num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pad_token_id=None,
             residual_dropout=0.1, rope_parameters=dict(factor=2.0, rope_theta=1000.0, rope_type="linear"),
             sliding_window=None, tie_word_embeddings=True, transformers_version="5.0.0", use_bias=False,
             use_cache=True, vocab_size=VOCABULARY),
        [3]),
}

# ---------------------------------------------------------------------------------------------------------- mixtral

MIXTRAL = dict(
    architectures=["MixtralForCausalLM"], attention_dropout=0.0, bos_token_id=1, eos_token_id=2, hidden_act="silu",
    hidden_size=16, initializer_range=0.02, intermediate_size=8, max_position_embeddings=64, model_type="mixtral",
    num_attention_heads=4, num_experts_per_tok=2, num_hidden_layers=4, num_key_value_heads=2, num_local_experts=4,
    output_router_logits=False, rms_norm_eps=1e-05, rope_theta=1000000.0, router_aux_loss_coef=0.02,
    sliding_window=None, tie_word_embeddings=False, torch_dtype="float32", transformers_version="4.36.0.dev0",
    use_cache=True,
    vocab_size=VOCABULARY)

VARIANTS |= {
    # mistralai/Mixtral-8x7B-v0.1
    "mixtral/8x7b": Variant(MIXTRAL, [1, 2]),
    # the same with a window, one expert a token, heads wider than the network; the base left out
    "mixtral/window": Variant(
        {n: v for n, v in MIXTRAL.items() if n != "rope_theta"}
        | dict(sliding_window=5, num_experts_per_tok=1, num_local_experts=3, num_attention_heads=2,
               num_key_value_heads=1, head_dim=10), [0]),
    # as transformers 5 writes it; tied, scaled
    "mixtral/five": Variant(
        dict(architectures=["MixtralForCausalLM"], attention_dropout=0.0, bos_token_id=1, dtype="float32",
             eos_token_id=2, head_dim=None, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=8, max_position_embeddings=64, model_type="mixtral", num_attention_heads=2,
             num_experts_per_tok=3, num_hidden_layers=4, num_key_value_heads=2, num_local_experts=4,
             output_router_logits=False, pad_token_id=None, rms_norm_eps=1e-05,
             rope_parameters=dict(factor=2.0, rope_theta=1000.0, rope_type="linear"), router_aux_loss_coef=0.02,
             router_jitter_noise=0.0, sliding_window=None, tie_word_embeddings=True, transformers_version="5.0.0",
             use_cache=True, vocab_size=VOCABULARY),
        [3]),
}

# -------------------------------------------------------------------------------------------- qwen2_moe, qwen3_moe

QWEN2_MOE = dict(
    architectures=["Qwen2MoeForCausalLM"], attention_dropout=0.0, bos_token_id=45, eos_token_id=45, hidden_act="silu",
    hidden_size=16, initializer_range=0.02, intermediate_size=24, max_position_embeddings=64, max_window_layers=3,
    model_type="qwen2_moe", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=2, rms_norm_eps=1e-06,
    rope_theta=1000000.0, sliding_window=6, tie_word_embeddings=False, torch_dtype="float32",
    transformers_version="4.39.0.dev0", use_cache=True, use_sliding_window=False, vocab_size=VOCABULARY,
    decoder_sparse_step=1, moe_intermediate_size=8, shared_expert_intermediate_size=12, num_experts_per_tok=2,
    num_experts=4, norm_topk_prob=False, output_router_logits=False, router_aux_loss_coef=0.001)
QWEN3_MOE = dict(
    architectures=["Qwen3MoeForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=43,
    decoder_sparse_step=1, eos_token_id=45, head_dim=6, hidden_act="silu", hidden_size=16, initializer_range=0.02,
    intermediate_size=24, max_position_embeddings=64, max_window_layers=48, mlp_only_layers=[], model_type="qwen3_moe",
    moe_intermediate_size=8, norm_topk_prob=True, num_attention_heads=4, num_experts=4, num_experts_per_tok=2,
    num_hidden_layers=4, num_key_value_heads=2, output_router_logits=False, rms_norm_eps=1e-06, rope_scaling=None,
    rope_theta=1000000.0, router_aux_loss_coef=0.001, sliding_window=None, tie_word_embeddings=False,
    torch_dtype="float32", transformers_version="4.51.0", use_cache=True, use_sliding_window=False,
    vocab_size=VOCABULARY)

VARIANTS |= {
    # Qwen/Qwen1.5-MoE-A2.7B
    "qwen2_moe/a2_7b": Variant(QWEN2_MOE, [1, 2]),
    # every second layer has experts, but for one; windows
    "qwen2_moe/step": Variant(
        QWEN2_MOE | dict(decoder_sparse_step=2, mlp_only_layers=[3], num_hidden_layers=6, use_sliding_window=True,
                         max_window_layers=4, norm_topk_prob=True, num_key_value_heads=1), [0, 3]),
    # as transformers 5 writes it; tied, no biases
    "qwen2_moe/five": Variant(
        dict(architectures=["Qwen2MoeForCausalLM"], attention_dropout=0.0, bos_token_id=45, decoder_sparse_step=1,
             dtype="float32", eos_token_id=45, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, layer_types=[FULL, SLIDING, SLIDING, FULL], max_position_embeddings=64,
             max_window_layers=3, mlp_only_layers=[0], model_type="qwen2_moe", moe_intermediate_size=8,
             norm_topk_prob=False, num_attention_heads=2, num_experts=3, num_experts_per_tok=2, num_hidden_layers=4,
             num_key_value_heads=1, output_router_logits=False, pad_token_id=None, qkv_bias=False, rms_norm_eps=1e-06,
             rope_parameters=dict(factor=4.0, original_max_position_embeddings=300, rope_theta=1000.0,
                                  rope_type="yarn"),
             router_aux_loss_coef=0.001, shared_expert_intermediate_size=10, sliding_window=4, tie_word_embeddings=True,
             transformers_version="5.0.0", use_cache=True, use_sliding_window=True, vocab_size=VOCABULARY),
        [1]),
    # Qwen/Qwen3-30B-A3B
    "qwen3_moe/30b_a3b": Variant(QWEN3_MOE, [1]),
    # every second layer has experts, but for one; a window, shares not made to add up to one, biases
    "qwen3_moe/step": Variant(
        QWEN3_MOE | dict(attention_bias=True, decoder_sparse_step=2, mlp_only_layers=[1], norm_topk_prob=False,
                         num_hidden_layers=5, sliding_window=6, use_sliding_window=True), [0, 4]),
    # as transformers 5 writes it; tied, the head's width left out
    "qwen3_moe/five": Variant(
        dict(architectures=["Qwen3MoeForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=None,
             decoder_sparse_step=1, dtype="float32", eos_token_id=None, hidden_act="silu", hidden_size=16,
             initializer_range=0.02, intermediate_size=20, max_position_embeddings=64, mlp_only_layers=[2],
             model_type="qwen3_moe", moe_intermediate_size=8, norm_topk_prob=True, num_attention_heads=2,
             num_experts=3, num_experts_per_tok=1, num_hidden_layers=4, num_key_value_heads=1,
             output_router_logits=False, pad_token_id=None, rms_norm_eps=1e-06,
             rope_parameters=dict(rope_theta=1000.0, rope_type="default"), router_aux_loss_coef=0.001,
             sliding_window=None, tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True,
             use_sliding_window=False, vocab_size=VOCABULARY),
        [1, 3]),
}

# ------------------------------------------------------------------------------------------------------------- olmo

OLMO = dict(
    architectures=["OlmoForCausalLM"], attention_bias=False, attention_dropout=0.0, clip_qkv=None, eos_token_id=46,
    hidden_act="silu", hidden_size=16, initializer_range=0.02, intermediate_size=20, max_position_embeddings=64,
    model_type="olmo", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=2, pad_token_id=1,
    rope_scaling=None, rope_theta=10000.0, tie_word_embeddings=False, torch_dtype="float32",
    transformers_version="4.40.0.dev0", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # allenai/OLMo-7B-hf: norms without weights
    "olmo/7b": Variant(OLMO, [1, 2]),
    # allenai/OLMo-1B-hf: tied
    "olmo/1b": Variant(OLMO | dict(tie_word_embeddings=True, intermediate_size=24, num_attention_heads=4), [0]),
    # allenai/OLMo-1.7-7B-hf: queries, keys and values cut off
    "olmo/1_7_7b": Variant(OLMO | dict(clip_qkv=1.0), [3]),
    # as transformers 5 writes it; biases, fewer heads for keys
    "olmo/five": Variant(
        dict(architectures=["OlmoForCausalLM"], attention_bias=True, attention_dropout=0.0, bos_token_id=None,
             clip_qkv=None, dtype="float32", eos_token_id=46, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=20, max_position_embeddings=64, model_type="olmo", num_attention_heads=2,
             num_hidden_layers=4, num_key_value_heads=1, pad_token_id=1,
             rope_parameters=dict(factor=2.0, rope_theta=1000.0, rope_type="linear"), tie_word_embeddings=False,
             transformers_version="5.0.0", use_cache=True, vocab_size=VOCABULARY),
        [2]),
}

# ---------------------------------------------------------------------------- further ropes of llama, qwen2 and qwen3

LLAMA = dict(
    architectures=["LlamaForCausalLM"], attention_bias=False, bos_token_id=1, eos_token_id=2, hidden_act="silu",
    hidden_size=16, initializer_range=0.02, intermediate_size=20, max_position_embeddings=64, mlp_bias=False,
    model_type="llama", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, pretraining_tp=1,
    rms_norm_eps=1e-05, rope_scaling=None, rope_theta=10000.0, tie_word_embeddings=True, torch_dtype="float32",
    transformers_version="4.45.0", use_cache=True, vocab_size=VOCABULARY)
QWEN2 = dict(
    architectures=["Qwen2ForCausalLM"], attention_dropout=0.0, bos_token_id=45, eos_token_id=46, hidden_act="silu",
    hidden_size=16, initializer_range=0.02, intermediate_size=20, max_position_embeddings=16, max_window_layers=28,
    model_type="qwen2", num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, rms_norm_eps=1e-06,
    rope_theta=10000.0, sliding_window=131072, tie_word_embeddings=True, torch_dtype="float32",
    transformers_version="4.43.1", use_cache=True, use_sliding_window=False, vocab_size=VOCABULARY)
QWEN3 = dict(
    architectures=["Qwen3ForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=45, eos_token_id=46,
    head_dim=8, hidden_act="silu", hidden_size=16, initializer_range=0.02, intermediate_size=20,
    max_position_embeddings=40, max_window_layers=28, model_type="qwen3", num_attention_heads=2, num_hidden_layers=4,
    num_key_value_heads=1, rms_norm_eps=1e-06, rope_scaling=None, rope_theta=10000.0, sliding_window=None,
    tie_word_embeddings=True, torch_dtype="float32", transformers_version="4.51.0", use_cache=True,
    use_sliding_window=False, vocab_size=VOCABULARY)

VARIANTS |= {
    # every field of yarn
    "llama/yarn": Variant(
        LLAMA | dict(rope_theta=20.0, rope_scaling=dict(attention_factor=0.9, beta_fast=2.0, beta_slow=0.2, factor=4.0,
                                                        original_max_position_embeddings=32, rope_type="yarn",
                                                        truncate=False)), [1]),
    # as DeepSeek has it: what scales the attention comes from two other numbers
    "llama/yarn_mscale": Variant(
        LLAMA | dict(max_position_embeddings=5120, rope_theta=300.0,
                     rope_scaling=dict(beta_fast=16, beta_slow=1, factor=40, mscale=1.0, mscale_all_dim=0.5,
                                       original_max_position_embeddings=128, type="yarn")), [2]),
    # longer than what it was trained on, by as much as the tokens are
    "llama/dynamic": Variant(
        LLAMA | dict(max_position_embeddings=16, rope_scaling=dict(factor=2.0, type="dynamic")), [0, 3]),
    # shorter: as if nothing was scaled
    "llama/dynamic_short": Variant(LLAMA | dict(rope_scaling=dict(factor=2.0, rope_type="dynamic")), [1, 2]),
    # a factor of its own, longer
    "llama/longrope_long": Variant(
        LLAMA | dict(rope_scaling=dict(factor=3.0, long_factor=LONG4, original_max_position_embeddings=16,
                                       rope_type="longrope", short_factor=SHORT4)), [3]),
    # what scales the attention is said, shorter
    "llama/longrope_short": Variant(
        LLAMA | dict(rope_scaling=dict(attention_factor=1.3, factor=3.0, long_factor=LONG4,
                                       original_max_position_embeddings=32, rope_type="longrope", short_factor=SHORT4)),
        [0]),
    # Qwen/Qwen2.5-7B-Instruct with what its page says to add
    "qwen2/yarn": Variant(
        QWEN2 | dict(max_position_embeddings=512, rope_scaling=dict(factor=4.0, original_max_position_embeddings=512,
                                                                    type="yarn")), [1, 2]),
    "qwen2/dynamic": Variant(QWEN2 | dict(rope_scaling=dict(factor=4.0, rope_type="dynamic")), [0]),
    # Qwen/Qwen3-8B with what its page says to add
    "qwen3/yarn": Variant(
        QWEN3 | dict(max_position_embeddings=640, rope_theta=1000.0,
                     rope_scaling=dict(factor=4.0, original_max_position_embeddings=400, rope_type="yarn")), [1]),
    "qwen3/dynamic": Variant(
        QWEN3 | dict(max_position_embeddings=20, rope_scaling=dict(factor=3.0, type="dynamic")), [2, 3]),
    "qwen3/longrope": Variant(
        {n: v for n, v in QWEN3.items() if n not in ("rope_scaling", "rope_theta", "torch_dtype")}
        | dict(dtype="float32", transformers_version="5.0.0", layer_types=[FULL] * 4,
               rope_parameters=dict(long_factor=LONG4, original_max_position_embeddings=16, rope_theta=1000.0,
                                    rope_type="longrope", short_factor=SHORT4)), [0]),
}

# --------------------------------------------------------------------------------------------------------- mistral

MISTRAL = dict(
    architectures=["MistralForCausalLM"], bos_token_id=1, eos_token_id=2, hidden_act="silu", hidden_size=16,
    initializer_range=0.02, intermediate_size=20, max_position_embeddings=64, model_type="mistral",
    num_attention_heads=2, num_hidden_layers=4, num_key_value_heads=1, rms_norm_eps=1e-05, rope_theta=10000.0,
    sliding_window=7, tie_word_embeddings=False, torch_dtype="bfloat16", transformers_version="4.34.0.dev0",
    use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # mistralai/Mistral-7B-v0.1: a window
    "mistral/window": Variant(MISTRAL, [1]),
    # mistralai/Mistral-7B-Instruct-v0.3: none
    "mistral/whole": Variant(MISTRAL | dict(attention_dropout=0.0, rope_theta=1000000.0, sliding_window=None,
                                            transformers_version="4.42.0.dev0"), [0, 3]),
    # mistralai/Mistral-Nemo-Instruct-2407: heads of a width of their own
    "mistral/nemo": Variant(
        MISTRAL | dict(attention_dropout=0.0, head_dim=6, num_attention_heads=4, num_key_value_heads=2,
                       rope_theta=1000000.0, sliding_window=None, transformers_version="4.43.0.dev0"), [2]),
}
