package dev.sglp.data.image;

import dev.sglp.fault.InputException;
import java.util.List;
import java.util.stream.IntStream;

/// The class of each item and what the classes are called.
///
/// @param of      class index of each item, in `[0, classes.size())`; the array belongs to this record
/// @param classes names in label order
public record Labels(int[] of, List<String> classes) {
    public Labels {
        classes = List.copyOf(classes);
        for (int i = 0; i < of.length; i++) {
            if (of[i] < 0 || of[i] >= classes.size()) {
                throw new InputException(
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

    /// What classes are called that have no names: `0`, `1`, `2` and so on.
    public static List<String> numbers(int count) {
        return IntStream.range(0, count).mapToObj(Integer::toString).toList();
    }

    /// Whether a label can mean the same in both: as many classes, of the same names where both have names.
    public static boolean agree(List<String> classes, List<String> others) {
        var numbers = numbers(classes.size());
        return classes.size() == others.size()
                && (classes.equals(others) || classes.equals(numbers) || others.equals(numbers));
    }
}
