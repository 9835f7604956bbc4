package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.IntStream;

/// Items that are decoded each time they are asked for: more than memory is given to.
///
/// @param form    of every one
/// @param entries where each is
/// @param threads that decode
record Undecoded(Form form, Entry[] entries, int threads) implements Stored {
    /// @param reader   gives it as the network looks at it
    /// @param position which one of the reader's
    record Entry(Decoding.Reader reader, int position) {}

    @Override
    public Pixels range(int from, int to) {
        return chosen(IntStream.range(from, to).toArray());
    }

    @Override
    public Pixels chosen(int... items) {
        var pixels = Pixels.allocate(items.length, form);
        try {
            new SideBySide(threads, items.length, Progress.Silent.INSTANCE)
                    .run(i -> set(pixels, i, entries[items[i]]));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return pixels;
    }

    /// @throws IOException where it cannot be read or is of another form
    static void set(Pixels pixels, int index, Entry entry) throws IOException {
        var item = entry.reader.read(entry.position);
        if (!item.form().equals(pixels.form())) {
            throw new IOException(
                    "[%s] is %s, but those before are %s. Images must be of one size; --resize N --crop N makes them so."
                            .formatted(entry.reader.where(entry.position), item.form().words(),
                                    pixels.form().words()));
        }
        pixels.set(index, item);
    }

    @Override
    public byte[] get(int item) {
        return chosen(item).get(0);
    }

    @Override
    public Undecoded select(int... items) {
        return new Undecoded(form, IntStream.of(items).mapToObj(i -> entries[i]).toArray(Entry[]::new), threads);
    }
}
