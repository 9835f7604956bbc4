package dev.sglp.model.guard;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.repair.RoutedMaps;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The end of a layer that asks whether its weights are still there each time before it reads them; so do the layers made from it.
///
/// @param before throws where they are not
record GuardedEnd(LastMap end, Runnable before) implements LastMap {
    @Override
    public Run run(Tensor x, Pass pass) {
        before.run();
        return end.run(x, pass);
    }

    @Override
    public Tensor output(Tensor sum) {
        return end.output(sum);
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) {
        return end.rows(inner, positions);
    }

    @Override
    public Freedom freedom() {
        return end.freedom();
    }

    @Override
    public Optional<RoutedMaps> routed() {
        before.run();
        return end.routed();
    }

    @Override
    public Optional<Matrix> matrix() {
        before.run();
        return end.matrix();
    }

    @Override
    public boolean shifts() {
        return end.shifts();
    }

    @Override
    public double ridge() {
        return end.ridge();
    }

    @Override
    public Layer fitted(Fit fit) {
        before.run();
        return new GuardedLayer(end.fitted(fit), before);
    }

    @Override
    public Layer fitted(Fit fit, Layer aim) {
        before.run();
        return new GuardedLayer(end.fitted(fit, aim), before);
    }

    @Override
    public boolean followed() {
        return end.followed();
    }

    @Override
    public Optional<Tensor> sum(Run run, LastMap changed) {
        before.run();
        return end.sum(run, changed instanceof GuardedEnd guarded ? guarded.end : changed);
    }

    @Override
    public boolean scalable() {
        return end.scalable();
    }

    @Override
    public Optional<Layer> divided(double factor) {
        before.run();
        return end.divided(factor).map(layer -> new GuardedLayer(layer, before));
    }
}
