package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import dev.sglp.data.item.Item;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.stream.IntStream;

/// The values of many examples of one form in native memory that the garbage collector frees: `[N, …]`.
record Pixels(MemorySegment bytes, Form form) implements Stored {
    static Pixels allocate(int count, Form form) {
        return new Pixels(Arena.ofAuto().allocate(Math.max(1, count * form.bytes()), 64), form);
    }

    /// Bytes of an example.
    private long stride() {
        return form.bytes();
    }

    private MemorySegment slice(int from, int to) {
        return bytes.asSlice(from * stride(), (to - from) * stride());
    }

    void set(int index, Item item) {
        slice(index, index + 1).copyFrom(MemorySegment.ofArray(item.values()));
    }

    /// Not copied.
    @Override
    public Pixels range(int from, int to) {
        return new Pixels(slice(from, to), form);
    }

    @Override
    public Pixels chosen(int... items) {
        var chosen = allocate(items.length, form);
        for (int i = 0; i < items.length; i++) {
            chosen.slice(i, i + 1).copyFrom(slice(items[i], items[i] + 1));
        }
        return chosen;
    }

    @Override
    public byte[] get(int item) {
        return slice(item, item + 1).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Pixels select(int... items) {
        return chosen(items);
    }

    @Override
    public int threads() {
        return 1;
    }

    @Override
    public Undecoded.Entry[] entries() {
        var reader = new Decoding.Reader() {
            @Override
            public Item read(int position) {
                return form.item(get(position));
            }

            @Override
            public String where(int position) {
                return "item " + position;
            }
        };
        return IntStream.range(0, (int) (used() / stride())).mapToObj(i -> new Undecoded.Entry(reader, i))
                .toArray(Undecoded.Entry[]::new);
    }

    private long used() {
        return bytes.byteSize() / stride() * stride();
    }

    /// These and then those of another.
    Pixels appended(Pixels other) {
        var all = Arena.ofAuto().allocate(Math.max(1, used() + other.used()), 64);
        MemorySegment.copy(bytes, 0, all, 0, used());
        MemorySegment.copy(other.bytes, 0, all, used(), other.used());
        return new Pixels(all, form);
    }
}
