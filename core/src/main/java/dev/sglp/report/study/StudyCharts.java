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
/// @param dense  accuracy and MACs of the dense network; absent until measured
/// @param heals  healings, in order
/// @param curves one loss curve for each way to compare layers
record StudyCharts(@Nullable Point dense, List<String> heals, List<Integer> removes, List<Row> rows,
        List<Curve> curves, List<Size> sizes, List<Overlap> overlaps) {

    record Point(double accuracy, double macs) {}

    /// @param main     whether it stands out
    /// @param macs     mean over its seeds
    /// @param accuracy one for each healing; absent where it was not measured
    record Row(String id, String title, int remove, boolean main, double macs, List<@Nullable Spread> accuracy) {}

    /// @param k number of segments taken
    record Curve(List<Double> losses, int k) {}

    static StudyCharts of(StudyRecord record) {
        var heals = record.healings();
        var dense = record.dense();
        return new StudyCharts(dense == null ? null : new Point(dense.accuracy(), dense.macs()), heals,
                Findings.removes(record),
                Group.of(record).stream().filter(g -> heals.stream().anyMatch(h -> g.accuracy(h).isPresent()))
                        .map(g -> row(g, heals)).toList(),
                curve(record).map(c -> List.of(new Curve(c.losses(), c.size()))).orElse(List.of()),
                SizeFindings.sizes(record), SizeFindings.overlaps(record));
    }

    private static Row row(Group group, List<String> heals) {
        var macs = heals.stream().flatMap(h -> group.after(h, m -> m.evaluation().macs()).stream())
                .mapToDouble(Spread::mean).findFirst().orElse(Double.NaN);
        var accuracy = new java.util.ArrayList<@Nullable Spread>();
        heals.forEach(h -> accuracy.add(group.accuracy(h).orElse(null)));
        return new Row(group.label().id(), group.title(), group.remove(), group.label().id().equals("sglp"), macs,
                java.util.Collections.unmodifiableList(accuracy));
    }

    /// Of the study on segments: the automatic choice, with the curve it was made from.
    static Optional<Segmentation> curve(StudyRecord record) {
        return record.rows().stream().map(r -> r.chosen().segmentation())
                .filter(s -> s.rule().equals("elbow") && !s.losses().isEmpty()).findFirst();
    }
}
