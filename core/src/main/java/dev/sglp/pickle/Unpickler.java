package dev.sglp.pickle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/// Reads Python pickles, protocols 0 to 5, without running anything: dictionaries (`LinkedHashMap`), lists (`ArrayList`),
/// {@link Tuple}, sets, `String`, `byte[]`, `Long`, `BigInteger`, `Double`, `Boolean`, {@link None}, and what the
/// {@link PickleRules} allow. Strings of Python 2 are read as latin-1. Opcodes and their numbers are those of CPython's
/// `pickletools`. Containers may hold themselves: never print or hash one.
public final class Unpickler {
    private final PickleBytes bytes;
    private final PickleText text;
    private final PickleRules rules;
    private PickleStack stack;
    private PickleKeys keys = new PickleKeys();

    /// @param file  the name errors show
    /// @param bytes the pickle, or several that follow one another
    public Unpickler(Path file, MemorySegment bytes, PickleRules rules) {
        this.bytes = new PickleBytes(file, bytes);
        this.text = new PickleText(this.bytes);
        this.rules = rules;
        this.stack = new PickleStack(this.bytes);
    }

    /// Offset of the byte after the last pickle read.
    public long position() {
        return bytes.position();
    }

    /// Continues at this offset.
    public Unpickler seek(long offset) {
        bytes.seek(offset);
        return this;
    }

    /// The next pickle; the position is then behind its end.
    ///
    /// @throws UnsafePickleException where it asks for something the rules do not allow
    /// @throws IOException           where it is damaged, or beyond the limits on size
    public Object load() throws IOException {
        stack = new PickleStack(bytes);
        keys = new PickleKeys();
        try {
            for (int opcode = bytes.u8(); opcode != '.'; opcode = bytes.u8()) {
                step(opcode);
            }
            return stack.result();
        } catch (RuntimeException e) {
            throw new IOException(bytes
                    .fail("values that do not fit together (%s)".formatted(e.getClass().getSimpleName())).getMessage(),
                    e);
        }
    }

    private void step(int opcode) throws IOException {
        boolean known = number(opcode) || string(opcode) || container(opcode) || memo(opcode) || object(opcode);
        if (!known) {
            throw refuse("opcode 0x%02x".formatted(opcode), "which is not read here");
        }
    }

    private boolean number(int opcode) throws IOException {
        switch (opcode) {
            case 'N' -> stack.push(None.NONE);
            case 0x88 -> stack.push(true);
            case 0x89 -> stack.push(false);
            case 'K' -> stack.push((long) bytes.u8());
            case 'M' -> stack.push((long) bytes.u16());
            case 'J' -> stack.push((long) bytes.i32());
            case 'G' -> stack.push(bytes.f64());
            case 0x8a -> stack.push(text.binaryLong(bytes.u8()));
            case 0x8b -> stack.push(text.binaryLong(bytes.i32()));
            case 'I', 'L' -> stack.push(text.textInt());
            case 'F' -> stack.push(text.textFloat());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean string(int opcode) throws IOException {
        switch (opcode) {
            case 'X' -> stack.pushMade(text.utf8(bytes.u32()));
            case 0x8c -> stack.pushMade(text.utf8(bytes.u8()));
            case 0x8d -> stack.pushMade(text.utf8(bytes.u64()));
            case 'T' -> stack.pushMade(text.latin1(bytes.i32()));
            case 'U' -> stack.pushMade(text.latin1(bytes.u8()));
            case 'B' -> stack.pushMade(bytes.take(bytes.u32()));
            case 'C' -> stack.pushMade(bytes.take(bytes.u8()));
            case 0x8e, 0x96 -> stack.pushMade(bytes.take(bytes.u64()));
            case 'S' -> stack.pushMade(text.quoted());
            case 'V' -> stack.pushMade(text.rawUnicode());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean container(int opcode) throws IOException {
        switch (opcode) {
            case '(' -> stack.mark();
            case ')' -> stack.push(new Tuple(List.of()));
            case 't' -> stack.push(new Tuple(stack.popToMark()));
            case 0x85 -> tuple(1);
            case 0x86 -> tuple(2);
            case 0x87 -> tuple(3);
            case ']' -> stack.push(new ArrayList<>());
            case 'l' -> stack.push(stack.popToMark());
            case 'a' -> append(List.of(stack.pop()));
            case 'e' -> append(stack.popToMark());
            case '}' -> stack.push(new LinkedHashMap<>());
            case 'd' -> dictionary();
            case 's' -> setItem();
            case 'u' -> setItems(stack.popToMark());
            case 0x8f -> stack.push(new LinkedHashSet<>());
            case 0x90 -> addItems(stack.popToMark());
            case 0x91 -> frozenSet(stack.popToMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean memo(int opcode) throws IOException {
        switch (opcode) {
            case '0' -> stack.popOrMark();
            case '1' -> stack.popToMark();
            case '2' -> stack.push(stack.top());
            case 'q' -> stack.remember(bytes.u8());
            case 'r' -> stack.remember(bytes.u32());
            case 'p' -> stack.remember(Long.parseLong(text.line()));
            case 0x94 -> stack.remember();
            case 'h' -> stack.recall(bytes.u8());
            case 'j' -> stack.recall(bytes.u32());
            case 'g' -> stack.recall(Long.parseLong(text.line()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> protocol(bytes.u8());
            case 0x95 -> frame(bytes.u64());
            case 'c' -> global(text.line(), text.line());
            case 0x93 -> stackGlobal();
            case 'R', 0x81 -> construct(stack.pop());
            case 0x92 -> constructWithKeywords();
            case 'b' -> build(stack.pop());
            case 'P' -> stack.push(persistent(text.line()));
            case 'Q' -> stack.push(persistent(stack.pop()));
            default -> {
                return false;
            }
        }
        return true;
    }

    private void protocol(int version) throws IOException {
        if (version > 5) {
            throw bytes.fail("protocol %d, expected 0 to 5".formatted(version));
        }
    }

    private void frame(long length) throws IOException {
        if (length < 0 || length > bytes.size() - bytes.position()) {
            throw bytes.fail("a frame of %s bytes, but %d are left. Maybe the file was cut"
                    .formatted(Long.toUnsignedString(length), bytes.size() - bytes.position()));
        }
    }

    private void tuple(int length) throws IOException {
        var items = new ArrayList<Object>(length);
        for (int i = 0; i < length; i++) {
            items.addFirst(stack.pop());
        }
        stack.push(new Tuple(items));
    }

    private void append(List<Object> items) throws IOException {
        if (!(stack.top() instanceof ArrayList<?>)) {
            throw bytes.fail("items for a list, but there is a " + kind(stack.top()));
        }
        @SuppressWarnings("unchecked")
        var list = (List<Object>) stack.top();
        list.addAll(items);
    }

    private Map<Object, Object> topMap() throws IOException {
        if (!(stack.top() instanceof LinkedHashMap<?, ?>)) {
            throw bytes.fail("items for a dictionary, but there is a " + kind(stack.top()));
        }
        @SuppressWarnings("unchecked")
        var map = (Map<Object, Object>) stack.top();
        return map;
    }

    private void dictionary() throws IOException {
        var items = stack.popToMark();
        stack.push(new LinkedHashMap<>());
        setItems(items);
    }

    private void setItem() throws IOException {
        var value = stack.pop();
        var key = stack.pop();
        put(topMap(), key, value);
    }

    private void put(Map<Object, Object> map, Object key, Object value) throws IOException {
        placed(() -> keys.put(map, key, value));
    }

    private void setItems(List<Object> items) throws IOException {
        if (items.size() % 2 != 0) {
            throw bytes.fail("a key without a value");
        }
        var map = topMap();
        for (int i = 0; i < items.size(); i += 2) {
            put(map, items.get(i), items.get(i + 1));
        }
    }

    private void addItems(List<Object> items) throws IOException {
        if (!(stack.top() instanceof LinkedHashSet<?>)) {
            throw bytes.fail("items for a set, but there is a " + kind(stack.top()));
        }
        @SuppressWarnings("unchecked")
        var set = (Set<Object>) stack.top();
        for (var item : items) {
            placed(() -> keys.add(set, item));
        }
    }

    private void frozenSet(List<Object> items) throws IOException {
        stack.push(new LinkedHashSet<>());
        addItems(items);
    }

    private void stackGlobal() throws IOException {
        var name = (String) stack.pop();
        var module = (String) stack.pop();
        global(module, name);
    }

    private void global(String module, String name) throws IOException {
        var value = rules.globals().get(module + "." + name);
        if (value == null) {
            throw refuse(module + "." + name, "which is not in the list of what such a file may build");
        }
        stack.push(value);
    }

    private void construct(Object arguments) throws IOException {
        if (!(stack.pop() instanceof Constructor constructor)) {
            throw refuse("a call of a value that is no constructor", "which is never made");
        }
        if (!(arguments instanceof Tuple tuple)) {
            throw bytes.fail("arguments that are a %s, expected a tuple".formatted(kind(arguments)));
        }
        stack.chargeArguments(tuple);
        stack.pushMade(placed(() -> constructor.construct(tuple)));
    }

    private void constructWithKeywords() throws IOException {
        if (!(stack.pop() instanceof Map<?, ?> keywords && keywords.isEmpty())) {
            throw refuse("a call with keywords", "which is not read here");
        }
        construct(stack.pop());
    }

    private void build(Object state) throws IOException {
        switch (stack.top()) {
            case Buildable buildable -> stack.replaceTop(placed(() -> buildable.build(state)));
            // attributes of an OrderedDict, such as torch's _metadata; nothing here reads them
            case LinkedHashMap<?, ?> _ when state instanceof Map -> {
            }
            default -> throw refuse("state for a " + kind(stack.top()), "which has none");
        }
    }

    private Object persistent(Object id) throws IOException {
        return placed(() -> rules.persistentIds().load(id));
    }

    private interface Step {
        Object run() throws IOException;
    }

    /// Adds file and offset to what the caller's code says.
    private Object placed(Step step) throws IOException {
        try {
            return step.run();
        } catch (UnsafePickleException e) {
            throw e;
        } catch (IOException e) {
            throw new IOException(bytes.fail(String.valueOf(e.getMessage())).getMessage(), e);
        }
    }

    private UnsafePickleException refuse(String found, String why) {
        var shown = found.replaceAll("[^\\x20-\\x7e]", "?");
        shown = shown.length() > 200 ? shown.substring(0, 200) + "…" : shown;
        return new UnsafePickleException(
                "[%s] refused: its pickle asks for '%s' (byte %d), %s. Nothing of it was run. %s"
                        .formatted(bytes.file(), shown, bytes.position(), why, rules.advice()).strip(),
                shown);
    }

    private static String kind(Object value) {
        return value.getClass().getSimpleName();
    }
}
