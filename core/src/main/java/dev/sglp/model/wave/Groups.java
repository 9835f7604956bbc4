package dev.sglp.model.wave;

/// How many networks and batches go through the layers together: all, some of their activations waiting on disk, or group after group,
/// each of which reads the layers again. Whatever moves fewer bytes.
///
/// @param ofBatches  as many go together
/// @param ofNetworks as many of these batches
public record Groups(int ofBatches, int ofNetworks) {
    private static final int FEW = 4; // networks that should go together before batches do
    private static final int SIDES = 2; // of a layer: before it and behind it
    private static final long LEFT = 1L << 28; // bytes of the disk that are others'

    /// Of networks that all go together, batch after batch.
    ///
    /// @param each bytes of one network's activations over a batch
    public static Groups of(LayerSource source, int networks, int batches, long each) {
        int most = Math.clamp(together(source.room(), each) / networks, 1, batches);
        return best(source, new Groups(most, networks), new Groups(batches, networks), each);
    }

    /// Of networks of which some may go after others.
    public static Groups ofMany(LayerSource source, int networks, int batches, long each) {
        int most = Math.clamp(source.room() / (FEW * each), 1, batches);
        return best(source, new Groups(most, Math.min(networks, together(source.room(), most * each))),
                new Groups(batches, networks), each);
    }

    private static int together(long room, long bytes) {
        return Math.clamp(room / (SIDES * Math.max(1, bytes)) - 1, 1, Integer.MAX_VALUE);
    }

    /// Bytes of activations that have no room in memory, at the most.
    ///
    /// @param each bytes of one network's activations over a batch
    public long beyond(LayerSource source, long each) {
        return beyond(source.room(), each);
    }

    /// How often the layers are read.
    ///
    /// @param all everything that goes through them
    public long reads(Groups all) {
        return Math.ceilDiv((long) all.ofBatches, ofBatches) * Math.ceilDiv((long) all.ofNetworks, ofNetworks);
    }

    /// Whether these, the dense network and all that lack one of its layers, had better go along with a pass that reads every layer anyway:
    /// what waits on disk then is less than what they would read of their own.
    ///
    /// @param each  bytes of one network's activations over a batch
    /// @param room  bytes of memory that activations may take there
    /// @param reads how often the layers would be read for them
    public boolean goAlong(LayerSource source, long each, long room, long reads) {
        long moved = 0;
        for (int layer = 0; layer < source.layers(); layer++) {
            int apart = Math.min(layer + 2, ofNetworks); // one more behind each layer
            moved += SIDES * Math.max(0, SIDES * each * ofBatches * apart - room);
        }
        long beyond = beyond(room, each);
        return beyond == 0 || moved < reads * source.bytes() && beyond <= source.disk(each) - LEFT;
    }

    /// Bytes of activations that have no room in so many bytes of memory, at the most.
    public long beyond(long room, long each) {
        return Math.max(0, SIDES * each * ofBatches * ofNetworks - room);
    }

    private static Groups best(LayerSource source, Groups some, Groups all, long each) {
        long beyond = all.beyond(source, each);
        long again = (some.reads(all) - 1) * source.bytes();
        boolean fewer = 2 * source.layers() * beyond < again; // written and read at each layer
        return beyond == 0 || fewer && beyond <= source.disk(each) - LEFT ? all : some;
    }
}
