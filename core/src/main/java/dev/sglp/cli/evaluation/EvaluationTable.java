package dev.sglp.cli.evaluation;

import dev.sglp.cli.evaluation.Measured.OnData;
import dev.sglp.cli.evaluation.Measured.OnPairs;
import dev.sglp.cli.evaluation.Measured.OnTask;
import dev.sglp.cli.evaluation.Measured.OnText;
import dev.sglp.data.DataSpec;
import dev.sglp.evaluation.AccuracyInterval;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.Human;
import dev.sglp.report.TextTable;
import dev.sglp.report.quality.Grade;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Several data sets beside each other, a line each.
public final class EvaluationTable {
    private static final List<String> HEAD = List.of("data", "measured on", "perplexity", "KL", "accuracy", "agreement",
            "Spearman", "95 % interval", "length-normalised", "loss");
    private static final List<Boolean> LEFT = List.of(true, false, false, false, false, false, false, false,
            false, false);

    private EvaluationTable() {}

    public static String of(List<Measured> all) {
        var labels = labels(all.stream().map(Measured::spec).toList());
        var rows = IntStream.range(0, all.size()).boxed().flatMap(i -> switch (all.get(i)) {
            case OnData found -> Stream.of(row(labels.get(i), found.evaluation()));
            case OnTask found -> Stream.of(row(labels.get(i), found));
            case OnText found -> rows(labels.get(i), found);
            case OnPairs found -> Stream.of(row(labels.get(i), found));
        }).toList();
        return new TextTable(HEAD, LEFT, rows).withoutEmptyColumns().text();
    }

    private static List<String> row(String label, Evaluation e) {
        var loss = Human.number(e.loss());
        return switch (Grade.of(e)) {
            case ACCURACY ->
                List.of(label, "%,d examples".formatted(e.examples()), "", "", Human.percent(e.accuracy()), "",
                        "", interval(e.accuracy(), e.examples()), "", loss);
            case PERPLEXITY -> List.of(label, "%,d tokens".formatted(e.examples()), "%.4f".formatted(e.perplexity()),
                    e.fidelity() == null ? "" : "%.6f".formatted(e.fidelity().klDivergence()),
                    Human.percent(e.accuracy()),
                    e.fidelity() == null ? "" : Human.percent(e.fidelity().top1Agreement()), "", e.interval() == null
                            ? ""
                            : "%.4f to %.4f".formatted(e.interval().low(), e.interval().high()),
                    "", loss);
            case AGREEMENT -> {
                var found = Objects.requireNonNull(e.agreement());
                yield List.of(label, "%,d examples".formatted(e.examples()), "", "", "",
                        "%.6f".formatted(found.cosine()),
                        "",
                        "%.4f to %.4f".formatted(found.low(), found.high()), "", loss);
            }
        };
    }

    private static List<String> row(String label, OnTask found) {
        var result = found.result();
        return List.of(label, "%,d questions".formatted(result.items()), "", "", Human.percent(result.acc()), "", "",
                interval(result.acc(), result.items()), result.accNorm() == null ? "" : Human.percent(result.accNorm()),
                "");
    }

    /// One for each way to take an answer.
    private static Stream<List<String>> rows(String label, OnText found) {
        int items = found.result().items();
        return found.result().exactMatch().entrySet().stream()
                .map(e -> List.of("%s, %s".formatted(label, e.getKey()), "%,d questions".formatted(items), "", "",
                        Human.percent(e.getValue().value()), "", "", interval(e.getValue().value(), items), "", ""));
    }

    private static List<String> row(String label, OnPairs found) {
        return List.of(label, "%,d pairs".formatted(found.pairs()), "", "", "", "",
                found.spearman() == null ? "" : Human.number(found.spearman()), "", "", "");
    }

    /// Wilson's.
    private static String interval(double accuracy, int examples) {
        var interval = AccuracyInterval.of(accuracy, examples);
        return "%.2f to %.2f %%".formatted(100 * interval.low(), 100 * interval.high());
    }

    /// Kind and last name of the path; whole where two would be the same.
    static List<String> labels(List<DataSpec> specs) {
        var count = specs.stream().collect(Collectors.groupingBy(EvaluationTable::label, Collectors.counting()));
        return specs.stream().map(s -> count.getOrDefault(label(s), 0L) > 1 ? s.toString() : label(s)).toList();
    }

    private static String label(DataSpec spec) {
        var location = spec.location();
        var name = spec.kind() == DataSpec.Kind.TASK
                ? location.replaceFirst("=.*", "")
                : location.replaceFirst("/+$", "").replaceFirst(".*/", "");
        return "%s:%s".formatted(spec.kind().prefix(), name);
    }
}
