package dev.sglp.family.transformer;

import dev.sglp.checkpoint.Weights;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.transformer.position.Rope;
import dev.sglp.model.transformer.position.Rotation;
import java.util.HashMap;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// What a network is put together from. Layers that see the same share tables of sines and masks.
public final class Assembly {
    private final Weights weights;
    private final Map<Rope, Rotation> rotations = new HashMap<>();
    private final Map<Mask.Sight, Mask> masks = new HashMap<>();

    public Assembly(Weights weights) {
        this.weights = weights;
    }

    public Tensor tensor(String name) {
        return weights.get(name);
    }

    Rotation rotation(Rope rope) {
        return rotations.computeIfAbsent(rope, Rotation::new);
    }

    Mask mask(Mask.Sight sight) {
        return masks.computeIfAbsent(sight, Mask::new);
    }
}
