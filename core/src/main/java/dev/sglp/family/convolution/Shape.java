package dev.sglp.family.convolution;

import java.util.List;

/// Of an activation, for one example.
public record Shape(long channels, long height, long width) {
    long places() {
        return height * width;
    }

    List<Long> dimensions() {
        return List.of(channels, height, width);
    }
}
