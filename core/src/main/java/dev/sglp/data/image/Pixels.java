package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import dev.sglp.data.item.Item;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/// The values of many examples of one form in native memory that the garbage collector frees: `[N, …]`.
record Pixels(MemorySegment bytes, Form form) {
    static Pixels allocate(int count, Form form) {
        return new Pixels(Arena.ofAuto().allocate(Math.max(1, count * form.bytes()), 64), form);
    }

    /// Bytes of an example.
    long stride() {
        return form.bytes();
    }

    /// The examples `[from, to)`, not copied.
    MemorySegment slice(int from, int to) {
        return bytes.asSlice(from * stride(), (to - from) * stride());
    }

    void set(int index, Item item) {
        slice(index, index + 1).copyFrom(MemorySegment.ofArray(item.values()));
    }

    /// A copy of one example's values.
    byte[] get(int index) {
        return slice(index, index + 1).toArray(ValueLayout.JAVA_BYTE);
    }
}
