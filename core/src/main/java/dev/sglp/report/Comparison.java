package dev.sglp.report;

import dev.sglp.evaluation.AccuracyInterval;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.PerplexityInterval;
import java.util.ArrayList;
import java.util.List;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import org.jspecify.annotations.Nullable;

/// Before and after, measure by measure, in words and numbers for people.
///
/// @param columns names of the networks compared: dense, after removal, after healing; one where nothing was removed
/// @param rows    the measures that were taken
/// @param note    how sure the accuracy is, one sentence; empty where there is none
public record Comparison(List<String> columns, List<Row> rows, String note) {

    /// @param values one for each column
    /// @param change from the first column to the last; empty where it makes no sense
    public record Row(String label, List<String> values, String change) {}

    private record Measure(String label, ToDoubleFunction<Evaluation> value, Function<Double, String> text,
            BiFunction<Double, Double, String> change) {}

    private static final String PERPLEXITY = "Perplexity";
    private static final String TOP5 = "Top-5 accuracy";
    private static final List<Measure> MEASURES = List.of(
            new Measure(PERPLEXITY, e -> orNothing(e.perplexity()), Human::number, Human::share),
            new Measure("Accuracy", Evaluation::accuracy, Human::percent, Human::points),
            new Measure(TOP5, Evaluation::top5, Human::percent, Human::points),
            new Measure("Loss (nats)", Evaluation::loss, Human::number, Human::difference),
            new Measure("KL to dense (nats)", e -> fidelity(e, Fidelity::klDivergence), Human::number, (a, b) -> ""),
            new Measure("Agreement with dense", e -> fidelity(e, Fidelity::top1Agreement), Human::percent,
                    (a, b) -> ""),
            new Measure("Parameters", Evaluation::parameters, v -> Human.parameters(v.longValue()), Human::change),
            new Measure("MACs an example", e -> e.perplexity() == null ? e.macs() : Double.NaN,
                    v -> Human.macs(v.longValue()), Human::change),
            new Measure("MACs a token", e -> e.perplexity() == null ? Double.NaN : e.macs(),
                    v -> Human.macs(v.longValue()), Human::change),
            new Measure("Size", Evaluation::bytes, v -> Human.bytes(v.longValue()), Human::change),
            new Measure("Key-value cache a token", e -> orNothing(e.cacheBytesPerToken()),
                    v -> Human.bytes(v.longValue()), Human::change),
            new Measure("Prefill, tokens a second", e -> latency(e, l -> orNothing(l.tokensPerSecond())),
                    v -> Human.whole(Math.round(v)), Human::share),
            new Measure("Latency, batch 1", e -> latency(e, l -> l.batch1().median()), Human::millis, Human::change),
            new Measure("Latency, batch 128",
                    e -> latency(e, l -> l.batch128() == null ? Double.NaN : l.batch128().median()), Human::millis,
                    Human::change));

    static Comparison of(RunRecord record) {
        var columns = new ArrayList<String>();
        var networks = new ArrayList<Evaluation>();
        add(columns, networks, "dense", record.before());
        if (healed(record)) {
            add(columns, networks, "after removal", record.afterRemoval());
        }
        add(columns, networks, healed(record) ? "healed (" + record.heal() + ")" : "after removal",
                Verdict.last(record));
        return new Comparison(List.copyOf(columns), rows(networks, record.before() != null), note(networks));
    }

    /// Of networks with names.
    public static Comparison of(List<String> columns, List<Evaluation> networks) {
        return new Comparison(columns, rows(networks, networks.size() > 1), note(networks));
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
        return List.copyOf(rows);
    }

    private static String interval(@Nullable PerplexityInterval found) {
        return found == null ? "" : "%s to %s".formatted(Human.number(found.low()), Human.number(found.high()));
    }

    /// Five guesses are always right where there are no more classes.
    private static boolean tells(Measure measure, List<Evaluation> networks) {
        return !measure.label.equals(TOP5)
                || networks.stream().anyMatch(e -> e.perplexity() != null || e.top5() < 1);
    }

    /// How sure the measured quality is. Both networks met the same text, so the change is surer than either.
    private static String note(List<Evaluation> networks) {
        if (networks.isEmpty() || networks.getLast().examples() == 0
                || !Double.isFinite(networks.getLast().accuracy())) {
            return "";
        }
        int n = networks.getLast().examples();
        if (networks.getLast().perplexity() != null) {
            var measured = "Measured on %s predicted tokens".formatted(Human.whole(n));
            var interval = networks.getLast().interval();
            return interval == null
                    ? measured + "."
                    : "%s: perplexity between %s and %s (95 %% interval: %s)%s.".formatted(measured,
                            Human.number(interval.low()), Human.number(interval.high()), interval.method(),
                            networks.size() > 1 ? ". The text is the same for all, so the change is surer" : "");
        }
        var sure = AccuracyInterval.of(networks.getLast().accuracy(), n);
        return "Measured on %s examples: accuracy between %s and %s (95 %% interval).".formatted(Human.whole(n),
                Human.percent(sure.low()), Human.percent(sure.high()));
    }

    private static double orNothing(@Nullable Number value) {
        return value == null ? Double.NaN : value.doubleValue();
    }

    private static double fidelity(Evaluation e, ToDoubleFunction<Fidelity> part) {
        return e.fidelity() == null ? Double.NaN : part.applyAsDouble(e.fidelity());
    }

    private static double latency(Evaluation e, ToDoubleFunction<Latency> part) {
        return e.latency() == null ? Double.NaN : part.applyAsDouble(e.latency());
    }
}
