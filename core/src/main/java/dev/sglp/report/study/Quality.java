package dev.sglp.report.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.report.Human;
import dev.sglp.report.study.Group.Spread;
import java.util.Comparator;
import java.util.Locale;

/// What the networks of a study are compared by, and the words for it.
public enum Quality {
    /// Of networks that classify images; higher is better.
    @JsonProperty("accuracy")
    ACCURACY("Accuracy", "images", "images"),
    /// Of language models; lower is better.
    @JsonProperty("perplexity")
    PERPLEXITY("Perplexity", "windows", "tokens");

    private static final double WHOLE = 10_000; // perplexities from here on are written without a fraction
    private final String title;
    private final String items;
    private final String sizes;

    Quality(String title, String items, String sizes) {
        this.title = title;
        this.items = items;
        this.sizes = sizes;
    }

    String title() {
        return title;
    }

    /// What a calibration sample is counted in.
    String items() {
        return items;
    }

    /// What calibration sizes are given in.
    String sizes() {
        return sizes;
    }

    /// NaN where it was not measured.
    double of(Evaluation e) {
        Double perplexity = e.perplexity();
        return switch (this) {
            case ACCURACY -> e.accuracy();
            case PERPLEXITY -> perplexity == null ? Double.NaN : perplexity;
        };
    }

    String text(double value) {
        return switch (this) {
            case ACCURACY -> Human.percent(value);
            case PERPLEXITY -> String.format(Locale.ROOT, value < WHOLE ? "%.2f" : "%,.0f", value);
        };
    }

    /// With its standard deviation where there are several.
    String text(Spread s) {
        if (s.count() == 1) {
            return text(s.mean());
        }
        return text(s.mean()) + " ± " + switch (this) {
            case ACCURACY -> String.format(Locale.ROOT, "%.2f", 100 * s.spread());
            case PERPLEXITY -> text(s.spread());
        };
    }

    /// A difference between two values or a standard deviation, in words.
    String width(double difference) {
        return switch (this) {
            case ACCURACY -> String.format(Locale.ROOT, "%.2f points", 100 * difference);
            case PERPLEXITY -> text(difference);
        };
    }

    String change(double from, double to) {
        return switch (this) {
            case ACCURACY -> Human.points(from, to);
            case PERPLEXITY -> Human.share(from, to);
        };
    }

    /// The best first.
    Comparator<Double> best() {
        return switch (this) {
            case ACCURACY -> Comparator.reverseOrder();
            case PERPLEXITY -> Comparator.naturalOrder();
        };
    }

    /// Of what {@link #latencyTitle} says.
    Timing timing(Latency latency) {
        var large = latency.batch128();
        return large == null ? latency.batch1() : large;
    }

    String latencyTitle() {
        return switch (this) {
            case ACCURACY -> "Latency, batch 128";
            case PERPLEXITY -> "Prefill, one window";
        };
    }
}
