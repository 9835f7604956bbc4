package dev.sglp.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Floating-point numbers of one element type in another, piece by piece and without libtorch: rounded to the nearest, of two as near
/// to the even one (IEEE 754).
///
/// @param from a floating-point type
/// @param to   F32, F16 or BF16, or `from` itself
public record Conversion(DType from, DType to) {
    private static final int SLAB = 1 << 12; // elements turned at a time, in loops that the compiler makes vectors of

    public Conversion {
        if (!from.floating() || !to.floating() || to == DType.F64 && from != to) {
            throw new IllegalArgumentException("%s is not converted to %s".formatted(from, to));
        }
    }

    /// Bytes that a piece of so many bytes becomes.
    public int bytes(int piece) {
        return piece / from.bytes() * to.bytes();
    }

    /// @param piece whole elements, little-endian; used up
    /// @param out   has room for {@link #bytes}; moved behind them
    public void convert(ByteBuffer piece, ByteBuffer out) {
        if (from == to) {
            out.put(piece);
            return;
        }
        out.order(ByteOrder.LITTLE_ENDIAN);
        var values = new float[SLAB];
        for (var in = elements(piece); in.hasRemaining();) {
            write(values, read(in, values), out);
        }
    }

    /// Whether this magnitude of the first type is finite in the other one; NaN is not.
    public boolean holds(double magnitude) {
        return magnitude <= DType.F64.largest() && rounded(magnitude) <= to.largest();
    }

    /// The largest magnitude of a piece; NaN where an element is NaN.
    ///
    /// @param piece whole elements, little-endian; used up
    public double largest(ByteBuffer piece) {
        var in = elements(piece);
        if (from == DType.F64) {
            double largest = 0;
            while (in.hasRemaining()) {
                largest = Math.max(largest, Math.abs(in.getDouble())); // NaN stays
            }
            return largest;
        }
        int largest = 0; // without their sign, bits are ordered as numbers are, and NaN comes last
        var values = new float[SLAB];
        while (in.hasRemaining()) {
            int count = read(in, values);
            for (int i = 0; i < count; i++) {
                largest = Math.max(largest, Float.floatToRawIntBits(values[i]) & Integer.MAX_VALUE);
            }
        }
        return Float.intBitsToFloat(largest);
    }

    private double rounded(double magnitude) {
        return switch (to) {
            case F64 -> magnitude;
            case F32 -> (float) magnitude;
            case F16 -> Float.float16ToFloat(Float.floatToFloat16((float) magnitude));
            default -> Float.intBitsToFloat(bfloat16((float) magnitude) << 16);
        };
    }

    private ByteBuffer elements(ByteBuffer piece) {
        if (piece.remaining() % from.bytes() != 0) {
            throw new IllegalArgumentException(
                    "a piece of %d bytes cuts an element of %d".formatted(piece.remaining(), from.bytes()));
        }
        return piece.order(ByteOrder.LITTLE_ENDIAN);
    }

    /// How many were read.
    private int read(ByteBuffer in, float[] values) {
        int count = Math.min(SLAB, in.remaining() / from.bytes());
        switch (from) {
            case F64 -> {
                var doubles = in.asDoubleBuffer();
                for (int i = 0; i < count; i++) {
                    values[i] = (float) doubles.get(i);
                }
            }
            case F32 -> in.asFloatBuffer().get(values, 0, count);
            default -> {
                var shorts = new short[count];
                in.asShortBuffer().get(shorts);
                for (int i = 0; i < count; i++) {
                    values[i] = from == DType.F16
                            ? Float.float16ToFloat(shorts[i])
                            : Float.intBitsToFloat(shorts[i] << 16);
                }
            }
        }
        in.position(in.position() + count * from.bytes());
        return count;
    }

    private void write(float[] values, int count, ByteBuffer out) {
        switch (to) {
            case F16 -> {
                var halves = new short[count];
                for (int i = 0; i < count; i++) {
                    halves[i] = Float.floatToFloat16(values[i]);
                }
                out.asShortBuffer().put(halves);
            }
            case BF16 -> {
                var halves = new short[count];
                for (int i = 0; i < count; i++) {
                    halves[i] = bfloat16(values[i]);
                }
                out.asShortBuffer().put(halves);
            }
            default -> out.asFloatBuffer().put(values, 0, count);
        }
        out.position(out.position() + count * to.bytes());
    }

    /// The upper half of a float32's bits, rounded.
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? (short) 0x7fc0 : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
