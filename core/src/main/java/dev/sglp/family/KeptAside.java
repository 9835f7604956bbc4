package dev.sglp.family;

import dev.sglp.checkpoint.mapped.KeptTensors;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.model.wave.LayerSource.Place;
import dev.sglp.tensor.file.SlotFile.Slot;
import org.bytedeco.pytorch.Tensor;

/// A tensor that waits on disk.
record KeptAside(KeptTensors kept, Slot slot) implements Aside {
    /// A file of its own.
    static Place place() {
        var own = new KeptTensors();
        return new Place() {
            @Override
            public Aside aside(Tensor tensor) {
                return new KeptAside(own, own.set(tensor));
            }

            @Override
            public void close() {
                own.close();
            }
        };
    }

    @Override
    public Tensor read() {
        return kept.read(slot);
    }

    @Override
    public void free() {
        kept.free(slot);
    }
}
