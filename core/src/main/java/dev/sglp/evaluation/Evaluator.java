package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// Measures quality and cost of a network on one data set.
///
/// @param data      the report data
/// @param batchSize examples a forward pass
/// @param latency   whether forward passes are timed
public record Evaluator(Dataset data, int batchSize, boolean latency) {
    private static final int LARGE = 128;
    private static final long TIMED_NANOS = 2_000_000_000L;

    /// What the network says of the data; the caller closes it.
    public Predictions predict(LayeredModel model, Progress progress) {
        return Predictions.of(model, data, batchSize, progress);
    }

    /// Quality and cost of the dense network.
    public Evaluation evaluate(LayeredModel model, Predictions predictions) {
        return evaluation(model, predictions, null);
    }

    /// Quality, cost and agreement with the dense network.
    public Evaluation evaluate(LayeredModel model, Predictions predictions, Predictions dense) {
        return evaluation(model, predictions, predictions.fidelityTo(dense));
    }

    private Evaluation evaluation(LayeredModel model, Predictions p, @Nullable Fidelity fidelity) {
        int right = p.right(1);
        double n = p.size();
        return new Evaluation(p.size(), right, right / n, p.right(5) / n, p.loss(), fidelity, model.parameterCount(),
                model.macs(), model.bytes(), latency ? latency(model) : null, Memory.peakResidentBytes());
    }

    private Latency latency(LayeredModel model) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var one = data.batch(0, 1).inputs();
                var sizes = one.shape();
                sizes[0] = LARGE;
                return new Latency(timing(model, one, 20), timing(model, one.expand(sizes).contiguous(), 5));
            }
        });
    }

    /// At least `least` runs after three to warm up, and more while they take under two seconds together.
    private static Timing timing(LayeredModel model, Tensor inputs, int least) {
        for (int i = 0; i < 3; i++) {
            Scope.run(() -> model.forward(inputs, Pass.evaluation()));
        }
        var millis = new double[200];
        int runs = 0;
        for (long begin = System.nanoTime(); runs < least
                || runs < millis.length && System.nanoTime() - begin < TIMED_NANOS; runs++) {
            long start = System.nanoTime();
            Scope.run(() -> model.forward(inputs, Pass.evaluation()));
            millis[runs] = (System.nanoTime() - start) / 1e6;
        }
        var sorted = Arrays.copyOf(millis, runs);
        Arrays.sort(sorted);
        return new Timing(sorted[runs / 2], sorted[runs / 10], sorted[runs * 9 / 10], runs);
    }
}
