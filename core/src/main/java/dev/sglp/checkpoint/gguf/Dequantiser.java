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
    private static final long PIECE = 1 << 14; // elements turned at a time
    private static final long SHARE = 1 << 18; // elements, or one row, that a thread takes at a time
    private static final long MANY = 1 << 20; // elements from which several threads are worth their start

    /// @param to native memory for all elements in {@link GgufType#dtype}
    void copyTo(MemorySegment to) {
        long rows = tensor.elements() / tensor.rowElements();
        long share = Math.max(1, SHARE / tensor.rowElements());
        var shares = LongStream.range(0, Math.ceilDiv(rows, share));
        (tensor.elements() < MANY ? shares : shares.parallel())
                .forEach(i -> rows(i * share, Math.min(rows, (i + 1) * share), to));
    }

    private void rows(long from, long end, MemorySegment to) {
        long bytes = tensor.rowElements() / tensor.type().elements() * tensor.type().bytes();
        long outBytes = tensor.rowElements() * tensor.type().dtype().bytes();
        var blocks = tensor.type().block().map(this::turner);
        for (long row = from; row < end; row++) {
            var source = file.asSlice(tensor.offset() + order.applyAsLong(row) * bytes, bytes);
            var out = to.asSlice(row * outBytes, outBytes);
            blocks.ifPresentOrElse(b -> b.row(source, out), () -> out.copyFrom(source));
        }
    }

    private Turner turner(Block block) {
        var type = tensor.type();
        int most = (int) Math.min(tensor.rowElements() / type.elements(), PIECE / type.elements());
        return new Turner(block, type, new byte[most * type.bytes()], new float[most * type.elements()]);
    }

    /// Turns blocks into float32, as many at a time as its buffers hold.
    private record Turner(Block block, GgufType type, byte[] from, float[] to) {
        void row(MemorySegment source, MemorySegment out) {
            long blocks = source.byteSize() / type.bytes();
            int most = from.length / type.bytes();
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
}
