package dev.sglp.family;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.transformer.TokenStem;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A part that looks rows up in a table as the file has it, and gives them in the type that is computed in.
record Widened(Part part, DType to) implements Part {
    /// A stem of which the tokens' rows are looked up so, before anything is done with them.
    static Part of(Part stem, DType to) {
        return stem instanceof TokenStem more ? more.over(rows -> new Widened(rows, to)) : new Widened(stem, to);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return wide(part.forward(x, pass));
    }

    private Tensor wide(Tensor rows) {
        return rows.to(Tensors.scalarType(to));
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return part.recorded(x, pass).map(narrow -> new Recording() {
            private final Tensor output = Scope.yieldOwned(() -> wide(narrow.output()));

            @Override
            public Tensor output() {
                return output;
            }

            @Override
            public Products backward(Tensor vector, boolean weights, boolean input) {
                return narrow.backward(vector, weights, input);
            }

            @Override
            public void free() {
                Scope.free(output);
                narrow.free();
            }
        });
    }

    @Override
    public Part mapped(UnaryOperator<Tensor> other) {
        return new Widened(part.mapped(other), to);
    }

    @Override
    public Part in(DType type, UnaryOperator<Tensor> cast) {
        return new Widened(part.in(type, cast), type);
    }

    /// Random numbers are not rounded to what the file's are stored in.
    @Override
    public Part reinitialised(Seed seed) {
        return part.mapped(table -> Device.of(table).zeros(to, 1).expand(table.shape())).reinitialised(seed);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return part.parameters();
    }

    @Override
    public long macs() {
        return part.macs();
    }
}
