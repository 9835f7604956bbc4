package dev.sglp.data.image;

import dev.sglp.data.item.Form;
import dev.sglp.tensor.Device;
import java.util.List;
import java.util.stream.Stream;

/// Where the values of a set's items are.
sealed interface Stored permits Pixels, Undecoded, Ahead {
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

    /// Says what will be chosen next, batch by batch.
    default void expect(List<int[]> batches) {}

    /// The same for a network on a device. The processor's threads decode, then they compute: nothing is gained ahead of them.
    default Stored on(Device device) {
        return this instanceof Undecoded each && !device.isCpu() ? new Ahead(each) : this;
    }

    /// These items, in this order; nothing is decoded that was not.
    Stored select(int... items);
}
