package dev.sglp.pickle;

import java.io.IOException;
import java.util.List;

/// Builds a value in place of a Python callable that the caller allows.
@FunctionalInterface
public interface Constructor {
    /// The value for these arguments. A wrong type may be left to the cast: the unpickler turns every `RuntimeException`
    /// into an `IOException` with the place in the file.
    ///
    /// @throws IOException where the arguments make no such value
    Object construct(List<Object> arguments) throws IOException;
}
