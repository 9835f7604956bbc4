package dev.sglp.model.repair;

import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;

/// What a network is without some of its layers: as it will be written, for instance mended, so that what is scored is what is
/// shipped.
public interface Remainder {
    /// The smaller network. Asked by several threads.
    LayeredModel without(LayerSet removed);

    /// In words that tell it from every other, for instance `as it is`.
    String words();

    /// The layers that stay, as they are.
    static Remainder plain(LayeredModel dense) {
        return new Plain(dense);
    }

    /// @param dense whose layers stay
    record Plain(LayeredModel dense) implements Remainder {
        @Override
        public LayeredModel without(LayerSet removed) {
            return dense.without(removed);
        }

        @Override
        public String words() {
            return "as it is";
        }
    }
}
