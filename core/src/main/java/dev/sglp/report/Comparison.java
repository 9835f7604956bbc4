package dev.sglp.report;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Ratio;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.evaluation.PerplexityInterval;
import dev.sglp.report.quality.Grade;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Before and after, measure by measure, in words and numbers for people.
///
/// @param columns names of the networks compared: dense, after removal, after healing; one where nothing was removed
/// @param rows    the measures that were taken
/// @param note    how sure the accuracy is, one sentence; empty where there is none
/// @param remarks what is to be known of speed and size, one sentence each
public record Comparison(List<String> columns, List<Row> rows, String note, List<String> remarks) {

    /// @param values one for each column
    /// @param change from the first column to the last; empty where it makes no sense
    public record Row(String label, List<String> values, String change) {}

    private record Measure(String label, ToDoubleFunction<Evaluation> value, Function<Double, String> text,
            BiFunction<Double, Double, String> change) {}

    private static final String PERPLEXITY = "Perplexity";
    /// What begins the label of how far embeddings agree.
    static final String AGREEMENT = "Embedding agreement (cosine)";
    private static final String TOP5 = "Top-5 accuracy";
    private static final List<Measure> MEASURES = List.of(
            new Measure(PERPLEXITY, e -> orNothing(e.perplexity()), Human::number, Human::share),
            new Measure("Accuracy", Evaluation::accuracy, Human::percent, Human::points),
            new Measure(TOP5, Evaluation::top5, Human::percent, Human::points),
            new Measure(AGREEMENT, e -> e.agreement() == null ? Double.NaN : e.agreement().cosine(), Human::number,
                    Human::difference),
            new Measure("Loss (nats)", e -> e.agreement() == null ? e.loss() : Double.NaN, Human::number,
                    Human::difference),
            new Measure("KL to dense (nats)", e -> fidelity(e, Fidelity::klDivergence), Human::number, (a, b) -> ""),
            new Measure("Agreement with dense", e -> fidelity(e, Fidelity::top1Agreement), Human::percent,
                    (a, b) -> ""),
            new Measure("Parameters", Evaluation::parameters, v -> Human.parameters(v.longValue()), Human::change),
            new Measure("MACs an example", e -> Grade.of(e).tokens() ? Double.NaN : e.macs(),
                    v -> Human.macs(v.longValue()), Human::change),
            new Measure("MACs a token", e -> Grade.of(e).tokens() ? e.macs() : Double.NaN,
                    v -> Human.macs(v.longValue()), Human::change),
            new Measure("Size", Evaluation::bytes, v -> Human.bytes(v.longValue()), Human::change),
            new Measure("Key-value cache a token", e -> orNothing(e.cacheBytesPerToken()),
                    v -> Human.bytes(v.longValue()), Human::change));

    static final String LATENCY = "Latency, batch 1";
    /// What is said instead of a change where the interval of the ratio holds 1.
    public static final String NO_DIFFERENCE = "no difference could be measured";

    static Comparison of(RunRecord record) {
        var columns = new ArrayList<String>();
        var networks = new ArrayList<Evaluation>();
        add(columns, networks, "dense", record.before());
        boolean repaired = record.afterRepair() != null;
        if (healed(record) || repaired) {
            add(columns, networks, "after removal", record.afterRemoval());
        }
        if (healed(record)) {
            add(columns, networks, "repaired", record.afterRepair());
        }
        add(columns, networks,
                healed(record) ? "healed (" + record.heal() + ")" : repaired ? "repaired" : "after removal",
                Verdict.last(record));
        var remarks = speed(networks);
        if (record.output() != null && !networks.isEmpty()) {
            remarks.addAll(record.output().stored().sentences());
        }
        return new Comparison(List.copyOf(columns), rows(networks, record.before() != null), note(networks),
                List.copyOf(remarks));
    }

    /// Of networks with names.
    public static Comparison of(List<String> columns, List<Evaluation> networks) {
        return new Comparison(columns, rows(networks, networks.size() > 1), note(networks), speed(networks));
    }

    /// Titles of the columns of {@link #cells}.
    public List<String> head() {
        var head = new ArrayList<>(List.of("Measure"));
        head.addAll(columns);
        head.addAll(columns.size() > 1 ? List.of("Change") : List.of());
        return List.copyOf(head);
    }

    /// A row for each measure, with its change where there is more than one network.
    public List<List<String>> cells() {
        return rows.stream().map(r -> {
            var cells = new ArrayList<>(List.of(r.label));
            cells.addAll(r.values);
            cells.addAll(columns.size() > 1 ? List.of(r.change) : List.of());
            return List.copyOf(cells);
        }).toList();
    }

    private static boolean healed(RunRecord record) {
        return record.after() != null && record.heal() != null && !record.heal().equals("none");
    }

    private static void add(List<String> columns, List<Evaluation> networks, String name, @Nullable Evaluation found) {
        if (found != null) {
            columns.add(name);
            networks.add(found);
        }
    }

    private static List<Row> rows(List<Evaluation> networks, boolean dense) {
        var rows = new ArrayList<Row>();
        for (var measure : MEASURES) {
            var values = networks.stream().mapToDouble(measure.value).boxed().toList();
            if (values.stream().anyMatch(Double::isFinite) && tells(measure, networks)) {
                boolean comparable = dense && values.size() > 1;
                String change = comparable ? measure.change.apply(values.getFirst(), values.getLast()) : "";
                rows.add(new Row(measure.label, values.stream().map(measure.text).toList(), change));
            }
            if (measure.label.equals(PERPLEXITY) && !networks.isEmpty()
                    && networks.stream().allMatch(e -> e.interval() != null)) {
                rows.add(new Row("  95 % interval", networks.stream().map(e -> interval(e.interval())).toList(), ""));
            }
        }
        addTimes(rows, networks);
        return List.copyOf(rows);
    }

    private static String interval(@Nullable PerplexityInterval found) {
        return found == null ? "" : "%s to %s".formatted(Human.number(found.low()), Human.number(found.high()));
    }

    /// All networks are timed, or none.
    private static void addTimes(List<Row> rows, List<Evaluation> networks) {
        var latencies = networks.stream().map(Evaluation::latency).filter(Objects::nonNull).toList();
        if (latencies.isEmpty() || latencies.size() < networks.size()) {
            return;
        }
        var last = latencies.getLast();
        var title = LATENCY;
        if (last.tokens() != null) {
            var grade = Grade.of(networks.getLast());
            title = grade.prefill(Human.whole(last.tokens()));
            rows.add(new Row(grade.speed(),
                    latencies.stream().map(l -> Human.whole(Math.round(orNothing(l.tokensPerSecond())))).toList(),
                    change(last.batch1().againstDense(), r -> Human.share(1, r))));
        }
        addTimes(rows, title, latencies.stream().map(Latency::batch1).toList());
        if (latencies.stream().allMatch(l -> l.writtenPerSecond() != null)) {
            rows.add(new Row("Writing, tokens a second",
                    latencies.stream()
                            .map(l -> String.format(Locale.ROOT, "%,.1f", orNothing(l.writtenPerSecond()))).toList(),
                    ""));
        }
        if (last.batch128() != null) {
            addTimes(rows, "Latency, batch 128",
                    latencies.stream().map(Latency::batch128).filter(Objects::nonNull).toList());
        }
    }

    private static void addTimes(List<Row> rows, String title, List<Timing> times) {
        var ratio = times.getLast().againstDense();
        rows.add(new Row(title, times.stream().map(t -> Human.millis(t.median())).toList(),
                change(ratio, r -> Human.change(r, 1))));
        double longest = times.stream().mapToDouble(Timing::median).max().orElse(0);
        rows.add(new Row("  10–90 % of runs, " + Human.unit(longest),
                times.stream().map(t -> Human.spread(longest, t.low(), t.high())).toList(),
                ratio == null ? "" : interval(ratio)));
    }

    /// @param words what a number of times as fast means
    private static String change(@Nullable Ratio ratio, Function<Double, String> words) {
        return ratio == null ? "" : ratio.differenceMeasured() ? words.apply(ratio.timesAsFast()) : NO_DIFFERENCE;
    }

    private static String interval(Ratio ratio) {
        return ratio.confidence() == 0
                ? "too few runs"
                : String.format(Locale.ROOT, "%.2f× to %.2f×", ratio.low(), ratio.high());
    }

    /// Five guesses are always right where there are no more classes.
    private static boolean tells(Measure measure, List<Evaluation> networks) {
        return !measure.label.equals(TOP5)
                || networks.stream().anyMatch(e -> e.perplexity() != null || e.top5() < 1);
    }

    /// Nothing where no networks ran in turn.
    private static List<String> speed(List<Evaluation> networks) {
        var remarks = new ArrayList<String>();
        var latency = networks.isEmpty() ? null : networks.getLast().latency();
        if (latency == null || latency.batch1().againstDense() == null) {
            return remarks;
        }
        var large = latency.batch128();
        remarks.add(
                "The networks ran in turn, %d pairs of runs%s; below a change of their times stands the 95 %% interval of the median ratio."
                        .formatted(latency.batch1().runs(),
                                large == null ? "" : " (batch 128: %d)".formatted(large.runs())));
        if (latency.window() != null) {
            remarks.add("The whole window, %s tokens, would have taken too long."
                    .formatted(Human.whole(latency.window())));
        }
        if (!(differs(latency.batch1()) && differs(large))) {
            remarks.add("Where it holds 1×, a longer --latency-budget or a quieter machine may tell more.");
        }
        return remarks;
    }

    private static boolean differs(@Nullable Timing timing) {
        return timing == null || timing.againstDense() == null || timing.againstDense().differenceMeasured();
    }

    /// How sure the measured quality is. Both networks met the same text, so the change is surer than either.
    private static String note(List<Evaluation> networks) {
        if (networks.isEmpty() || networks.getLast().examples() == 0) {
            return "";
        }
        return Grade.of(networks.getLast()).note(networks);
    }

    private static double orNothing(@Nullable Number value) {
        return value == null ? Double.NaN : value.doubleValue();
    }

    private static double fidelity(Evaluation e, ToDoubleFunction<Fidelity> part) {
        return e.fidelity() == null ? Double.NaN : part.applyAsDouble(e.fidelity());
    }
}
