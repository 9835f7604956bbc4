package dev.sglp.data.text.chat.jinja;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// Names and what they stand for; what is set in a loop is gone behind it.
final class Frame {
    private final Map<String, Object> own = new HashMap<>();
    private final @Nullable Frame outer;
    private final List<Mark> marks = new ArrayList<>();

    /// What a `generation` block wrote.
    ///
    /// @param into what it was written into
    record Mark(StringBuilder into, int from, int to, int line) {}

    Frame(@Nullable Frame outer) {
        this.outer = outer;
    }

    /// What has no value.
    record Undefined(String name) {}

    /// `none`.
    enum None {
        NONE
    }

    /// What can be changed: `namespace()`.
    record Namespace(Map<String, Object> values) {}

    /// What can be called.
    @FunctionalInterface
    interface Function {
        Object call(List<Object> arguments, Map<String, Object> named);
    }

    /// A loop is left, or goes on with the next item.
    static final class Jump extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final boolean leaves;

        Jump(boolean leaves) {
            super(null, null, false, false);
            this.leaves = leaves;
        }
    }

    Object get(String name) {
        var found = own.get(name);
        return found != null ? found : outer == null ? new Undefined(name) : outer.get(name);
    }

    /// Kept in the outermost frame.
    void mark(Mark mark) {
        if (outer == null) {
            marks.add(mark);
        } else {
            outer.mark(mark);
        }
    }

    List<Mark> marks() {
        return marks;
    }

    void set(String name, Object value) {
        own.put(name, value);
    }
}
