package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.model.FrozenModel;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// What a classifier says of every example of a data set: log-probabilities `[n, C]`, float32, and the true classes `[n]`.
/// It owns them; close it.
public final class Predictions implements Readout {
    /// Images a thread and pass: their activations stay in the cache (`docs/LOG.md`).
    private static final int CACHED = 64;

    private final Tensor logProbabilities;
    private final Tensor targets;

    private Predictions(Tensor logProbabilities, Tensor targets) {
        this.logProbabilities = logProbabilities;
        this.targets = targets;
    }

    /// Runs the network over the whole data set, batch norm by its stored statistics, several batches side by side.
    ///
    /// @param atMost examples a forward pass
    public static Predictions of(LayeredModel model, Dataset data, int atMost, Progress progress) {
        int batchSize = Math.min(atMost, CACHED * Threads.count() / Threads.lanes());
        var parts = new Predictions[Math.ceilDiv(data.size(), batchSize)];
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open();
                    var step = progress.step("evaluating on %d examples".formatted(data.size()), data.size(),
                            "examples")) {
                var frozen = model.frozen();
                Threads.each(parts.length, i -> {
                    int from = i * batchSize;
                    int to = Math.min(data.size(), from + batchSize);
                    parts[i] = of(frozen, data, from, to);
                    step.advance(to - from);
                });
                var all = new Predictions(joined(parts, p -> p.logProbabilities), joined(parts, p -> p.targets));
                List.of(parts).forEach(Predictions::close);
                return all;
            }
        });
    }

    private static Predictions of(FrozenModel model, Dataset data, int from, int to) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var batch = data.batch(from, to);
                var logits = model.forward(batch.inputs()).to(ScalarType.Float);
                return new Predictions(Scope.own(torch.log_softmax(logits, 1)), Scope.own(batch.targets().clone()));
            }
        });
    }

    private static Tensor joined(Predictions[] parts, Function<Predictions, Tensor> part) {
        return Scope.own(torch.cat(new TensorVector(Arrays.stream(parts).map(part).toArray(Tensor[]::new)), 0));
    }

    @Override
    public int size() {
        return Math.toIntExact(targets.numel());
    }

    @Override
    public int right(int k) {
        return number(() -> {
            var own = logProbabilities.gather(1, targets.unsqueeze(1)); // [n, 1]
            var classes = Device.of(own).range(logProbabilities.size(1)).unsqueeze(0);
            var ahead = logProbabilities.gt(own)
                    .logical_or(logProbabilities.eq(own).logical_and(classes.lt(targets.unsqueeze(1))));
            var first = ahead.sum(1).lt(new org.bytedeco.pytorch.Scalar((double) k));
            return first.logical_and(own.eq(own).squeeze(1)).sum(); // what is not a number is never right
        }).intValue();
    }

    @Override
    public Optional<Double> perplexity() {
        return Optional.empty();
    }

    @Override
    public double loss() {
        return number(() -> logProbabilities.gather(1, targets.unsqueeze(1)).to(ScalarType.Double).mean().neg());
    }

    /// Agreement with what another network says of the same examples.
    public Fidelity fidelityTo(Predictions dense) {
        if (dense.size() != size()) {
            throw new IllegalArgumentException(
                    "predictions of %d and of %d examples cannot be compared".formatted(size(), dense.size()));
        }
        double kl = number(() -> {
            var p = dense.logProbabilities.to(ScalarType.Double);
            return p.exp().mul(p.sub(logProbabilities.to(ScalarType.Double))).sum(1).mean();
        });
        double same = number(
                () -> best(logProbabilities).eq(best(dense.logProbabilities)).to(ScalarType.Double).mean());
        return new Fidelity(Math.max(0, kl), same);
    }

    private static Tensor best(Tensor rows) {
        return rows.argmax(new org.bytedeco.pytorch.LongOptional(1), false);
    }

    private static Double number(java.util.function.Supplier<Tensor> body) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                return Tensors.toDoubles(body.get())[0];
            }
        });
    }

    @Override
    public void close() {
        Scope.free(logProbabilities);
        Scope.free(targets);
    }
}
