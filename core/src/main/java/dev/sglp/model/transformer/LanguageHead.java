package dev.sglp.model.transformer;

import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// The last norm, then a logit for each token of the vocabulary.
///
/// @param output `[V, D]`; its weight is the embedding's own tensor where the network ties them
/// @param scale  what logits are multiplied by
/// @param cap    then `z` becomes `cap · tanh(z / cap)`; 0 for no cap
/// @param initStd standard deviation of freshly drawn weights
public record LanguageHead(Norm norm, Linear output, double scale, double cap, double initStd) implements LinearHead {
    @Override
    public Tensor logits(Tensor prepared) {
        var product = output.forward(prepared);
        return cap == 0 ? product : product.mul(new Scalar(1 / cap)).tanh().mul(new Scalar(cap));
    }

    /// The norm's output, multiplied.
    private record Scaled(Norm norm, double scale) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return norm.forward(x).mul(new Scalar(scale));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return norm.parameters();
        }
    }

    @Override
    public LanguageHead mapped(UnaryOperator<Tensor> other) {
        return new LanguageHead(norm.mapped(other), output.mapped(other), scale, cap, initStd);
    }

    /// The norm 1, the output normal.
    @Override
    public LanguageHead reinitialised(Seed seed) {
        return new LanguageHead(norm.reinitialised(), output.reinitialised(seed, initStd), scale, cap, initStd);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(norm.parameters());
        all.putAll(output.parameters());
        return all;
    }

    @Override
    public long macs() {
        return output.weight().numel();
    }

    @Override
    public Part prepare() {
        return scale == 1 ? norm : new Scaled(norm, scale);
    }

    @Override
    public Tensor matrix() {
        return output.weight();
    }

    @Override
    public Optional<Tensor> bias() {
        return output instanceof Linear.Biased biased ? Optional.of(biased.bias()) : Optional.empty();
    }
}
