package dev.sglp.pickle;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/// The names with which NumPy pickles arrays and numbers; they build {@link NumpyArray}s and plain numbers.
public final class NumpyGlobals implements Globals {
    @Override
    public Optional<Object> find(String module, String name) {
        return Optional.ofNullable(switch (module + "." + name) {
            case "numpy.core.multiarray._reconstruct", "numpy._core.multiarray._reconstruct",
                    "numpy.core.numeric._reconstruct" ->
                (Constructor) _ -> new Array();
            case "numpy.core.multiarray.scalar", "numpy._core.multiarray.scalar" -> (Constructor) NumpyGlobals::scalar;
            case "numpy.ndarray" -> "numpy.ndarray";
            case "numpy.dtype" -> (Constructor) a -> new Dtype((String) a.getFirst());
            case "_codecs.encode" -> (Constructor) a -> ((String) a.getFirst()).getBytes(StandardCharsets.ISO_8859_1);
            default -> null;
        });
    }

    /// An element type; its state holds the byte order.
    private static final class Dtype implements Stateful {
        private final String code;
        private boolean bigEndian;

        Dtype(String code) {
            this.code = code;
        }

        @Override
        public void state(Object state) {
            bigEndian = ">".equals(((Tuple) state).get(1));
        }

        String code() throws IOException {
            if (bigEndian) {
                throw new IOException("a NumPy array in big-endian order is not read");
            }
            return code;
        }
    }

    /// An array between its construction and its state.
    public static final class Array implements Stateful {
        private List<Object> state = List.of();

        @Override
        public void state(Object state) {
            this.state = ((Tuple) state).items(); // version, shape, dtype, Fortran order, bytes
        }

        /// @throws IOException where the pickle set no usable state
        public NumpyArray array() throws IOException {
            if (state.size() != 5 || !(state.get(1) instanceof Tuple sizes) || !(state.get(2) instanceof Dtype dtype)) {
                throw new IOException("a NumPy array without its elements");
            }
            var shape = new ArrayList<Long>();
            for (var size : sizes.items()) {
                if (!(size instanceof Long number) || number < 0) {
                    throw new IOException("a NumPy array with the size " + size);
                }
                shape.add(number);
            }
            var bytes = switch (state.get(4)) {
                case byte[] raw -> raw;
                case String text -> text.getBytes(StandardCharsets.ISO_8859_1);
                default -> throw new IOException("a NumPy array of objects is not read");
            };
            return new NumpyArray(dtype.code(), shape,
                    Boolean.TRUE.equals(state.get(3)) || Long.valueOf(1).equals(state.get(3)), bytes);
        }
    }

    /// A NumPy number: `scalar(dtype, bytes)`.
    private static Object scalar(List<Object> arguments) throws IOException {
        var bytes = arguments.getLast() instanceof String text
                ? text.getBytes(StandardCharsets.ISO_8859_1)
                : (byte[]) arguments.getLast();
        var buffer = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        var code = ((Dtype) arguments.getFirst()).code();
        return Map.<String, java.util.function.Supplier<Object>>of("f8", buffer::getDouble, "f4",
                () -> (double) buffer.getFloat(), "i8", buffer::getLong, "i4", () -> (long) buffer.getInt(), "u1",
                () -> (long) (buffer.get() & 0xff), "b1", () -> buffer.get() != 0)
                .getOrDefault(code, () -> "numpy " + code).get();
    }
}
