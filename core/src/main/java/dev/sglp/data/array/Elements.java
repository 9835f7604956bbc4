package dev.sglp.data.array;

import dev.sglp.data.item.Item;
import dev.sglp.preparation.Extent.Size;
import java.io.IOException;

/// Where in an array its examples are.
sealed interface Elements permits ImageLayout, SignalLayout {
    /// How many there are.
    long count();

    /// Whether they are pictures of this size.
    boolean isOf(Size size);

    /// One of them.
    ///
    /// @throws IOException where it holds what is no number
    Item item(NpyArray array, long index) throws IOException;
}
