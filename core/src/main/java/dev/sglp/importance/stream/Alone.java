package dev.sglp.importance.stream;

import dev.sglp.progress.Progress;
import java.util.List;

/// Layers that are to be scored alone, without anything in the place of others or mended, on the way of the first pass over the data.
///
/// @param layers   none where nobody will ask
/// @param progress told where they go along
public record Alone(List<Integer> layers, Progress progress) {
    /// Nobody will ask.
    public static final Alone NOBODY = new Alone(List.of(), Progress.silent());

    public Alone {
        layers = List.copyOf(layers);
    }
}
