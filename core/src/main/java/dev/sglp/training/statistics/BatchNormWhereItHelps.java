package dev.sglp.training.statistics;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Healing;
import dev.sglp.training.TrainingRecord;

/// Re-estimates batch norm and keeps that where it lowers the loss on data that chose neither plan nor repair; a network without batch
/// norm stays as it is.
public record BatchNormWhereItHelps() implements Healing {
    @Override
    public String name() {
        return "auto";
    }

    /// After a removal alone it nearly always helps.
    @Override
    public Pass verification() {
        return Pass.batchStatistics();
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        var check = data.repair().check().size() > 0 ? data.repair().check() : data.verification();
        if (pruned.buffers().isEmpty()) {
            return TrainingRecord.none();
        }
        if (check.size() == 0) {
            progress.say(
                    "Batch norm is left as it is: there are no data to tell whether estimating it anew helps (--verify-samples).");
            return TrainingRecord.none();
        }
        double before = loss(pruned, check, batchSize);
        try (var _ = Scope.open()) {
            var kept = Tensors.copies(pruned.buffers().values());
            new BatchNormEstimation().heal(pruned, estimating(data, check), batchSize, progress);
            double after = loss(pruned, check, batchSize);
            boolean helps = after < before;
            if (!helps) {
                Tensors.restore(pruned.buffers().values(), kept);
            }
            progress.say("Batch norm re-estimated: the loss on %d other images goes from %.4f to %.4f; %s.".formatted(
                    check.size(), before, after, helps ? "kept" : "left as it was"));
            return TrainingRecord.none();
        }
    }

    /// What it is estimated on has no part in the check.
    private static DataRoles estimating(DataRoles data, Dataset check) {
        return data.verification().digest().equals(check.digest())
                ? new DataRoles(data.calibration(), new Stretch(check, 0, 0), data.report(), data.notes())
                : data;
    }

    private static double loss(LayeredModel network, Dataset items, int batchSize) {
        return new Evaluator(items, batchSize).measure(network, Progress.silent()).loss();
    }
}
