package dev.sglp.study;

import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;

/// How long the rest of a study will take, from what its parts took so far.
final class TimeLeft {
    /// Kinds of work that take alike.
    enum Kind {
        SIMILARITY, CHOICE, NETWORK, EPOCH
    }

    private final Map<Kind, Integer> open = new EnumMap<>(Kind.class);
    private final Map<Kind, Integer> done = new EnumMap<>(Kind.class);
    private final Map<Kind, Double> seconds = new EnumMap<>(Kind.class);

    /// So many units of this kind are to be done.
    void expect(Kind kind, int units) {
        open.put(kind, units);
    }

    /// So many of them are done and took these seconds together.
    void done(Kind kind, int units, double took) {
        open.merge(kind, -units, Integer::sum);
        done.merge(kind, units, Integer::sum);
        seconds.merge(kind, took, Double::sum);
    }

    /// How many units are to be done, all kinds together.
    int open() {
        return open.values().stream().mapToInt(n -> Math.max(0, n)).sum();
    }

    /// `about 14 min left`, with what cannot be estimated yet; empty before anything was done.
    String text() {
        double left = 0;
        int unknown = 0;
        for (var kind : Kind.values()) {
            int units = Math.max(0, open.getOrDefault(kind, 0));
            if (done.containsKey(kind)) {
                left += units * seconds.get(kind) / done.get(kind);
            } else {
                unknown += units;
            }
        }
        if (done.isEmpty()) {
            return "";
        }
        if (unknown == 0) {
            return ", about %s left".formatted(words(left));
        }
        String more = "%d parts not yet estimated".formatted(unknown);
        return left == 0 ? ", " + more : ", about %s left and %s".formatted(words(left), more);
    }

    private static String words(double seconds) {
        var time = Duration.ofSeconds(Math.round(seconds));
        if (time.toHours() > 0) {
            return "%d h %02d min".formatted(time.toHours(), time.toMinutesPart());
        }
        return time.toMinutes() > 0 ? time.toMinutes() + " min" : time.toSeconds() + " s";
    }
}
