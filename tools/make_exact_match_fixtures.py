"""What lm-evaluation-harness makes of questions that are answered in written text (gsm8k), on a network made for it.

    python tools/make_exact_match_fixtures.py core/src/test/resources/text/gsm8k

Needs torch, transformers, tokenizers and lm_eval. Everything is made here: questions of arithmetic from a few sentences and
drawn numbers (`train.jsonl`, 30; `test.jsonl`, 20; in the fields of the public data set), a byte-level tokenizer of them, and a
Llama of two layers that learns for some seconds to answer them, well enough that some answers are right. `expected.json` holds, for
each way to ask (`gsm8k` with examples from train.jsonl; with examples from test.jsonl itself; `gsm8k_cot_zeroshot`), each
question's prompt as tokens, the text the harness keeps of what `HFLM` wrote (one prompt a batch), what its filters take from it and
whether that is right, and the harness's own figures; and under `strings` and `draws` what filters and exact_match make of answers written by
hand, and what Python draws. Some prompts are longer than what fits before 256 new tokens: the harness drops their beginning.
"""

import json
import random
import sys
from importlib.metadata import version
from pathlib import Path

import lm_eval
import torch
import yaml
from lm_eval import evaluator
from lm_eval.api.instance import Instance
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from tokenizers import Tokenizer, decoders, models, pre_tokenizers, trainers
from transformers import LlamaConfig, LlamaForCausalLM, PreTrainedTokenizerFast

CONTEXT, STEPS, END = 460, 450, "<|end|>"
NAMES = ["Ada", "Bo", "Cem", "Dana", "Eli", "Fay"]
THINGS = ["apples", "stamps", "nails", "cups", "pens"]
STRINGS = ["It is 3 + 4 = 7.\n#### 7", "#### -1,234.50 or so", "#### $18", "The answer is 18.", "18", "no number", "", "#### ", "a 5 b $6.00, c",
           "Sum:\n#### 7\n#### 8", "####7 then ####  9", "-", ".5.", "12 cups.\n", "#### 7.", "ＳEVEN 7", "the answer is $1,000,000.", "1 2 3", "x,", "é 2٣"]
DRAWS = [(7473, 5), (22, 5), (21, 5), (6, 6), (1, 1), (100, 8), (86, 8), (85, 8), (7473, 50), (2**31 - 1, 3)]
GOLDS = ["7", "It was 7.\n#### 7", "#### -1,234.50", "so\n#### 18", "#### 1000000", "3", "The answer is 18.", "#### 6.00"]


def question(draw):
    name, thing, a, b, c = draw.choice(NAMES), draw.choice(THINGS), draw.randint(2, 9), draw.randint(2, 9), draw.choice([10, 100, 1000])
    kind = draw.randrange(4)
    if kind == 0:
        return f"{name} has {a} {thing} and gets {b} more. How many {thing}?", f"{a} + {b} = {a + b}.\n#### {a + b}"
    if kind == 1:
        return f"{name} had {a} {thing} and owes {b}. What is left?", f"{a} - {b} = {a - b}.\n#### {a - b}"
    if kind == 2:
        return f"A box has {c} {thing}. How many are in {a} boxes?", f"{a} * {c} = {a * c:,}.\n#### {a * c:,}"
    return f"{name} buys {a} {thing} for ${b} each. What does it cost?", f"{a} * ${b} = ${a * b}.\n#### {a * b}"


def docs():
    draw, made = random.Random(5), {}
    while len(made) < 50:
        made.update([question(draw)])
    rows = [{"question": q, "answer": a} for q, a in made.items()]
    return rows[:30], rows[30:]


def tokenizer(rows):
    made = Tokenizer(models.BPE())
    made.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    made.decoder = decoders.ByteLevel()
    texts = [f"Question: {r['question']}\nAnswer: {r['answer']}\n\n" for r in rows]
    made.train_from_iterator(texts, trainers.BpeTrainer(vocab_size=380, special_tokens=[END], initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    return PreTrainedTokenizerFast(tokenizer_object=made, eos_token=END, pad_token=END)


def network(rows, words):
    torch.manual_seed(3)
    config = LlamaConfig(vocab_size=len(words), hidden_size=48, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4,
                         num_key_value_heads=2, max_position_embeddings=CONTEXT, tie_word_embeddings=True, bos_token_id=None,
                         eos_token_id=words.eos_token_id, pad_token_id=words.eos_token_id)
    model = LlamaForCausalLM(config)
    optimizer = torch.optim.AdamW(model.parameters(), lr=4e-3, weight_decay=0.0)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 6e-3, total_steps=STEPS)
    draw = random.Random(7)
    for _ in range(STEPS):
        batch = []
        for _ in range(8):
            text = "".join(f"Question: {r['question']}\nAnswer: {r['answer']}\n\n" for r in draw.sample(rows, 6))
            zero = "".join(f"Q: {r['question']}\nA: Let's think step by step. {r['answer'].replace('#### ', 'The answer is ')}.\nQ:" for r in draw.sample(rows, 1))
            batch.append(words(zero + text)["input_ids"][:240])
        ids = torch.tensor(batch)
        loss = model(ids, labels=ids).loss
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
    print("loss", loss.item())
    return model.eval()


def task(name, test, shots):
    config = yaml.safe_load((Path(lm_eval.__file__).parent / f"tasks/gsm8k/{name}.yaml".replace("_", "-")).read_text())
    files = {"test": str(test)} | ({"train": str(shots)} if shots != test else {})
    config |= {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": files}, "training_split": None,
               "fewshot_split": "train" if shots != test else "test"}
    return ConfigurableTask(config=config)


def asked(model, made):
    name = made.config.task
    found = evaluator.evaluate(model, {name: made}, log_samples=True, bootstrap_iters=100)
    by_doc = {}
    for sample in found["samples"][name]:
        by_doc.setdefault(sample["doc_id"], {})[sample["filter"]] = sample
    items = []
    for _, filtered in sorted(by_doc.items()):
        one = filtered["strict-match"]
        context = one["arguments"][0][0]
        ids, _ = model.tok_batch_encode([context], left_truncate_len=model.max_length - model.max_gen_toks)
        items.append({"prompt": ids[0].tolist(), "text": one["resps"][0][0],
                      "taken": {f: s["filtered_resps"][0] for f, s in filtered.items()},
                      "right": {f: bool(s["exact_match"] == 1) for f, s in filtered.items()}})
    figures = {k: float(v) for k, v in found["results"][name].items() if k.startswith("exact_match")}
    return {"items": items, "figures": figures}


def strings(made):
    cases = []
    for text in STRINGS:
        for gold in GOLDS:
            doc, one = {"question": "", "answer": gold}, {}
            for chain in made._filters:
                instance = Instance(request_type="generate_until", doc=doc, arguments=("", {}), idx=0)
                instance.resps = [text]
                chain.apply([instance])
                taken = instance.filtered_resps[chain.name]
                one[chain.name] = {"taken": taken, "right": bool(made.process_results(doc, [taken])["exact_match"])}
            cases.append({"text": text, "gold": gold, "filters": one})
    return cases


def main():
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    train, test = docs()
    for name, rows in (("train", train), ("test", test)):
        (folder / f"{name}.jsonl").write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows))
    words = tokenizer(train + test)
    model = network(train + test, words)
    model.to(torch.bfloat16).save_pretrained(folder / "network")
    words.save_pretrained(folder / "network")
    model = HFLM(pretrained=LlamaForCausalLM.from_pretrained(folder / "network", dtype=torch.float32), tokenizer=words, batch_size=1, max_length=CONTEXT)
    ways = {"gsm8k": ("gsm8k", folder / "train.jsonl"), "itself": ("gsm8k", folder / "test.jsonl"), "gsm8k_cot_zeroshot": ("gsm8k_cot_zeroshot", folder / "train.jsonl")}
    expected = {"made_by": {name: version(name) for name in ("lm_eval", "torch", "transformers")}, "ways": {}, "strings": {}}
    for way, (name, shots) in ways.items():
        made = task(name, folder / "test.jsonl", shots)
        made.set_fewshot_seed(1234)
        expected["ways"][way] = asked(model, made)
        if way != "itself":
            expected["strings"][way] = strings(made)
        items = expected["ways"][way]["items"]
        print(way, expected["ways"][way]["figures"], "prompts of", min(len(i["prompt"]) for i in items), "to", max(len(i["prompt"]) for i in items), "tokens")
    drawn = random.Random(1234)
    expected["draws"] = [{"population": n, "count": k, "drawn": drawn.sample(range(n), k)} for n, k in DRAWS]
    (folder / "expected.json").write_text(json.dumps(expected, ensure_ascii=False, indent=0) + "\n")


if __name__ == "__main__":
    main()
