package dev.sglp.data.item;

import dev.sglp.tensor.DType;
import java.util.List;

/// Numbers over time, as the network takes them.
///
/// @param samples float32 `[channels, length]`
public record Signal(int channels, int length, byte[] samples) implements Item {
    public Signal {
        if (samples.length != (long) DType.F32.bytes() * channels * length) {
            throw new IllegalArgumentException(
                    "%d bytes for %d channels of %d".formatted(samples.length, channels, length));
        }
    }

    @Override
    public Form form() {
        return new Form(List.of((long) channels, (long) length), DType.F32);
    }

    @Override
    public byte[] values() {
        return samples;
    }
}
