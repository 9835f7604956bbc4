package dev.sglp.report.study;

import dev.sglp.model.LayerSet;
import dev.sglp.report.study.Group.Spread;
import dev.sglp.report.study.StudyRecord.SizeRow;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/// How similarity, segments and plans depend on the number of calibration images or tokens.
final class SizeFindings {
    private SizeFindings() {}

    /// @param same   how many draws have the three segments of their largest size
    /// @param draws  of how many
    record Size(String estimator, int examples, Spread distance, int same, int draws) {}

    /// By estimator and number of images or tokens.
    static List<Size> sizes(StudyRecord record) {
        var rows = record.sizes();
        var all = new ArrayList<Size>();
        for (var estimator : rows.stream().map(SizeRow::estimator).distinct().toList()) {
            for (int n : rows.stream().map(SizeRow::examples).distinct().sorted().toList()) {
                var own = rows.stream().filter(r -> r.estimator().equals(estimator) && r.examples() == n).toList();
                int same = Math.toIntExact(own.stream().filter(r -> r.three().boundaries()
                        .equals(largest(rows, r).three().boundaries())).count());
                all.add(new Size(estimator, n, Spread.of(own.stream().mapToDouble(SizeRow::distance).toArray()), same,
                        own.size()));
            }
        }
        return List.copyOf(all);
    }

    private static SizeRow largest(List<SizeRow> rows, SizeRow row) {
        return rows.stream().filter(r -> r.seed() == row.seed() && r.estimator().equals(row.estimator()))
                .reduce((a, b) -> a.examples() >= b.examples() ? a : b).orElseThrow();
    }

    /// How alike the plans of different draws of the same size are.
    ///
    /// @param choice  the row without its size
    /// @param jaccard of every two draws: shared layers among all layers of both; 1 the same plan
    record Overlap(String choice, int examples, int remove, Spread jaccard) {}

    static List<Overlap> overlaps(StudyRecord record) {
        return Group.of(record).stream().filter(g -> g.rows().size() > 1)
                .map(g -> new Overlap(g.label().choice(), g.rows().getFirst().size(), g.remove(), jaccards(g)))
                .toList();
    }

    static Spread jaccards(Group group) {
        var all = new ArrayList<Double>();
        for (int i = 0; i < group.rows().size(); i++) {
            for (int j = 0; j < i; j++) {
                all.add(jaccard(group.rows().get(i).chosen().removed(), group.rows().get(j).chosen().removed()));
            }
        }
        return Spread.of(all.stream().mapToDouble(Double::doubleValue).toArray());
    }

    static double jaccard(LayerSet a, LayerSet b) {
        int union = a.union(b).size();
        return union == 0 ? 1 : (a.size() + b.size() - union) / (double) union;
    }

    static List<String> of(StudyRecord record) {
        var all = new ArrayList<String>();
        var sizes = sizes(record);
        String unit = record.quality().sizes();
        for (var estimator : sizes.stream().map(Size::estimator).distinct().toList()) {
            var own = sizes.stream().filter(s -> s.estimator().equals(estimator)).toList();
            if (own.size() < 2) {
                continue; // nothing to compare
            }
            stableFrom(own).ifPresentOrElse(
                    n -> all.add("%s CKA: from %d %s on, every draw is cut into the same three segments as with %d."
                            .formatted(word(estimator), n, unit, own.getLast().examples())),
                    () -> all
                            .add("%s CKA: no smaller number of %s gives every draw the three segments of %d."
                                    .formatted(word(estimator), unit, own.getLast().examples())));
            all.add(String.format(Locale.ROOT,
                    "%s CKA: with %d %s the matrix differs by %.3f (root mean square) from that of %d, with %d by %.3f.",
                    word(estimator), own.getFirst().examples(), unit, own.getFirst().distance().mean(),
                    own.getLast().examples(), own.get(own.size() / 2).examples(),
                    own.get(own.size() / 2).distance().mean()));
        }
        var overlaps = overlaps(record);
        boolean one = overlaps.stream().map(Overlap::choice).distinct().count() < 2;
        overlaps.forEach(o -> all.add(String.format(Locale.ROOT,
                (one ? "" : "“%s”: ".formatted(o.choice().replace("%", "%%")))
                        + "%d layers chosen on %d %s: plans of different draws have a Jaccard index of %.2f (1: the same plan).",
                o.remove(), o.examples(), unit, o.jaccard().mean())));
        return all;
    }

    private static String word(String estimator) {
        return Character.toUpperCase(estimator.charAt(0)) + estimator.substring(1);
    }

    /// The smallest number of images below the largest from which on all draws agree with it.
    private static Optional<Integer> stableFrom(List<Size> own) {
        Optional<Integer> from = Optional.empty();
        for (int i = own.size() - 2; i >= 0 && own.get(i).same() == own.get(i).draws(); i--) {
            from = Optional.of(own.get(i).examples());
        }
        return from;
    }
}
