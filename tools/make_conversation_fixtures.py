"""Which tokens of conversations are an assistant's, and what a network's loss and gradients are on those alone, by transformers and PyTorch.

    python tools/make_conversation_fixtures.py core/src/test/resources/text

Needs torch and transformers; network and tokenizer are those of `gsm8k/network` there (tools/make_exact_match_fixtures.py). Templates and
conversations are made here. Writes `conversations/`: `chat.jsonl`, the templates, and `expected.json` with, for each template, the texts' token ids and
`return_assistant_tokens_mask` of `apply_chat_template`. Where a template has no `generation` blocks the mask is that of a twin that has them, which writes the
same text: what is taken without them must be the same. `think` writes earlier answers without their thoughts: its texts are a conversation up to
each answer, of which the last alone is marked. `learned` has, for the template `plain`, windows of 48 tokens: the sum of the cross-entropy over the marked tokens, their
number, and each tensor's gradient norm of the mean; the same of (1 − α) · cross-entropy + α T² KL to the network without its last layer, and of
windows into which documents were packed (`packed`, see the test), with positions from 0 and attention within each document; and `met`, with
hidden states added, taught by the network with its two layers exchanged.
"""

import copy
import json
import sys
from importlib.metadata import version
from pathlib import Path

import torch
from transformers import AutoTokenizer, LlamaForCausalLM

WINDOW, ALPHA, TEMPERATURE, HIDDEN = 48, 0.7, 2.0, 0.3
TURN = "{% for m in messages %}{{ m.role }}: BODY{% endfor %}{% if add_generation_prompt %}assistant: {% endif %}"
CONTENT = "{{ m.content }}<|end|>"
MARKED = "{% if m.role == 'assistant' %}{% generation %}{{ m.content }}<|end|>{% endgeneration %}{% else %}{{ m.content }}<|end|>{% endif %}"
SHORT = "{% set said = m.content.split('</think>')[-1].lstrip() if not loop.last else m.content %}"


def turns(body):
    return TURN.replace("BODY", body)


TEMPLATES = {
    "plain": (turns(CONTENT + "{{ '\\n' }}"), turns(MARKED + "{{ '\\n' }}")),
    "marked": (turns(MARKED.replace("<|end|>{% endgeneration %}", "{% endgeneration %}<|end|>") + " "),) * 2,
    "bare": (turns("{{ m.content | trim }}{{ '\\n\\n' }}"), turns("{% if m.role == 'assistant' %}{% generation %}{{ m.content | trim }}{{ '\\n\\n' }}{% endgeneration %}"
                                                                  "{% else %}{{ m.content | trim }}{{ '\\n\\n' }}{% endif %}")),
    "think": (turns(SHORT + "{{ said }}<|end|>{{ '\\n' }}"),
              turns(SHORT + "{% if m.role == 'assistant' and loop.last %}{% generation %}{{ said }}<|end|>{% endgeneration %}{% else %}{{ said }}<|end|>{% endif %}{{ '\\n' }}")),
}
CONVERSATIONS = [
    [("user", "Ada has 3 pens and gets 4 more. How many?"), ("assistant", "3 + 4 = 7.\n#### 7")],
    [("system", "Be brief. "), ("user", "A box has 10 cups. 5 boxes?"), ("assistant", "<think>\n5 * 10\n</think>\n\n50"), ("user", "And 6?"), ("assistant", "60 café.")],
    [("user", "a"), ("assistant", "b"), ("user", "c " * 40), ("assistant", "<think>no</think> d"), ("user", "What is left?"), ("assistant", "Bo had 8 nails and owes 9. What is left? " * 3)],
    [("user", "x" * 70), ("assistant", "y")],
    [("assistant", "I begin."), ("user", "Dana buys 2 pens for $9 each."), ("assistant", " 2 * $9 = $18.")],
    [("user", "Fay?"), ("assistant", "Yes.")], [("user", "Cem had 6 pens."), ("assistant", "So he had.")],
]


def messages(conversation):
    return [{"role": role, "content": content} for role, content in conversation]


def masked(words, template, conversation):
    found = words.apply_chat_template(messages(conversation), chat_template=template, return_dict=True, return_assistant_tokens_mask=True)
    return found["input_ids"], found["assistant_masks"]


def texts(words, name):
    plain, twin = TEMPLATES[name]
    for conversation in CONVERSATIONS:
        assert words.apply_chat_template(messages(conversation), chat_template=plain, tokenize=False) == words.apply_chat_template(
            messages(conversation), chat_template=twin, tokenize=False)
        answers = [i for i, (role, _) in enumerate(conversation) if role == "assistant"]
        together = name != "think" or not any("</think>" in conversation[i][1] for i in answers[:-1])
        for part in [conversation] if together else [conversation[:i + 1] for i in answers]:
            if name == "think" and together and len(answers) > 1:  # every answer is marked, as none is written otherwise
                yield masked(words, TEMPLATES["plain"][1], part)
            else:
                yield masked(words, twin, part)


def windows(found):
    for ids, mask in found:
        for start in range(0, len(ids), WINDOW):
            labels = [token if marked else -100 for token, marked in zip(ids[start:start + WINDOW], mask[start:start + WINDOW])]
            if any(label != -100 for label in labels[1:]):
                yield ids[start:start + WINDOW], labels


def packed(all_windows):
    """The longest first, each where it leaves the least room; windows in the order they were begun."""
    bins = []
    for ids, labels in sorted(all_windows, key=lambda w: -len(w[0])):
        fitting = [b for b in bins if sum(len(i) for i, _ in b) + len(ids) <= WINDOW]
        if fitting:
            max(fitting, key=lambda b: sum(len(i) for i, _ in b)).append((ids, labels))
        else:
            bins.append([(ids, labels)])
    return bins


def pass_of(bin):
    """One window of several documents: ids, labels, positions and a mask of four dimensions."""
    ids = torch.tensor([[t for i, _ in bin for t in i]])
    labels = torch.tensor([[label for _, labels in bin for label in [-100] + labels[1:]]])
    positions = torch.tensor([[p for i, _ in bin for p in range(len(i))]])
    document = torch.tensor([d for d, (i, _) in enumerate(bin) for _ in i])
    seen = (document[:, None] == document[None, :]) & torch.ones(len(document), len(document), dtype=torch.bool).tril()
    mask = torch.zeros(seen.shape).masked_fill(~seen, torch.finfo(torch.float32).min)[None, None]
    return ids, labels, {"position_ids": positions, "attention_mask": mask}


def learned(model, teacher, bins):
    model.zero_grad()
    loss = kl = count = 0
    for bin in bins:
        ids, labels, how = pass_of(bin)
        at = labels[0, 1:] != -100
        logits = model(ids, **how).logits[0, :-1][at]
        with torch.no_grad():
            said = torch.log_softmax(teacher(ids, **how).logits[0, :-1][at] / TEMPERATURE, 1)
        loss = loss + torch.nn.functional.cross_entropy(logits, labels[0, 1:][at], reduction="sum")
        kl = kl + (said.exp() * (said - torch.log_softmax(logits / TEMPERATURE, 1))).sum()
        count += int(at.sum())
    made = {"loss": loss.item(), "count": count, "kl": kl.item()}
    for name, total in (("own", loss), ("taught", (1 - ALPHA) * loss + ALPHA * TEMPERATURE**2 * kl)):
        model.zero_grad()
        (total / count).backward(retain_graph=True)
        made[name] = {"loss": (total / count).item(), "norms": {n: p.grad.norm().item() for n, p in model.named_parameters()}}
    return made


def streams(model, ids):
    """What each layer gives (transformers' own hidden states end with the last norm)."""
    seen = []
    hooks = [layer.register_forward_hook(lambda _, __, out: seen.append(out)) for layer in model.model.layers]
    logits = model(ids).logits
    for hook in hooks:
        hook.remove()
    return logits, seen


def met(model, teacher, all_windows):
    """Cross-entropy and KL as in `learned`, and HIDDEN times the mean over tokens and both layers of the relative squared error."""
    model.zero_grad()
    total, apart, count, tokens = 0, 0, 0, 0
    for ids, labels in all_windows:
        labels, ids = torch.tensor(labels), torch.tensor([ids])
        at = labels[1:] != -100
        logits, own = streams(model, ids)
        with torch.no_grad():
            theirs, aims = streams(teacher, ids)
        said = torch.log_softmax(theirs[0, :-1][at] / TEMPERATURE, 1)
        loss = torch.nn.functional.cross_entropy(logits[0, :-1][at], labels[1:][at], reduction="sum")
        kl = (said.exp() * (said - torch.log_softmax(logits[0, :-1][at] / TEMPERATURE, 1))).sum()
        total = total + (1 - ALPHA) * loss + ALPHA * TEMPERATURE**2 * kl
        apart = apart + sum(((s - t)**2).sum(-1).div((t**2).sum(-1)).sum() for s, t in zip(own, aims)) / len(own)
        count, tokens = count + int(at.sum()), tokens + ids.shape[1]
    whole = total / count + HIDDEN * apart / tokens
    whole.backward()
    return {"loss": whole.item(), "norms": {n: p.grad.norm().item() for n, p in model.named_parameters()}}


def main():
    folder = Path(sys.argv[1])
    out = folder / "conversations"
    words = AutoTokenizer.from_pretrained(folder / "gsm8k/network")
    model = LlamaForCausalLM.from_pretrained(folder / "gsm8k/network", dtype=torch.float64, attn_implementation="eager").eval()
    model.model.embed_tokens.padding_idx = None  # the token that fills a batch also ends turns, which are learned
    teacher = copy.deepcopy(model)
    teacher.model.layers = teacher.model.layers[:1]
    (out / "chat.jsonl").write_text("".join(json.dumps({"messages": messages(c)}, ensure_ascii=False) + "\n" for c in CONVERSATIONS))
    expected = {"made_by": {name: version(name) for name in ("torch", "transformers")}, "templates": {}}
    for name, (template, _) in TEMPLATES.items():
        (out / f"{name}.jinja").write_text(template)
        expected["templates"][name] = [{"ids": ids, "mask": mask} for ids, mask in texts(words, name)]
    alone = list(windows(texts(words, "plain")))
    bins = packed(alone)
    turned = copy.deepcopy(model)
    turned.model.layers = torch.nn.ModuleList([turned.model.layers[1], turned.model.layers[0]])
    expected["learned"] = {"windows": learned(model, teacher, [[w] for w in alone]), "packed": learned(model, teacher, bins),
                           "bins": [[len(ids) for ids, _ in bin] for bin in bins], "met": met(model, turned, alone)}
    (out / "expected.json").write_text(json.dumps(expected, separators=(",", ":")) + "\n")
    print({k: len(v) for k, v in expected["templates"].items()}, expected["learned"]["bins"], expected["learned"]["windows"]["count"])


if __name__ == "__main__":
    main()
