package dev.sglp;

import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.repair.Repaired;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// What becomes of a network in memory on its way to a file: what is measured last is what the file will hold.
public interface Writing {
    /// What will be stored of a tensor that stands in the place of this name's.
    Tensor stored(String name, Tensor tensor);

    /// Everything that {@link #stored} depends on.
    default String words() {
        return "computed";
    }

    /// The network with what was repaired, whose tensors are taken over.
    LayeredModel taken(Repaired repaired, LayerSet removed);

    /// The network whose numbers its file will hold.
    ///
    /// @param pruned the network without these layers, repaired and healed where it is
    LayeredModel rounded(LayeredModel pruned, LayerSet removed);

    /// Nothing is written. It keeps repaired tensors; close it when the network is no longer needed.
    static Kept none() {
        return new Kept();
    }

    /// Writes nothing.
    final class Kept implements Writing, AutoCloseable {
        private final List<Tensor> owned = new ArrayList<>();

        private Kept() {}

        @Override
        public Tensor stored(String name, Tensor tensor) {
            return tensor;
        }

        @Override
        public LayeredModel taken(Repaired repaired, LayerSet removed) {
            var network = repaired.network();
            owned.addAll(repaired.handOver().values());
            return network;
        }

        @Override
        public LayeredModel rounded(LayeredModel pruned, LayerSet removed) {
            return pruned;
        }

        @Override
        public void close() {
            owned.forEach(Scope::free);
            owned.clear();
        }
    }
}
