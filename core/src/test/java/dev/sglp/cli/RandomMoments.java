package dev.sglp.cli;

import java.time.Duration;
import java.util.Random;

/// Moments at which processes are killed: others in every build, and the same again with `-Dsglp.kill.seed=SEED`, which each test prints.
public final class RandomMoments {
    private final long seed = Long.getLong("sglp.kill.seed", System.nanoTime());
    private final Random random = new Random(seed);

    /// @param of what is killed, for the line that is printed
    public RandomMoments(String of) {
        System.out.printf("%s: %s kills at the same moments%n", of, this);
    }

    /// How many milliseconds to wait: at most so long.
    public long within(Duration most) {
        return (long) (most.toNanos() / 1e6 * random.nextDouble());
    }

    /// For messages.
    @Override
    public String toString() {
        return "-Dsglp.kill.seed=" + seed;
    }
}
