package dev.sglp.checkpoint.torch;

import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.Map;

/// Numbers that were saved as tensors of one element beside a state dict: whoever keeps the best accuracy on a GPU does so.
public final class Scalars {
    private Scalars() {}

    /// The file's plain metadata, and those numbers.
    ///
    /// @param weights which are no such numbers
    public static Map<String, String> among(TorchFile file, Collection<TorchTensor> weights,
            Map<String, String> metadata) {
        var all = new LinkedHashMap<>(metadata);
        var taken = Collections.newSetFromMap(new IdentityHashMap<TorchTensor, Boolean>());
        taken.addAll(weights);
        if (file.root() instanceof Map<?, ?> top) {
            top.forEach((key, value) -> {
                if (key instanceof String name && value instanceof TorchTensor tensor && tensor.elements() == 1
                        && !taken.contains(tensor)) {
                    all.putIfAbsent(name, number(file, tensor));
                }
            });
        }
        return all;
    }

    private static String number(TorchFile file, TorchTensor tensor) {
        try (var arena = Arena.ofConfined()) {
            var one = arena.allocate(tensor.bytes(), Long.BYTES);
            file.copy(tensor, one);
            return switch (tensor.dtype()) {
                case F64 -> String.valueOf(one.get(ValueLayout.JAVA_DOUBLE, 0));
                case F32 -> String.valueOf((double) one.get(ValueLayout.JAVA_FLOAT, 0));
                case F16 -> String.valueOf((double) Float.float16ToFloat(one.get(ValueLayout.JAVA_SHORT, 0)));
                case BF16 -> String.valueOf((double) Float.intBitsToFloat(one.get(ValueLayout.JAVA_SHORT, 0) << 16));
                case I64 -> String.valueOf(one.get(ValueLayout.JAVA_LONG, 0));
                case I32 -> String.valueOf(one.get(ValueLayout.JAVA_INT, 0));
                case I16 -> String.valueOf(one.get(ValueLayout.JAVA_SHORT, 0));
                case I8 -> String.valueOf(one.get(ValueLayout.JAVA_BYTE, 0));
                case U8 -> String.valueOf(Byte.toUnsignedInt(one.get(ValueLayout.JAVA_BYTE, 0)));
                case BOOL -> String.valueOf(one.get(ValueLayout.JAVA_BYTE, 0) != 0);
            };
        }
    }
}
