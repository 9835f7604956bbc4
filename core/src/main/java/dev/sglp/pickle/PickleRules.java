package dev.sglp.pickle;

import java.io.IOException;
import java.util.Map;

/// What a pickle may build beside plain containers, strings and numbers.
///
/// @param globals       `module.name` → a {@link Constructor}, or a plain value that is handed over as it is
/// @param persistentIds what stands for an object stored outside the pickle
/// @param advice        what to do where a pickle is refused, the last sentence of the error
public record PickleRules(Map<String, Object> globals, PersistentIds persistentIds, String advice) {
    /// Resolves the objects that are stored outside the pickle.
    @FunctionalInterface
    public interface PersistentIds {
        /// @throws IOException where there is no such object
        Object load(Object id) throws IOException;
    }

    public PickleRules {
        globals = Map.copyOf(globals);
    }

    /// Rules for pickles that stand alone.
    public static PickleRules of(Map<String, Object> globals, String advice) {
        return new PickleRules(globals, id -> {
            throw new IOException("an object outside the pickle, where none is expected");
        }, advice);
    }
}
