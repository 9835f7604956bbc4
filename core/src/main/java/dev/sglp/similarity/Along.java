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

    /// Nobody.
    Along NOBODY = (_, _, _) -> Tap.NONE;
}
