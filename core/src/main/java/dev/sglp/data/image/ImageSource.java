package dev.sglp.data.image;

import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/// Labelled images, or signals, in one or more splits, decoded only when asked for. Opening reads names and labels, no pixels.
public interface ImageSource {
    /// The only split of a source that has none.
    String ALL = "all";
    String TRAIN = "train";
    String TEST = "test";
    String VAL = "val";

    /// What people call it: the file's name.
    String name();

    /// What people call its items.
    default String items() {
        return "images";
    }

    /// The splits there are: some of `train`, `test`, `val`, or only `all`.
    List<String> splits();

    /// Names of the classes in label order, the same for all splits.
    List<String> classes();

    /// The class of each item of a split; a copy.
    ///
    /// @throws IllegalArgumentException where there is no such split
    int[] labels(String split);

    /// Sentences for the user: what was ignored, what was guessed.
    List<String> notes();

    /// Decodes some items of a split, on `reading.threads()` threads.
    ///
    /// @param items indices into the split, in the order wanted
    /// @throws IOException where an image cannot be decoded or has another size than the first; the message names it
    ImageSet decode(String split, int[] items, Reading reading) throws IOException;

    /// Decodes a whole split.
    default ImageSet decode(String split, Reading reading) throws IOException {
        return decode(split, IntStream.range(0, labels(split).length).toArray(), reading);
    }
}
