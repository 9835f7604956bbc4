package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.segmentation.Fisher;

/// Where the segments come from.
public sealed interface Cut {
    /// From the similarity of the layers.
    record Similar(Segments segments) implements Cut {}

    /// As many layers each: nothing is known about them.
    record Equal(int k) implements Cut {}

    /// By Fisher's optimum on the rows of the similarity matrix.
    static Cut fisher(int k) {
        return new Similar(new Segments(k, Fisher.Features.ROWS));
    }
}
