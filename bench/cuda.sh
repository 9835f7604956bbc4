#!/usr/bin/env bash
# Ten minutes on a machine with a card: every family against its library's numbers, SmolLM2's whole way on the card beside
# the processor's, and a network of Llama-3.1-8B's shape. Prints each step with its seconds; what it prints is what may be published.
#   bench/cuda.sh [--device cuda:0] [--data DIR] [--shape DIR] [--out DIR]
# DIR of --data (default: $SGLP_TEST_DATA) has models/SmolLM2-135M-Instruct.Q4_1.gguf and data/wikitext-2; --shape is what
# `python tools/make_shape.py DIR --tokenizer TOKENIZER.json` made (left out: that part is skipped, and said so). The libraries of -Pcuda
# have to be in ~/.m2 or to be fetched, and CUDA on the machine (README, Cards).
set -uo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
device=cuda:0 data=${SGLP_TEST_DATA:-} shape= out=$(mktemp -d)
while [ $# -gt 0 ]; do
    case $1 in
        --device) device=$2 ;; --data) data=$2 ;; --shape) shape=$2 ;; --out) out=$2 ;;
        *) echo "bench/cuda.sh: unknown: $1" >&2; exit 2 ;;
    esac
    shift 2
done
failed=0

# Runs a step for at most so many seconds, and none beyond ten minutes in all: step NAME SECONDS COMMAND…
step() {
    local name=$1 most=$2 begin=$SECONDS left=$((600 - SECONDS))
    shift 2
    if [ "$left" -lt 5 ]; then
        echo "== $name: skipped, ten minutes are over"
        failed=1
        return
    fi
    [ "$most" -le "$left" ] || most=$left
    echo "== $name"
    if timeout "$most" "$@"; then
        echo "-- $name: $((SECONDS - begin)) s"
    else
        echo "-- $name: FAILED ($?) after $((SECONDS - begin)) s"
        failed=1
    fi
}

removed() {
    tr -d ' \n' <"$out/$1/plan.json" | grep -o '"removed":[^]]*]'
}

nvidia-smi --query-gpu=name,memory.total,driver_version --format=csv || exit 1
step "build with CUDA's libtorch" 180 mvn -q -B -Pcuda -f "$here/pom.xml" -pl core package -DskipTests
step "every family on the card, against its library's numbers" 120 \
    mvn -q -B -Pcuda -f "$here/pom.xml" -pl core test -Dtest=CardTest -Dsurefire.failIfNoSpecifiedTests=false

smollm2="$data/models/SmolLM2-135M-Instruct.Q4_1.gguf"
valid="text:$data/data/wikitext-2/valid.txt" test="text:$data/data/wikitext-2/test.txt"
if [ -n "$data" ] && [ -e "$smollm2" ]; then
    for where in "$device" cpu; do
        step "SmolLM2 without 4 layers, $where" 90 "$here/sglp" prune "$smollm2" --data "$valid" --test "$test" --window 512 \
            --limit 25 --remove 4 --preset fast --device "$where" --quiet --out "$out/$where"
        step "SmolLM2 evaluated, $where" 60 "$here/sglp" evaluate "$smollm2" --data "$test" --window 512 --limit 25 \
            --device "$where" --quiet
    done
    card=$(removed "$device") processor=$(removed cpu)
    step "the choice of the card (${card:-none}) is the processor's (${processor:-none})" 5 \
        test -n "$card" -a "$card" = "$processor"
    step "SmolLM2 with gradnorm, $device" 60 "$here/sglp" prune "$smollm2" --data "$valid" --test "$test" --window 512 \
        --limit 25 --remove 4 --criterion gradnorm --method sglp --device "$device" --quiet --out "$out/gradnorm"
    step "SmolLM2 repaired, $device" 60 "$here/sglp" repair "$out/gradnorm" --of "$smollm2" --data "$valid" --test "$test" \
        --window 512 --limit 25 --device "$device" --quiet --out "$out/repaired"
    step "SmolLM2 trained, $device" 60 "$here/sglp" finetune "$out/gradnorm" --data "$valid" --test "$test" --window 512 \
        --limit 25 --max-steps 20 --device "$device" --quiet --out "$out/tuned"
else
    echo "== SmolLM2: skipped, --data names no folder with $smollm2"
fi

if [ -n "$shape" ]; then
    step "an 8B shape without 8 layers, $device" 240 "$here/sglp" prune "$shape" --data "$valid" --test "$test" \
        --window 512 --samples 2 --limit 2 --remove 8 --preset fast --repair-samples 8 --no-latency --device "$device" --out "$out/8b"
else
    echo "== an 8B shape: skipped, --shape was not given"
fi
exit $failed
