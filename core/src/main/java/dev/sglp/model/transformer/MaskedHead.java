package dev.sglp.model.transformer;

import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A logit for each token of the vocabulary at every position, as masked language models have it: `norm(a(last(x) W₁ᵀ)) W₂ᵀ + b`.
///
/// @param entry  what comes before the matrix
/// @param output `[V, D]`, `W₂`; the embedding's own tensor where the network ties them
/// @param shift  `[V]`, `b`
/// @param initStd standard deviation of freshly drawn weights
public record MaskedHead(Entry entry, Named output, Named shift, double initStd) implements LinearHead {
    /// @param name in the checkpoint
    public record Named(String name, Tensor tensor) {
        private Named mapped(UnaryOperator<Tensor> other) {
            return new Named(name, other.apply(tensor));
        }
    }

    /// `norm(a(last(x) W₁ᵀ))`
    ///
    /// @param last behind the last layer
    /// @param norm of what the map gives
    public record Entry(Norm last, Linear map, Activation activation, Norm norm) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return norm.forward(activation.of(map.forward(last.forward(x))));
        }

        @Override
        public Entry mapped(UnaryOperator<Tensor> other) {
            return new Entry(last.mapped(other), map.mapped(other), activation, norm.mapped(other));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<>(last.parameters());
            all.putAll(map.parameters());
            all.putAll(norm.parameters());
            return all;
        }
    }

    @Override
    public Tensor matrix() {
        return output.tensor;
    }

    @Override
    public Optional<Tensor> bias() {
        return Optional.of(shift.tensor);
    }

    @Override
    public Part prepare() {
        return entry;
    }

    @Override
    public MaskedHead mapped(UnaryOperator<Tensor> other) {
        return new MaskedHead(entry.mapped(other), output.mapped(other), shift.mapped(other), initStd);
    }

    /// Norms 1, maps normal, the bias 0.
    @Override
    public MaskedHead reinitialised(Seed seed) {
        var fresh = new Entry(entry.last.reinitialised(), entry.map.reinitialised(seed, initStd), entry.activation,
                entry.norm.reinitialised());
        return new MaskedHead(fresh,
                new Named(output.name, Scope.yield(
                        () -> seed.normal(output.name, initStd, output.tensor.shape()).to(output.tensor))),
                new Named(shift.name, Scope.yield(
                        () -> torch.zeros_like(shift.tensor))),
                initStd);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(entry.parameters());
        all.put(output.name, output.tensor);
        all.put(shift.name, shift.tensor);
        return all;
    }

    @Override
    public long macs() {
        return output.tensor.numel() + entry.map.weight().numel();
    }
}
