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
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarTypeOptional;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// One layer fitted to what the dense network says behind it: the mean over tokens of `‖o − y‖² / ‖y‖²`.
public final class LayerFit {
    private static final long[] LAST = {-1};
    private static final int TIMED = 3; // steps whose time says how many go into some minutes
    private final Layer layer;
    private final TrainingSettings settings;
    private final DType type;
    private final Meter meter;

    /// What a layer reads and what it is to say, in batches of equally many tokens.
    public interface Examples {
        /// How many batches there are.
        int size();

        /// What the layer reads, `[B, T, D]`.
        Tensor input(int batch);

        /// What it is to say, shaped as its output.
        Tensor aim(int batch);

        /// Where there is no token, `[B, T]`.
        default Optional<Tensor> padding(int batch) {
            return Optional.empty();
        }
    }

    /// @param layer    whose weights are moved in place, float32
    /// @param settings with as many examples a step as its batch size says
    /// @param type     what is computed in
    /// @param meter    told what runs
    public LayerFit(Layer layer, TrainingSettings settings, DType type, Meter meter) {
        this.layer = layer;
        this.meter = meter;
        this.settings = settings;
        this.type = type;
    }

    String name() {
        return layer.name();
    }

    /// Steps over so many examples.
    public int steps(int examples) {
        int all = settings.epochs() * Math.ceilDiv(examples, settings.batchSize());
        return settings.maxSteps() == 0 ? all : Math.min(all, settings.maxSteps());
    }

    /// @param between asked after each step
    /// @return the mean distance over the last pass
    public double train(Examples examples, Progress.Step progress, Runnable between) {
        int count = examples.size();
        int steps = steps(count);
        int pass = Math.ceilDiv(count, settings.batchSize());
        double sum = 0;
        int[] order = {};
        try (var moments = new Moments(settings.optimizer(), layer.parameters())) {
            for (int step = 0; step < steps; step++) {
                if (step % pass == 0) {
                    order = IntStream.range(0, count).toArray();
                    new SplitMix(SplitMix.mix(settings.seed(), step / pass)).shuffle(order);
                    sum = 0;
                }
                int from = step % pass * settings.batchSize();
                int[] some = Arrays.copyOfRange(order, from, Math.min(count, from + settings.batchSize()));
                double distance = step(some, examples, moments, settings.schedule().at(step, steps));
                sum += distance * some.length;
                progress.advance(1);
                between.run();
            }
        }
        int seen = (steps - 1) % pass + 1;
        return sum / Math.min(count, seen * settings.batchSize());
    }

    /// The mean distance over all tokens, in what is computed in.
    public double distance(Examples examples) {
        try (var _ = Scope.open()) {
            var computing = new LayerGradients(layer, type).computing();
            double sum = 0;
            long tokens = 0;
            for (int i = 0; i < examples.size(); i++) {
                sum += distance(computing, examples, i);
                tokens += tokens(examples, i);
            }
            return sum / tokens;
        }
    }

    private double distance(Layer computing, Examples examples, int batch) {
        try (var _ = Scope.open()) {
            return Autograd.recording(false, () -> {
                var out = computing.forward(examples.input(batch).to(Tensors.scalarType(type)), Pass.evaluation());
                var difference = out.to(torch.ScalarType.Float).sub(examples.aim(batch));
                return Tensors.toDoubles(difference.square_().mul_(perToken(examples, batch)).sum())[0];
            });
        }
    }

    /// `1 / ‖y‖²`, 0 where there is no token, `[B, T, 1]`
    private static Tensor perToken(Examples examples, int batch) {
        var weight = examples.aim(batch).square().sum(LAST, true, new ScalarTypeOptional()).reciprocal();
        return examples.padding(batch).map(none -> weight.masked_fill(none.unsqueeze(-1), new Scalar(0.0)))
                .orElse(weight);
    }

    private static long tokens(Examples examples, int batch) {
        var input = examples.input(batch);
        long all = input.size(0) * input.size(1);
        return examples.padding(batch).map(none -> all - Math.round(Tensors.toDoubles(none.sum())[0])).orElse(all);
    }

    /// What is fitted.
    public Collection<Tensor> tensors() {
        return layer.parameters().values();
    }

    private double step(int[] batches, Examples examples, Moments moments, double rate) {
        try (var _ = Scope.open()) {
            var sums = new LayerGradients(layer, type);
            double loss = gradients(batches, examples, sums);
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

    private double gradients(int[] batches, Examples examples, LayerGradients sums) {
        long tokens = Arrays.stream(batches).mapToLong(i -> tokens(examples, i)).sum();
        double loss = 0;
        for (int batch : batches) {
            loss += pass(examples, batch, 1.0 / tokens, sums);
        }
        return loss;
    }

    /// What the gradients of a step take, which change nothing.
    public double secondsAStep(Examples examples) {
        int[] some = IntStream.range(0, Math.min(examples.size(), settings.batchSize())).toArray();
        double[] seconds = new double[TIMED];
        for (int i = 0; i < TIMED; i++) {
            long start = System.nanoTime();
            Scope.run(() -> gradients(some, examples, new LayerGradients(layer, type)));
            seconds[i] = (System.nanoTime() - start) / 1e9;
        }
        Arrays.sort(seconds);
        return seconds[TIMED / 2];
    }

    /// @param share a factor on the sum over tokens
    private double pass(Examples examples, int batch, double share, LayerGradients sums) {
        try (var _ = Scope.open();
                var tape = new Tape(examples.input(batch).to(Tensors.scalarType(type)), Pass.evaluation(), meter)) {
            var out = tape.follow(List.of(new Tape.Node(sums.computing(), true)));
            return Autograd.recording(false, () -> {
                var difference = out.to(torch.ScalarType.Float).sub(examples.aim(batch));
                var weight = perToken(examples, batch).mul_(new Scalar(share));
                double loss = Tensors.toDoubles(difference.square().mul_(weight).sum())[0];
                tape.backward(difference.mul_(weight).mul_(new Scalar(2.0)).to(out.scalar_type()), 0,
                        (_, named, gradients) -> sums.add(named, gradients));
                return loss;
            });
        }
    }
}
