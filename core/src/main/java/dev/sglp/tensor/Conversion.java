package dev.sglp.tensor;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// Floating-point numbers of one element type in another, piece by piece and without libtorch: rounded to the nearest, of two as near
/// to the even one (IEEE 754).
///
/// @param from a floating-point type
/// @param to   F32, F16 or BF16, or `from` itself
public record Conversion(DType from, DType to) {
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
        out.order(ByteOrder.LITTLE_ENDIAN);
        if (from == to) {
            out.put(piece);
            return;
        }
        for (var in = elements(piece); in.hasRemaining();) {
            float value = next(in);
            switch (to) {
                case F32 -> out.putFloat(value);
                case F16 -> out.putShort(Float.floatToFloat16(value));
                case BF16 -> out.putShort(bfloat16(value));
                default -> throw new IllegalStateException("checked when it was made: " + to);
            }
        }
    }

    /// The largest magnitude that the other type holds is not exceeded by this one of the first type; NaN fits nowhere.
    public boolean holds(double magnitude) {
        return magnitude <= DType.F64.largest() && Math.abs(rounded(magnitude)) <= to.largest();
    }

    /// The largest magnitude of a piece; NaN where an element is NaN.
    ///
    /// @param piece whole elements, little-endian; used up
    public double largest(ByteBuffer piece) {
        double largest = 0;
        for (var in = elements(piece); in.hasRemaining();) {
            largest = Math.max(largest, Math.abs(from == DType.F64 ? in.getDouble() : next(in))); // NaN stays
        }
        return largest;
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

    private float next(ByteBuffer in) {
        return switch (from) {
            case F64 -> (float) in.getDouble();
            case F32 -> in.getFloat();
            case F16 -> Float.float16ToFloat(in.getShort());
            default -> Float.intBitsToFloat(in.getShort() << 16);
        };
    }

    /// The upper half of a float32's bits, rounded.
    private static short bfloat16(float value) {
        int bits = Float.floatToRawIntBits(value);
        return Float.isNaN(value) ? (short) 0x7fc0 : (short) (bits + 0x7fff + (bits >>> 16 & 1) >>> 16);
    }
}
