package dev.sglp.data.array;

import dev.sglp.data.item.Item;
import dev.sglp.data.item.Signal;
import dev.sglp.preparation.Extent.Size;
import java.io.IOException;

/// Signals `[N, C, L]`, or `[N, L]` of one channel, in either order of memory.
///
/// @param strides elements from one signal, channel and moment to the next
record SignalLayout(long count, int channels, int length, Strides strides) implements Elements {
    private static final long MOST_VALUES = 100_000_000;

    record Strides(long signal, long channel, long moment) {}

    /// @throws IOException where the array's shape or type is none of signals
    static SignalLayout of(String where, NpyHeader header) throws IOException {
        var shape = header.shape();
        if (!NpyArray.floating(header) || shape.size() < 2 || shape.size() > 3) {
            throw unknown(where, header);
        }
        var s = header.strides();
        boolean one = shape.size() == 2;
        long channels = one ? 1 : shape.get(1);
        long length = shape.getLast();
        if (shape.getFirst() < 1 || shape.getFirst() > Integer.MAX_VALUE || channels < 1 || length < 1
                || channels > MOST_VALUES / length) {
            throw unknown(where, header);
        }
        return new SignalLayout(shape.getFirst(), (int) channels, (int) length,
                new Strides(s[0], one ? 0 : s[1], s[s.length - 1]));
    }

    private static IOException unknown(String where, NpyHeader header) {
        return new IOException(
                "[%s] has type %s and shape %s; signals are float32 (float16, float64), little-endian, as the network takes them, of shape [N, channels, length] or [N, length]"
                        .formatted(where, header.descr(), header.shape()));
    }

    @Override
    public boolean isOf(Size size) {
        return false;
    }

    @Override
    public Item item(NpyArray array, long index) throws IOException {
        var values = new float[channels * length];
        var get = array.floats();
        for (int c = 0; c < channels; c++) {
            long from = index * strides.signal + c * strides.channel;
            for (int t = 0; t < length; t++) {
                values[c * length + t] = finite(array, get.get(array.data(), from + t * strides.moment), index, c, t);
            }
        }
        return new Signal(channels, length, Item.bytes(values));
    }

    private static float finite(NpyArray array, float value, long index, int channel, int moment) throws IOException {
        if (!Float.isFinite(value)) {
            throw new IOException("[%s] signal %d holds %s at moment %d of channel %d; expected finite numbers"
                    .formatted(array.where(), index, value, moment, channel));
        }
        return value;
    }
}
