package dev.sglp.study;

import dev.sglp.Recipe.Segments;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.report.study.StudyRecord.SizeRow;
import dev.sglp.segmentation.Fisher;
import dev.sglp.similarity.Cka;
import dev.sglp.similarity.SimilarityMatrix;
import dev.sglp.study.StudyPlan.Draw;
import java.util.List;
import java.util.stream.IntStream;

/// Similarity and segments by the number of calibration images or tokens: each size is a beginning of the same draw.
final class SizeStudy {
    private SizeStudy() {}

    /// What one draw gave; a record of its own, to be kept as one file.
    record Rows(List<SizeRow> rows) {
        Rows {
            rows = List.copyOf(rows);
        }
    }

    /// @param cka as in the study's choices, but for the estimator
    static Rows of(Workbench bench, Draw draw, Cka cka, List<Integer> sizes, Progress progress) {
        var matrices = cka.representation().tokens()
                ? sizes.stream().map(n -> cka.of(bench.dense(), draw.first().apply(n), progress)).toList()
                : nested(bench, draw, cka, sizes, progress);
        return new Rows(IntStream.range(0, sizes.size())
                .mapToObj(i -> row(new Size(draw.seed(), sizes.get(i)), matrices.get(i), matrices.getLast()))
                .toList());
    }

    /// Of images, the Gram matrices of a beginning stand in those of the whole.
    private static List<SimilarityMatrix> nested(Workbench bench, Draw draw, Cka cka, List<Integer> sizes,
            Progress progress) {
        var subsets = sizes.stream().map(n -> IntStream.range(0, n).toArray()).toList();
        var found = cka.of(bench.dense(), draw.first().apply(sizes.getLast()), subsets, progress).subsets();
        if (found.size() < sizes.size()) {
            throw new UsageException(
                    "CKA is undefined on the smallest of --sizes %s: a layer's output does not vary over them. Raise it"
                            .formatted(sizes));
        }
        return found;
    }

    private record Size(long seed, int examples) {}

    private static SizeRow row(Size size, SimilarityMatrix matrix, SimilarityMatrix largest) {
        int k = Math.min(Segments.USUAL, matrix.size());
        return new SizeRow(size.seed, matrix.estimator(), size.examples,
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
