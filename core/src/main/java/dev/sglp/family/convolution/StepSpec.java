package dev.sglp.family.convolution;

import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.model.convolution.step.ChannelNorm;
import dev.sglp.model.convolution.step.ChannelScale;
import dev.sglp.model.convolution.step.Classifier;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Pooling;
import dev.sglp.model.convolution.step.Sliding;
import dev.sglp.model.convolution.step.Step;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;

/// What an activation goes through, as data.
public sealed interface StepSpec {
    /// Of its output.
    default Shape output(Shape in) {
        return in;
    }

    /// Its name in the checkpoint; empty where it has no tensors.
    default Optional<Name> name() {
        return Optional.empty();
    }

    /// Shapes of its trainable tensors, by what stands behind its name.
    default Map<String, List<Long>> parameters() {
        return Map.of();
    }

    /// Shapes of its other tensors that are computed with, by what stands behind its name.
    default Map<String, List<Long>> buffers() {
        return Map.of();
    }

    /// Numbers it makes room for, for one example, and that a way back asks for.
    default long activations(Shape in) {
        return output(in).numbers();
    }

    /// Multiplications for one example.
    default long macs(Shape in) {
        return 0;
    }

    /// What runs.
    ///
    /// @param name    its own
    /// @param weights by name
    Step on(String name, Function<String, Tensor> weights);

    /// A convolution whose window is as long in all directions.
    ///
    /// @param axes of its weight for the window: 2, of signals 1, or none where it is one pixel
    record Convolving(Name at, long in, long out, long side, Sliding sliding, boolean bias, int axes,
            Draw draw) implements StepSpec {
        /// Whose weight has axes for its window.
        public static Convolving of(Name at, List<Long> weight, Sliding sliding, boolean bias, Draw draw) {
            return new Convolving(at, weight.get(1) * sliding.groups(), weight.getFirst(), weight.getLast(), sliding,
                    bias, weight.size() - 2, draw);
        }

        @Override
        public Shape output(Shape in) {
            return in.slid(out, side, sliding);
        }

        @Override
        public Optional<Name> name() {
            return Optional.of(at);
        }

        @Override
        public Map<String, List<Long>> parameters() {
            long own = in / sliding.groups();
            var shape = new ArrayList<>(List.of(out, own));
            shape.addAll(Collections.nCopies(axes, side));
            return Ordered.of(".weight", List.copyOf(shape)).and(bias, ".bias", List.of(out)).all();
        }

        @Override
        public long macs(Shape in) {
            return out * (this.in / sliding.groups()) * (axes == 2 ? side * side : side) * output(in).places();
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new Convolution(name, weights.apply(name + ".weight"),
                    bias ? Optional.of(weights.apply(name + ".bias")) : Optional.empty(), sliding, draw);
        }
    }

    /// Batch normalisation.
    record Normalising(Name at, long channels, double epsilon) implements StepSpec {
        @Override
        public Optional<Name> name() {
            return Optional.of(at);
        }

        @Override
        public Map<String, List<Long>> parameters() {
            return Ordered.of(".weight", List.of(channels)).and(true, ".bias", List.of(channels)).all();
        }

        @Override
        public Map<String, List<Long>> buffers() {
            return Ordered.of(".running_mean", List.of(channels)).and(true, ".running_var", List.of(channels)).all();
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new BatchNorm(name, weights.apply(name + ".weight"), weights.apply(name + ".bias"),
                    weights.apply(name + ".running_mean"), weights.apply(name + ".running_var"), epsilon);
        }
    }

    /// Layer normalisation of each place's channels.
    record NormalisingPlaces(Name at, long channels, double epsilon) implements StepSpec {
        @Override
        public Optional<Name> name() {
            return Optional.of(at);
        }

        @Override
        public Map<String, List<Long>> parameters() {
            return Ordered.of(".weight", List.of(channels)).and(true, ".bias", List.of(channels)).all();
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new ChannelNorm(name, weights.apply(name + ".weight"), weights.apply(name + ".bias"), epsilon);
        }
    }

    /// A factor for each channel.
    ///
    /// @param shape   of its one tensor
    /// @param initial of an untrained one
    record Scaling(Name at, List<Long> shape, double initial) implements StepSpec {
        public Scaling {
            shape = List.copyOf(shape);
        }

        @Override
        public Optional<Name> name() {
            return Optional.of(at);
        }

        @Override
        public Map<String, List<Long>> parameters() {
            return Map.of("", shape);
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new ChannelScale(name, weights.apply(name), initial);
        }
    }

    /// What bends each number.
    record Bending(Activation activation) implements StepSpec {
        @Override
        public long activations(Shape in) {
            return activation.inPlace() ? 0 : in.numbers();
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return activation;
        }
    }

    /// The largest number of each window.
    record Largest(long side, Sliding sliding) implements StepSpec {
        private static final long PLACES = 2; // each number's place is an integer of twice its size

        @Override
        public Shape output(Shape in) {
            return in.slid(in.channels(), side, sliding);
        }

        @Override
        public long activations(Shape in) {
            return (1 + PLACES) * output(in).numbers();
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new Pooling.Largest(side, sliding);
        }
    }

    /// Means of so many parts on each side, as one vector.
    record Mean(long parts) implements StepSpec {
        @Override
        public Shape output(Shape in) {
            return in.vector(in.channels() * parts * (in.line() ? 1 : parts));
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return parts == 1 ? new Pooling.Mean() : new Pooling.Means(parts);
        }
    }

    /// A linear map of a vector, with a bias.
    record Classifying(Name at, long in, long out, Draw draw) implements StepSpec {
        @Override
        public Shape output(Shape in) {
            return in.vector(out);
        }

        @Override
        public Optional<Name> name() {
            return Optional.of(at);
        }

        @Override
        public Map<String, List<Long>> parameters() {
            return Ordered.of(".weight", List.of(out, in)).and(true, ".bias", List.of(out)).all();
        }

        @Override
        public long macs(Shape in) {
            return this.in * out;
        }

        @Override
        public Step on(String name, Function<String, Tensor> weights) {
            return new Classifier(name, weights.apply(name + ".weight"), weights.apply(name + ".bias"), draw);
        }
    }
}
