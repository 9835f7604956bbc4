package dev.sglp.pickle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The globals behind numpy's arrays and scalars: arrays become {@link NumpyArray}, scalars `Long`, `Double` or `Boolean`.
public final class NumpyGlobals {
    private static final byte[] NOTHING = {};

    private NumpyGlobals() {}

    /// For the `globals` of {@link PickleRules}; it has {@link PlainGlobals} too.
    public static Map<String, Object> all() {
        var globals = new HashMap<>(PlainGlobals.all());
        globals.put("numpy.ndarray", (Constructor) _ -> new Unfilled());
        globals.put("numpy.dtype", (Constructor) arguments -> new Type(NumpyArray.code((String) arguments.getFirst())));
        for (var core : List.of("numpy.core", "numpy._core")) {
            globals.put(core + ".multiarray._reconstruct", (Constructor) _ -> new Unfilled());
            globals.put(core + ".multiarray.scalar", (Constructor) NumpyGlobals::scalar);
            globals.put(core + ".numeric._frombuffer", (Constructor) NumpyGlobals::fromBuffer);
        }
        return globals;
    }

    /// A type; its state `(version, byte order, …)` has the byte order, and fields where it is not a plain number.
    private record Type(String code) implements Buildable {
        @Override
        public Object build(Object state) throws IOException {
            var order = (String) ((List<?>) state).get(1);
            return new Type(NumpyArray.code(order + code.substring(1)));
        }
    }

    /// An array before its state `(version, shape, type, fortran order, bytes)`.
    private static final class Unfilled implements Buildable {
        @Override
        public Object build(Object state) throws IOException {
            var parts = (List<?>) state;
            return NumpyArray.checked(((Type) parts.get(2)).code(), (List<?>) parts.get(1), (Boolean) parts.get(3),
                    raw(parts.get(4)));
        }
    }

    private static Object fromBuffer(List<Object> arguments) throws IOException {
        return NumpyArray.checked(((Type) arguments.get(1)).code(), (List<?>) arguments.get(2),
                "F".equals(arguments.get(3)), raw(arguments.get(0)));
    }

    private static byte[] raw(Object value) throws IOException {
        return switch (value) {
            case byte[] bytes -> bytes;
            case String text -> text.getBytes(StandardCharsets.ISO_8859_1);
            case List<?> empty when empty.isEmpty() -> NOTHING;
            default -> throw new IOException("a numpy array of Python objects, expected numbers");
        };
    }

    private static Object scalar(List<Object> arguments) throws IOException {
        var code = ((Type) arguments.get(0)).code();
        var bytes = MemorySegment.ofArray(NumpyArray.checked(code, List.of(), false, raw(arguments.get(1))).bytes());
        var order = code.startsWith(">") ? ByteOrder.BIG_ENDIAN : ByteOrder.LITTLE_ENDIAN;
        return switch (code.substring(1)) {
            case "b1" -> bytes.get(ValueLayout.JAVA_BYTE, 0) != 0;
            case "f2" -> (double) Float.float16ToFloat(i16(bytes, order));
            case "f4" -> (double) Float.intBitsToFloat(i32(bytes, order));
            case "f8" -> Double.longBitsToDouble(i64(bytes, order));
            case "i1" -> (long) bytes.get(ValueLayout.JAVA_BYTE, 0);
            case "u1" -> bytes.get(ValueLayout.JAVA_BYTE, 0) & 0xffL;
            case "i2" -> (long) i16(bytes, order);
            case "u2" -> i16(bytes, order) & 0xffffL;
            case "i4" -> (long) i32(bytes, order);
            case "u4" -> i32(bytes, order) & 0xffff_ffffL;
            default -> i64(bytes, order);
        };
    }

    private static short i16(MemorySegment bytes, ByteOrder order) {
        return bytes.get(ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(order), 0);
    }

    private static int i32(MemorySegment bytes, ByteOrder order) {
        return bytes.get(ValueLayout.JAVA_INT_UNALIGNED.withOrder(order), 0);
    }

    private static long i64(MemorySegment bytes, ByteOrder order) {
        return bytes.get(ValueLayout.JAVA_LONG_UNALIGNED.withOrder(order), 0);
    }
}
