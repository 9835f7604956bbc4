package dev.sglp.report;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Scored;
import dev.sglp.pruning.PruningPlan.SegmentChoice;
import dev.sglp.training.TrainingRecord.Epoch;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// What the script of the HTML report draws, and no more: a large run must not make a large page.
///
/// @param names      name of every layer
/// @param boundaries segment borders, see `Segmentation`
/// @param removed    the removed layers
/// @param heatmap    the similarity; absent where there is none
/// @param training   the epochs of the healing; empty where there was none
/// @param unit       what people call each of them
/// @param fisher     within-segment sum of squares for 1, 2, … segments
record ChartData(List<String> names, List<Integer> boundaries, LayerSet removed, @Nullable Heatmap heatmap,
        List<Double> fisher, List<Candidates> candidates, List<RunRecord.Single> singles,
        List<Epoch> training, String unit) {
    private static final int MOST_CELLS = 150;
    private static final int MOST_ROWS = 40;
    static final int BEST = 20;
    static final int WORST = 5;

    /// @param block  how many neighbouring layers share a cell; 1 up to 150 layers
    /// @param values mean similarity of each cell, three digits
    record Heatmap(int block, List<List<Double>> values) {

        static Heatmap of(List<List<Double>> matrix) {
            int n = matrix.size();
            int block = Math.ceilDiv(n, MOST_CELLS);
            int cells = Math.ceilDiv(n, block);
            return new Heatmap(block, IntStream.range(0, cells).mapToObj(
                    i -> IntStream.range(0, cells).mapToObj(j -> mean(matrix, i * block, j * block, block)).toList())
                    .toList());
        }

        private static double mean(List<List<Double>> matrix, int row, int column, int block) {
            int n = matrix.size();
            double mean = IntStream.range(row, Math.min(row + block, n)).mapToObj(matrix::get)
                    .flatMap(r -> r.subList(column, Math.min(column + block, n)).stream())
                    .mapToDouble(Double::doubleValue).average().orElse(Double.NaN);
            return Double.isFinite(mean) ? Math.round(mean * 1000) / 1000.0 : mean;
        }
    }

    /// The scored sets of one segment, lowest first, the middle left out where there are many.
    ///
    /// @param total how many were scored
    /// @param gap   how many of `rows` come before the part left out; −1 where nothing is
    record Candidates(int segment, int total, int gap, List<Row> rows) {

        static Candidates of(SegmentChoice choice, LayerSet chosen) {
            var scores = choice.scores();
            int total = scores.size();
            var shown = IntStream.range(0, total).filter(i -> total <= MOST_ROWS || i < BEST || i >= total - WORST)
                    .mapToObj(scores::get).map(s -> Row.of(s, chosen)).toList();
            return new Candidates(choice.segment(), total, shown.size() < total ? BEST : -1, shown);
        }
    }

    /// @param chosen whether the plan removes exactly this set
    record Row(LayerSet layers, double score, double spread, boolean chosen) {
        static Row of(Scored scored, LayerSet chosen) {
            return new Row(scored.layers(), scored.score(), scored.spread(), scored.layers().equals(chosen));
        }
    }

    static ChartData of(RunRecord record) {
        var plan = record.plan();
        var similarity = record.similarity();
        var heatmap = similarity == null || similarity.values().isEmpty() ? null : Heatmap.of(similarity.values());
        var candidates = plan == null
                ? List.<Candidates>of()
                : plan.choices().stream().filter(c -> !c.scores().isEmpty())
                        .map(c -> Candidates.of(c, Tables.removedFrom(record, c.segment()))).toList();
        return new ChartData(record.layers().stream().map(RunRecord.LayerRow::name).toList(),
                record.segmentation().boundaries(), plan == null
                        ? LayerSet.EMPTY
                        : plan.removed(),
                heatmap, record.segmentation().losses(), candidates, record.importance(),
                record.training() == null ? List.of() : record.training().points(),
                record.training() == null ? "epoch" : record.training().word());
    }
}
