package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RoutedMaps;
import dev.sglp.tensor.Scope;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The end of a streamed layer; the layers made from it are streamed too.
///
/// @param outline the end of its outline, for what needs no weights
record StreamedEnd(StreamedLayer streamed, LastMap outline) implements LastMap {
    @Override
    public Run run(Tensor x, Pass pass) {
        return streamed.held(layer -> end(layer).run(x, pass));
    }

    private static LastMap end(Layer layer) {
        return layer.lastMap().orElseThrow();
    }

    @Override
    public Tensor output(Tensor sum) {
        return followed() ? streamed.held(layer -> end(layer).output(sum)) : outline.output(sum);
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) {
        return outline.rows(inner, positions);
    }

    @Override
    public Freedom freedom() {
        return outline.freedom();
    }

    /// Those of its outline: to compute with them, ask the held layer's.
    @Override
    public Optional<RoutedMaps> routed() {
        return outline.routed();
    }

    /// A copy.
    @Override
    public Optional<Matrix> matrix() {
        return streamed.held(layer -> end(layer).matrix()
                .map(map -> new Matrix(map.weight().clone(), map.bias().map(Tensor::clone))));
    }

    @Override
    public boolean shifts() {
        return outline.shifts();
    }

    @Override
    public double ridge() {
        return outline.ridge();
    }

    @Override
    public Layer fitted(Fit fit) {
        return streamed.held(layer -> {
            try (var _ = Scope.open()) {
                return streamed.differing(layer, end(layer).fitted(fit));
            }
        });
    }

    @Override
    public Layer fitted(Fit fit, Layer aim) {
        return streamed.held(layer -> {
            try (var _ = Scope.open()) {
                return streamed.differing(layer, end(layer).fitted(fit, aim));
            }
        });
    }

    @Override
    public boolean followed() {
        return outline.followed();
    }

    @Override
    public Optional<Tensor> sum(Run run, LastMap changed) {
        return changed instanceof StreamedEnd other
                ? streamed.held(layer -> other.streamed.over(layer, mended -> end(layer).sum(run, end(mended))))
                : Optional.empty();
    }

    @Override
    public boolean scalable() {
        return outline.scalable();
    }

    @Override
    public Optional<Layer> divided(double factor) {
        return streamed.held(layer -> {
            try (var _ = Scope.open()) {
                return end(layer).divided(factor).map(changed -> streamed.differing(layer, changed));
            }
        });
    }
}
