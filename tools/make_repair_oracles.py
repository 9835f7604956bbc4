"""Makes core/src/test/resources/oracle/repair_*.safetensors: what a repair by least squares has to come to.

    python tools/make_repair_oracles.py

Needs torch, transformers and safetensors, and the pico networks that lie among the test resources. Everything in float64 from
the definition, one layer after the other, nothing shared with sglp:

- repair_NAME.safetensors for the pico decoders llama3 (no biases) and linear (biases): tokens [5, 16] (the last one has four
  tokens of padding), and for the sets in `removed` the down maps that the fit gives, the smaller network's logits with them, and
  the factors of `scale` with the logits that they give. Rows are divided by the root mean square of their aim; lambda 1. The same
  with what later layers add divided first, `scaled.ID...`: the aim is the dense stream divided as well.
  ReplaceMe's maps and logits: `ID.replaceme...`. For [1, 2] the same fit, and behind each layer's 20 steps of AdamW over all its tensors
  (rate 3e-4 behind 3 steps of warm-up, half a cosine, gradients' norm at most 1) on the mean over tokens of ||o - y||^2 / ||y||^2:
  the layer's tensors and the logits, `ID.blockwise...`.
- repair_bert.safetensors for the pico BERT (encoder/bert/minilm), whose layers end in a norm of the sum: tokens [6, 20], and for
  the sets in `removed` ReplaceMe's maps, with the norms of the layers that they were fitted to: `ID.NAME`, names as in its file.
- repair_mixtral.safetensors for the pico Mixtral (family/mixtral/8x7b), whose layers end in four experts: tokens [16, 24] (six
  of padding), and for the sets in `removed` each expert's down map, `ID.EXPERT.weight`, fitted one after the other on the tokens
  that ask it, weighted by the router, lambda times the mean number of tokens an expert sees by the expert's where those are
  fewer; the smaller network's logits, and the mean squared distance to the dense stream before and after, by layer.
- repair_resnet.safetensors for the pico ResNet: the folded map and shift of every fitted block, its output's mean and variance,
  and the logits of the smaller network. Every position of every image takes part; lambda 0.1.
"""

import math
from pathlib import Path

import torch
import torch.nn.functional as F
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoModelForCausalLM

from cifar_resnet import CifarResNet

RESOURCES = Path(__file__).parents[1] / "core/src/test/resources"
DECODERS = {"llama3": [[1], [1, 2], [0, 2], [2, 3]], "linear": [[1], [1, 2]]}
BLOCKS = [[1], [3, 5]]


def solve(u, r, lam, bias):
    """dW^T [f, D] with lam times the mean diagonal on every feature but the last one where that is the constant's."""
    if bias:
        u = torch.cat([u, torch.ones(len(u), 1, dtype=u.dtype)], 1)
    gram = u.T @ u
    free = gram.shape[0] - (1 if bias else 0)
    ridge = torch.zeros(gram.shape[0], dtype=u.dtype)
    ridge[:free] = lam * gram.diagonal()[:free].mean()
    return torch.linalg.solve(gram + torch.diag(ridge), u.T @ r)


class Decoder:
    """A decoder's layers one by one."""

    def __init__(self, name):
        self.model = AutoModelForCausalLM.from_pretrained(RESOURCES / "decoder" / name, dtype=torch.float64,
                                                          attn_implementation="eager").eval()
        self.layers = self.model.model.layers

    def stem(self, tokens):
        return self.model.model.embed_tokens(tokens)

    def run(self, layer, x):
        """What the down map multiplies, and the layer's output."""
        seen = []
        handle = layer.mlp.down_proj.register_forward_hook(lambda module, inputs, output: seen.append(inputs[0]))
        positions = torch.arange(x.shape[1])[None]
        causal = torch.full((x.shape[1], x.shape[1]), torch.finfo(x.dtype).min, dtype=x.dtype).triu(1)[None, None]
        out = layer(x, attention_mask=causal, position_ids=positions,
                    position_embeddings=self.model.model.rotary_emb(x, positions))
        handle.remove()
        return seen[0], out[0] if isinstance(out, tuple) else out

    def logits(self, x):
        return self.model.lm_head(self.model.model.norm(x))


def divided(name, tokens, real, removed):
    """The network with everything divided that layers behind a gap add, and by what, by layer; the head's is the last one's."""
    net, dense_net = Decoder(name), Decoder(name)
    dense, x, factor, factors = net.stem(tokens), net.stem(tokens), 1.0, []
    for i, layer in enumerate(net.layers):
        dense = dense_net.run(dense_net.layers[i], dense)[1]
        factors.append(factor)
        if i not in removed:
            for linear in (layer.self_attn.o_proj, layer.mlp.down_proj):
                for parameter in linear.parameters():
                    parameter /= factor
            x = net.run(layer, x)[1]
        elif i + 1 not in removed and i + 1 < len(net.layers):
            factor *= (dense[real].abs().sum(0) / (x[real].abs().sum(0) * factor)).mean()
    return net, factors + [factor]


def trained(net, layer, x, y, real, steps=20, peak=3e-4, warm_up=3):
    """All of a layer by gradient, in place."""
    def distance():
        return ((net.run(layer, x)[1][real] - y).square().sum(1) / y.square().sum(1)).mean()

    parameters = list(layer.parameters())
    for parameter in parameters:
        parameter.requires_grad_(True)
    optimizer = torch.optim.AdamW(parameters, lr=peak, weight_decay=0)
    with torch.enable_grad():
        for step in range(steps):
            rate = peak * ((step + 1) / (warm_up + 1) if step < warm_up
                           else (1 + math.cos(math.pi * (step - warm_up) / (steps - warm_up))) / 2)
            optimizer.param_groups[0]["lr"] = rate
            optimizer.zero_grad()
            distance().backward()
            torch.nn.utils.clip_grad_norm_(parameters, 1)
            optimizer.step()
    for parameter in parameters:
        parameter.requires_grad_(False)


def refit(name, tokens, real, removed, net=None, factors=None, further=None):
    count = len(Decoder(name).layers)
    net, factors = net or Decoder(name), factors or [1] * (count + 1)
    kept = [i for i in range(count) if i not in removed]
    dense, x, at, maps = net.stem(tokens), net.stem(tokens), 0, {}
    for place, layer in enumerate(kept):
        behind = kept[place + 1] if place + 1 < len(kept) else count
        original = Decoder(name)  # the dense network keeps its weights
        for i in range(at, behind):
            dense = original.run(original.layers[i], dense)[1]
        at = behind
        down = net.layers[layer].mlp.down_proj
        if behind > removed[0]:
            u, o = net.run(net.layers[layer], x)
            y = dense[real] / factors[behind]
            root = y.square().mean(1, keepdim=True).rsqrt()
            bias = down.bias is not None
            ones = root if bias else None
            rows = u[real] * root
            if bias:
                rows = torch.cat([rows, ones], 1)
            gram, free = rows.T @ rows, u.shape[-1]
            ridge = torch.zeros(gram.shape[0], dtype=gram.dtype)
            ridge[:free] = gram.diagonal()[:free].mean()
            found = torch.linalg.solve(gram + torch.diag(ridge), rows.T @ ((y - o[real]) * root))
            down.weight += found[:free].T
            maps[f"{layer}.weight"] = down.weight.clone()
            if bias:
                down.bias += found[free]
                maps[f"{layer}.bias"] = down.bias.clone()
            if further:
                further(net, net.layers[layer], x, dense[real], real)
                maps |= {f"{layer}.{k}": v.clone() for k, v in net.layers[layer].named_parameters()}
        x = net.run(net.layers[layer], x)[1]
    return maps, net.logits(x)


def replace_me(name, tokens, real, removed):
    """Before each gap the MLP's output is multiplied by the T that fits the dense stream behind the gap, and T goes into its last
    map; each gap on what the network mended so far gives."""
    net, count = Decoder(name), len(Decoder(name).layers)
    kept = [i for i in range(count) if i not in removed]
    dense, x, at, maps = net.stem(tokens), net.stem(tokens), 0, {}
    for place, layer in enumerate(kept):
        behind = kept[place + 1] if place + 1 < len(kept) else count
        original = Decoder(name)
        for i in range(at, behind):
            dense = original.run(original.layers[i], dense)[1]
        at = behind
        if behind > layer + 1:
            down = net.layers[layer].mlp.down_proj
            u, o = net.run(net.layers[layer], x)
            given = down(u)[real]
            found = torch.linalg.lstsq(given, dense[real] - (o[real] - given)).solution
            for key, parameter in down.named_parameters():
                parameter.copy_(found.T @ parameter)
                maps[f"{layer}.{key}"] = parameter.clone()
        x = net.run(net.layers[layer], x)[1]
    return maps, net.logits(x)


def replace_me_behind_norms(tokens, removed):
    """The same of an encoder that normalises its sums: a map is fitted to the sum of the last layer that went, and gets its norm."""
    def run(layer, x):
        around = layer.attention(x)[0]
        given = layer.output.dense(layer.intermediate(around))
        return given, around, layer.output.LayerNorm(given + around)

    net, original = (AutoModel.from_pretrained(RESOURCES / "encoder/bert/minilm", dtype=torch.float64) for _ in range(2))
    count, found = len(net.encoder.layer), {}
    dense = x = net.embeddings(tokens)
    for i, layer in enumerate(net.encoder.layer):
        if i in removed:
            continue
        behind = next(j for j in range(i + 1, count + 1) if j not in removed)
        for j in range(i, behind):
            given, around, dense = run(original.encoder.layer[j], dense)
        if behind > i + 1:
            mine, beside, _ = run(layer, x)
            matrix = torch.linalg.lstsq(mine.flatten(0, 1), (given + around - beside).flatten(0, 1)).solution
            for parameter in layer.output.dense.parameters():
                parameter.copy_(matrix.T @ parameter)
            layer.output.LayerNorm.load_state_dict(original.encoder.layer[behind - 1].output.LayerNorm.state_dict())
            found |= {f"encoder.layer.{i}.output.{k}": v.clone() for k, v in layer.output.named_parameters()}
        x = run(layer, x)[2]
    return found


def make_encoder():
    torch.manual_seed(1)
    found = {"tokens": torch.randint(97, (6, 20))}
    for removed in ([1], [1, 2]):
        key = "-".join(map(str, removed))
        found |= {f"{key}.{k}": v for k, v in replace_me_behind_norms(found["tokens"], removed).items()}
    save_file({k: v.contiguous() for k, v in found.items()}, RESOURCES / "oracle/repair_bert.safetensors")


def scale(name, tokens, real, removed):
    """The stream itself is multiplied, as the paper has it."""
    net, count = Decoder(name), len(Decoder(name).layers)
    dense, x, factors = net.stem(tokens), net.stem(tokens), []
    for i in range(count):
        dense = net.run(net.layers[i], dense)[1]
        if i not in removed:
            x = net.run(net.layers[i], x)[1]
        elif i + 1 not in removed and i + 1 < count:
            alpha = (dense[real].abs().sum(0) / x[real].abs().sum(0)).mean()
            factors.append(alpha)
            x = x * alpha
    return torch.stack(factors) if factors else torch.zeros(0, dtype=torch.float64), net.logits(x)


def make_decoder(name):
    torch.manual_seed(1)
    tokens = torch.randint(48, (5, 16))
    real = torch.ones(5, 16, dtype=torch.bool)
    real[-1, 12:] = False
    found = {"tokens": tokens, "real": real.to(torch.uint8)}
    for removed in DECODERS[name]:
        key = "-".join(map(str, removed))
        maps, logits = refit(name, tokens, real, removed)
        found |= {f"{key}.{k}": v for k, v in maps.items()}
        found[f"{key}.logits"] = logits
        maps, logits = refit(name, tokens, real, removed, *divided(name, tokens, real, removed))
        found |= {f"{key}.scaled.{k}": v for k, v in maps.items()}
        found[f"{key}.scaled.logits"] = logits
        if removed == [1, 2]:
            maps, logits = refit(name, tokens, real, removed, further=trained)
            found |= {f"{key}.blockwise.{k}": v.float() for k, v in maps.items() if "_proj" in k or "norm" in k}
            found[f"{key}.blockwise.logits"] = logits
        maps, logits = replace_me(name, tokens, real, removed)
        found |= {f"{key}.replaceme.{k}": v for k, v in maps.items()}
        found[f"{key}.replaceme.logits"] = logits
        found[f"{key}.factors"], found[f"{key}.scaled"] = scale(name, tokens, real, removed)
    save_file({k: v.contiguous() for k, v in found.items()}, RESOURCES / f"oracle/repair_{name}.safetensors")


def experts_run(net, layer, x):
    """What the experts read, [B, T, D], and the layer's output."""
    seen = []
    handle = layer.mlp.register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0]))
    positions = torch.arange(x.shape[1])[None]
    causal = torch.full((x.shape[1], x.shape[1]), torch.finfo(x.dtype).min, dtype=x.dtype).triu(1)[None, None]
    out = layer(x, attention_mask=causal, position_ids=positions,
                position_embeddings=net.model.rotary_emb(x, positions))
    handle.remove()
    return seen[0], out[0] if isinstance(out, tuple) else out


def mixtral():
    return AutoModelForCausalLM.from_pretrained(RESOURCES / "family/mixtral/8x7b", dtype=torch.float64,
                                                attn_implementation="eager", experts_implementation="eager").eval()


def refit_experts(tokens, real, removed):
    net, dense_net = mixtral(), mixtral()
    count, found = len(net.model.layers), {}
    kept = [i for i in range(count) if i not in removed]
    dense = x = net.model.embed_tokens(tokens)
    at = 0
    for place, index in enumerate(kept):
        layer, behind = net.model.layers[index], kept[place + 1] if place + 1 < len(kept) else count
        for i in range(at, behind):
            dense = experts_run(dense_net, dense_net.model.layers[i], dense)[1]
        at = behind
        if behind > removed[0]:
            read, o = experts_run(net, layer, x)
            y, read = dense[real], read[real]
            root = y.square().mean(1, keepdim=True).rsqrt()
            left = (y - o[real]) * root
            best, asked = torch.softmax(read @ layer.mlp.gate.weight.T, 1).topk(layer.mlp.gate.top_k)
            best = best / best.sum(1, keepdim=True)
            experts, aim = layer.mlp.experts, (y * root).square().sum()
            found[f"{index}.before"] = left.square().sum() / aim
            for e in range(len(experts.down_proj)):
                row, rank = torch.where(asked == e)
                gate, up = (read[row] @ experts.gate_up_proj[e].T).chunk(2, 1)
                u = F.silu(gate) * up * best[row, rank, None] * root[row]
                lam = max(1, asked.numel() / len(experts.down_proj) / len(row))
                change = solve(u, left[row], lam, False)
                left[row] -= u @ change
                experts.down_proj[e] += change.T
                found[f"{index}.{e}.weight"] = experts.down_proj[e].clone()
            found[f"{index}.after"] = left.square().sum() / aim
        x = experts_run(net, layer, x)[1]
    return found | {"logits": net.lm_head(net.model.norm(x))}


def make_mixtral():
    torch.manual_seed(1)
    tokens = torch.randint(48, (16, 24))
    real = torch.ones(16, 24, dtype=torch.bool)
    real[-1, 18:] = False
    found = {"tokens": tokens, "real": real.to(torch.uint8)}
    for removed in ([1], [1, 2]):
        key = "-".join(map(str, removed))
        found |= {f"{key}.{k}": v for k, v in refit_experts(tokens, real, removed).items()}
    save_file({k: v.contiguous() for k, v in found.items()}, RESOURCES / "oracle/repair_mixtral.safetensors")


def block_run(block, x):
    """What the last convolution multiplies, and the sum before the rectifier."""
    h = F.relu(block.bn1(block.conv1(x)))
    return h, block.bn2(block.conv2(h)) + block.around(x)


def make_resnet():
    batch = load_file(RESOURCES / "oracle/pico_batch.safetensors")["input"].double()
    found = {}
    for removed in BLOCKS:
        key = "-".join(map(str, removed))
        model = CifarResNet((2, 2, 2), (4, 8, 16), 5)
        model.load_state_dict(load_file(RESOURCES / "oracle/pico_resnet.safetensors"), strict=False)
        model = model.double().eval()
        blocks = [block for _, block in model.blocks()]
        kept = [i for i in range(len(blocks)) if i not in removed]
        stem = F.relu(model.bn1(model.conv1(batch)))
        dense, x, at = stem, stem, 0
        for place, i in enumerate(kept):
            behind = kept[place + 1] if place + 1 < len(kept) else len(blocks)
            for j in range(at, behind):
                target = block_run(blocks[j], dense)[1]
                dense = F.relu(target)
            at = behind
            block = blocks[i]
            inner, total = block_run(block, x)
            if behind <= removed[0]:
                x = F.relu(total)
                continue
            c = inner.shape[1]
            u = F.unfold(inner, 3, padding=1).permute(0, 2, 1).reshape(-1, 9 * c)
            r = (target - total).permute(0, 2, 3, 1).reshape(-1, c)
            change = solve(u, r, 0.1, True)
            deviation = (block.bn2.running_var + block.bn2.eps).sqrt()
            folded = block.conv2.weight * (block.bn2.weight / deviation).view(-1, 1, 1, 1) + change[:-1].T.reshape(c, c, 3, 3)
            shift = block.bn2.bias - block.bn2.running_mean * block.bn2.weight / deviation + change[-1]
            raw = F.conv2d(inner, folded, padding=1)
            found |= {f"{key}.{i}.folded": folded, f"{key}.{i}.shift": shift, f"{key}.{i}.mean": raw.mean((0, 2, 3)),
                      f"{key}.{i}.var": raw.var((0, 2, 3), unbiased=False)}
            x = F.relu(raw + shift.view(1, -1, 1, 1) + block.around(x))
        found[f"{key}.logits"] = model.linear(x.mean((2, 3)))
    save_file({k: v.contiguous() for k, v in found.items()}, RESOURCES / "oracle/repair_resnet.safetensors")


if __name__ == "__main__":
    with torch.no_grad():
        for name in DECODERS:
            make_decoder(name)
        make_encoder()
        make_mixtral()
        make_resnet()
