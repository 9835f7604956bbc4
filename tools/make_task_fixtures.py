"""Makes core/src/test/resources/text/tasks.json: multiple-choice requests exactly as lm-evaluation-harness builds them.

real: the first 20 items of each data file, with SmolLM2's tokenizer (token ids only).
own: items written for this test in each task's fields, with the pico vocabulary of tokenizers.json cut as GPT-2 does.
Each item: the requests as [context ids, continuation ids], the right choice, and what acc_norm divides by (characters).

    python tools/make_task_fixtures.py DATA
"""

import json
import sys
import tempfile
from importlib.metadata import version
from pathlib import Path

import lm_eval
import yaml
from lm_eval.api.task import ConfigurableTask
from lm_eval.models.huggingface import HFLM
from make_tokenizer_fixtures import SPECIAL, digits_then_gpt2
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers
from transformers import AutoTokenizer, PreTrainedTokenizerFast

ROOT = Path(__file__).resolve().parent.parent / "core/src/test/resources/text"
YAML = {"piqa": "piqa/piqa.yaml", "arc_easy": "arc/arc_easy.yaml", "arc_challenge": "arc/arc_challenge.yaml",
        "openbookqa": "openbookqa/openbookqa.yaml", "winogrande": "winogrande/default.yaml"}
OWN = {
    "piqa": [{"goal": "Open a jar ", "sol1": " twist the lid ", "sol2": "hit it", "label": 0},
             {"goal": "naïve café?\n", "sol1": "日本語", "sol2": "don't 12 45", "label": 1}],
    "arc_easy": [{"id": "1", "question": "What is 1 + 1?", "choices": {"text": ["2", "22", "eleven"], "label": ["1", "2", "3"]},
                  "answerKey": "1"},
                 {"id": "2", "question": "Which is \"red\"\\n 'blue'?", "choices": {"text": ["it's", "a \"b\"", "c\\d", "😀"],
                                                                              "label": ["A", "B", "C", "D"]}, "answerKey": "D"}],
    "arc_challenge": [{"id": "3", "question": "Hot or cold?", "choices": {"text": ["hot", "cold", "the", "The", "THE"],
                                                                      "label": ["A", "B", "C", "D", "E"]}, "answerKey": "E"}],
    "openbookqa": [{"id": "4", "question_stem": "The the line ends in", "choices": {"text": ["line", "a", "b", "x"],
                                                                                "label": ["A", "B", "C", "D"]}, "answerKey": " C"},
                   {"id": "5", "question_stem": "ends in blanks  ", "choices": {"text": ["y", "z"], "label": ["A", "B"]},
                    "answerKey": "A"}],
    "winogrande": [{"sentence": "The cat ate the _ because it was hungry.", "option1": "mouse", "option2": "cheese", "answer": "2"},
                   {"sentence": "_ was there, and _ was not.  ", "option1": "Ann ", "option2": "Bob", "answer": "1"}],
}


def task(name, file):
    folder = Path(lm_eval.__file__).parent / "tasks"
    config = {}
    for path in ["arc/arc_easy.yaml"] * (name == "arc_challenge") + [YAML[name]]:
        text = (folder / path).read_text().replace("!function preprocess_winogrande.", "function:")
        config |= yaml.safe_load(text)
    config.pop("include", None)
    if name == "winogrande":
        from lm_eval.tasks.winogrande import preprocess_winogrande as functions
        config |= {key: getattr(functions, key) for key in ("doc_to_text", "doc_to_target", "doc_to_choice")}
    config |= {"dataset_path": "json", "dataset_name": None, "dataset_kwargs": {"data_files": {"validation": str(file)}},
               "training_split": None, "validation_split": "validation", "test_split": None}
    return ConfigurableTask(config=config)


def encoder(tokenizer):
    model = HFLM.__new__(HFLM)
    model.tokenizer, model.backend, model.add_bos_token, model.custom_prefix_token_id = tokenizer, "causal", None, None
    return model


def items(task, model, limit):
    made = []
    for number, doc in enumerate(task.validation_docs()):
        if number == limit:
            break
        context = task.fewshot_context(doc, 0)
        requests = [request.args for request in task.construct_requests(doc, context, metadata=(None, None, None))]
        gold = task.doc_to_text(doc) if task.multiple_input else task.doc_to_target(doc)
        made.append({"requests": [model._encode_pair(*pair) for pair in requests], "gold": int(gold),
                     "characters": [len(choice) for choice in task.doc_to_choice(doc)]})
    return made


def pico():
    content = json.loads((ROOT / "tokenizers.json").read_text())["pico"]
    model = models.BPE({token: i for i, token in enumerate(content["tokens"])}, [tuple(m.split(" ")) for m in content["merges"]])
    tokenizer = Tokenizer(model)
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL])
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, bos_token=SPECIAL[0], eos_token=SPECIAL[1])


def own():
    model, made = encoder(pico()), {}
    for name, docs in OWN.items():
        with tempfile.NamedTemporaryFile("w", suffix=".jsonl", encoding="utf-8") as file:
            file.write("".join(json.dumps(doc) + "\n" for doc in docs))
            file.flush()
            made[name] = {"docs": docs, "items": items(task(name, file.name), model, len(docs))}
    return made


def real(data):
    tokenizer = AutoTokenizer.from_pretrained(data / "models", gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf")
    tokenizer.backend_tokenizer.pre_tokenizer = digits_then_gpt2()
    model = encoder(tokenizer)
    names = [name for name in YAML if (data / f"data/zeroshot/{name}.jsonl").exists()]
    return {name: items(task(name, data / f"data/zeroshot/{name}.jsonl"), model, 20) for name in names}


if __name__ == "__main__":
    content = {"made_by": {"lm_eval": version("lm_eval"), "transformers": version("transformers")}, "own": own(),
               "real": real(Path(sys.argv[1]))}
    (ROOT / "tasks.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    for name, found in content["real"].items():
        print(name, len(found), "items,", sum(len(item["requests"]) for item in found), "requests")
