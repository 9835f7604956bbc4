package dev.sglp.report.study;

import dev.sglp.evaluation.Evaluation.Fidelity;
import dev.sglp.report.Human;
import dev.sglp.report.TextTable;
import dev.sglp.report.study.Group.Spread;
import dev.sglp.report.study.StudyRow.Measured;
import dev.sglp.report.study.StudyTables.Table;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.DoubleFunction;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/// Language models and encoders by everything that was measured of them, a line for each treatment: perplexity alone misleads.
final class Qualities {
    private Qualities() {}

    /// Whether there is more to tell than the other tables have room for.
    static boolean told(StudyRecord record) {
        return record.quality() != Quality.ACCURACY && record.dense() != null && !record.healings().isEmpty()
                && (record.healings().size() > 1 || !record.also().isEmpty());
    }

    static String text(StudyRecord record) {
        var table = of(record);
        var left = new ArrayList<>(Collections.nCopies(table.head().size(), false));
        left.set(0, true);
        return new TextTable(table.head(), left, table.rows()).text();
    }

    static Table of(StudyRecord record) {
        var head = new ArrayList<>(List.of("row", "removed", "after"));
        head.addAll(
                record.quality().embeddings() ? List.of("agreement", "least") : List.of("perplexity", "KL", "agree"));
        record.also().forEach(also -> head.addAll(also.task() == null
                ? List.of("perplexity, " + also.data(), "KL, " + also.data())
                : List.of("accuracy, " + also.task().name())));
        var rows = new ArrayList<List<String>>();
        rows.add(dense(record));
        for (var group : Group.of(record)) {
            for (var heal : record.healings()) {
                if (group.after(heal, record.quality()).isPresent()) {
                    rows.add(row(record, group, heal));
                }
            }
        }
        return new Table(List.copyOf(head), rows);
    }

    private static List<String> dense(StudyRecord record) {
        var quality = record.quality();
        var row = new ArrayList<>(List.of("dense network", "–", "–", quality.text(quality.of(record.dense())), "–"));
        row.addAll(quality.embeddings() ? List.of() : List.of("–"));
        for (var also : record.also()) {
            row.add(one(also));
            if (also.task() == null) {
                row.add("–");
            }
        }
        return row;
    }

    private static List<String> row(StudyRecord record, Group group, String heal) {
        var quality = record.quality();
        var row = new ArrayList<>(List.of(name(group), String.valueOf(group.remove()),
                heal.equals("none") ? "removal" : heal, said(group.after(heal, quality), quality::text)));
        row.addAll(quality.embeddings()
                ? List.of(said(finite(group.after(heal, m -> Quality.least(m.evaluation()))), quality::text))
                : List.of(said(fidelity(group, heal, Fidelity::klDivergence), Qualities::nats),
                        said(fidelity(group, heal, Fidelity::top1Agreement), Qualities::percent)));
        IntStream.range(0, record.also().size()).forEach(i -> {
            var first = record.also().get(i);
            var found = also(group, heal, i, Also::value);
            if (first.task() == null) {
                row.add(said(found, quality::text));
                row.add(said(also(group, heal, i, a -> a.kl() == null ? Double.NaN : a.kl()), Qualities::nats));
            } else {
                row.add(group.rows().size() == 1
                        ? group.rows().getFirst().after(heal).filter(m -> i < m.also().size())
                                .map(m -> one(m.also().get(i))).orElse("–")
                        : said(found, Qualities::percent));
            }
        });
        return row;
    }

    /// Short, with the number of seeds: there are many columns.
    private static String name(Group group) {
        return group.rows().size() == 1
                ? group.label().id()
                : "%s (%d seeds)".formatted(group.label().id(), group.rows().size());
    }

    /// With its standard error.
    private static String one(Also also) {
        return also.task() == null
                ? Quality.PERPLEXITY.text(also.value())
                : "%s ± %.2f".formatted(Human.percent(also.task().acc()), 100 * also.task().stderr());
    }

    private static Optional<Spread> fidelity(Group group, String heal, ToDoubleFunction<Fidelity> part) {
        return finite(group.after(heal, m -> {
            var found = m.evaluation().fidelity();
            return found == null ? Double.NaN : part.applyAsDouble(found);
        }));
    }

    private static Optional<Spread> also(Group group, String heal, int which, ToDoubleFunction<Also> value) {
        return finite(group.after(heal, (Measured m) -> which < m.also().size()
                ? value.applyAsDouble(m.also().get(which))
                : Double.NaN));
    }

    private static Optional<Spread> finite(Optional<Spread> found) {
        return found.filter(s -> Double.isFinite(s.mean()));
    }

    private static String said(Optional<Spread> found, Function<Spread, String> words) {
        return found.map(words).orElse("–");
    }

    private static String nats(Spread s) {
        return spread(s, Human::number, 1);
    }

    private static String percent(Spread s) {
        return spread(s, Human::percent, 100);
    }

    private static String spread(Spread s, DoubleFunction<String> words, double scale) {
        return words.apply(s.mean())
                + (s.count() == 1
                        ? ""
                        : String.format(Locale.ROOT, scale == 1 ? " ± %.3f" : " ± %.2f", scale * s.spread()));
    }
}
