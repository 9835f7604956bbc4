package dev.sglp.family;

import dev.sglp.checkpoint.mapped.KeptTensors;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.tensor.file.SlotFile.Slot;
import org.bytedeco.pytorch.Tensor;

/// A tensor that waits on disk.
record KeptAside(KeptTensors kept, Slot slot) implements Aside {
    @Override
    public Tensor read() {
        return kept.read(slot);
    }

    @Override
    public void free() {
        kept.free(slot);
    }
}
