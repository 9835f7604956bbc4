#!/usr/bin/env bash
# Times sglp and PyTorch in turn, round by round; or (writer) how sglp writes a checkpoint beside cp.
#   bench/run.sh gradnorm|evaluate|images|text|training|decode|limits|textlimits [--data DIR] [--threads N] [--dtype float32|bfloat16|auto] [--rounds 7]
#       [--python PYTHON] [--json FILE] [--directory DIR] [--rival-dtype T]
#   bench/run.sh decode --directory DIR [--texts N] [--gguf FILE]    greedy text beside transformers, or llama.cpp (cyllama)
#   bench/run.sh images --directory DIR [--network resnet50] [--images 16] [--batch-size 16] [--candidates 3] [--parts KL,REPAIR]
#                                          the method's steps on a fresh network of torchvision's (tools/make_fresh_images.py DIR resnet50)
#   bench/run.sh wave --directory DIR [--memory 600] [--candidates N] [--rounds 3]    a network larger than memory
#   bench/run.sh writer [--directory DIR] [--gigabytes 4] [--rounds 7] [--json FILE]
# On a machine where something else runs, take --threads 1 and read the processor time.
# DIR (default: $SGLP_TEST_DATA) has models/ and data/ as CONTRIBUTING.md says; PYTHON needs torch, safetensors, Pillow; for text transformers.
set -euo pipefail
here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
mvn -q -B -f "$here/pom.xml" -pl core,bench package -Dmaven.test.skip=true >&2
# the JDK that ./sglp found
"$here/sglp" --version >/dev/null
jdk=$(cat "$here/core/target/jdk")
# as the launcher has it; PyTorch keeps its own default
export GOMP_SPINCOUNT=${GOMP_SPINCOUNT:-3000}
export MALLOC_ARENA_MAX=${MALLOC_ARENA_MAX:-1} MALLOC_MMAP_THRESHOLD_=${MALLOC_MMAP_THRESHOLD_:-134217728} \
    MALLOC_TRIM_THRESHOLD_=${MALLOC_TRIM_THRESHOLD_:-1073741824}
exec "$jdk/bin/java" --enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow \
    -Dorg.bytedeco.javacpp.maxBytes=0 -Dorg.bytedeco.javacpp.maxPhysicalBytes=0 -Xmx2g \
    -cp "$here/bench/target/classes:$here/core/target/classes:$(cat "$here/core/target/classpath.txt")" \
    dev.sglp.bench.Bench "$@" --tools "$here/tools"
