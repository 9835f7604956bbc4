package dev.sglp.data;

import java.util.List;

/// A finite, ordered set of items that can be batched any number of times with the same result.
public interface Dataset {
    /// What people call it, for instance `cifar10-jpeg.zip, train, 128 images sampled with seed 0`.
    String name();

    /// Number of items.
    int size();

    /// Items `[from, to)` as tensors in the current scope.
    ///
    /// @throws IndexOutOfBoundsException where the range leaves `[0, size())`
    Batch batch(int from, int to);

    /// Names of the classes in label order.
    List<String> classes();

    /// A hash of each item's content (not its label): roles that share a hash share an item.
    List<String> itemHashes();
}
