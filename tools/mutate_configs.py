"""Changes every field of the fixtures' configurations, one at a time, and keeps what transformers makes of each.

    python tools/mutate_configs.py core/src/test/resources/family OUT [--only gemma2,phi3] [--most 4] [--further]
    python tools/mutate_configs.py core/src/test/resources/family --sample 200 core/src/test/resources/mutants.json

Needs torch, transformers and safetensors, and the networks of make_family_fixtures.py, of make_encoder_fixtures.py or of
make_vision_fixtures.py (core/src/test/resources/encoder, core/src/test/resources/vision: those that transformers opens by
a configuration of their own). For each of these and every
field of its config.json, of transformers' configuration class and of the ropes' dictionaries, a few other values: a
truth turned round, a number a little larger or smaller or zero, another name of the known ones, a list with one entry
changed or one fewer, null, and the field left out. With --further also fields that files of other families have, in one
network of each.

OUT/<n> holds config.json, links to what else the fixture has, and, where transformers loads and runs it,
expected.safetensors with the `logits` (of encoders and towers: the embedding) for the fixture's tokens or pixels.
OUT/mutants.json lists, for each,
  number, fixture    which folder, and which network was changed
  field              the field, a dot between a dictionary and its entry; the file has `field` changed from
  old, new           to, either left out where config.json has no such field
  outcome            `ran`, or what transformers said; `missing` and the names where tensors are not in the file
  unexpected         how many tensors of the file transformers did not use
  differs            whether logits are more than 1e-5 from the unchanged network's
  finite             whether all of them are numbers
  sensitivity        where they differ: how far they move with weights off by one float32 rounding

With --sample, N of them, spread over families and outcomes, go into FILE.json in the same form; the logits of the
fixture's first sequence of those that differ into FILE.safetensors, under their number.
"""

import argparse
import collections
import dataclasses
import json
import random
import tempfile
from pathlib import Path

import torch
import transformers
import make_encoder_fixtures
from compare_configs import FURTHER
from make_family_fixtures import sensitivity
from make_vision_fixtures import logits_of
from open_vision import unpooled
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, AutoModelForImageClassification

ABSENT = object()
MORE = dict(original_max_position_embeddings=[20], partial_rotary_factor=[0.5], rope_theta=[300.0], head_dim=[8])
DIFFERENT, LARGE = 1e-5, 10_000_000
MADE_BY = f"tools/mutate_configs.py, torch {torch.__version__}, transformers {transformers.__version__}"

ACTIVATIONS = ["gelu", "gelu_new", "gelu_pytorch_tanh", "gelu_fast", "silu", "swish", "relu", "quick_gelu", "relu2",
               "gelu_python", "GELU"]
TYPES = ["default", "linear", "dynamic", "yarn", "longrope", "llama3", "su", "mrope"]
DTYPES = ["float16", "bfloat16", "float32", "float64"]
OTHER_FAMILIES = ["bert", "roberta", "xlm-roberta", "distilbert", "camembert", "electra", "modernbert", "vit", "deit",
                  "dinov2", "dinov2_with_registers", "clip_vision_model", "siglip_vision_model"]
FAMILIES = ["llama", "mistral", "qwen2", "gemma", "gemma2", "gemma3_text", "phi3", "gpt2", "gpt_neox", "mixtral",
            "olmo2", "granite", "cohere", "stablelm", "starcoder2"]
LINEAR = dict(rope_type="linear", factor=2.0)
DYNAMIC = dict(rope_type="dynamic", factor=2.0)
YARN = dict(rope_type="yarn", factor=2.0, original_max_position_embeddings=16)
LLAMA3 = dict(rope_type="llama3", factor=4.0, low_freq_factor=1.0, high_freq_factor=4.0,
              original_max_position_embeddings=32)
ROPES = [LINEAR, LINEAR | dict(rope_theta=300.0), dict(type="linear", factor=3.0), DYNAMIC, YARN, LLAMA3, {},
         dict(rope_type="default", rope_theta=700.0), dict(rope_type="default", partial_rotary_factor=0.5),
         dict(factor=2.0)]
IN_ROPES = dict(
    rope_type=TYPES, type=TYPES, factor=[1.0, 3.0, 0.5], rope_theta=[300.0, 5000], partial_rotary_factor=[0.5, 1.0],
    original_max_position_embeddings=[8, 20, 100], attention_factor=[0.7, 1.0], beta_fast=[4.0, 32],
    beta_slow=[2, 1.0], mscale=[0.7, 1.0], mscale_all_dim=[0.5, 1.0], truncate=[False, True],
    low_freq_factor=[1.0, 2.0], high_freq_factor=[4.0, 8.0], short_factor=[], long_factor=[])
KNOWN = dict(
    hidden_act=ACTIVATIONS, hidden_activation=ACTIVATIONS, activation_function=ACTIVATIONS, activation=ACTIVATIONS,
    torch_dtype=DTYPES, dtype=DTYPES, model_type=FAMILIES, rope_scaling=ROPES, rope_parameters=ROPES,
    sliding_window=[3, 12, 100, 0, None], pad_token_id=[0, 3, -1, 47, 48, None], rope_theta=[300.0, 5000, 0, None],
    partial_rotary_factor=[0.25, 0.5, 0.75, 1.0], original_max_position_embeddings=[8, 20, 100],
    use_sliding_window=[True, False], head_dim=[4, 6, 8, 16], n_inner=[20, 64], clip_qkv=[0.5, 8.0],
    num_ln_in_parallel_attn=[1, 2], tie_word_embeddings=[True, False, None], is_causal=[True, False],
    attn_logit_softcapping=[2.0, 50.0, None, 0.0], final_logit_softcapping=[2.0, 30.0, None, 0.0],
    per_layer_config=[{}, {"1": {"sliding_window": 2}}], transformers_version=["4.30.0", "5.20.0"],
    position_embedding_type=["relative_key", "relative_key_query", "other"], pooler_act=["gelu", "tanh"],
    summary_type=["last", "mean"], problem_type=["regression"], quantization_config=[{}, None])


def others(name, value, annotation):
    """Plausible other values; all of them, in no order that matters."""
    if name == "architectures":
        own = (value or [None])[0]
        more = [[own.replace("ForCausalLM", "Model")], [own, "Other"]] if own else []
        return [None, [], ["LlamaForCausalLM"]] + more
    found = list(KNOWN.get(name, IN_ROPES.get(name, [])))
    if isinstance(value, bool):
        found += [not value, None]
    elif isinstance(value, int):
        found += [value + 1, value - 1, 2 * value, 0, None] if not found else []
    elif isinstance(value, float):
        found += [1.5 * value, value / 2, 0.0, None] if not found else []
    elif isinstance(value, str):
        found += [None] if found else ["other", None]
    elif isinstance(value, list):
        found += lists(value) + [None]
    elif not found and not isinstance(value, dict):
        kinds = {"bool": [True, False], "int": [1, 5], "float": [0.5, 2.0], "str": ["tanh"], "list": [[], [0]]}
        found += [v for kind, values in kinds.items() if kind in annotation for v in values]
    return found


def lists(value):
    """One entry changed, one fewer, one more, none."""
    turned = {"full_attention": "sliding_attention", "sliding_attention": "full_attention"}
    made = [[], value[:-1], value + value[-1:]]
    for at in {0, len(value) // 2} if value else ():
        entry = value[at]
        if isinstance(entry, str):
            new = turned.get(entry, "other")
        else:
            new = 1 - entry if entry in (0, 1) and isinstance(entry, int) else entry * 1.5
        made.append(value[:at] + [new] + value[at + 1:])
    return made + ([["chunked_attention"] + value[1:]] if value and value[0] in turned else [])


def at(values, path):
    for name in path:
        values = values.get(name, ABSENT) if isinstance(values, dict) else ABSENT
    return values


def changed(values, path, new):
    """A copy of the configuration with one field other, or left out."""
    copied = json.loads(json.dumps(values))
    inner = copied
    for name in path[:-1]:
        inner = inner[name]
    if new is ABSENT:
        inner.pop(path[-1], None)
    else:
        inner[path[-1]] = new
    return copied


def fields(values, config):
    """Each field's path, the value it has now (its default where the file has none), what the class says it can be."""
    known = {f.name: str(f.type) for f in dataclasses.fields(config)}
    now = {n: v for n, v in config.to_dict().items()}
    for name in sorted(set(values) | set(now) | set(known)):
        yield (name,), values.get(name, now.get(name, getattr(config, name, None))), known.get(name, "")
        if name in ("rope_scaling", "rope_parameters") and isinstance(values.get(name), dict):
            nested = [n for n, v in values[name].items() if isinstance(v, dict)]
            for path in [(name, n) for n in nested] or [(name,)]:
                if nested:
                    yield path, dict(at(values, path)), "dict"
                for entry in sorted(set(IN_ROPES) | set(at(values, path))):
                    value = at(values, path + (entry,))
                    if value is not ABSENT or IN_ROPES.get(entry):
                        yield path + (entry,), None if value is ABSENT else value, ""


def mutants(home, label, most, seed, further):
    """Every change of one network: the path, what it was, what it is."""
    values = json.loads((home / label / "config.json").read_text())
    config = AutoConfig.from_pretrained(home / label)
    seen = {json.dumps(values, sort_keys=True)}
    plan = [(path, others(path[-1], value, str(annotation))) for path, value, annotation in fields(values, config)]
    if further:
        known = {path for path, _ in plan}
        plan += [((n,), v[:1]) for n, v in (FURTHER | MORE).items() if (n,) not in known]
    for path, candidates in plan:
        chance = random.Random(f"{seed}/{label}/{path}")
        chance.shuffle(candidates)
        if isinstance(old := at(values, path), list):  # entries changed first, other lengths are rarely read
            candidates.sort(key=lambda c: not (isinstance(c, list) and len(c) == len(old)))
        if at(values, path) is not ABSENT:
            candidates = candidates[:most - 1] + [ABSENT]
        count = 0
        for new in candidates:
            now = changed(values, path, new)
            key = json.dumps(now, sort_keys=True)
            if key not in seen and count < most:
                seen.add(key)
                count += 1
                yield path, at(values, path), new, now


class Decoder:
    """How transformers opens a network of this kind, and what it is asked."""
    inputs, answer = "tokens", "logits"

    def __init__(self, home, label, values):
        # transformers' eager attention of Falcon adds alibi twice, and Falcon's masks differ little in its two ways
        self.how = dict(attn_implementation="sdpa" if label.startswith("falcon") else "eager",
                        experts_implementation="eager")
        self.kind = AutoModelForCausalLM

    def __call__(self, model, tokens):
        return model(tokens, use_cache=False, return_dict=True).logits


class Encoder(Decoder):
    answer = "output"

    def __init__(self, home, label, values):
        _, _, self.pooling, self.unit, _, bare = make_encoder_fixtures.VARIANTS[label]
        self.kind, self.how = make_encoder_fixtures.opened_by(values, bare)

    def __call__(self, model, tokens):
        return make_encoder_fixtures.computed(model, tokens, self.pooling, self.unit)["output"]


class Vision(Decoder):
    inputs = "pixels"

    def __init__(self, home, label, values):
        own = json.loads((home / label / "config.json").read_text())["architectures"][0]
        classifies = own.endswith("ForImageClassification")
        self.kind = AutoModelForImageClassification if classifies else getattr(transformers, own)
        self.how = dict(attn_implementation="eager") | unpooled(home / label, own)

    def __call__(self, model, pixels):
        return logits_of(model(pixels))


KINDS = {"family": Decoder, "encoder": Encoder, "vision": Vision}


def fixtures(home):
    """Those that transformers opens by their own configuration."""
    labels = sorted(str(f.parent.relative_to(home)) for f in home.glob("*/*/config.json"))
    others = ("timm-", "torchvision-", "clip_vision_model/whole", "siglip_vision_model/whole")
    return [n for n in labels if not n.startswith(others)]


def large(kind, folder):
    """Whether the configuration now is of a network that nobody wants to fill with random numbers."""
    config = AutoConfig.from_pretrained(folder, trust_remote_code=False)
    with torch.device("meta"):
        model = kind.kind.from_config(config) if hasattr(kind.kind, "from_config") else kind.kind(config)
    return sum(p.numel() for p in model.parameters()) > LARGE


def run(kind, folder, inputs):
    """What transformers says, the answers, how many tensors it did not use, and the network."""
    try:
        if large(kind, folder):
            return f"missing, more than {LARGE} numbers", None, 0, None
        model, loading = kind.kind.from_pretrained(folder, dtype=torch.float32, output_loading_info=True,
                                                   trust_remote_code=False, **kind.how)
        if wrong := sorted(loading["missing_keys"]) + sorted(map(str, loading["mismatched_keys"])):
            return "missing " + ", ".join(wrong)[:150], None, 0, None
        with torch.no_grad():
            found = kind(model.eval(), inputs).float().contiguous()
        return "ran", found, len(loading["unexpected_keys"]), model
    except Exception as e:  # whatever it ends with
        said = " ".join(str(e).replace(str(folder), "").split())
        return f"{type(e).__name__}: {said[:150]}", None, 0, None


def written(folder, values, fixture):
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(values, indent=1) + "\n")
    for other in fixture.iterdir():
        if other.name not in ("config.json", "expected.safetensors", "removal.json"):
            link = folder / other.name
            link.unlink(missing_ok=True)
            link.symlink_to(other.resolve())


def judged(folder, home, label, path, old, new, values):
    """One change, written and run: its entry and its logits."""
    wanted = load_file(home / label / "expected.safetensors")
    written(folder, values, home / label)
    kind = KINDS[home.name](home, label, values)
    outcome, found, unexpected, model = run(kind, folder, wanted[kind.inputs])
    entry = {"fixture": label, "field": ".".join(path)}
    entry |= {} if old is ABSENT else {"old": old}
    entry |= {} if new is ABSENT else {"new": new}
    entry |= {"outcome": outcome}
    if found is None:
        return entry, None
    same = found.shape == wanted[kind.answer].shape
    entry |= {"unexpected": unexpected, "finite": bool(found.isfinite().all()),
              "differs": not (same and float((found - wanted[kind.answer]).abs().max()) <= DIFFERENT)}
    if entry["differs"] and entry["finite"]:
        try:
            entry["sensitivity"] = sensitivity(model, wanted[kind.inputs], kind)
        except Exception:  # not everything runs in float64
            entry["sensitivity"] = None
    return entry, found


def all_of(home, out, labels, arguments):
    index, counts = [], collections.Counter()
    for label in labels:
        further = label in arguments.furthered
        for path, old, new, values in mutants(home, label, arguments.most, arguments.seed, further):
            number = len(index)
            entry, found = judged(out / str(number), home, label, path, old, new, values)
            if found is not None:
                save_file({"logits": found}, out / str(number) / "expected.safetensors", metadata={"made_by": MADE_BY})
            index.append({"number": number} | entry)
            kind = "differs" if entry.get("differs") else "same" if found is not None else "refused"
            counts[label.split("/")[0], kind] += 1
        (out / "mutants.json").write_text("[\n" + ",\n".join(map(json.dumps, index)) + "\n]\n")
        print(f"{label:28} {len(index):6} so far", flush=True)
    for family in sorted({f for f, _ in counts}):
        print(f"{family:16}", *(f"{kind} {counts[family, kind]:5}" for kind in ("differs", "same", "refused")))


def sampled(home, labels, arguments):
    """A few of each family: half of them with other logits, the rest alike or refused by transformers."""
    chance = random.Random(arguments.seed)
    families = sorted({label.split("/")[0] for label in labels})
    index, logits = [], {}
    with tempfile.TemporaryDirectory() as made:
        for at_family, family in enumerate(families):
            left = arguments.sample * (at_family + 1) // len(families) - len(index)
            quota = {"differs": left - 2 * (left // 4), "same": left // 4, "refused": left // 4}
            pool = [(label, *m) for label in labels if label.split("/")[0] == family
                    for m in mutants(home, label, arguments.most, arguments.seed, label in arguments.furthered)]
            chance.shuffle(pool)
            for label, path, old, new, values in pool:
                if not any(quota.values()):
                    break
                entry, found = judged(Path(made, "one"), home, label, path, old, new, values)
                kind = "differs" if entry.get("differs") else "same" if found is not None else "refused"
                if not quota[kind] or entry.get("finite") is False or (entry.get("sensitivity") or 0) > 5e-5:
                    continue
                quota[kind] -= 1
                if kind == "differs":
                    logits[str(len(index))] = found[0].clone()
                index.append({"number": len(index)} | entry)
            print(f"{family:16} {len(index):5} so far", flush=True)
    arguments.file.write_text("[\n" + ",\n".join(map(json.dumps, index)) + "\n]\n")
    save_file(logits, arguments.file.with_suffix(".safetensors"), metadata={"made_by": MADE_BY})


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("fixtures", type=Path)
    parser.add_argument("out", type=Path, help="a folder; with --sample the file")
    parser.add_argument("--sample", type=int, help="how many to keep in one file")
    parser.add_argument("--only", default="", help="families or fixtures, comma-separated")
    parser.add_argument("--most", type=int, default=4, help="changes of a field")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--further", action="store_true", help="fields of other families too, in one network of each")
    arguments = parser.parse_args()
    transformers.logging.set_verbosity(transformers.logging.CRITICAL)
    transformers.utils.logging.disable_progress_bar()
    torch.set_num_threads(1)
    home, only = arguments.fixtures, [n for n in arguments.only.split(",") if n]
    if home.name not in KINDS:
        raise SystemExit(f"{home} is none of {', '.join(KINDS)}")
    if home.name != "family":
        KNOWN["model_type"] = OTHER_FAMILIES
    labels = [n for n in fixtures(home) if not only or n in only or n.split("/")[0] in only]
    first = {label.split("/")[0]: label for label in reversed(labels)}
    arguments.furthered = set(first.values()) if arguments.further else set()
    if arguments.sample:
        arguments.file = arguments.out
        sampled(home, labels, arguments)
    else:
        all_of(home, arguments.out, labels, arguments)


if __name__ == "__main__":
    main()
