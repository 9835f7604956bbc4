package dev.sglp.tensor;

import java.util.Arrays;
import java.util.Optional;

/// The element type of a tensor, known without loading libtorch, so that headers can be read in milliseconds.
public enum DType {
    F64("F64", 8), F32("F32", 4), F16("F16", 2), BF16("BF16", 2), I64("I64", 8), I32("I32", 4), I16("I16", 2), I8("I8",
            1), U8("U8", 1), BOOL("BOOL", 1);

    private final String code;
    private final int bytes;

    DType(String code, int bytes) {
        this.code = code;
        this.bytes = bytes;
    }

    /// The name used by safetensors headers, for instance `BF16`.
    public String code() {
        return code;
    }

    /// Bytes an element.
    public int bytes() {
        return bytes;
    }

    public boolean floating() {
        return switch (this) {
            case F64, F32, F16, BF16 -> true;
            case I64, I32, I16, I8, U8, BOOL -> false;
        };
    }

    /// What PyTorch calls it, for instance `bfloat16`.
    public String title() {
        return switch (this) {
            case F64, F32, F16 -> "float" + code.substring(1);
            case BF16 -> "bfloat16";
            case I64, I32, I16, I8 -> "int" + code.substring(1);
            case U8 -> "uint8";
            case BOOL -> "bool";
        };
    }

    /// The largest finite number of a floating-point type.
    public double largest() {
        return switch (this) {
            case F64 -> Double.MAX_VALUE;
            case F32 -> Float.MAX_VALUE;
            case F16 -> 65_504;
            case BF16 -> 0x1.fep127;
            case I64, I32, I16, I8, U8, BOOL -> throw new IllegalArgumentException(code + " is no floating-point type");
        };
    }

    /// The type with this safetensors code, or empty where it is not one we read.
    public static Optional<DType> ofCode(String code) {
        return Arrays.stream(values()).filter(t -> t.code.equals(code)).findFirst();
    }
}
