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
    eos_token_id=47, initializer_range=0.02, layer_norm_epsilon=1e-05, model_type="gpt2", n_ctx=26, n_embd=16, n_head=2,
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
        GPT2 | dict(_num_labels=1, id2label={"0": "LABEL_0"}, label2id={"LABEL_0": 0}, n_head=4, n_layer=5,
                    layer_norm_epsilon=1e-3),
        [0, 3], more=lambda t: layer_tensors(5, **{"transformer.h.*.attn.bias": causal(26)})),
    # stanford-crfm/alias-gpt2-small-x21: scores divided by the layer's number
    "gpt2/stanford": Variant(
        GPT2 | dict(n_inner=None, n_layer=6, reorder_and_upcast_attn=True, scale_attn_by_inverse_layer_idx=True,
                    scale_attn_weights=True, torch_dtype="float32", transformers_version="4.15.0", use_cache=True),
        [1, 4]),
    # cerebras/Cerebras-GPT-111M: the exact gelu, a width of its own, the tied head in the file too
    "gpt2/cerebras": Variant(
        dict(activation_function="gelu", architectures=["GPT2LMHeadModel"], attn_pdrop=0.0, bos_token_id=47,
             embd_pdrop=0.0, eos_token_id=47, initializer_range=0.02, layer_norm_epsilon=1e-05, model_type="gpt2",
             n_embd=16, n_head=2, n_inner=40, n_layer=4, n_positions=32, reorder_and_upcast_attn=False, resid_pdrop=0.0,
             scale_attn_by_inverse_layer_idx=False, scale_attn_weights=True, torch_dtype="float32",
             transformers_version="4.25.1", use_cache=True, vocab_size=VOCABULARY),
        [2], more=lambda t: {"lm_head.weight": t["transformer.wte.weight"].clone()}),
    # as transformers 5 writes it; a head of its own, scores not divided by the head's width
    "gpt2/untied": Variant(
        dict(activation_function="gelu_pytorch_tanh", add_cross_attention=False, architectures=["GPT2LMHeadModel"],
             attn_pdrop=0.1, bos_token_id=47, dtype="float32", embd_pdrop=0.1, eos_token_id=47, initializer_range=0.02,
             layer_norm_epsilon=1e-05, model_type="gpt2", n_ctx=32, n_embd=24, n_head=4, n_inner=None, n_layer=4,
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
    hidden_act="gelu_pytorch_tanh", hidden_activation="gelu_pytorch_tanh", hidden_size=24, initializer_range=0.02,
    intermediate_size=28, max_position_embeddings=64, model_type="gemma2", num_attention_heads=4, num_hidden_layers=6,
    num_key_value_heads=2, pad_token_id=0, query_pre_attn_scalar=8, rms_norm_eps=1e-06, rope_theta=10000.0,
    sliding_window=5, torch_dtype="float32", transformers_version="4.42.4", use_cache=True, vocab_size=VOCABULARY)

VARIANTS |= {
    # google/gemma-2-2b: the pattern of windows is nowhere in the file
    "gemma2/2b": Variant(GEMMA2, [1, 4]),
    # google/gemma-2-27b: queries scaled by another number than the head's width; caps that are felt
    "gemma2/27b": Variant(
        GEMMA2 | dict(query_pre_attn_scalar=12, head_dim=6, num_attention_heads=2, num_key_value_heads=1,
                      attn_logit_softcapping=3.0, final_logit_softcapping=4.0, sliding_window_size=7, sliding_window=7,
                      rms_norm_eps=1e-3),
        [2]),
    # stored in bfloat16, computed in float32
    "gemma2/bfloat16": Variant(
        GEMMA2 | dict(torch_dtype="bfloat16", num_hidden_layers=4, hidden_size=20, attn_logit_softcapping=2.0), [0],
        stored=torch.bfloat16),
    # as transformers 5 writes it; no caps (as people train it), a head of its own, biases
    "gemma2/five": Variant(
        dict(architectures=["Gemma2ForCausalLM"], attention_bias=True, attention_dropout=0.0, attn_logit_softcapping=None,
             bos_token_id=2, dtype="float32", eos_token_id=[1, 47], final_logit_softcapping=None, head_dim=8,
             hidden_activation="gelu_pytorch_tanh", hidden_size=16, initializer_range=0.02, intermediate_size=24,
             layer_types=[SLIDING, FULL, SLIDING, FULL, SLIDING], max_position_embeddings=64, model_type="gemma2",
             num_attention_heads=2, num_hidden_layers=5, num_key_value_heads=1, pad_token_id=0, query_pre_attn_scalar=6,
             rms_norm_eps=1e-06, rope_parameters=dict(rope_theta=500.0, rope_type="default"), sliding_window=4,
             tie_word_embeddings=False, transformers_version="5.0.0", use_bidirectional_attention=None, use_cache=True,
             vocab_size=VOCABULARY),
        [1, 2]),
}

# ------------------------------------------------------------------------------------------------------ gemma3_text

GEMMA3 = dict(
    architectures=["Gemma3ForCausalLM"], attention_bias=False, attention_dropout=0.0, attn_logit_softcapping=None,
    bos_token_id=2, cache_implementation="hybrid", eos_token_id=[1, 47], final_logit_softcapping=None, head_dim=8,
    hidden_activation="gelu_pytorch_tanh", hidden_size=20, initializer_range=0.02, intermediate_size=24,
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
        dict(architectures=["Gemma3ForCausalLM"], head_dim=8, hidden_size=16, intermediate_size=24,
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
        | dict(hidden_size=32, num_attention_heads=4, num_key_value_heads=2, rope_theta=250000, sliding_window=None,
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
             dtype="float32", embd_pdrop=0.0, eos_token_id=47, hidden_act="silu", hidden_size=16, initializer_range=0.02,
             intermediate_size=24, lm_head_bias=False, max_position_embeddings=160, mlp_bias=False, model_type="phi3",
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
    initializer_range=0.02, intermediate_size=40, layer_norm_eps=1e-05, max_position_embeddings=32,
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
        PYTHIA | dict(rotary_pct=1.0, use_parallel_residual=False, num_attention_heads=4, hidden_size=24,
                      transformers_version="4.28.1"),
        [0, 3]),
    # EleutherAI/gpt-neox-20b: another gelu, whether the halves are parallel is not said
    "gpt_neox/20b": Variant(
        {n: v for n, v in PYTHIA.items() if n != "use_parallel_residual"}
        | dict(attention_probs_dropout_prob=0, hidden_act="gelu_fast", hidden_dropout_prob=0, hidden_size=32,
               rotary_pct=0.25, transformers_version="4.19.0.dev0"),
        [2]),
    # as transformers 5 writes it; tied, attention without biases, scaled rope
    "gpt_neox/five": Variant(
        dict(architectures=["GPTNeoXForCausalLM"], attention_bias=False, attention_dropout=0.0, bos_token_id=0,
             classifier_dropout=0.1, dtype="float32", eos_token_id=0, hidden_act="gelu", hidden_dropout=0.0,
             hidden_size=16, initializer_range=0.02, intermediate_size=40, is_decoder=True, layer_norm_eps=1e-03,
             max_position_embeddings=32, model_type="gpt_neox", num_attention_heads=2, num_hidden_layers=4,
             pad_token_id=None, rope_parameters=dict(factor=3.0, partial_rotary_factor=0.5, rope_theta=1000,
                                                     rope_type="linear"),
             tie_word_embeddings=True, transformers_version="5.0.0", use_cache=True, use_parallel_residual=True,
             vocab_size=VOCABULARY),
        [1]),
}
