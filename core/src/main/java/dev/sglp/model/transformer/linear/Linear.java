package dev.sglp.model.transformer.linear;

import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// A linear map of the last dimension.
public sealed interface Linear {
    /// `[out, in]`
    Tensor weight();

    Tensor forward(Tensor x); // […, in] → […, out]

    /// `residual + forward(x)`
    ///
    /// @param residual shaped as the result
    Tensor addedTo(Tensor residual, Tensor x);

    /// The gradient with respect to the input: `vector W`.
    ///
    /// @param vector `[n, out]`
    default Tensor back(Tensor vector) { // [n, in]
        return vector.mm(weight());
    }

    /// `sum += back(vector)`, inside the multiplication.
    default void addBack(Tensor sum, Tensor vector) {
        sum.addmm_(vector, weight());
    }

    /// The gradients of its parameters, in their order.
    ///
    /// @param x      `[n, in]`, unchanged as long as they are in use; the same object for maps that read the same input
    /// @param vector `[n, out]`, unchanged as long as they are in use
    List<Gradient> gradients(Tensor x, Tensor vector);

    /// Normal weights with mean 0, the bias 0.
    Linear reinitialised(Seed seed, double std);

    /// The same map with something added to its matrix and its bias.
    ///
    /// @param difference `[out, in]`
    /// @param shift      `[out]`; absent where it has none
    Linear plus(Tensor difference, Optional<Tensor> shift);

    /// What another map of the same kind adds to this one's output.
    Linear difference(Linear other);

    /// The same on other tensors.
    Linear mapped(UnaryOperator<Tensor> other);

    /// The same with all it gives divided, on new tensors.
    default Linear divided(double factor) {
        var by = new Scalar(1 / factor);
        return mapped(t -> t.mul(by));
    }

    SequencedMap<String, Tensor> parameters();

    /// `x Wᵀ`
    ///
    /// @param name   its weight's name in the checkpoint, for instance `model.layers.0.mlp.up_proj.weight`
    /// @param stored `[out, in]`, or `[in, out]` where the checkpoint has it the other way round (GPT-2)
    record Plain(String name, Tensor stored, boolean transposed) implements Linear {
        public Plain(String name, Tensor weight) {
            this(name, weight, false);
        }

        @Override
        public Tensor weight() {
            return transposed ? stored.t() : stored;
        }

        @Override
        public Tensor forward(Tensor x) {
            var w = weight();
            return FewRows.product(x, w).orElseGet(() -> torch.linear(x, w));
        }

        /// The sum is made inside the multiplication.
        @Override
        public Tensor addedTo(Tensor residual, Tensor x) {
            var w = weight();
            var few = FewRows.product(x, w);
            if (few.isPresent()) {
                return residual.add(few.get());
            }
            var sum = torch.addmm(residual.reshape(-1, w.size(0)), x.reshape(-1, w.size(1)), w.t());
            return sum.view(residual.shape());
        }

        @Override
        public List<Gradient> gradients(Tensor x, Tensor vector) {
            return List.of(product(x, vector));
        }

        private Gradient product(Tensor x, Tensor vector) {
            return transposed ? new Gradient.Product(x, vector) : new Gradient.Product(vector, x);
        }

        @Override
        public Plain plus(Tensor difference, Optional<Tensor> shift) {
            var own = transposed ? difference.t() : difference;
            return new Plain(name, stored.add(own.to(stored.scalar_type())), transposed);
        }

        @Override
        public Plain difference(Linear other) {
            return new Plain(name, other.weight().sub(weight()));
        }

        @Override
        public Plain mapped(UnaryOperator<Tensor> other) {
            return new Plain(name, other.apply(stored), transposed);
        }

        @Override
        public Plain reinitialised(Seed seed, double std) {
            return new Plain(name, Scope.yield(() -> seed.normal(name, std, stored.shape()).to(stored)), transposed);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            all.put(name, stored);
            return all;
        }
    }

    /// `x Wᵀ + b`
    ///
    /// @param biasName its bias' name in the checkpoint
    /// @param bias     `[out]`
    record Biased(Plain plain, String biasName, Tensor bias) implements Linear {
        @Override
        public Tensor weight() {
            return plain.weight();
        }

        @Override
        public Tensor forward(Tensor x) {
            var w = plain.weight();
            return FewRows.product(x, w).map(product -> product.add(bias))
                    .orElseGet(() -> torch.linear(x, w, new TensorOptional(bias)));
        }

        @Override
        public Tensor addedTo(Tensor residual, Tensor x) {
            return residual.add(forward(x));
        }

        @Override
        public List<Gradient> gradients(Tensor x, Tensor vector) {
            return List.of(plain.product(x, vector), new Gradient.Whole(vector.sum(0)));
        }

        @Override
        public Biased plus(Tensor difference, Optional<Tensor> shift) {
            return new Biased(plain.plus(difference, Optional.empty()), biasName,
                    shift.map(b -> bias.add(b.to(bias.scalar_type()))).orElse(bias));
        }

        @Override
        public Linear difference(Linear other) {
            return other instanceof Biased biased
                    ? new Biased(plain.difference(other), biasName, biased.bias.sub(bias))
                    : plain.difference(other);
        }

        @Override
        public Biased mapped(UnaryOperator<Tensor> other) {
            return new Biased(plain.mapped(other), biasName, other.apply(bias));
        }

        @Override
        public Biased reinitialised(Seed seed, double std) {
            return new Biased(plain.reinitialised(seed, std), biasName, torch.zeros_like(bias));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = plain.parameters();
            all.put(biasName, bias);
            return all;
        }
    }
}
