package dev.sglp.pickle;

import java.io.IOException;
import java.util.List;
import java.util.Set;

/// A numpy array as it lies in a pickle.
///
/// @param dtype        numpy's code with byte order, for instance `|u1`, `<f4`, `>i8`
/// @param shape        its sizes, outermost first; empty for a scalar
/// @param fortranOrder whether the first index runs fastest
/// @param bytes        the elements; not copied
public record NumpyArray(String dtype, List<Long> shape, boolean fortranOrder, byte[] bytes) {
    private static final int MOST_DIMENSIONS = 64;
    private static final Set<String> READ = Set.of("b1", "i1", "u1", "i2", "u2", "f2", "i4", "u4", "f4", "i8", "u8",
            "f8");

    public NumpyArray {
        shape = List.copyOf(shape);
    }

    /// Checks that the bytes are as many as type and shape say.
    ///
    /// @throws IOException where they are not
    static NumpyArray checked(String dtype, List<?> sizes, boolean fortranOrder, byte[] bytes) throws IOException {
        if (sizes.size() > MOST_DIMENSIONS) {
            throw new IOException("a numpy array of %d dimensions".formatted(sizes.size()));
        }
        var shape = sizes.stream().map(size -> (Long) size).toList();
        if (shape.stream().anyMatch(size -> size < 0)) {
            throw new IOException("a numpy array with a negative size in its shape %s".formatted(shape));
        }
        long expected = shape.contains(0L) ? 0 : shape.stream().reduce((long) bytes(dtype), Math::multiplyExact);
        if (expected != bytes.length) {
            throw new IOException("a numpy array %s of shape %s has %d bytes, expected %d"
                    .formatted(dtype, shape, bytes.length, expected));
        }
        return new NumpyArray(dtype, shape, fortranOrder, bytes);
    }

    /// Bytes an element of this type has.
    static int bytes(String dtype) {
        return dtype.charAt(2) - '0';
    }

    /// The code with a byte order, from one that may lack it.
    ///
    /// @throws IOException where it is not a type of plain numbers
    static String code(String text) throws IOException {
        var bare = !text.isEmpty() && "<>|=".indexOf(text.charAt(0)) >= 0 ? text.substring(1) : text;
        if (!READ.contains(bare)) {
            throw new IOException("a numpy type that is not read here, expected one of " + READ);
        }
        boolean big = text.startsWith(">");
        return (bare.endsWith("1") ? '|' : big ? '>' : '<') + bare;
    }
}
