"""Makes core/src/test/resources/text/sentencepieces.json: vocabularies as GGUF files hold them, trained by sentencepiece on text made
here, and token ids of awkward texts.

llama: sentencepiece's own ids, and those of transformers' GGUF reader (as of Phi-3, whose way with spaces is sentencepiece's;
what it makes of the architecture `llama` stands beside where it differs: it puts no second space before a text that begins with one).
phi3: the same, where blanks after a special token go with it, as llama.cpp has it and Phi-3's own tokenizer.json.
gemma: transformers' ids; it merges runs of spaces that sentencepiece takes whole.

    python tools/make_sentencepiece_fixtures.py
    python tools/make_sentencepiece_fixtures.py --open KIND DIR

The second form opens a directory that `sglp convert` or a test wrote, as transformers' AutoTokenizer does, and compares.
"""

import argparse
import io
import json
import random
from pathlib import Path

import sentencepiece
import tokenizers
import transformers
from tokenizers import Tokenizer
from transformers.integrations.gguf.gguf_tokenizer_mapping import convert_gguf_tokenizer

from make_tokenizer_fixtures import TEXTS as AWKWARD

HERE = Path(__file__).resolve().parent.parent / "core/src/test/resources/text/sentencepieces.json"
TEXTS = AWKWARD + ["     five spaces", "a     b", "x\n\n\n\ny", "▁ ▁▁ a▁b", "<0x0A> <0x", "</s><s>", "<|user|>\n Hi <|end|>\n<|assistant|>",
                   "𝔘𝔫𝔦 𐍈 ✓", "–—…“”", "tab\tand  two ", "1+1=2;  3*3 = 9", "===== ---- ....."]
CONTROL = ["<|user|>", "<|assistant|>", "<|end|>"]
TYPES = {"normal": 1, "unknown": 2, "control": 3, "defined": 4, "unused": 5, "byte": 6}


def made_text():
    """Lines of made-up words, numbers, punctuation and the awkward texts themselves."""
    rng = random.Random(3)
    syllables = ["ka", "lo", "mi", "the", "in", "er", "st", "on", "é", "ü", "да", "本", "x1", "20"]
    words = ["".join(rng.choices(syllables, k=rng.randint(1, 4))) for _ in range(300)]
    lines = [" ".join(rng.choices(words, k=12)) + rng.choice([".", "!", "...", " = 3", "  (a)"]) for _ in range(400)]
    return lines + [line for text in TEXTS for line in text.split("\n") if line.strip() and "\0" not in line] * 3


def trained(prefix, defined):
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(made_text()), model_writer=model, model_type="bpe", vocab_size=640, byte_fallback=True,
        character_coverage=0.98, normalization_rule_name="identity", add_dummy_prefix=prefix, remove_extra_whitespaces=False,
        split_digits=True, allow_whitespace_only_pieces=True, control_symbols=CONTROL, user_defined_symbols=defined,
        num_threads=1, minloglevel=2)
    return sentencepiece.SentencePieceProcessor(model_proto=model.getvalue())


def kind(piece, sp):
    if sp.is_unknown(piece):
        return TYPES["unknown"]
    if sp.is_byte(piece):
        return TYPES["byte"]
    if sp.is_control(piece):
        return TYPES["control"]
    return TYPES["unused"] if sp.is_unused(piece) else TYPES["normal"]


def vocabulary(sp, defined):
    tokens = [sp.id_to_piece(i) for i in range(len(sp))]
    types = [TYPES["defined"] if tokens[i] in defined else kind(i, sp) for i in range(len(sp))]
    return {"tokens": tokens, "types": types, "scores": [sp.get_score(i) for i in range(len(sp))]}


def read_by_transformers(architecture, made):
    backend, _ = convert_gguf_tokenizer(architecture, {
        "tokenizer_type": "llama", "tokens": made["tokens"], "token_type": made["types"], "scores": made["scores"]})
    return backend


def ids(tokenizer):
    return [tokenizer.encode(text, add_special_tokens=False).ids for text in TEXTS]


def blanks_after_special_tokens(tokenizer):
    content = json.loads(tokenizer.to_str())
    for token in content["added_tokens"]:
        token["rstrip"] = token["content"] not in ("<unk>", "<s>", "<|endoftext|>")
    return Tokenizer.from_str(json.dumps(content))


def plain(text):
    return not any(token in text for token in ["<unk>", "<s>", "</s>", *CONTROL])


def llama_and_phi3():
    defined = ["<|im_start|>", "<|im_end|>"]
    sp = trained(True, defined)
    made = vocabulary(sp, defined)
    read = read_by_transformers("phi3", made)
    expected = ids(read)
    for text, found in zip(TEXTS, expected):  # sentencepiece puts no space after a token that was defined
        if plain(text) and not any(token in text for token in defined):
            own = sp.encode(text)
            assert own == found or text == "", (text, own, found, sp.encode_as_pieces(text))
    llama = ids(read_by_transformers("llama", made))
    print("transformers' reader of `llama` differs on", [t for t, a, b in zip(TEXTS, llama, expected) if a != b])
    return {**made, "ids": {"llama": expected, "phi3": ids(blanks_after_special_tokens(read))}}


def gemma():
    defined = ["\n\n", "▁▁", "▁▁▁", "<b>"]
    sp = trained(False, defined)
    made = vocabulary(sp, defined)
    expected = ids(read_by_transformers("gemma", made))
    print("sentencepiece differs from transformers' reader of `gemma` on",
          [t for t, e in zip(TEXTS, expected) if plain(t) and sp.encode(t) != e])
    return {**made, "ids": {"gemma": expected}}


def opened(kind_of, directory):
    tokenizer = transformers.AutoTokenizer.from_pretrained(directory)
    content = json.loads(HERE.read_text())
    expected = next(group["ids"][kind_of] for group in content["kinds"] if kind_of in group["ids"])
    found = [tokenizer(text, add_special_tokens=False)["input_ids"] for text in content["texts"]]
    differ = [t for t, a, b in zip(content["texts"], found, expected) if a != b]
    print(f"{type(tokenizer).__name__}: {len(found) - len(differ)} of {len(found)} texts the same", differ)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--open", nargs=2, metavar=("KIND", "DIR"))
    asked = parser.parse_args()
    if asked.open:
        opened(*asked.open)
    else:
        made_by = {"sentencepiece": sentencepiece.__version__, "tokenizers": tokenizers.__version__,
                   "transformers": transformers.__version__}
        content = {"made_by": made_by, "texts": TEXTS, "kinds": [llama_and_phi3(), gemma()]}
        HERE.write_text(json.dumps(content, ensure_ascii=True, separators=(",", ":")) + "\n")
