package dev.sglp.pickle;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/// The stack, marks and memo of one pickle, with hard limits: a small file must not become a large heap.
final class PickleStack {
    private static final int MOST_OBJECTS = 1 << 22;
    private static final int MOST_DEEP = 1 << 20;
    private static final int MOST_MEMOS = 1 << 21;
    private static final int TEXT_FACTOR = 4;
    private static final int SPARE_TEXT = 1 << 16;

    private final PickleBytes bytes;
    private final List<Object> values = new ArrayList<>();
    private final Map<Long, Object> memo = new HashMap<>();
    private final Map<Object, Object> built = new IdentityHashMap<>();
    private int[] marks = new int[16];
    private int marked;
    private long objects;
    private long textLeft;

    PickleStack(PickleBytes bytes) {
        this.bytes = bytes;
        this.textLeft = TEXT_FACTOR * bytes.size() + SPARE_TEXT;
    }

    void push(Object value) throws IOException {
        objects++;
        checkObjects();
        values.add(value);
    }

    /// Pushes what an allowed constructor made, after counting what it holds.
    void pushMade(Object value) throws IOException {
        charge(value);
        push(value);
    }

    /// Counts what a constructor will go through, which may be far more than it makes.
    void chargeArguments(Tuple arguments) throws IOException {
        for (var argument : arguments) {
            switch (argument) {
                case Collection<?> items -> objects += items.size();
                case Map<?, ?> entries -> objects += entries.size();
                default -> {
                }
            }
        }
        checkObjects();
    }

    private void checkObjects() throws IOException {
        if (objects > MOST_OBJECTS || values.size() >= MOST_DEEP) {
            throw bytes.fail("more than %d objects, or %d on the stack".formatted(MOST_OBJECTS, MOST_DEEP));
        }
    }

    private void charge(Object value) throws IOException {
        switch (value) {
            case Collection<?> items -> objects += items.size();
            case Map<?, ?> entries -> objects += entries.size();
            case String text -> textLeft -= text.length();
            case byte[] raw -> textLeft -= raw.length;
            case NumpyArray array -> textLeft -= array.bytes().length;
            default -> {
            }
        }
        if (textLeft < 0) {
            throw bytes.fail("strings of more than %d times the file's size".formatted(TEXT_FACTOR));
        }
    }

    Object pop() throws IOException {
        if (values.size() <= floor()) {
            throw bytes.fail("the stack is empty");
        }
        return values.removeLast();
    }

    Object top() throws IOException {
        if (values.size() <= floor()) {
            throw bytes.fail("the stack is empty");
        }
        return values.getLast();
    }

    void mark() throws IOException {
        if (marked >= MOST_DEEP) {
            throw bytes.fail("more than %d marks".formatted(MOST_DEEP));
        }
        if (marked == marks.length) {
            marks = Arrays.copyOf(marks, 2 * marked);
        }
        marks[marked++] = values.size();
    }

    /// What was pushed since the last mark, in order; the mark goes too.
    List<Object> popToMark() throws IOException {
        if (marked == 0) {
            throw bytes.fail("there is no mark");
        }
        var since = values.subList(marks[--marked], values.size());
        var items = new ArrayList<Object>(since);
        since.clear();
        return items;
    }

    /// `POP` takes a mark where nothing is above it, as Python does.
    void popOrMark() throws IOException {
        if (marked > 0 && marks[marked - 1] == values.size()) {
            marked--;
        } else {
            pop();
        }
    }

    private int floor() {
        return marked == 0 ? 0 : marks[marked - 1];
    }

    void remember(long index) throws IOException {
        if (memo.size() >= MOST_MEMOS) {
            throw bytes.fail("more than %d remembered objects".formatted(MOST_MEMOS));
        }
        memo.put(index, top());
    }

    void remember() throws IOException {
        remember(memo.size());
    }

    void recall(long index) throws IOException {
        @Nullable
        Object value = memo.get(index);
        if (value == null) {
            throw bytes.fail("remembered object %d does not exist".formatted(index));
        }
        push(built.getOrDefault(value, value));
    }

    /// Puts the finished value in the place of the one whose state was read.
    void replaceTop(Object value) throws IOException {
        var old = pop();
        if (old != value) {
            built.put(old, value);
        }
        charge(value);
        push(value);
    }

    /// The pickle's result.
    ///
    /// @throws IOException where something else is left on the stack
    Object result() throws IOException {
        var result = pop();
        if (!values.isEmpty()) {
            throw bytes.fail("%d objects are left over at its end".formatted(values.size()));
        }
        return result;
    }
}
