package dev.sglp.data.array;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/// An array of numpy with its elements where they lie.
///
/// @param where  what an error calls it
/// @param header its type and shape
/// @param data   its elements, as many bytes as the header says
record NpyArray(String where, NpyHeader header, MemorySegment data) {
    private static final ValueLayout.OfShort I16 = ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfInt I32 = ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfLong I64 = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfFloat F32 = ValueLayout.JAVA_FLOAT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final ValueLayout.OfDouble F64 = ValueLayout.JAVA_DOUBLE_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    static final String BYTES = "|u1";

    private static final Map<String, Integers> INTEGERS = Map.of(BYTES, (d, i) -> d.get(ValueLayout.JAVA_BYTE, i) & 255,
            "|i1", (d, i) -> d.get(ValueLayout.JAVA_BYTE, i), "<u2", (d, i) -> d.get(I16, 2 * i) & 0xffff, "<i2",
            (d, i) -> d.get(I16, 2 * i), "<u4", (d, i) -> d.get(I32, 4 * i) & 0xffff_ffffL, "<i4",
            (d, i) -> d.get(I32, 4 * i), "<u8", (d, i) -> d.get(I64, 8 * i), "<i8", (d, i) -> d.get(I64, 8 * i));
    private static final Map<String, Floats> FLOATS = Map.of("<f2", (d, i) -> Float.float16ToFloat(d.get(I16, 2 * i)),
            "<f4", (d, i) -> d.get(F32, 4 * i), "<f8", (d, i) -> (float) d.get(F64, 8 * i));

    /// An element of some integer type.
    @FunctionalInterface
    interface Integers {
        long get(MemorySegment data, long index);
    }

    /// An element of some floating-point type, as float32.
    @FunctionalInterface
    interface Floats {
        float get(MemorySegment data, long index);
    }

    /// Whether its elements are floating-point numbers that are read.
    static boolean floating(NpyHeader header) {
        return FLOATS.containsKey(header.descr());
    }

    Floats floats() {
        return FLOATS.get(header.descr());
    }

    /// Every element of an array `[N]` or `[N, 1]` of integers.
    ///
    /// @param name what they are, for an error
    long[] integers(String name) throws IOException {
        var get = INTEGERS.get(header.descr());
        var shape = header.shape();
        if (get == null || shape.isEmpty() || shape.size() > 2 || shape.size() == 2 && shape.get(1) != 1) {
            throw new IOException("[%s] has type %s and shape %s; %s are integers of shape [N]. Maybe argmax them"
                    .formatted(where, header.descr(), shape, name));
        }
        var values = new long[Math.toIntExact(shape.getFirst())];
        for (int i = 0; i < values.length; i++) {
            values[i] = get.get(data, i);
        }
        return values;
    }

    /// Every element of an array `[N]` of texts.
    List<String> texts() throws IOException {
        var descr = header.descr();
        if (!descr.matches("<U\\d+|\\|S\\d+") || header.shape().size() != 1) {
            throw new IOException(
                    "[%s] has type %s and shape %s; expected texts of shape [N], as in np.array(['a', 'b'])"
                            .formatted(where, descr, header.shape()));
        }
        var charset = descr.startsWith("<U") ? Charset.forName("UTF-32LE") : StandardCharsets.UTF_8;
        int width = header.width();
        var texts = new ArrayList<String>();
        for (long i = 0; i < header.shape().getFirst(); i++) {
            var bytes = data.asSlice(i * width, width).toArray(ValueLayout.JAVA_BYTE);
            texts.add(new String(bytes, charset).replaceAll("\0+$", ""));
        }
        return texts;
    }
}
