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
    PERPLEXITY("Perplexity", "windows", "tokens"),
    /// Of encoders of text: how far embeddings agree with the dense network's (cosine); higher is better.
    @JsonProperty("agreement")
    AGREEMENT("Agreement", "windows", "tokens"),
    /// The same of networks that make embeddings of images.
    @JsonProperty("image_agreement")
    IMAGE_AGREEMENT("Agreement", "images", "images");

    private static final double WHOLE = 10_000; // perplexities from here on are written without a fraction
    private static final String COSINE = "%.4f";
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

    /// Whether answers are vectors that are compared with the dense network's.
    boolean embeddings() {
        return this == AGREEMENT || this == IMAGE_AGREEMENT;
    }

    /// Whether text is read.
    boolean text() {
        return this == PERPLEXITY || this == AGREEMENT;
    }

    /// NaN where it was not measured.
    double of(Evaluation e) {
        Double perplexity = e.perplexity();
        return switch (this) {
            case ACCURACY -> e.accuracy();
            case PERPLEXITY -> perplexity == null ? Double.NaN : perplexity;
            case AGREEMENT, IMAGE_AGREEMENT -> e.agreement() == null ? Double.NaN : e.agreement().cosine();
        };
    }

    /// Of the example on which embeddings agree least; NaN where none were made.
    static double least(Evaluation e) {
        return e.agreement() == null ? Double.NaN : e.agreement().least();
    }

    /// Of the mean agreement's interval; 0 where there is none.
    static double halfWidth(Evaluation e) {
        var found = e.agreement();
        return found == null || !Double.isFinite(found.high() - found.low()) ? 0 : (found.high() - found.low()) / 2;
    }

    /// What tells more where the first is too coarse: top-5 accuracy, the share of right tokens, the least agreement.
    double second(Evaluation e) {
        return switch (this) {
            case ACCURACY -> e.top5();
            case PERPLEXITY -> e.accuracy();
            case AGREEMENT, IMAGE_AGREEMENT -> least(e);
        };
    }

    /// What it is and where it was measured, the beginning of a sentence.
    String words() {
        return switch (this) {
            case ACCURACY -> "Top-1 accuracy on the report images";
            case PERPLEXITY -> "Perplexity on the report windows; lower is better";
            case AGREEMENT, IMAGE_AGREEMENT ->
                "The mean cosine between embeddings of the report %s and the dense network's; 1 is the dense network itself"
                        .formatted(items);
        };
    }

    String text(double value) {
        return switch (this) {
            case ACCURACY -> Human.percent(value);
            case PERPLEXITY -> String.format(Locale.ROOT, value < WHOLE ? "%.2f" : "%,.0f", value);
            case AGREEMENT, IMAGE_AGREEMENT -> String.format(Locale.ROOT, COSINE, value);
        };
    }

    /// With its standard deviation where there are several.
    String text(Spread s) {
        if (s.count() == 1) {
            return text(s.mean());
        }
        return text(s.mean()) + " ± " + switch (this) {
            case ACCURACY -> String.format(Locale.ROOT, "%.2f", 100 * s.spread());
            case PERPLEXITY, AGREEMENT, IMAGE_AGREEMENT -> text(s.spread());
        };
    }

    /// A difference between two values or a standard deviation, in words.
    String width(double difference) {
        return switch (this) {
            case ACCURACY -> String.format(Locale.ROOT, "%.2f points", 100 * difference);
            case PERPLEXITY, AGREEMENT, IMAGE_AGREEMENT -> text(difference);
        };
    }

    String change(double from, double to) {
        return switch (this) {
            case ACCURACY -> Human.points(from, to);
            case PERPLEXITY -> Human.share(from, to);
            case AGREEMENT, IMAGE_AGREEMENT -> Human.difference(from, to);
        };
    }

    /// The best first.
    Comparator<Double> best() {
        return switch (this) {
            case ACCURACY, AGREEMENT, IMAGE_AGREEMENT -> Comparator.reverseOrder();
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
            case ACCURACY, IMAGE_AGREEMENT -> "Latency, batch 128";
            case PERPLEXITY -> "Prefill, one window";
            case AGREEMENT -> "Forward pass, one window";
        };
    }
}
