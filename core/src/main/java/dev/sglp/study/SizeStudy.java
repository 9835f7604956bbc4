package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.progress.Progress;
import dev.sglp.report.study.StudyRecord.SizeRow;
import dev.sglp.segmentation.Fisher;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.study.StudyPlan.Draw;
import java.util.List;
import java.util.stream.IntStream;

/// Similarity and segments by the number of calibration images: each size is a beginning of the same draw, so that one
/// run over the largest gives all.
final class SizeStudy {
    private SizeStudy() {}

    /// What one draw gave; a record of its own, to be kept as one file.
    record Rows(List<SizeRow> rows) {
        Rows {
            rows = List.copyOf(rows);
        }
    }

    static Rows of(Workbench bench, Draw draw, Cka.Estimator estimator, List<Integer> sizes, Progress progress) {
        var standard = Cka.standard(bench.settings().batchSize());
        var cka = new Cka(standard.kernel(), standard.bandwidth(), estimator, standard.features(), standard.batchSize(),
                standard.memoryBytes());
        var subsets = sizes.stream().map(n -> IntStream.range(0, n).toArray()).toList();
        var found = cka.of(bench.dense(), draw.first(sizes.getLast()), subsets, progress);
        return new Rows(IntStream.range(0, sizes.size())
                .mapToObj(i -> row(draw.seed(), found.subsets().get(i), found.whole())).toList());
    }

    private static SizeRow row(long seed, SimilarityMatrix matrix, SimilarityMatrix largest) {
        int k = Math.min(3, matrix.size());
        return new SizeRow(seed, matrix.estimator(), matrix.examples(),
                new Segments(k, Fisher.Features.ROWS).of(matrix),
                new Segments(Segments.AUTO, Fisher.Features.ROWS).of(matrix), distance(matrix, largest));
    }

    /// Root mean square over the pairs of different layers.
    private static double distance(SimilarityMatrix a, SimilarityMatrix b) {
        double squares = 0;
        for (int i = 0; i < a.size(); i++) {
            for (int j = 0; j < a.size(); j++) {
                squares += (a.get(i, j) - b.get(i, j)) * (a.get(i, j) - b.get(i, j));
            }
        }
        return Math.sqrt(squares / Math.max(1, a.size() * (a.size() - 1)));
    }
}
