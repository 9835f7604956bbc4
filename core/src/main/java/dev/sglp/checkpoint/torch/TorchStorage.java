package dev.sglp.checkpoint.torch;

import dev.sglp.tensor.DType;

/// A run of elements that tensors share, as the pickle names it; its bytes lie elsewhere in the file.
///
/// @param key      its name in the file
/// @param dtype    the type of its elements (untyped ones are bytes)
/// @param elements how many the whole storage has
/// @param first    where the view begins, in elements; 0 but for views in old files
/// @param viewed   how many elements the view has
record TorchStorage(String key, DType dtype, long elements, long first, long viewed) {
    TorchStorage {
        if (elements < 0 || first < 0 || viewed < 0 || viewed > elements - first) {
            throw new IllegalArgumentException(
                    "storage '%s' of %d elements, viewed %d from %d".formatted(key, elements, viewed, first));
        }
    }

    /// Bytes of the whole storage.
    ///
    /// @throws ArithmeticException where it overflows 63 bits
    long bytes() {
        return Math.multiplyExact(elements, dtype.bytes());
    }
}
