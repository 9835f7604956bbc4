package dev.sglp.model.transformer;

import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// The last norm, then a logit for each token of the vocabulary.
///
/// @param output `[V, D]`; its weight is the embedding's own tensor where the network ties them
/// @param initStd standard deviation of freshly drawn weights
public record LanguageHead(RmsNorm norm, Linear output, double initStd) implements LinearHead {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // […, D] → […, V]
        return output.forward(norm.forward(x));
    }

    @Override
    public LanguageHead mapped(UnaryOperator<Tensor> other) {
        return new LanguageHead(norm.mapped(other), output.mapped(other), initStd);
    }

    /// The norm 1, the output normal.
    @Override
    public LanguageHead reinitialised(Seed seed) {
        return new LanguageHead(norm.reinitialised(), output.reinitialised(seed, initStd), initStd);
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
    public RmsNorm prepare() {
        return norm;
    }

    @Override
    public Tensor matrix() {
        return output.weight();
    }
}
