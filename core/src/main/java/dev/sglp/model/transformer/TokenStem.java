package dev.sglp.model.transformer;

import dev.sglp.fault.InputException;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.past.Places;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// Token embeddings with what some networks do to them: `norm(factor · token + kind + position)`.
///
/// @param tokens    gives a row for each token
/// @param factor    what the tokens' rows are multiplied by
/// @param kind      a table whose first row is added to every token: the kind of a text that is read alone (BERT)
/// @param positions rows for the positions of a text
/// @param norm      of the sum
public record TokenStem(Part tokens, double factor, Optional<Embedding> kind, Optional<Positions> positions,
        Norm norm) implements Part {
    /// Tokens of one kind.
    public TokenStem(Part tokens, double factor, Optional<Positions> positions, Norm norm) {
        this(tokens, factor, Optional.empty(), positions, norm);
    }

    /// Learned positions.
    ///
    /// @param first the row of a text's first position
    public record Positions(Embedding table, int first) {
        /// @return `[T, D]`, `[B, T, D]` where the texts are at different positions
        /// @throws InputException where a text is longer than the table
        private Tensor rows(Places places) {
            long most = table.table().size(0) - first;
            if (places.longest() > most) {
                throw new InputException("a text of %,d tokens is too long: the network has learned %,d positions (%s)"
                        .formatted(places.longest(), most, table.name()));
            }
            return places.alike()
                    ? table.table().narrow(0, first + places.seen(), places.length())
                    : torch.embedding(table.table(),
                            places.positions(Device.of(table.table())).add(new Scalar((long) first)));
        }
    }

    @Override
    public Tensor forward(Tensor ids, Pass pass) { // int64 [B, T] → [B, T, D]
        return completed(tokens.forward(ids, pass), pass);
    }

    private Tensor completed(Tensor rows, Pass pass) { // [B, T, D]
        var scaled = factor == 1 ? rows : rows.mul(new Scalar(factor));
        var told = kind.map(k -> scaled.add(k.table().narrow(0, 0, 1))).orElse(scaled);
        var sum = positions.map(p -> told.add(p.rows(pass.places(rows.size(1))))).orElse(told);
        return norm.forward(sum);
    }

    /// The table's gradient is sparse. A norm's derivative is left to autograd.
    @Override
    public Optional<Recording> recorded(Tensor ids, Pass pass) {
        boolean scattered = positions.isPresent() && pass.documents().isPresent(); // rows of its table, as of words
        return norm instanceof Norm.None && kind.isEmpty() && !scattered
                ? tokens.recorded(ids, pass)
                        .map(rows -> new Sum(this, rows, Scope.own(completed(rows.output(), pass).clone())))
                : Optional.empty();
    }

    /// @param rows the tokens' own, unscaled
    private record Sum(TokenStem stem, Recording rows, Tensor output) implements Recording {
        @Override
        public Products backward(Tensor vector, boolean weights, boolean input) {
            var own = rows.backward(stem.factor == 1 ? vector : vector.mul(new Scalar(stem.factor)), weights, input);
            var all = new ArrayList<>(own.weights());
            stem.positions.filter(_ -> weights).ifPresent(p -> {
                var whole = torch.zeros_like(p.table.table());
                whole.narrow(0, p.first, vector.size(1)).copy_(vector.sum(0));
                all.add(new Gradient.Whole(whole));
            });
            return new Products(all, null);
        }

        @Override
        public void free() {
            Scope.free(output);
            rows.free();
        }
    }

    /// The same on what something else makes of the tokens' rows.
    public TokenStem over(UnaryOperator<Part> rows) {
        return new TokenStem(rows.apply(tokens), factor, kind, positions, norm);
    }

    @Override
    public TokenStem mapped(UnaryOperator<Tensor> other) {
        return on(tokens.mapped(other), other);
    }

    @Override
    public TokenStem in(DType type, UnaryOperator<Tensor> cast) {
        return on(tokens.in(type, cast), cast);
    }

    private TokenStem on(Part rows, UnaryOperator<Tensor> other) {
        return new TokenStem(rows, factor, kind.map(k -> k.mapped(other)),
                positions.map(p -> new Positions(p.table.mapped(other), p.first)), norm.mapped(other));
    }

    @Override
    public TokenStem reinitialised(Seed seed) {
        return new TokenStem(tokens.reinitialised(seed), factor, kind.map(k -> k.reinitialised(seed)),
                positions.map(p -> new Positions(p.table.reinitialised(seed), p.first)), norm.reinitialised());
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(tokens.parameters());
        kind.ifPresent(k -> all.putAll(k.parameters()));
        positions.ifPresent(p -> all.putAll(p.table.parameters()));
        all.putAll(norm.parameters());
        return all;
    }
}
