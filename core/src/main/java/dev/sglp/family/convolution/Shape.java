package dev.sglp.family.convolution;

import dev.sglp.family.Architecture.Input;
import dev.sglp.model.convolution.step.Sliding;
import java.util.List;

/// Of an activation, for one example.
///
/// @param height 1 of a signal
/// @param line   whether it is a signal, `[C, L]`
public record Shape(long channels, long height, long width, boolean line) {
    /// @throws IllegalArgumentException where it is text
    static Shape of(Input input) {
        return switch (input) {
            case Input.Image image -> new Shape(image.channels(), image.height(), image.width(), false);
            case Input.Signal signal -> new Shape(signal.channels(), 1, signal.length(), true);
            case Input.Text _ -> throw new IllegalArgumentException("text has no channels");
        };
    }

    long places() {
        return height * width;
    }

    long shortestSide() {
        return Math.min(height, width);
    }

    long numbers() {
        return channels * places();
    }

    /// Where a window goes over it.
    Shape slid(long otherChannels, long side, Sliding sliding) {
        return new Shape(otherChannels, line ? 1 : sliding.places(height, side), sliding.places(width, side), line);
    }

    /// Of one vector.
    Shape vector(long size) {
        return new Shape(size, 1, 1, line);
    }

    List<Long> dimensions() {
        return line ? List.of(channels, width) : List.of(channels, height, width);
    }
}
