package dev.sglp.evaluation.latency;

import dev.sglp.fault.UsageException;

/// How long forward passes may be timed. What else a run finds does not depend on it: as a text it only says whether they are.
///
/// @param seconds at most; 0: they are not timed; NaN: a tenth of the run so far, at least ten seconds and at most a minute
public record Budget(double seconds) {
    public static final Budget NONE = new Budget(0);
    public static final Budget USUAL = new Budget(Double.NaN);
    public static final Budget MINUTE = new Budget(60);
    private static final double LEAST = 10;
    private static final double MOST = 60;
    private static final double SHARE = 0.1;

    public Budget {
        if (seconds < 0 || Double.isInfinite(seconds)) {
            throw new UsageException("--latency-budget is a number of seconds above 0, got " + seconds);
        }
    }

    public boolean times() {
        return seconds != 0;
    }

    /// Seconds.
    ///
    /// @param soFar seconds the run took until now
    /// @param spent of these on timing
    public double after(double soFar, double spent) {
        return Double.isNaN(seconds) ? Math.clamp(SHARE * soFar - spent, LEAST, MOST) : seconds;
    }

    @Override
    public String toString() {
        return String.valueOf(times());
    }
}
