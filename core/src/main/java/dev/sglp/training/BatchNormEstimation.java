package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;

/// Re-estimates the stored statistics of batch normalisation on the calibration and verification images: their mean over
/// the batches replaces what the removal made wrong. No labels, no gradients, one forward pass.
public record BatchNormEstimation() implements Healing {
    @Override
    public String name() {
        return "bn";
    }

    @Override
    public Pass verification() {
        return Pass.batchStatistics();
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        if (pruned.buffers().isEmpty()) {
            throw new IllegalArgumentException("--heal bn needs batch normalisation, and this network has none");
        }
        int items = data.calibration().size() + data.verification().size();
        try (var step = progress.step("re-estimating batch norm on %d images".formatted(items), items, "images")) {
            int seen = run(pruned, data.calibration(), batchSize, 0, step);
            run(pruned, data.verification(), batchSize, seen, step);
            return TrainingRecord.none();
        }
    }

    /// Runs over one data set. Batch number t of all moves the statistics by `1/t`, so that they end as the plain mean; a
    /// rest smaller than half a batch is left out, unless there is nothing else.
    private static int run(LayeredModel model, Dataset data, int batchSize, int seen, Progress.Step step) {
        int batches = seen;
        for (int from = 0; from < data.size(); from += batchSize) {
            int start = from;
            int to = Math.min(data.size(), from + batchSize);
            if (2 * (to - from) >= batchSize || batches == 0) {
                var pass = Pass.training(1.0 / ++batches);
                Autograd.recording(false, () -> {
                    Scope.run(() -> model.forward(data.batch(start, to).inputs(), pass));
                    return batchSize;
                });
            }
            step.advance(to - from);
        }
        return batches;
    }
}
