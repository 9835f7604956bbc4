package dev.sglp.model.transformer.norm;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// What is done to a vector before or after it is computed with: `[…, D] → […, D]`.
public sealed interface Norm extends Part permits RmsNorm, LayerNorm, HeadwiseNorm, Scaling, Norm.None {
    Tensor forward(Tensor x);

    @Override
    default Tensor forward(Tensor x, Pass pass) {
        return forward(x);
    }

    /// Weights 1, biases 0.
    Norm reinitialised();

    @Override
    default Norm reinitialised(Seed seed) {
        return reinitialised();
    }

    @Override
    Norm mapped(UnaryOperator<Tensor> other);

    /// What its weight multiplies.
    Tensor unweighted(Tensor x);

    /// The norm with something added to its weight, on new tensors.
    ///
    /// @param difference shaped as the weight
    Norm plus(Tensor difference);

    /// The norm whose output is this one's divided, on new tensors.
    Norm divided(double factor);

    /// Nothing.
    record None() implements Norm {
        @Override
        public Tensor forward(Tensor x) {
            return x;
        }

        @Override
        public None reinitialised() {
            return this;
        }

        @Override
        public None mapped(UnaryOperator<Tensor> other) {
            return this;
        }

        @Override
        public Tensor unweighted(Tensor x) {
            return x;
        }

        @Override
        public Norm plus(Tensor difference) {
            throw new UnsupportedOperationException("nothing cannot be changed");
        }

        @Override
        public Norm divided(double factor) {
            throw new UnsupportedOperationException("nothing cannot be divided");
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }
}
