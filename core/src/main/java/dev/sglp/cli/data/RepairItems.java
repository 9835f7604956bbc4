package dev.sglp.cli.data;

import dev.sglp.family.Architecture;

/// How many images a repair looks at where nobody says it: three activations of each wait, the dense network's, the smaller one's and
/// what it aims at.
final class RepairItems {
    private static final long ROOM = 2L << 30;
    private static final long BYTES = 3 * 4;

    private RepairItems() {}

    /// @param usual at most
    static int of(Architecture network, int usual) {
        long largest = network.layers().stream()
                .mapToLong(layer -> layer.output().stream().reduce(1L, Math::multiplyExact)).max().orElse(1);
        return Math.clamp(ROOM / (BYTES * largest), 1, usual);
    }
}
