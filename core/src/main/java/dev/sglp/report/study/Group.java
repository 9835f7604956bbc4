package dev.sglp.report.study;

import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.report.study.StudyRow.Measured;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/// Rows that differ in their seed alone.
///
/// @param rows at least one
record Group(Label label, int remove, List<StudyRow> rows) {

    /// @param spread standard deviation over the seeds; 0 for one
    record Spread(double mean, double spread, int count) {
        static Spread of(double... values) {
            double mean = java.util.Arrays.stream(values).average().orElse(Double.NaN);
            double squares = java.util.Arrays.stream(values).map(v -> (v - mean) * (v - mean)).sum();
            return new Spread(mean, Math.sqrt(squares / Math.max(1, values.length - 1)), values.length);
        }
    }

    private record Key(String id, int remove) {}

    /// The study's rows, those that differ in their seed together, in the order of the first of each.
    static List<Group> of(StudyRecord record) {
        var groups = new LinkedHashMap<Key, List<StudyRow>>();
        record.rows().forEach(
                r -> groups.computeIfAbsent(new Key(r.label().id(), r.remove()), _ -> new java.util.ArrayList<>())
                        .add(r));
        return groups.entrySet().stream()
                .map(e -> new Group(e.getValue().getFirst().label(), e.getKey().remove, List.copyOf(e.getValue())))
                .toList();
    }

    /// Its title, with the number of seeds where there are several, and how many of them are measured while the study runs.
    String title() {
        if (rows.size() == 1) {
            return label.title();
        }
        long measured = rows.stream().filter(row -> !row.measured().isEmpty()).count();
        return measured > 0 && measured < rows.size()
                ? "%s (%d of %d seeds)".formatted(label.title(), measured, rows.size())
                : "%s (%d seeds)".formatted(label.title(), rows.size());
    }

    /// Of all rows that were measured after this healing; empty where none was.
    Optional<Spread> after(String heal, ToDoubleFunction<Measured> value) {
        var values = rows.stream().flatMap(r -> r.after(heal).stream()).mapToDouble(value).toArray();
        return values.length == 0 ? Optional.empty() : Optional.of(Spread.of(values));
    }

    Optional<Spread> after(String heal, Quality quality) {
        return after(heal, m -> quality.of(m.evaluation()));
    }

    /// How alike the plans of its rows are; empty for one row.
    Optional<Spread> overlap() {
        return rows.size() < 2 ? Optional.empty() : Optional.of(SizeFindings.jaccards(this));
    }

    Spread of(ToDoubleFunction<StudyRow> value) {
        return Spread.of(rows.stream().mapToDouble(value).toArray());
    }
}
