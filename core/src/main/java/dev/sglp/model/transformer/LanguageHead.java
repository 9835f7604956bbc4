package dev.sglp.model.transformer;

import java.util.function.UnaryOperator;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// The last norm, then a logit for each token of the vocabulary.
///
/// @param output `[V, D]`; its weight is the embedding's own tensor where the network ties them
public record LanguageHead(RmsNorm norm, Linear output) implements LinearHead {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // […, D] → […, V]
        return output.forward(norm.forward(x));
    }

    @Override
    public LanguageHead mapped(UnaryOperator<Tensor> other) {
        return new LanguageHead(norm.mapped(other), output.mapped(other));
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
