"""What transformers draws from: probabilities behind its temperature, top-k and top-p.

    python tools/make_sampling_fixture.py > core/src/test/resources/generation/sampling.json

Needs torch and transformers. `logits` [4, 30], of which the last row has equal ones; each of `cases` has temperature,
top_k, top_p and `probabilities` [4, 30] as `generate` would draw from them.
"""

import json

import torch
from transformers import LogitsProcessorList, TemperatureLogitsWarper, TopKLogitsWarper, TopPLogitsWarper

CASES = [(1.0, 0, 1.0), (0.7, 0, 1.0), (1.0, 5, 1.0), (0.8, 50, 0.95), (1.3, 8, 0.6), (1.0, 0, 0.9), (0.5, 0, 0.3),
         (2.0, 3, 0.999), (1.0, 1, 0.5), (0.8, 4, 1.0)]


def main():
    torch.manual_seed(5)
    logits = 3 * torch.randn(4, 30)
    logits[3, 10:16] = logits[3].max() - 0.5
    cases = []
    for temperature, top_k, top_p in CASES:
        chain = LogitsProcessorList()
        if temperature != 1:
            chain.append(TemperatureLogitsWarper(temperature))
        if top_k:
            chain.append(TopKLogitsWarper(top_k))
        if top_p < 1:
            chain.append(TopPLogitsWarper(top_p))
        probabilities = torch.softmax(chain(None, logits.clone()), -1)
        cases.append({"temperature": temperature, "top_k": top_k, "top_p": top_p,
                      "probabilities": [[round(p, 7) for p in row] for row in probabilities.tolist()]})
    print('{"logits": ' + json.dumps(logits.tolist()) + ', "cases": [\n' + ",\n".join(map(json.dumps, cases)) + "\n]}")


if __name__ == "__main__":
    main()
