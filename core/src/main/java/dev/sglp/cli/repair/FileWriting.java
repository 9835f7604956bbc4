package dev.sglp.cli.repair;

import dev.sglp.Writing;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.repair.Repaired;
import dev.sglp.surgery.Rounding;
import org.bytedeco.pytorch.Tensor;

/// A network becomes what its file will hold: repaired tensors stand in the place of the file's, all are rounded as they are written.
///
/// @param weights the file's
public record FileWriting(Architecture architecture, Weights weights, Rounding rounding) implements Writing {
    @Override
    public Tensor stored(String name, Tensor tensor) {
        return rounding.stored(name, tensor);
    }

    @Override
    public String words() {
        return rounding.as().toString();
    }

    @Override
    public LayeredModel taken(Repaired repaired, LayerSet removed) {
        repaired.handOver().forEach(weights::replace);
        return architecture.build(weights).without(removed);
    }

    @Override
    public LayeredModel rounded(LayeredModel pruned, LayerSet removed) {
        return rounding.of(pruned, removed);
    }
}
