"""Greedy text of transformers, or of llama.cpp: the rival of sglp's generation.

    python tools/bench_decode.py DIR --tokens FILE [--new 64] [--threads 2] [--dtype float32|bfloat16] [--gguf FILE] [--serve]

A round: each row of FILE (a safetensors file with `tokens` [B, T] that bench/run.sh makes) is continued by --new tokens, all rows
side by side, with a key-value cache; nothing ends a text. With --gguf llama.cpp (cyllama, pip install cyllama) does it on that file.
--serve: one line when ready, then one round and one JSON line for every line read.
"""

import argparse
import os
import time
from pathlib import Path

import torch
from safetensors.torch import load_file

from bench_gradnorm import serve


def of_transformers(settings, prompts):
    import transformers

    model = transformers.AutoModelForCausalLM.from_pretrained(settings.directory, dtype=getattr(torch, settings.dtype)).eval()
    model.generation_config = transformers.GenerationConfig(do_sample=False, use_cache=True, pad_token_id=0)

    def write():
        with torch.inference_mode():
            return model.generate(prompts, attention_mask=torch.ones_like(prompts), max_new_tokens=settings.new)[:, prompts.shape[1]:].tolist()

    return write


def of_llama(settings, prompts):
    from cyllama.llama import llama_cpp as llama

    llama.llama_backend_init()
    how = llama.LlamaModelParams()
    how.n_gpu_layers = 0
    model = llama.LlamaModel(str(settings.gguf), how, verbose=False)
    rows, length = prompts.shape
    params = llama.LlamaContextParams()
    params.n_ctx = rows * (length + settings.new + 8)
    params.n_seq_max = rows
    params.n_batch = params.n_ubatch = rows * length
    params.n_threads = params.n_threads_batch = settings.threads
    context = llama.LlamaContext(model, params, verbose=False)
    sampler = llama.LlamaSampler(llama.LlamaSamplerChainParams())
    sampler.add_greedy()
    batch = llama.LlamaBatch(n_tokens=rows * length, embd=0, n_seq_max=1)

    def read(columns, at):
        batch.reset()
        places = []
        for row, tokens in enumerate(columns):
            for i, token in enumerate(tokens):
                last = i == len(tokens) - 1
                batch.add(token, at + i, [row], last)
                if last:
                    places.append(batch.n_tokens - 1)
        context.decode(batch)
        return [sampler.sample(context, place) for place in places]

    def write():
        context.kv_cache_clear()
        written = [[token] for token in read(prompts.tolist(), 0)]
        for i in range(settings.new - 1):
            for row, token in zip(written, read([row[-1:] for row in written], length + i)):
                row.append(token)
        return written

    return write


def main():
    parser = argparse.ArgumentParser(description="Times greedy text.")
    parser.add_argument("directory", type=Path)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--new", type=int, default=64)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--gguf", type=Path)
    parser.add_argument("--serve", action="store_true")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    prompts = load_file(settings.tokens)["tokens"].long()
    quiet = os.dup(1)  # what libraries print is no answer
    os.dup2(2, 1)
    write = (of_llama if settings.gguf else of_transformers)(settings, prompts)
    os.dup2(quiet, 1)

    def work():
        start = time.perf_counter()
        written = write()
        return time.perf_counter() - start, {"tokens": written}

    if settings.serve:
        serve(work)
    else:
        for _ in range(3):
            seconds, found = work()
            print(f"{prompts.shape[0] * settings.new / seconds:.1f} tokens/s, {found['tokens'][0][:8]} …")


if __name__ == "__main__":
    main()
