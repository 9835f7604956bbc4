package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.Ending;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.List;

/// The loss on the calibration data with the layers left out (the `PPL` criterion of Shortened-LLaMA, arXiv 2402.02834).
///
/// @param pass what batch norm normalises by; the stored statistics unless said
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
    public List<Score> scores(ScoringTask task) {
        return Arrays.stream(losses(task)).mapToObj(Score::of).toList();
    }

    /// The mean loss of the network without each of these sets, in their order.
    public double[] losses(LayeredModel model, List<LayerSet> sets, Calibration data, Progress.Step progress) {
        return losses(new ScoringTask(model, new Segment(0, model.layers().size()), sets, data, progress));
    }

    /// The mean loss of the network without each candidate, in their order. They share what lies before their first layer.
    public double[] losses(ScoringTask task) {
        var losses = new double[task.candidates().size()];
        task.sideBySide(Integer.MAX_VALUE, places -> walk(task, places, losses));
        return losses;
    }

    /// @param losses where those of the candidates at these places go
    private void walk(ScoringTask task, List<Integer> places, double[] losses) {
        var data = task.data();
        var ending = Ending.of(task.model());
        var turns = Tape.turns(places, i -> Tape.body(task.model().without(task.candidates().get(i))));
        for (int batch = 0; batch < data.batches(); batch++) {
            try (var _ = Scope.open()) {
                var items = data.examples().batch(data.start(batch), data.end(batch));
                double share = data.share(batch);
                try (var tape = new Tape(items.inputs(), pass, task.work())) {
                    for (var turn : turns) {
                        task.work().forward(task.model().head(), data.end(batch) - data.start(batch));
                        try (var _ = Scope.open()) {
                            var output = tape.output(turn.path(), turn.keep());
                            losses[turn.which()] += share * ending.loss(output, items.targets(), pass);
                        }
                        if (batch == data.batches() - 1) {
                            task.scored(turn.which(), Score.of(losses[turn.which()]));
                        }
                    }
                }
            }
        }
    }
}
