package dev.sglp.model.transformer;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// The last norm, then a logit for each token of the vocabulary.
///
/// @param output `[V, D]`; its weight is the embedding's own tensor where the network ties them
public record LanguageHead(RmsNorm norm, Linear output) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // […, D] → […, V]
        return output.forward(norm.forward(x));
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
}
