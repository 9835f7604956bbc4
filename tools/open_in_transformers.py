"""Opens a language model's directory in transformers and says whether it computes what sglp says it does.

    python tools/open_in_transformers.py DIR                                   # needs torch and transformers

Checks: every tensor of the file is used and none is missing; the logits of proof.st (made by sglp on its own
tokens); greedy generation with and without a key-value cache gives the same tokens. Ends with 1 where something differs.
"""

import argparse
import pathlib
import sys

import torch
import transformers
from safetensors.torch import load_file

TOLERANCE = 1e-3


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("directory", type=pathlib.Path)
    parser.add_argument("--prompt", default="The capital of France is")
    parser.add_argument("--tokens", type=int, default=24)
    arguments = parser.parse_args()
    torch.manual_seed(0)
    model, loading = transformers.AutoModelForCausalLM.from_pretrained(
        arguments.directory, dtype=torch.float32, output_loading_info=True)
    tokenizer = transformers.AutoTokenizer.from_pretrained(arguments.directory)
    model.eval()
    print(f"transformers {transformers.__version__}: {type(model).__name__}, {model.config.num_hidden_layers} layers, "
          f"{sum(p.numel() for p in model.parameters()):,} parameters")
    wrong = [f"{what}: {sorted(names)}" for what, names in loading.items() if names]
    print("missing, unexpected or mismatched tensors:", "; ".join(wrong) or "none")

    proof = load_file(arguments.directory / "proof.st")
    with torch.no_grad():
        logits = model(proof["input"].long()).logits
    difference = (logits - proof["logits"]).abs().max().item()
    print(f"largest difference from sglp's logits: {difference:.2e} (at most {TOLERANCE:g} is right)")

    prompt = tokenizer(arguments.prompt, return_tensors="pt")
    texts = [model.generate(**prompt, max_new_tokens=arguments.tokens, do_sample=False, use_cache=cache,
                            pad_token_id=tokenizer.eos_token_id)[0] for cache in (True, False)]
    same = torch.equal(*texts)
    print("greedy generation with and without cache:", "the same" if same else "differs")
    print("  " + repr(tokenizer.decode(texts[0])))
    return 0 if same and not wrong and difference <= TOLERANCE else 1


if __name__ == "__main__":
    sys.exit(main())
