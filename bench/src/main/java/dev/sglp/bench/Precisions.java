package dev.sglp.bench;

import dev.sglp.importance.ScoringTask;
import dev.sglp.model.Pass.Precision;

/// `--dtype` as sglp's own commands understand it.
final class Precisions {
    private Precisions() {}

    static Precision of(String dtype, ScoringTask task) {
        return switch (dtype) {
            case "float32" -> Precision.FLOAT32;
            case "bfloat16" -> Precision.BFLOAT16;
            default -> throw new IllegalArgumentException(
                    "--dtype '%s' is unknown. Known: float32, bfloat16, auto".formatted(dtype));
        };
    }
}
