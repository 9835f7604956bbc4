"""Makes core/src/test/resources/oracle/letter*.{json,safetensors}: the paper's sentence word for word, from its definition.

    OMP_NUM_THREADS=1 python tools/make_letter_oracle.py

Needs torch, transformers and safetensors, and the pico networks that lie among the test resources. Everything in float64, by
autograd over the whole network; nothing shared with sglp:

- letter_resnet.safetensors, letter_llama.safetensors: the random network (`random.NAME`, for every tensor of the pretrained one), and
  `input` and `targets`: 11 images in batches of 2, 7 windows in batches of 2. What is left over plays no part.
- letter.json: for each segment and number of layers that stay, every combination `stay` of its removable layers in lexicographic
  order with `letter` and `accumulated`: the global norm of all gradients, batch norm by the batch, mean over 2 batches. `letter`: only the layers of `stay`
  are pretrained, batches 0 and 1. `accumulated`: so are those of all combinations before, combination c has batches 2c and 2c + 1
  of all; after the last one the items are shuffled for each further pass (seed 1, by SplitMix as it is documented).
"""

import copy
import itertools
import json
import platform
from pathlib import Path

import torch
import torch.nn.functional as F
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoModelForCausalLM
from transformers.models.llama.modeling_llama import LlamaRMSNorm

from cifar_resnet import load
from oracle_files import laid_out, rounded
from random_numbers import SplitMix, mix

RESOURCES = Path(__file__).parents[1] / "core/src/test/resources"
ORACLE = RESOURCES / "oracle"
PER_BATCH, BATCHES, SEED = 2, 2, 1
MADE_BY = {"script": "tools/make_letter_oracle.py", "python": platform.python_version(), "torch": torch.__version__,
           "transformers": transformers.__version__}


def root_mean_square(self, x):
    """transformers' own computes in float32."""
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + self.variance_epsilon) * self.weight


def randomised(tensors, std):
    """Other numbers for every tensor: scales near 1, variances positive, the rest normal."""
    drawn = {}
    for name, tensor in tensors.items():
        if name.endswith("running_var") or tensor.dim() == 1 and ("norm" in name or "bn" in name) and name.endswith("weight"):
            drawn[name] = torch.empty_like(tensor).uniform_(0.5, 1.5)
        else:
            drawn[name] = torch.randn_like(tensor) * (std if tensor.dim() < 3 else (2 / tensor[0].numel()) ** 0.5)
    return drawn


class ResNet:
    def __init__(self):
        self.dense = load(ORACLE / "pico_resnet.safetensors").double().train()
        self.layers = [name for name, _ in self.dense.blocks()]
        self.removable = [i for i, (_, block) in enumerate(self.dense.blocks()) if block.removable]
        self.random = randomised(load_file(ORACLE / "pico_resnet.safetensors"), 0.3)
        self.input, self.targets = torch.randn(11, 3, 8, 8), torch.randint(5, (11,))

    def loss(self, model, batch):
        return F.cross_entropy(model(self.input[batch].double()), self.targets[batch])


class Llama:
    def __init__(self):
        LlamaRMSNorm.forward = root_mean_square
        self.dense = AutoModelForCausalLM.from_pretrained(RESOURCES / "decoder/llama3", dtype=torch.float64,
                                                          attn_implementation="sdpa").train()
        self.layers = [f"model.layers.{i}" for i in range(len(self.dense.model.layers))]
        self.removable = list(range(len(self.layers)))
        self.random = randomised(load_file(RESOURCES / "decoder/llama3/model.safetensors"), 0.3)
        self.input = torch.randint(48, (7, 12))
        self.targets = F.pad(self.input[:, 1:], (0, 1), value=-100)

    def loss(self, model, batch):
        logits = model(self.input[batch]).logits
        return F.cross_entropy(logits.flatten(0, 1), self.targets[batch].flatten())


def network(of, pretrained):
    """Random everywhere but for these layers."""
    tensors = dict(of.random)
    for layer in pretrained:
        prefix = of.layers[layer] + "."
        tensors |= {n: t for n, t in of.dense.state_dict().items() if n.startswith(prefix) and n in tensors}
    model = copy.deepcopy(of.dense)
    missing = model.load_state_dict(tensors, strict=False).missing_keys
    assert all(n.endswith(("num_batches_tracked", "lm_head.weight")) for n in missing), missing
    return model.train()


def batch(of, number):
    done, place = divmod(number, len(of.input) // PER_BATCH)
    order = list(range(len(of.input)))
    if done:
        random = SplitMix(mix(SEED, done))
        for i in range(len(order) - 1, 0, -1):
            other = random.below(i + 1)
            order[i], order[other] = order[other], order[i]
    return order[place * PER_BATCH:(place + 1) * PER_BATCH]


def norm(of, pretrained, number):
    model = network(of, pretrained)
    of.loss(model, batch(of, number)).backward()
    return sum(float(p.grad.square().sum()) for p in model.parameters()) ** 0.5


def combinations(of, segment, stay):
    found, pretrained = [], set()
    layers = [i for i in of.removable if segment[0] <= i < segment[1]]
    for c, kept in enumerate(itertools.combinations(layers, stay)):
        pretrained |= set(kept)
        numbers = [BATCHES * c + i for i in range(BATCHES)]
        found.append({"stay": list(kept),
                      "letter": sum(norm(of, kept, i) for i in range(BATCHES)) / BATCHES,
                      "accumulated": sum(norm(of, pretrained, i) for i in numbers) / BATCHES})
    return {"segment": list(segment), "combinations": found}


def main():
    torch.manual_seed(0)
    found = {}
    for name, of, asked in (("resnet", ResNet(), [((0, 6), 2), ((0, 6), 3), ((0, 2), 1)]),
                            ("llama", Llama(), [((0, 4), 2), ((1, 4), 1)])):
        tensors = {f"random.{n}": t for n, t in of.random.items()} | {"input": of.input, "targets": of.targets}
        save_file({n: t.contiguous() for n, t in tensors.items()}, ORACLE / f"letter_{name}.safetensors",
                  metadata={"made_by": json.dumps(MADE_BY)})
        found[name] = [combinations(of, *question) for question in asked]
    (ORACLE / "letter.json").write_text(laid_out({"made_by": MADE_BY} | rounded(found)) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
