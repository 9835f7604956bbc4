package dev.sglp.report.tuning;

import dev.sglp.report.Human;
import dev.sglp.report.html.Markup;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingRecord.Epoch;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/// Loss and accuracy over the epochs of a training.
public final class Curve {
    private static final List<String> IMAGES = List.of("", "Training loss", "Validation loss",
            "Validation accuracy", "Learning rate", "Time");
    private static final List<String> TEXT = List.of("", "Training loss", "Validation loss", "Perplexity",
            "KL (nats a token)", "Tokens a second", "Learning rate", "Time");

    private Curve() {}

    /// A chart, and its numbers as a table. The page's chart data holds the epochs as `training`.
    ///
    /// @param which one sentence: what became of the weights of which epoch
    public static String section(TrainingRecord training, String which) {
        var rows = training.points().stream().map(e -> cells(e, e.equals(training.best()), isText(training))).toList();
        var table = "<details><summary>%s as a table</summary>%s</details>\n".formatted(
                training.epochs().size() == 1 ? "The " + training.word() : "All " + training.count(),
                Markup.table(isText(training) ? TEXT : IMAGES, rows, 0));
        return Markup.section("training", "How the training went", lead(training) + " " + which,
                "<figure>" + Markup.chart("training", 0, "Loss and validation accuracy over the epochs") + "</figure>"
                        + table);
    }

    private static String lead(TrainingRecord training) {
        double seconds = training.epochs().stream().mapToDouble(Epoch::seconds).sum();
        return "%s in %s%s. %s%s".formatted(training.count(), Human.seconds(seconds),
                training.validated() ? ", after each a look at the verification data" : "", losses(training),
                training.validated() ? " " + best(training) : "");
    }

    private static String best(TrainingRecord training) {
        var best = training.best();
        var worth = isText(training)
                ? "perplexity " + Human.number(Math.exp(best.validationLoss()))
                : Human.percent(best.validationAccuracy());
        return training.improved()
                ? "Best: %s %d, %s.".formatted(training.word(), best.number(), worth)
                : "The training made nothing better there than the network as it came (%s).".formatted(worth);
    }

    private static String losses(TrainingRecord training) {
        return switch (isText(training) && training.word().equals("epoch") ? "part" : training.word()) {
            case "layer" ->
                "The training loss is the distance of a layer's output from the dense network's stream there, a part of that; perplexity and divergence are the whole network's, whose layers behind are as they were.";
            case "part" ->
                "The training loss is of what is learned, with a teacher of its answers, while the weights change; the validation loss is of the next token. They compare in shape, not in height.";
            default ->
                "The training loss is taken while the weights change, with augmentation, smoothing and a teacher's answers where there are any; the two losses compare in shape, not in height.";
        };
    }

    private static boolean isText(TrainingRecord training) {
        return training.validated() && training.epochs().stream().allMatch(e -> Double.isNaN(e.validationAccuracy()));
    }

    private static List<String> quality(Epoch e, boolean text) {
        if (text) {
            return List.of(Double.isNaN(e.validationLoss()) ? "–" : Human.number(Math.exp(e.validationLoss())),
                    e.validationKl() == null ? "–" : Human.number(e.validationKl()),
                    e.tokensPerSecond() == null ? "–" : Human.whole(Math.round(e.tokensPerSecond())));
        }
        return List.of(Double.isNaN(e.validationAccuracy()) ? "–" : Human.percent(e.validationAccuracy()));
    }

    private static List<String> cells(Epoch e, boolean best, boolean text) {
        return Stream.of(
                List.of((e.number() == 0 ? "as it came" : e.number()) + (best ? " (best)" : ""),
                        Double.isNaN(e.trainingLoss()) ? "–" : Human.number(e.trainingLoss()),
                        Double.isNaN(e.validationLoss()) ? "–" : Human.number(e.validationLoss())),
                quality(e, text),
                List.of(e.number() == 0 ? "–" : String.format(Locale.ROOT, "%.3g", e.learningRate()),
                        Human.seconds(e.seconds())))
                .flatMap(List::stream).toList();
    }
}
