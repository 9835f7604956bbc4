package dev.sglp.data;

import java.util.List;

/// Items, and what people should know of how they were read.
///
/// @param notes sentences for the user: choices made, items skipped
public record Noted<D extends Dataset>(D items, List<String> notes) {
    public Noted {
        notes = List.copyOf(notes);
    }
}
