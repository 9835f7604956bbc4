"""Candidates a second of the GradNorm loop one would write with transformers: the rival of sglp's on language models.

    python tools/bench_gradnorm_text.py DIR --tokens FILE --first F --last L [--threads 2] [--dtype float32|bfloat16] [--serve]

Eager and plain: each decoder layer from F to L - 1 is left out in turn; forward, backward, sum of the gradients' norms over the
tensors that every candidate keeps (all but layers F to L - 1; a tied tensor once). FILE is a safetensors file with `tokens`
[B, T] that bench/run.sh makes. --serve: one line when ready, then one round and one JSON line for every line read.
"""

import argparse
import time
from pathlib import Path

import torch
import transformers
from safetensors.torch import load_file

from bench_gradnorm import serve


def score(model, layers, absent, tokens):
    """G with one layer left out; the model is as before afterwards."""
    model.model.layers = torch.nn.ModuleList(layer for i, layer in enumerate(layers) if i != absent)
    model.zero_grad()
    model(input_ids=tokens, labels=tokens, use_cache=False).loss.backward()
    model.model.layers = layers
    return model


def norms(model, counted):
    return sum(p.grad.float().norm().item() for p in counted if p.grad is not None)


def arguments(description):
    """Of a comparison on a language model, whose threads are set."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("directory", type=Path)
    parser.add_argument("--tokens", type=Path, required=True)
    parser.add_argument("--first", type=int, required=True)
    parser.add_argument("--last", type=int, required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--dtype", choices=["float32", "bfloat16"], default="float32")
    parser.add_argument("--serve", action="store_true")
    settings = parser.parse_args()
    torch.set_num_threads(settings.threads)
    return settings


def main():
    settings = arguments("Times GradNorm candidates of a language model in eager PyTorch.")
    model = transformers.AutoModelForCausalLM.from_pretrained(settings.directory, dtype=getattr(torch, settings.dtype))
    model.eval()
    tokens = load_file(settings.tokens)["tokens"].long()
    layers = model.model.layers
    contested = {id(p) for layer in layers[settings.first:settings.last] for p in layer.parameters()}
    counted = [p for p in model.parameters() if id(p) not in contested]

    def work():
        start = time.perf_counter()
        scores = {str(i): norms(score(model, layers, i, tokens), counted) for i in range(settings.first, settings.last)}
        return time.perf_counter() - start, {"scores": scores}

    if settings.serve:
        serve(work)
    else:
        seconds, found = work()
        print(f"{len(found['scores']) / seconds:.3f} candidates/s", found["scores"])


if __name__ == "__main__":
    main()
