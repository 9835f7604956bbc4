package dev.sglp.similarity;

import dev.sglp.data.Batch;
import dev.sglp.model.Tap;

/// Who else listens to the passes over the data.
@FunctionalInterface
public interface Along {
    /// Listens to a pass over items `[from, to)`, all of them.
    ///
    /// @param batch their tensors
    Tap over(int from, int to, Batch batch);

    /// Whether it can listen to several passes side by side, each layer of all of them before the next one.
    default boolean sideBySide() {
        return false;
    }

    /// @param sideBySide what the one that is made says
    static Along of(Along over, boolean sideBySide) {
        return new Along() {
            @Override
            public Tap over(int from, int to, Batch batch) {
                return over.over(from, to, batch);
            }

            @Override
            public boolean sideBySide() {
                return sideBySide;
            }
        };
    }

    /// Nobody.
    Along NOBODY = of((_, _, _) -> Tap.NONE, true);
}
