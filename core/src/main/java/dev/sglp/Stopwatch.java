package dev.sglp;

import dev.sglp.tensor.NativeHeap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// Seconds each named step took, in the order they began. After a step what it freed goes back to the system.
public final class Stopwatch {
    private final SequencedMap<String, Double> seconds = new LinkedHashMap<>();

    public <T> T time(String step, Supplier<T> body) {
        long start = System.nanoTime();
        try {
            return body.get();
        } finally {
            seconds.merge(step, (System.nanoTime() - start) / 1e9, Double::sum);
            NativeHeap.trim();
        }
    }

    public void time(String step, Runnable body) {
        time(step, () -> {
            body.run();
            return step;
        });
    }

    /// Counts what was timed before.
    public void add(Map<String, Double> before) {
        before.forEach((step, taken) -> seconds.merge(step, taken, Double::sum));
    }

    /// Seconds of all steps together.
    public double total() {
        return seconds.values().stream().mapToDouble(Double::doubleValue).sum();
    }

    public SequencedMap<String, Double> seconds() {
        return Collections.unmodifiableSequencedMap(new LinkedHashMap<>(seconds));
    }
}
