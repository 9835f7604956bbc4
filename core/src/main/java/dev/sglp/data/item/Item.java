package dev.sglp.data.item;

import dev.sglp.tensor.DType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/// One example.
public sealed interface Item permits Rgb, Signal {
    Form form();

    /// Its values in the order of its shape, of the machine's byte order.
    byte[] values();

    /// These numbers as bytes.
    static byte[] bytes(float[] values) {
        var bytes = ByteBuffer.allocate(Math.multiplyExact(DType.F32.bytes(), values.length))
                .order(ByteOrder.nativeOrder());
        bytes.asFloatBuffer().put(values);
        return bytes.array();
    }
}
