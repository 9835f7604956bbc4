"""Steps of the distillation loop one would write with transformers: the rival of sglp's on language models.

    python tools/bench_training_text.py DIR --tokens FILE --first F --last L [--threads 2] [--dtype float32|bfloat16] [--serve]

The student is the model without layers F to L - 1, the teacher the whole model. A round is one step: KL of the teacher's answers
over the whole vocabulary at temperature 1, mean over the predicted tokens; gradients of every tensor, clipped at norm 1; AdamW
at 1e-4. bfloat16 is torch.autocast on float32 weights. FILE is a safetensors file with `tokens` [B, T] that bench/run.sh makes.
--serve: one line when ready, then one round and one JSON line for every line read.
"""

import contextlib
import copy
import time

import torch
import transformers
from safetensors.torch import load_file

from bench_gradnorm import serve
from bench_gradnorm_text import arguments
from resident import peak


def main():
    settings = arguments("Times steps of a distillation in eager PyTorch.")
    teacher = transformers.AutoModelForCausalLM.from_pretrained(settings.directory, dtype=torch.float32).eval()
    student = copy.deepcopy(teacher)
    student.model.layers = torch.nn.ModuleList(
        layer for i, layer in enumerate(student.model.layers) if not settings.first <= i < settings.last)
    for i, layer in enumerate(student.model.layers):
        layer.self_attn.layer_idx = i
    tokens = load_file(settings.tokens)["tokens"].long()
    optimizer = torch.optim.AdamW(student.parameters(), lr=1e-4, betas=(0.9, 0.999), eps=1e-8, weight_decay=0)
    half = settings.dtype == "bfloat16"

    def logits(model):
        with torch.autocast("cpu", torch.bfloat16) if half else contextlib.nullcontext():
            return model(input_ids=tokens, use_cache=False).logits[:, :-1].float().flatten(0, 1)

    def work():
        peak(reset=True)
        start = time.perf_counter()
        with torch.no_grad():
            known = torch.log_softmax(logits(teacher), 1)
        optimizer.zero_grad()
        loss = torch.nn.functional.kl_div(torch.log_softmax(logits(student), 1), known, reduction="batchmean",
                                          log_target=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(student.parameters(), 1.0)
        optimizer.step()
        return time.perf_counter() - start, {"loss": loss.item(), "peak_bytes": peak()}

    if settings.serve:
        serve(work)
    else:
        for _ in range(3):
            seconds, found = work()
            print(f"{tokens.numel() / seconds:.1f} tokens/s, loss {found['loss']:.6f}, {found['peak_bytes'] >> 20} MiB")


if __name__ == "__main__":
    main()
