package dev.sglp.report;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.RunRecord.Single;
import dev.sglp.segmentation.Segmentation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Short tables for a terminal: plain text, at most 100 columns wide, each line ended by a line break.
public final class Tables {
    private Tables() {}

    /// Dense against pruned, measure by measure; empty where nothing was measured.
    public static String comparison(RunRecord record) {
        var comparison = Comparison.of(record);
        if (comparison.rows().isEmpty()) {
            return "";
        }
        boolean change = comparison.columns().size() > 1;
        var head = row("", comparison.columns(), change ? List.of("change") : List.of());
        var rows = comparison.rows().stream()
                .map(r -> row(r.label(), r.values(), change ? List.of(r.change()) : List.of())).toList();
        return new TextTable(head, aligned(head.size(), 1), rows).text()
                + Stream.concat(Stream.of(comparison.note()), comparison.remarks().stream()).filter(s -> !s.isEmpty())
                        .map(s -> s + "\n").collect(Collectors.joining());
    }

    /// Every layer with its cost, and whether it can be removed.
    public static String layers(List<LayerRow> layers) {
        var head = List.of("layer", "name", "output", "parameters", "MACs", "removable");
        var left = List.of(false, true, true, false, false, true);
        var rows = layers.stream().map(l -> List.of(String.valueOf(l.index()), l.name(), shape(l),
                Human.parameters(l.parameters()), Human.macs(l.macs()), state(l))).toList();
        return new TextTable(head, left, rows).text();
    }

    /// The segments: how many layers, how many of them removable, and with a plan what was removed and its score.
    public static String segments(RunRecord record) {
        var head = List.of("segment", "layers", "removable", "scored", "score", "removed");
        var left = List.of(true, true, false, false, false, true);
        var rows = IntStream.range(0, record.segmentation().size()).mapToObj(s -> segment(record, s)).toList();
        return new TextTable(head, left, rows).withoutEmptyColumns().text();
    }

    /// Every scored layer alone: its score, and how much the loss grows without it; empty where none was scored.
    public static String singles(RunRecord record) {
        if (record.importance().isEmpty()) {
            return "";
        }
        var head = List.of("layer", "name", "segment", "score", "loss increase");
        var left = List.of(true, true, true, false, false);
        var rows = record.importance().stream().map(s -> List.of(String.valueOf(s.layer()), name(record, s.layer()),
                String.valueOf(s.segment() + 1), Human.number(s.score()), increase(s))).toList();
        return new TextTable(head, left, rows).withoutEmptyColumns().text()
                + "Each layer alone, scored by %s: the lowest score goes first.%s\n".formatted(record.criterion(),
                        record.importance().stream().allMatch(s -> s.lossIncrease() == null)
                                ? ""
                                : " The loss (%s) is of the calibration data%s.".formatted(record.model().lossIn(),
                                        asRepaired(record)));
    }

    /// Behind what is said of losses without layers.
    static String asRepaired(RunRecord record) {
        return record.mechanisms() != null && record.mechanisms().ofRepaired() ? ", as repaired gap by gap" : "";
    }

    static String name(RunRecord record, int layer) {
        return record.layers().stream().filter(l -> l.index() == layer).map(LayerRow::name).findFirst().orElse("");
    }

    private static String increase(Single single) {
        return single.lossIncrease() == null ? "" : Human.number(single.lossIncrease());
    }

    /// Fisher's loss for each number of segments, where k was found from it; and how stable the borders are.
    public static String curve(Segmentation cut) {
        var below = cut.belowChord();
        var rows = IntStream.range(0, below.size()).mapToObj(i -> List.of(String.valueOf(i + 1),
                Human.number(cut.losses().get(i)), Human.number(below.get(i)), i + 1 == cut.size() ? "taken" : ""))
                .toList();
        var left = List.of(false, false, false, true);
        String table = cut.rule().equals("given") || rows.isEmpty()
                ? ""
                : new TextTable(List.of("segments", "loss inside", "below the chord", ""), left, rows).text();
        return table + stability(cut);
    }

    /// What was done, by which preset and what it took, in a line; empty where nothing was chosen.
    public static String done(RunRecord record) {
        var plan = record.plan();
        if (plan == null) {
            return "";
        }
        double seconds = record.seconds().values().stream().mapToDouble(Double::doubleValue).sum();
        var repair = plan.repair() == null ? "none" : plan.repair().name();
        return Human.capitalised("%s%s, repair %s, healing %s; %s in all. %s".formatted(
                plan.preset() == null ? "" : plan.preset() + ": ", plan.how(), repair,
                Objects.requireNonNullElse(record.heal(), "none"), Human.seconds(seconds), work(record))).strip();
    }

    /// What the choice took, one sentence; empty where it was not counted.
    public static String work(RunRecord record) {
        var work = record.plan() == null ? null : record.plan().candidates().forwardEquivalents();
        return work == null
                ? ""
                : String.format(Locale.ROOT,
                        "The choice took %.1f passes of the dense network forward over the calibration data (a pass back counts 2): %.1f for similarity, %.1f for scores; and %.1f to verify.",
                        work.choosing(), work.similarity(), work.scores(), work.verification());
    }

    /// One sentence; empty where it was not measured.
    public static String stability(Segmentation cut) {
        var s = cut.stability();
        return s == null
                ? ""
                : "On %d subsets of %.0f %% of the calibration data: borders move by %.1f layers on average, adjusted Rand index %.2f; the loss curve says %s segments.\n"
                        .formatted(s.resamples().size(), 100 * s.share(), s.distance(), s.rand(),
                                s.resamples().stream().map(r -> String.valueOf(r.elbow()))
                                        .collect(Collectors.joining(", ")));
    }

    static String shape(LayerRow layer) {
        return layer.output().stream().map(String::valueOf).collect(Collectors.joining("×"));
    }

    /// The layers the plan takes from segment `s`; empty without a plan.
    static LayerSet removedFrom(RunRecord record, int s) {
        var plan = record.plan();
        var segment = record.segmentation().segment(s);
        return plan == null
                ? LayerSet.EMPTY
                : plan.removed().only(segment::contains);
    }

    private static String state(LayerRow layer) {
        if (layer.removed()) {
            return "removed";
        }
        return layer.removable() ? "yes" : layer.fixed() == null ? "no" : "no: " + layer.fixed();
    }

    private static List<String> segment(RunRecord record, int s) {
        var segment = record.segmentation().segment(s);
        long removable = record.layers().stream().filter(l -> segment.contains(l.index()) && l.removable()).count();
        var removed = removedFrom(record, s);
        var choices = record.plan() == null
                ? List.<SegmentChoice>of()
                : record.plan().choices().stream().filter(c -> c.segment() == s).toList();
        String score = choices.stream().flatMap(c -> c.scores().stream()).filter(c -> c.layers().equals(removed))
                .map(c -> Human.number(c.score())).findFirst().orElse("");
        int scored = choices.stream().mapToInt(c -> c.scores().size()).sum();
        return List.of(String.valueOf(s + 1), segment.toString(), String.valueOf(removable),
                scored == 0 ? "" : String.valueOf(scored), score, record.plan() == null ? "" : removed.toString());
    }

    private static List<String> row(String first, List<String> middle, List<String> last) {
        var row = new ArrayList<>(List.of(first));
        row.addAll(middle);
        row.addAll(last);
        return List.copyOf(row);
    }

    private static List<Boolean> aligned(int columns, int left) {
        return IntStream.range(0, columns).mapToObj(c -> c < left).toList();
    }
}
