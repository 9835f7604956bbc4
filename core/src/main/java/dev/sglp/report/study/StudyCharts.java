package dev.sglp.report.study;

import dev.sglp.report.study.Group.Spread;
import dev.sglp.report.study.SizeFindings.Overlap;
import dev.sglp.report.study.SizeFindings.Size;
import dev.sglp.segmentation.Segmentation;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What the script of a study's page draws.
///
/// @param measure what the networks are compared by
/// @param sized  what calibration sizes are given in
/// @param dense  quality and MACs of the dense network; absent until measured
/// @param heals  healings, in order
/// @param curves one loss curve for each way to compare layers
/// @param most   perplexities from here on lie far beyond all other rows and off the axis; absent where none does
record StudyCharts(String study, Quality measure, String sized, @Nullable Point dense, List<String> heals,
        List<Integer> removes,
        List<Row> rows,
        List<Curve> curves, List<Size> sizes, List<Overlap> overlaps, @Nullable Double most) {
    /// A perplexity so many times the median row's is far beyond the others.
    private static final double FAR = 8;

    record Point(double quality, double macs) {}

    /// @param main     whether it stands out
    /// @param macs     mean over its seeds
    /// @param passes   what the choice took, in forward equivalents, mean over its seeds
    /// @param quality  one for each healing; absent where it was not measured
    record Row(String id, String title, int remove, boolean main, double macs, double passes,
            List<@Nullable Spread> quality) {}

    /// @param k number of segments taken
    record Curve(List<Double> losses, int k) {}

    static StudyCharts of(StudyRecord record) {
        var heals = record.healings();
        var dense = record.dense();
        var quality = record.quality();
        return new StudyCharts(record.study(), quality, quality.sizes(),
                dense == null ? null : new Point(quality.of(dense), dense.macs()), heals, Findings.removes(record),
                Group.of(record).stream().filter(g -> heals.stream().anyMatch(h -> g.after(h, quality).isPresent()))
                        .map(g -> row(record, g, heals)).toList(),
                curve(record).map(c -> List.of(new Curve(c.losses(), c.size()))).orElse(List.of()),
                SizeFindings.sizes(record), SizeFindings.overlaps(record), most(record).orElse(null));
    }

    /// See {@link #most}.
    static Optional<Double> most(StudyRecord record) {
        var quality = record.quality();
        if (quality != Quality.PERPLEXITY) {
            return Optional.empty();
        }
        var sorted = Group.of(record).stream()
                .flatMap(g -> record.healings().stream().flatMap(h -> g.after(h, quality).stream()))
                .map(Spread::mean).sorted().toList();
        return sorted.isEmpty()
                ? Optional.empty()
                : Optional.of(FAR * sorted.get((sorted.size() - 1) / 2)).filter(most -> sorted.getLast() > most);
    }

    private static Row row(StudyRecord record, Group group, List<String> heals) {
        var macs = heals.stream().flatMap(h -> group.after(h, m -> m.evaluation().macs()).stream())
                .mapToDouble(Spread::mean).findFirst().orElse(Double.NaN);
        var quality = new java.util.ArrayList<@Nullable Spread>();
        heals.forEach(h -> quality.add(group.after(h, record.quality()).orElse(null)));
        return new Row(group.label().id(), group.title(), group.remove(),
                group.label().id().equals(Findings.base(record)), macs, group.of(StudyCharts::passes).mean(),
                java.util.Collections.unmodifiableList(quality));
    }

    private static double passes(StudyRow row) {
        var work = row.chosen().candidates().forwardEquivalents();
        return work == null ? Double.NaN : work.choosing();
    }

    /// Of the study on segments: the automatic choice, with the curve it was made from.
    static Optional<Segmentation> curve(StudyRecord record) {
        return record.rows().stream().map(r -> r.chosen().segmentation())
                .filter(s -> s.rule().equals("elbow") && !s.losses().isEmpty()).findFirst();
    }
}
