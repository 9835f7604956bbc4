package dev.sglp.bench;

import java.util.List;

/// Median, least and most of some measurements; all 0 where there are none.
record Spread(double median, double low, double high) {
    static Spread of(List<Double> values) {
        if (values.isEmpty()) {
            return new Spread(0, 0, 0);
        }
        var sorted = values.stream().sorted().toList();
        int n = sorted.size();
        return new Spread((sorted.get((n - 1) / 2) + sorted.get(n / 2)) / 2, sorted.getFirst(), sorted.getLast());
    }

    /// How many units a second, where these are the seconds of `units`.
    Spread rate(double units) {
        return new Spread(units / median, units / high, units / low);
    }

    @Override
    public String toString() {
        return "%.3f (%.3f to %.3f)".formatted(median, low, high);
    }
}
