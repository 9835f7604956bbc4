package dev.sglp.model.vision;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// What is read of the last layer's tokens: `[B, P + N, D] → [B, D]`.
public sealed interface Reading permits Reading.Pooled, Reading.Bent, Probe {
    Tensor of(Tensor x);

    /// The same on other tensors.
    default Reading mapped(UnaryOperator<Tensor> other) {
        return this;
    }

    /// The same with freshly drawn weights.
    default Reading reinitialised(Seed seed, double std) {
        return this;
    }

    default SequencedMap<String, Tensor> parameters() {
        return Collections.emptyNavigableMap();
    }

    /// Multiply-accumulate operations for an image.
    default long macs() {
        return 0;
    }

    /// Some tokens, or their mean.
    ///
    /// @param first tokens before the patches
    record Pooled(Pooling pooling, int first) implements Reading {
        @Override
        public Tensor of(Tensor x) {
            return pooling.of(x, first);
        }
    }

    /// A map of the first token, through a hyperbolic tangent (BERT's pooler).
    record Bent(Linear map) implements Reading {
        @Override
        public Tensor of(Tensor x) {
            return map.forward(x.select(1, 0)).tanh();
        }

        @Override
        public Bent mapped(UnaryOperator<Tensor> other) {
            return new Bent(map.mapped(other));
        }

        @Override
        public Bent reinitialised(Seed seed, double std) {
            return new Bent(map.reinitialised(seed, std));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return map.parameters();
        }

        @Override
        public long macs() {
            return map.weight().numel();
        }
    }
}
