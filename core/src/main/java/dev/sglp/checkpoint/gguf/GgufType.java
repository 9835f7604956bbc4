package dev.sglp.checkpoint.gguf;

import dev.sglp.checkpoint.gguf.Blocks.Block;
import dev.sglp.tensor.DType;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;

/// The element types of GGUF tensors that are read: plain ones, and blocks of small whole numbers with their scales
/// (https://github.com/ggml-org/ggml/blob/master/docs/gguf.md).
public enum GgufType {
    F32(0, DType.F32), F16(1, DType.F16), BF16(30, DType.BF16), Q4_0(2, 32, 18, Blocks::q4x0), Q4_1(3, 32, 20,
            Blocks::q4x1), Q5_0(6, 32, 22, Blocks::q5x0), Q5_1(7, 32, 24, Blocks::q5x1), Q8_0(8, 32, 34,
                    Blocks::q8x0), Q4_K(12, 256, 144, KBlocks::q4k), Q5_K(13, 256, 176, KBlocks::q5k), Q6_K(14, 256,
                            210, KBlocks::q6k);

    private static final Map<Integer, String> OTHERS = Map.of(10, "Q2_K", 11, "Q3_K", 15, "Q8_K", 20, "IQ4_NL", 23,
            "IQ4_XS", 28, "F64", 34, "TQ1_0", 35, "TQ2_0", 39, "MXFP4");

    private final int code;
    private final DType dtype;
    private final int elements;
    private final int bytes;
    private final Optional<Block> block;

    GgufType(int code, DType dtype) {
        this.code = code;
        this.dtype = dtype;
        this.elements = 1;
        this.bytes = dtype.bytes();
        this.block = Optional.empty();
    }

    GgufType(int code, int elements, int bytes, Block block) {
        this.code = code;
        this.dtype = DType.F32;
        this.elements = elements;
        this.bytes = bytes;
        this.block = Optional.of(block);
    }

    /// The type of this number, or empty where it is not one that is read.
    static Optional<GgufType> ofCode(int code) {
        return Arrays.stream(values()).filter(t -> t.code == code).findFirst();
    }

    /// What people call a type that is not read.
    static String nameOf(int code) {
        return OTHERS.getOrDefault(code, "number " + Integer.toUnsignedString(code));
    }

    /// What a tensor of this type is read as.
    public DType dtype() {
        return dtype;
    }

    /// Elements a block; 1 for plain types.
    public int elements() {
        return elements;
    }

    /// Bytes a block.
    public int bytes() {
        return bytes;
    }

    /// How a block becomes float32; empty for plain types.
    public Optional<Block> block() {
        return block;
    }

    /// Bytes of `count` elements, a multiple of a block's.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    long bytesOf(long count) {
        return Math.multiplyExact(count / elements, bytes);
    }
}
