package dev.sglp.progress;

import java.time.Duration;
import java.util.Optional;

/// How long work of equal units will take, from the first of them; told again every minute by the rate of that minute. Times are those
/// of `System.nanoTime()`. Not thread-safe.
public final class Pace {
    private static final long SECOND = 1_000_000_000L;
    private static final long KNOWN_NANOS = SECOND; // what is done by then was known from an earlier run
    private static final long FIRST_NANOS = 3 * SECOND;
    private static final long FIRST_UNITS = 2;
    private static final long WORTH_NANOS = 20 * SECOND;
    private static final long PAUSE_NANOS = 60 * SECOND;
    private static final long TOGETHER = 100; // units within such a part of the time were worked on at the same time

    private final long total;
    private final String unit;
    private final long start;
    private long done;
    private long known;
    private long told;
    private long doneTold;
    private boolean estimated;
    private long firstNew; // when one was done that nobody knew; 0 before

    /// @param total how many units there are
    /// @param start when the work begins
    public Pace(long total, String unit, long start) {
        this.total = total;
        this.unit = unit;
        this.start = start;
        told = start;
    }

    /// So many units more are done.
    ///
    /// @return what the user is told now; empty where it is not yet time
    public Optional<String> advance(long units, long now) {
        done += units;
        if (now - start < KNOWN_NANOS) {
            known = done;
            doneTold = done;
            return Optional.empty();
        }
        return estimated ? refined(now) : first(now);
    }

    private Optional<String> first(long now) {
        long fresh = done - known;
        firstNew = firstNew == 0 ? now : firstNew;
        if (now - start < FIRST_NANOS || fresh < FIRST_UNITS || now - firstNew < (now - start) / TOGETHER) {
            return Optional.empty();
        }
        estimated = true;
        tell(now);
        double each = (now - start) / (double) fresh;
        return each * (total - done) < WORTH_NANOS
                ? Optional.empty()
                : Optional.of("about %s for %s".formatted(roughly(nanos(each * (total - known))), known == 0
                        ? "%,d %s".formatted(total, unit)
                        : "the %,d %s that are left".formatted(total - known, unit)));
    }

    private Optional<String> refined(long now) {
        long fresh = done - doneTold;
        if (now - told < PAUSE_NANOS || fresh == 0 || done >= total) {
            return Optional.empty();
        }
        var left = nanos((now - told) / (double) fresh * (total - done));
        tell(now);
        return Optional.of("%,d of %,d %s, about %s left".formatted(done, total, unit, roughly(left)));
    }

    private void tell(long now) {
        told = now;
        doneTold = done;
    }

    private static Duration nanos(double nanos) {
        return Duration.ofNanos(Math.round(nanos));
    }

    /// `40 s`, `5 min 50 s`, `12 min`, `2 h 20 min`.
    static String roughly(Duration time) {
        long tens = Math.round(time.toMillis() / 1e4);
        if (tens < 60) {
            return tens < 6
                    ? 10 * tens + " s"
                    : "%d min%s".formatted(tens / 6, tens % 6 == 0 ? "" : " " + tens % 6 * 10 + " s");
        }
        long minutes = Math.round(time.toMillis() / 6e4);
        return minutes < 60 ? minutes + " min" : "%d h %02d min".formatted(minutes / 60, minutes % 60);
    }
}
