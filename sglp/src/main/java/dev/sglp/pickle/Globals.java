package dev.sglp.pickle;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/// What a pickle may name besides plain containers: the allow-list of its reader.
@FunctionalInterface
public interface Globals {
    /// What `module.name` stands for: a {@link Constructor}, or any other object where the pickle only mentions it. Empty
    /// refuses it.
    Optional<Object> find(String module, String name);

    /// Builds an object of ours from arguments; it never runs code of the file.
    @FunctionalInterface
    interface Constructor {
        /// @throws IOException where the arguments are not what they should be
        Object of(List<Object> arguments) throws IOException;
    }

    /// An object that takes the state a pickle sets after building it.
    @FunctionalInterface
    interface Stateful {
        /// @throws IOException where the state is not what it should be
        void state(Object state) throws IOException;
    }

    /// What a persistent id stands for, for instance a storage kept elsewhere in the file.
    @FunctionalInterface
    interface PersistentIds {
        /// @throws IOException where the id is not known
        Object of(Object id) throws IOException;
    }

    /// Nothing but containers and numbers.
    static Globals none() {
        return (module, name) -> Optional.empty();
    }
}
