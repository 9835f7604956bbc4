package dev.sglp.model.transformer;

import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// A decoder layer ends in the down map of its MLP.
record DecoderEnd(DecoderLayer layer) implements LastMap {
    private static final double RIDGE = 1;

    @Override
    public Run run(Tensor x, Pass pass) { // [B, T, D]
        var h = layer.attention().addedTo(x, layer.first().forward(x)); // [B, T, D]
        var inner = layer.mlp().inner(layer.second().forward(h)); // [B, T, I]
        return new Run(inner, layer.mlp().down().addedTo(h, inner));
    }

    @Override
    public Tensor output(Tensor sum) {
        return sum;
    }

    @Override
    public Tensor rows(Tensor inner, Tensor positions) { // [B, T, I] → [n, I]
        return inner.reshape(-1, inner.size(-1)).index_select(0, positions);
    }

    @Override
    public boolean shifts() {
        return layer.mlp().down() instanceof Linear.Biased;
    }

    @Override
    public double ridge() {
        return RIDGE;
    }

    @Override
    public Layer fitted(Fit fit) {
        var mlp = layer.mlp();
        return layer.with(layer.attention(),
                new GatedMlp(mlp.gate(), mlp.up(), mlp.down().plus(fit.difference(), fit.shift())));
    }

    @Override
    public Optional<Tensor> sum(Run run, LastMap changed) {
        return changed instanceof DecoderEnd other
                ? Optional.of(layer.mlp().down().difference(other.layer.mlp().down()).addedTo(run.sum(), run.inner()))
                : Optional.empty();
    }

    /// A stream that is divided by a number is divided by it behind every sum; the norms before the maps do not see it.
    @Override
    public Optional<Layer> divided(double factor) {
        var scale = new Scalar(1 / factor);
        var attention = layer.attention();
        var mlp = layer.mlp();
        return Optional.of(layer.with(attention.with(attention.output().mapped(t -> t.mul(scale))),
                new GatedMlp(mlp.gate(), mlp.up(), mlp.down().mapped(t -> t.mul(scale)))));
    }
}
