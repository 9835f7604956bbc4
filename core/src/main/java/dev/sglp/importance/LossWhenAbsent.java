package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// The loss on the calibration data with the layers left out (the `PPL` criterion of Shortened-LLaMA, arXiv 2402.02834).
///
/// @param pass what batch norm normalises by, the stored statistics unless said, and what the networks compute in
public record LossWhenAbsent(Pass pass) implements Criterion {
    /// By the stored statistics.
    public static LossWhenAbsent standard() {
        return new LossWhenAbsent(Pass.evaluation());
    }

    @Override
    public String name() {
        return "loss";
    }

    @Override
    public String source() {
        return "Shortened-LLaMA, arXiv 2402.02834";
    }

    @Override
    public boolean runsRemainders() {
        return true;
    }

    @Override
    public Criterion by(Pass other) {
        return new LossWhenAbsent(other.in(pass.precision()));
    }

    @Override
    public Criterion in(Precision other) {
        return new LossWhenAbsent(pass.in(other));
    }

    /// By the stored statistics, in float32.
    @Override
    public Set<Hearing> hears() {
        return pass.equals(Pass.evaluation()) ? Set.of(Hearing.LOSSES) : Set.of();
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        return Arrays.stream(losses(task)).mapToObj(Score::of).toList();
    }

    /// The mean loss of the network without each of these sets, in their order.
    public double[] losses(LayeredModel model, List<LayerSet> sets, Calibration data, Progress.Step progress) {
        return losses(new ScoringTask(model, new Segment(0, model.layers().size()), sets, data, progress));
    }

    /// The mean loss of the network without each candidate, in their order. They share what lies before their first layer.
    public double[] losses(ScoringTask task) {
        return task.losses(new NetworkLosses(NetworkLosses.Measure.LOSS, pass));
    }
}
