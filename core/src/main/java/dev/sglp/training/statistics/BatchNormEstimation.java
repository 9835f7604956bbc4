package dev.sglp.training.statistics;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.training.Healing;
import dev.sglp.training.TrainingRecord;

/// Re-estimates the stored statistics of batch normalisation on the calibration and verification images: their mean over
/// the batches, each weighed by its images, replaces what the removal made wrong. No labels, no gradients, one forward pass.
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
        pruned.checkWritable();
        if (pruned.buffers().isEmpty()) {
            throw new UsageException("--heal bn needs batch normalisation, and this network has none");
        }
        int items = data.calibration().size() + data.verification().size();
        try (var step = progress.step("re-estimating batch norm on %d images".formatted(items), items, "images")) {
            int seen = run(pruned, data.calibration(), batchSize, 0, step);
            run(pruned, data.verification(), batchSize, seen, step);
            return TrainingRecord.none();
        }
    }

    /// Runs over one data set. A batch moves the statistics by its share of all images seen up to it, so that they end as the
    /// mean over all.
    ///
    /// @return how many images have been seen
    private static int run(LayeredModel model, Dataset data, int batchSize, int before, Progress.Step step) {
        int seen = before;
        for (int from = 0; from < data.size(); from += batchSize) {
            int start = from;
            int to = Math.min(data.size(), from + batchSize);
            seen += to - from;
            var pass = Pass.training((double) (to - from) / seen);
            Autograd.recording(false, () -> {
                Scope.run(() -> model.forward(data.batch(start, to).inputs(), pass));
                return batchSize;
            });
            step.advance(to - from);
        }
        return seen;
    }
}
