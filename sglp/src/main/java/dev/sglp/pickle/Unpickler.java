package dev.sglp.pickle;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/// Reads Python pickles, protocols 0 to 5, without ever running code: it builds dictionaries, lists, tuples, sets, strings,
/// bytes, numbers, `None`, and what the caller's allow-list can build. Everything else is refused
/// (https://docs.python.org/3/library/pickle.html; opcodes in CPython's `Lib/pickletools.py`).
///
/// Python objects become: dict and OrderedDict → `LinkedHashMap`, list → `ArrayList`, tuple → {@link Tuple}, set →
/// `LinkedHashSet`, str → `String`, bytes → `byte[]`, int → `Long` (or `BigInteger`), float → `Double`, None →
/// {@link None}. Python 2 strings are read as Latin-1, and bytes become strings where they are keys.
public final class Unpickler {
    private final String file;
    private final PickleBytes bytes;
    private final PickleMachine machine;

    /// @param file  its name, for errors
    /// @param bytes the file
    /// @param at    where the first pickle begins
    public Unpickler(String file, MemorySegment bytes, long at, Globals globals, Globals.PersistentIds persistent) {
        this.file = file;
        this.bytes = new PickleBytes(file, bytes, at);
        this.machine = new PickleMachine(file, globals, persistent);
    }

    /// The next pickle; the file may hold several.
    ///
    /// @throws UnsafePickleException where it asks for code
    /// @throws IOException           where it is damaged or too large
    public Object next() throws IOException {
        try {
            machine.reset();
            while (!step(bytes.u8())) {
                machine.checkSize();
            }
            return machine.pop();
        } catch (RuntimeException e) { // wrong types and empty stacks: a damaged pickle
            throw new IOException("[%s] is not a pickle, or a damaged one: near byte %d. Maybe the file was cut"
                    .formatted(file, bytes.position()), e);
        }
    }

    /// Where the last pickle ended.
    public long position() {
        return bytes.position();
    }

    /// @return whether the pickle is complete
    private boolean step(int opcode) throws IOException {
        if (opcode == '.') {
            return true;
        }
        if (!(Literals.read(opcode, bytes, machine) || structure(opcode) || object(opcode))) {
            throw new IOException(
                    "[%s] byte %d: opcode 0x%02x is not one of a pickle. Maybe this is not a pickle, or damaged"
                            .formatted(file, bytes.position() - 1, opcode));
        }
        return false;
    }

    private boolean structure(int opcode) throws IOException {
        switch (opcode) {
            case 0x80 -> bytes.u8(); // PROTO
            case 0x95 -> bytes.i64(); // FRAME
            case '(' -> machine.mark();
            case '0' -> machine.pop();
            case '1' -> machine.popMark();
            case '2' -> machine.push(machine.peek());
            case 'p' -> machine.memoise(Long.parseLong(bytes.line()));
            case 'q' -> machine.memoise(bytes.u8());
            case 'r' -> machine.memoise(bytes.u32());
            case 0x94 -> machine.memoiseNext();
            case 'g' -> machine.recall(Long.parseLong(bytes.line()));
            case 'h' -> machine.recall(bytes.u8());
            case 'j' -> machine.recall(bytes.u32());
            case 't' -> machine.push(new Tuple(machine.popMark()));
            case ')' -> machine.push(new Tuple(List.of()));
            case 0x85 -> machine.push(new Tuple(machine.popLast(1)));
            case 0x86 -> machine.push(new Tuple(machine.popLast(2)));
            case 0x87 -> machine.push(new Tuple(machine.popLast(3)));
            case ']' -> machine.push(new ArrayList<>());
            case 'l' -> machine.push(new ArrayList<>(machine.popMark()));
            case 'a' -> machine.append(machine.popLast(1));
            case 'e' -> machine.append(machine.popMark());
            default -> {
                return container(opcode);
            }
        }
        return true;
    }

    private boolean container(int opcode) throws IOException {
        switch (opcode) {
            case '}' -> machine.push(new java.util.LinkedHashMap<>());
            case 'd' -> machine.pushDictionary(machine.popMark());
            case 's' -> machine.set(machine.popLast(2));
            case 'u' -> machine.set(machine.popMark());
            case 0x8f -> machine.push(new java.util.LinkedHashSet<>());
            case 0x90 -> machine.add(machine.popMark());
            case 0x91 -> machine.pushSet(machine.popMark());
            default -> {
                return false;
            }
        }
        return true;
    }

    private boolean object(int opcode) throws IOException {
        switch (opcode) {
            case 'c' -> machine.global(bytes.line(), bytes.line());
            case 0x93 -> machine.global(machine.popLast(2));
            case 'R', 0x81 -> machine.construct(machine.popLast(2)); // REDUCE, NEWOBJ
            case 0x92 -> machine.constructWithNames(machine.popLast(3)); // NEWOBJ_EX
            case 'b' -> machine.build(machine.pop());
            case 'P' -> machine.persistent(bytes.line());
            case 'Q' -> machine.persistent(machine.pop());
            case 'i' -> throw new UnsafePickleException(file, bytes.line() + "." + bytes.line());
            case 'o' -> throw new UnsafePickleException(file, "an instance (opcode OBJ)");
            case 0x82, 0x83, 0x84 -> throw new UnsafePickleException(file, "an extension registry (opcode EXT)");
            default -> {
                return false;
            }
        }
        return true;
    }
}
