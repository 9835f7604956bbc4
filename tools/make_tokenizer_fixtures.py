"""Makes core/src/test/resources/text/tokenizers.json: token ids of awkward texts.

smollm2: SmolLM2's vocabulary as transformers reads it from the GGUF file, cut into pieces as SmolLM2's own tokenizer.json does
(every digit alone, then GPT-2's pieces). transformers' GGUF reader does not look at tokenizer.ggml.pre and leaves the first step
out: its ids stand beside ours where they differ.
pico: a vocabulary whose merges cross every border, so that a wrong cut shows, under each way to cut; the tokenizers are
transformers' own classes where it has one.

    python tools/make_tokenizer_fixtures.py DATA
"""

import json
import sys
from pathlib import Path

import tokenizers
import transformers
from tokenizers import Regex, Tokenizer, models, pre_tokenizers, trainers
from transformers import AutoTokenizer
from transformers.convert_slow_tokenizer import TikTokenConverter
from transformers.models.codegen.tokenization_codegen import CodeGenTokenizer
from transformers.models.cohere.tokenization_cohere import CohereTokenizer
from transformers.models.gpt2.tokenization_gpt2 import GPT2Tokenizer
from transformers.models.gpt_neox.tokenization_gpt_neox import GPTNeoXTokenizer
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

TEXTS = [
    "Hello world", " Hello world", "Hello  world ", "", " ", "   ", "\n", "\n\n", " \n \n\n x", "a\tb\t\tc", "line\r\nline\r\n\r\nend",
    "In 1984 there were 12345 and 3.14159", "a  1  22   333 4444", "x1y2z3", "١٢٣ ½ Ⅷ ²", "don't DON'T I'll WE'RE he's 's'S",
    "(foo)[bar]{baz};\n\n  if x == 1:\n\t\treturn 'y'", "!!!???...\n\n\nend", "naïve café e\u0301 ﬁ Å Å",
    "日本語のテキスト。中文", "Привет, мир! Ελληνικά עברית العربية", "😀👩‍👩‍👧‍👦🏳️‍🌈", "\u00a0nbsp\u2003em\u200bzero", "a\u0000b\u0001\u001f\u007f",
    "<|im_start|>user\nHi<|im_end|>\n", " <|endoftext|> <|endoftext|>", "<|im_start", "<unk> @-@ @,@ = = Title = = \n",
    "https://a.b/c?d=e&f=%20#g", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", "The the THE tHe",
]
ROOT = Path(__file__).resolve().parent.parent / "core/src/test/resources/text"
SPECIAL = ["<|begin|>", "<|end|>"]  # of the pico vocabulary


def ids(tokenizer, special=False):
    return [tokenizer.encode(text, add_special_tokens=special).ids for text in TEXTS]


def smollm2(data):
    tokenizer = AutoTokenizer.from_pretrained(data / "models", gguf_file="SmolLM2-135M-Instruct.Q4_1.gguf").backend_tokenizer
    read = ids(tokenizer)
    tokenizer.pre_tokenizer = digits_then_gpt2()
    ours = ids(tokenizer)
    return {"ids": ours, "transformers_gguf_differs": {TEXTS[i]: read[i] for i in range(len(TEXTS)) if read[i] != ours[i]}}


def digits_then_gpt2():
    return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])


def pico_vocabulary():
    tokenizer = Tokenizer(models.BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    trainer = trainers.BpeTrainer(vocab_size=700, initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()), special_tokens=SPECIAL,
                                  show_progress=False)
    tokenizer.train_from_iterator([text for text in TEXTS for _ in range(2)], trainer)
    model = json.loads(tokenizer.to_str())["model"]
    return model["vocab"], [tuple(pair) if isinstance(pair, list) else tuple(pair.split(" ")) for pair in model["merges"]]


def assembled(vocabulary, merges, cut, ignore_merges=False):
    tokenizer = Tokenizer(models.BPE(vocabulary, merges, ignore_merges=ignore_merges))
    tokenizer.pre_tokenizer = cut
    return tokenizer


def like(transformers_class, vocabulary, merges):
    """The cut and the normalizer of transformers' own class, without the special tokens it brings."""
    model = transformers_class(vocab=vocabulary, merges=merges).backend_tokenizer
    tokenizer = assembled(vocabulary, merges, model.pre_tokenizer)
    if model.normalizer is not None:
        tokenizer.normalizer = model.normalizer
    return tokenizer


def pico():
    vocabulary, merges = pico_vocabulary()
    llama3 = TikTokenConverter.__init__.__defaults__  # its default pattern is Llama 3's
    pattern = next(value for value in llama3 if isinstance(value, str) and "{1,3}" in value)
    cut = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(pattern), "isolated"),
                                   pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    made = {
        "smollm": assembled(vocabulary, merges, digits_then_gpt2()),
        "llama-bpe": assembled(vocabulary, merges, cut, ignore_merges=True),
        "qwen2": like(Qwen2Tokenizer, vocabulary, merges),
        "gpt-2": like(GPT2Tokenizer, vocabulary, merges),
        "command-r": like(CohereTokenizer, vocabulary, merges),
        "olmo": like(GPTNeoXTokenizer, vocabulary, merges),
        "phi-2": like(CodeGenTokenizer, vocabulary, merges),
        "dbrx": assembled(vocabulary, merges, cut),
    }
    for tokenizer in made.values():
        tokenizer.add_special_tokens([tokenizers.AddedToken(t, normalized=False) for t in SPECIAL])
    tokens = sorted(vocabulary, key=vocabulary.get)
    return {"tokens": tokens, "types": [3 if token in SPECIAL else 1 for token in tokens], "merges": [" ".join(m) for m in merges],
            "ids": {name: ids(tokenizer) for name, tokenizer in made.items()}}


if __name__ == "__main__":
    made_by = {"tokenizers": tokenizers.__version__, "transformers": transformers.__version__}
    content = {"made_by": made_by, "texts": TEXTS, "smollm2": smollm2(Path(sys.argv[1])), "pico": pico()}
    ROOT.mkdir(parents=True, exist_ok=True)
    (ROOT / "tokenizers.json").write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")
    differ = content["smollm2"]["transformers_gguf_differs"]
    print(f"{len(TEXTS)} texts; transformers' GGUF reader differs in {len(differ)}: {list(differ)}")
    for name, rows in content["pico"]["ids"].items():
        print(name, sum(map(len, rows)), "tokens")
