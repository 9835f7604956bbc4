package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import dev.sglp.data.item.Item;
import dev.sglp.data.item.Prepared;
import dev.sglp.data.item.Rgb;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/// Makes a set of what a source has.
///
/// @param name    of the set
/// @param labels  of the items, in the order wanted
/// @param reading how
/// @param held    sets of more bytes are decoded anew each time
public record Decoding(String name, Labels labels, Reading reading, long held) {
    private static final Form NO_FORM = new Form(List.of(3L, 1L, 1L), DType.U8);
    static final long HELD = 1L << 30;

    /// Of sets that stay in memory up to 1 GiB.
    public Decoding(String name, Labels labels, Reading reading) {
        this(name, labels, reading, HELD);
    }

    /// Gives one item.
    public interface Reader {
        /// @param position which item of the set, in the order wanted
        Item read(int position) throws IOException;

        /// What an error calls it.
        String where(int position);
    }

    /// Reads all items, or where they are too many looks at the first; that one decides the size.
    ///
    /// @throws IOException where an item cannot be read or has another size than the first
    public ImageSet run(Reader reader) throws IOException {
        int count = labels.of().length;
        if (count == 0) {
            return new ImageSet(name, Pixels.allocate(0, NO_FORM), labels, reading);
        }
        var prepared = prepared(reader);
        var form = prepared.read(0).form();
        var entries = IntStream.range(0, count).mapToObj(i -> new Undecoded.Entry(prepared, i))
                .toArray(Undecoded.Entry[]::new);
        return new ImageSet(name, count * form.bytes() > held
                ? new Undecoded(form, entries, reading.threads())
                : decoded(form, entries), labels, reading);
    }

    private Pixels decoded(Form form, Undecoded.Entry[] entries) throws IOException {
        var pixels = Pixels.allocate(entries.length, form);
        try (var step = reading.progress().step("decode " + name, entries.length, "items")) {
            new SideBySide(reading.threads(), entries.length, step)
                    .run(i -> Undecoded.set(pixels, i, entries[i]));
        }
        return pixels;
    }

    /// What a network takes as it is stays so.
    private Reader prepared(Reader reader) {
        return new Reader() {
            @Override
            public Item read(int position) throws IOException {
                var item = reader.read(position);
                try {
                    return item instanceof Rgb image && image.dtype() == DType.U8
                            ? Prepared.of(image, reading.preparation())
                            : item;
                } catch (IOException e) {
                    throw new IOException("[%s] %s".formatted(where(position), e.getMessage()), e);
                }
            }

            @Override
            public String where(int position) {
                return reader.where(position);
            }
        };
    }
}
