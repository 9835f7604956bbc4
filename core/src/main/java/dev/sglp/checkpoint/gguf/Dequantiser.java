package dev.sglp.checkpoint.gguf;

import dev.sglp.checkpoint.gguf.Blocks.Block;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;

/// Copies a tensor's elements out of a GGUF file, row by row in the order that is asked for, blocks as float32.
///
/// @param file   the whole file
/// @param tensor the tensor
/// @param order  for each row of the result, the row of the file
record Dequantiser(MemorySegment file, GgufTensor tensor, LongUnaryOperator order) {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final int PIECE = 1 << 14; // elements turned at a time
    private static final long MANY = 1 << 20; // elements from which several threads are worth their start

    /// @param to native memory for all elements in {@link GgufType#dtype}
    void copyTo(MemorySegment to) {
        long rows = tensor.elements() / tensor.rowElements();
        var numbers = LongStream.range(0, rows);
        (tensor.elements() < MANY ? numbers : numbers.parallel()).forEach(row -> {
            long rowBytes = tensor.bytes() / rows;
            var source = file.asSlice(tensor.offset() + order.applyAsLong(row) * rowBytes, rowBytes);
            long outBytes = to.byteSize() / rows;
            var out = to.asSlice(row * outBytes, outBytes);
            tensor.type().block().ifPresentOrElse(block -> blocks(block, source, out), () -> out.copyFrom(source));
        });
    }

    private void blocks(Block block, MemorySegment source, MemorySegment out) {
        var type = tensor.type();
        long blocks = tensor.rowElements() / type.elements();
        int most = (int) Math.min(blocks, PIECE / type.elements());
        var from = new byte[most * type.bytes()];
        var to = new float[most * type.elements()];
        for (long done = 0; done < blocks; done += most) {
            int count = (int) Math.min(most, blocks - done);
            MemorySegment.copy(source, ValueLayout.JAVA_BYTE, done * type.bytes(), from, 0, count * type.bytes());
            for (int i = 0; i < count; i++) {
                block.dequantise(from, i * type.bytes(), to, i * type.elements());
            }
            MemorySegment.copy(to, 0, out, FLOAT, done * type.elements() * Float.BYTES, count * type.elements());
        }
    }
}
