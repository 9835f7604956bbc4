"""Makes core/src/test/resources/text/beginnings.json: what transformers puts before a text where tokenizer_config.json
and the post-processor of tokenizer.json say different things.

    python tools/make_bos_fixtures.py

Every tokenizer class that transformers opens such a directory as gives the same ids: the post-processor decides, and
add_bos_token is not looked at. The script ends with an error where one does not.
"""

import json
import tempfile
from pathlib import Path

import tokenizers
import transformers
from tokenizers import AddedToken, Tokenizer, models, pre_tokenizers, processors
from transformers import AutoTokenizer

ROOT = Path(__file__).resolve().parent.parent / "core/src/test/resources/text"
CLASSES = ["LlamaTokenizer", "LlamaTokenizerFast", "PreTrainedTokenizerFast", "TokenizersBackend", "Qwen2Tokenizer",
           "Qwen2TokenizerFast", "GPT2Tokenizer", "GPT2TokenizerFast", "GemmaTokenizer", None]
SPECIAL = ["<s>", "</s>", "<x>"]
TEXT = "ab"


def template(single, token, number):
    return processors.TemplateProcessing(single=single, pair=f"{single} $B", special_tokens=[(token, number)])


PROCESSORS = {
    "none": None,
    "bytes": processors.ByteLevel(trim_offsets=False),
    "plain": processors.TemplateProcessing(single="$A", pair="$A $B", special_tokens=[]),
    "bos": template("<s> $A", "<s>", 0),
    "bytes, bos": processors.Sequence([processors.ByteLevel(trim_offsets=False), template("<s> $A", "<s>", 0)]),
    "another": template("<x> $A", "<x>", 2),
}


def tokenizer(processor):
    vocabulary = {token: i for i, token in enumerate(SPECIAL + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    made = Tokenizer(models.BPE(vocabulary, []))
    made.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    made.add_special_tokens([AddedToken(token, normalized=False) for token in SPECIAL])
    if processor is not None:
        made.post_processor = processor
    return made


def ids(made, config, model_type):
    with tempfile.TemporaryDirectory() as folder:
        made.save(f"{folder}/tokenizer.json")
        Path(folder, "tokenizer_config.json").write_text(json.dumps(config))
        Path(folder, "config.json").write_text(json.dumps({"model_type": model_type}))
        return AutoTokenizer.from_pretrained(folder)(TEXT)["input_ids"]


def cases():
    for name, processor in PROCESSORS.items():
        made = tokenizer(processor)
        for flag in (True, False, None):
            for bos in ("<s>", None):
                config = {"bos_token": bos, "eos_token": "</s>"} | ({} if flag is None else {"add_bos_token": flag})
                found = {str(ids(made, config | ({} if c is None else {"tokenizer_class": c}), m))
                         for c in CLASSES for m in ("llama", "qwen2")}
                if len(found) != 1:
                    raise SystemExit(f"classes differ: {name} {config} {found}")
                yield {"processor": name, "config": config, "ids": json.loads(found.pop())}


if __name__ == "__main__":
    transformers.logging.set_verbosity_error()
    content = {"made_by": f"tools/make_bos_fixtures.py, transformers {transformers.__version__}, tokenizers {tokenizers.__version__}",
               "classes": [c or "none named" for c in CLASSES], "text": TEXT,
               "tokenizer": json.loads(tokenizer(None).to_str()),
               "processors": {name: json.loads(tokenizer(p).to_str())["post_processor"] for name, p in PROCESSORS.items()},
               "cases": list(cases())}
    (ROOT / "beginnings.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")
    print(f"{len(content['cases'])} cases, the same for {len(CLASSES)} classes")
