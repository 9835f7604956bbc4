package dev.sglp.model.transformer;

import java.util.function.UnaryOperator;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A row of a table for each token.
///
/// @param name  for instance `model.embed_tokens.weight`
/// @param table `[V, D]`
public record Embedding(String name, Tensor table) implements Part {
    @Override
    public Tensor forward(Tensor tokens, Pass pass) { // int64 [B, T] → [B, T, D]
        return torch.embedding(table, tokens);
    }

    @Override
    public Embedding mapped(UnaryOperator<Tensor> other) {
        return new Embedding(name, other.apply(table));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, table);
        return all;
    }
}
