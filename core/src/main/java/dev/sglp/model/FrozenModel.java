package dev.sglp.model;

import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// A network as it is now, for nothing but answers: batch norm by its stored statistics, nothing recorded. Its parts may hold
/// other weights that give the same answers faster; they belong to the scope that was open when it was made.
///
/// @param parts stem, layers and head
public record FrozenModel(List<Part> parts) {
    public FrozenModel {
        parts = List.copyOf(parts);
    }

    static FrozenModel of(LayeredModel model) {
        return new FrozenModel(Stream.concat(Stream.of(model.stem()), Stream.concat(model.layers().stream(),
                Stream.of(model.head()))).map(Part::frozen).toList());
    }

    /// What the head gives, in the current scope.
    public Tensor forward(Tensor inputs) {
        return Scope.yield(() -> {
            Tensor h = Scope.own(inputs);
            for (var part : parts.subList(0, parts.size() - 1)) {
                var x = h;
                h = Scope.yieldOwned(() -> part.forward(x, Pass.evaluation()));
                Scope.free(x);
            }
            var answers = parts.getLast().forward(h, Pass.evaluation());
            Scope.free(h);
            return answers;
        });
    }
}
