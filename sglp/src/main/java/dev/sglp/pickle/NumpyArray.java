package dev.sglp.pickle;

import java.util.List;

/// A NumPy array as it stands in a pickle.
///
/// @param dtype        NumPy's code, for instance `u1` (uint8) or `i8`
/// @param shape        sizes, outermost first
/// @param fortranOrder whether the first index runs fastest
/// @param bytes        the elements
public record NumpyArray(String dtype, List<Long> shape, boolean fortranOrder, byte[] bytes) {
    public NumpyArray {
        shape = List.copyOf(shape);
    }
}
