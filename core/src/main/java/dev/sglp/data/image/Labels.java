package dev.sglp.data.image;

import java.util.List;

/// The class of each item and what the classes are called.
///
/// @param of      class index of each item, in `[0, classes.size())`; the array belongs to this record
/// @param classes names in label order
public record Labels(int[] of, List<String> classes) {
    public Labels {
        classes = List.copyOf(classes);
        for (int i = 0; i < of.length; i++) {
            if (of[i] < 0 || of[i] >= classes.size()) {
                throw new IllegalArgumentException(
                        "item %d has label %d, but there are %d classes".formatted(i, of[i], classes.size()));
            }
        }
    }

    /// The labels of these items, in this order.
    public Labels select(int[] indices) {
        int[] chosen = new int[indices.length];
        for (int i = 0; i < indices.length; i++) {
            chosen[i] = of[indices[i]];
        }
        return new Labels(chosen, classes);
    }
}
