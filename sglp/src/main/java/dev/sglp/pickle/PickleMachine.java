package dev.sglp.pickle;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// The stack and the memo that a pickle's opcodes work on. Wrong types and empty stacks throw a `RuntimeException`, which
/// {@link Unpickler} turns into an error that names the file.
final class PickleMachine {
    private static final int MOST_OBJECTS = 4_000_000;

    private final String file;
    private final Globals globals;
    private final Globals.PersistentIds persistent;
    private final Map<Long, Object> memo = new HashMap<>();
    private final Deque<List<Object>> below = new ArrayDeque<>();
    private List<Object> stack = new ArrayList<>();
    private long pushed;

    PickleMachine(String file, Globals globals, Globals.PersistentIds persistent) {
        this.file = file;
        this.globals = globals;
        this.persistent = persistent;
    }

    void reset() {
        memo.clear();
        below.clear();
        stack = new ArrayList<>();
    }

    void checkSize() throws IOException {
        if (pushed > MOST_OBJECTS || below.size() > MOST_OBJECTS / 100) {
            throw new IOException("[%s] holds more than %d objects. That is no checkpoint or data file".formatted(file,
                    MOST_OBJECTS));
        }
    }

    void push(Object value) {
        pushed++;
        stack.add(value);
    }

    Object pop() {
        return stack.removeLast();
    }

    Object peek() {
        return stack.getLast();
    }

    List<Object> popLast(int count) {
        var tail = stack.subList(stack.size() - count, stack.size());
        var items = List.copyOf(tail);
        tail.clear();
        return items;
    }

    void mark() {
        below.push(stack);
        stack = new ArrayList<>();
    }

    List<Object> popMark() {
        var items = stack;
        stack = below.pop();
        return items;
    }

    void memoise(long key) {
        pushed++;
        memo.put(key, peek());
    }

    void memoiseNext() {
        memoise(memo.size());
    }

    void recall(long key) {
        var value = memo.get(key);
        if (value == null) {
            throw new IllegalStateException("nothing was memoised as " + key);
        }
        push(value);
    }

    @SuppressWarnings("unchecked") // every list and set on the stack is ours
    void append(List<Object> items) {
        ((List<Object>) peek()).addAll(items);
        pushed += items.size();
    }

    @SuppressWarnings("unchecked")
    void add(List<Object> items) {
        items.forEach(item -> ((Set<Object>) peek()).add(key(item)));
        pushed += items.size();
    }

    void pushSet(List<Object> items) {
        push(new LinkedHashSet<>());
        add(items);
    }

    void pushDictionary(List<Object> items) {
        push(new LinkedHashMap<>());
        set(items);
    }

    @SuppressWarnings("unchecked")
    void set(List<Object> items) {
        var map = (Map<Object, Object>) peek();
        for (int i = 0; i < items.size(); i += 2) {
            map.put(key(items.get(i)), items.get(i + 1));
        }
        pushed += items.size();
    }

    /// Containers are not keys: hashing them could go as deep as a stranger likes.
    private static Object key(Object value) {
        if (value instanceof byte[] bytes) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
        if (value instanceof Collection<?> || value instanceof Map<?, ?>) {
            throw new IllegalStateException("a container is a key");
        }
        return value;
    }

    void global(List<Object> names) throws IOException {
        global((String) names.getFirst(), (String) names.getLast());
    }

    void global(String module, String name) throws IOException {
        push(globals.find(module, name).orElseThrow(() -> new UnsafePickleException(file, module + "." + name)));
    }

    void construct(List<Object> callAndArguments) throws IOException {
        if (!(callAndArguments.getFirst() instanceof Globals.Constructor constructor)) {
            throw new UnsafePickleException(file,
                    "a call of " + callAndArguments.getFirst().getClass().getSimpleName());
        }
        push(constructor.of(((Tuple) callAndArguments.getLast()).items()));
    }

    void constructWithNames(List<Object> parts) throws IOException {
        if (!((Map<?, ?>) parts.getLast()).isEmpty()) {
            throw new UnsafePickleException(file, "a call with named arguments");
        }
        construct(parts.subList(0, 2));
    }

    void build(Object state) throws IOException {
        switch (peek()) {
            case Globals.Stateful object -> object.state(state);
            case Map<?, ?> _ -> {
                /* an OrderedDict's attributes, for instance _metadata: not needed */ }
            default ->
                throw new UnsafePickleException(file, "setting the state of " + peek().getClass().getSimpleName());
        }
    }

    void persistent(Object id) throws IOException {
        push(persistent.of(id));
    }
}
