package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import java.util.stream.Stream;

/// Where the values of a set's items are.
sealed interface Stored permits Pixels, Undecoded {
    Form form();

    /// The values of the items `[from, to)`.
    Pixels range(int from, int to);

    /// A copy of the values of these items, in this order.
    Pixels chosen(int... items);

    /// A copy of one item's values.
    byte[] get(int item);

    /// These items and then those of another, of the same form.
    default Stored followedBy(Stored other) {
        if (this instanceof Pixels held && other instanceof Pixels further) {
            return held.appended(further);
        }
        var all = Stream.of(entries(), other.entries()).flatMap(Stream::of).toArray(Undecoded.Entry[]::new);
        return new Undecoded(form(), all, Math.max(threads(), other.threads()));
    }

    /// Each by itself, as it could be decoded.
    Undecoded.Entry[] entries();

    /// How many decode at once.
    int threads();

    /// These items, in this order; nothing is decoded that was not.
    Stored select(int... items);
}
