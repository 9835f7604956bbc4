package dev.sglp.model.transformer;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// A row of a table for each token.
///
/// @param name  for instance `model.embed_tokens.weight`
/// @param table `[V, D]`
/// @param initStd standard deviation of freshly drawn weights
public record Embedding(String name, Tensor table, double initStd) implements Part {
    @Override
    public Tensor forward(Tensor tokens, Pass pass) { // int64 [B, T] → [B, T, D]
        return torch.embedding(table, tokens);
    }

    @Override
    public Optional<Recording> recorded(Tensor tokens, Pass pass) {
        return Optional.of(new Rows(this, tokens, Scope.own(forward(tokens, pass))));
    }

    /// Its gradient is sparse: a row for each token, so that no matrix of the table's size is made.
    private record Rows(Embedding embedding, Tensor tokens, Tensor output) implements Recording {
        @Override
        public Products backward(Tensor vector, boolean weights, boolean input) {
            if (input) {
                throw new IllegalArgumentException("tokens are whole numbers and have no gradient");
            }
            var rows = vector.reshape(-1, vector.size(-1)); // [n, D]
            var sum = torch.sparse_coo_tensor(tokens.reshape(1, -1), rows, embedding.table.shape()).coalesce();
            return new Products(List.of(new Gradient.Whole(sum)), null);
        }

        @Override
        public void free() {
            Scope.free(output);
        }
    }

    @Override
    public Embedding mapped(UnaryOperator<Tensor> other) {
        return new Embedding(name, other.apply(table), initStd);
    }

    /// Normal weights with mean 0.
    @Override
    public Embedding reinitialised(Seed seed) {
        return new Embedding(name, Scope.yield(() -> seed.normal(name, initStd, table.shape()).to(table)), initStd);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name, table);
        return all;
    }
}
