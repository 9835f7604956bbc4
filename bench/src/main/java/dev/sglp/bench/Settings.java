package dev.sglp.bench;

import java.nio.file.Path;

/// What all comparisons share.
///
/// @param data   the folder of models and images
/// @param model  the checkpoint, under `data`
/// @param dtype  of sglp: `float32`, `bfloat16` or `auto`
/// @param rounds of each side, after one to warm up
record Settings(Path data, String model, String dtype, int rounds, Rival rival) {
    /// @param python  with torch; `none` where sglp is timed alone
    /// @param scripts the folder of the scripts
    record Rival(String python, Path scripts, int threads) {}

    Path checkpoint() {
        return data.resolve(model);
    }

    Path zip() {
        return data.resolve("data/cifar10-jpeg.zip");
    }
}
