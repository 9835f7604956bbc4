package dev.sglp.cli.data;

import dev.sglp.family.Architecture;
import dev.sglp.report.Human;
import java.util.Optional;

/// How many images or signals go through a network at a time where nobody says it: by what a pass keeps for the way back, so that a network
/// gets the same number on every machine.
final class PassItems {
    private static final int USUAL = 128;
    private static final long ROOM = 4L << 30;
    private static final long BYTES = 4;

    private PassItems() {}

    /// A power of two, where it is not what is usual.
    static int of(Architecture network) {
        return Math.toIntExact(Long.highestOneBit(Math.clamp(ROOM / Math.max(1, kept(network)), 1, USUAL)));
    }

    private static long kept(Architecture network) {
        return BYTES * network.activations();
    }

    /// What is told where it is not what is usual.
    ///
    /// @param takes what the network takes
    static Optional<String> note(Architecture network, String takes) {
        int items = of(network);
        return items == USUAL
                ? Optional.empty()
                : Optional.of(
                        "%d %s go through the network at a time: %d would keep up to %s for a way back (--batch-size). Batch norm by the batch's own statistics, CKA of minibatches and the steps of a training depend on it."
                                .formatted(items, takes, USUAL, Human.bytes(USUAL * kept(network))));
    }
}
