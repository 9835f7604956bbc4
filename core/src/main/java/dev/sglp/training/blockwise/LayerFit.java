package dev.sglp.training.blockwise;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.SplitMix;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.TrainingDiverged;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.descent.Moments;
import dev.sglp.training.gradient.LayerGradients;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// One layer fitted to what the dense network says behind it: the mean over tokens of `‖o − y‖² / ‖y‖²`.
final class LayerFit {
    private static final long[] LAST = {-1};
    private final Layer layer;
    private final TrainingSettings settings;
    private final DType type;
    private final Meter meter;

    /// @param meter told what runs
    LayerFit(Layer layer, TrainingSettings settings, DType type, Meter meter) {
        this.layer = layer;
        this.meter = meter;
        this.settings = settings;
        this.type = type;
    }

    String name() {
        return layer.name();
    }

    /// Steps over so many windows.
    int steps(int windows) {
        int all = settings.epochs() * Math.ceilDiv(windows, settings.batchSize());
        return settings.maxSteps() == 0 ? all : Math.min(all, settings.maxSteps());
    }

    /// @param between asked after each step
    /// @return the mean distance over the last pass
    double train(Stream inputs, Stream aims, int windows, Progress.Step progress, Runnable between) {
        int steps = steps(windows);
        int pass = Math.ceilDiv(windows, settings.batchSize());
        double sum = 0;
        int[] order = {};
        try (var moments = new Moments(settings.optimizer(), layer.parameters())) {
            for (int step = 0; step < steps; step++) {
                if (step % pass == 0) {
                    order = IntStream.range(0, windows).toArray();
                    new SplitMix(SplitMix.mix(settings.seed(), step / pass)).shuffle(order);
                    sum = 0;
                }
                int from = step % pass * settings.batchSize();
                int[] some = Arrays.copyOfRange(order, from, Math.min(windows, from + settings.batchSize()));
                double distance = step(some, inputs, aims, moments, settings.schedule().at(step, steps));
                sum += distance * some.length;
                progress.advance(1);
                between.run();
            }
        }
        int seen = (steps - 1) % pass + 1;
        return sum / Math.min(windows, seen * settings.batchSize());
    }

    /// The mean distance over the tokens of all these windows, in what is computed in.
    double distance(Stream inputs, Stream aims) {
        try (var _ = Scope.open()) {
            var computing = new LayerGradients(layer, type).computing();
            double sum = 0;
            long tokens = 0;
            for (int i = 0; i < inputs.windows(); i++) {
                sum += distance(computing, inputs.window(i), aims.window(i));
                tokens += inputs.window(i).size(1);
            }
            return sum / tokens;
        }
    }

    private double distance(Layer computing, Tensor input, Tensor aim) {
        try (var _ = Scope.open()) {
            return Autograd.recording(false, () -> {
                var out = computing.forward(input.to(Tensors.scalarType(type)), Pass.evaluation());
                var difference = out.to(torch.ScalarType.Float).sub(aim);
                return Tensors.toDoubles(difference.square_().mul_(perToken(aim)).sum())[0];
            });
        }
    }

    /// `1 / ‖y‖²`, `[1, T, 1]`
    private static Tensor perToken(Tensor aim) {
        return aim.square().sum(LAST, true, new ScalarTypeOptional()).reciprocal();
    }

    /// What is fitted.
    Collection<Tensor> tensors() {
        return layer.parameters().values();
    }

    private double step(int[] windows, Stream inputs, Stream aims, Moments moments, double rate) {
        try (var _ = Scope.open()) {
            long tokens = Arrays.stream(windows).mapToLong(i -> inputs.window(i).size(1)).sum();
            var sums = new LayerGradients(layer, type);
            double loss = 0;
            for (int window : windows) {
                loss += pass(inputs.window(window), aims.window(window), 1.0 / tokens, sums);
            }
            if (!Double.isFinite(loss)) {
                throw new TrainingDiverged(
                        "the distance of %s from the dense stream is %s: it diverged. Maybe --learning-rate %s is too high"
                                .formatted(layer.name(), loss, settings.schedule().peak()));
            }
            var by = settings.regularisation();
            moments.step(sums.all(), new Moments.Rates(rate, by.weightDecay(), by.clipNorm()));
            return loss;
        }
    }

    /// @param share a factor on the sum over tokens
    private double pass(Tensor input, Tensor aim, double share, LayerGradients sums) {
        try (var _ = Scope.open();
                var tape = new Tape(input.to(Tensors.scalarType(type)), Pass.evaluation(), meter)) {
            var out = tape.follow(List.of(new Tape.Node(sums.computing(), true)));
            return Autograd.recording(false, () -> {
                var difference = out.to(torch.ScalarType.Float).sub(aim);
                var weight = perToken(aim).mul_(new Scalar(share)); // [1, T, 1]
                double loss = Tensors.toDoubles(difference.square().mul_(weight).sum())[0];
                tape.backward(difference.mul_(weight).mul_(new Scalar(2.0)).to(out.scalar_type()), 0,
                        (_, named, gradients) -> sums.add(named, gradients));
                return loss;
            });
        }
    }
}
