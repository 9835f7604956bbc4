package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.decoder.Pico;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;

/// Against the definition, by plain loops over the logits.
final class KlTest {
    private static final List<LayerSet> SETS = List.of(LayerSet.of(1), LayerSet.EMPTY, LayerSet.of(0, 2));

    /// Windows as texts have them: the last token has no target.
    private record Windows(Numbers numbers) implements Numbers {
        @Override
        public int size() {
            return numbers.size();
        }

        @Override
        public Batch batch(int from, int to) {
            var tokens = numbers.batch(from, to).inputs();
            long last = tokens.size(1) - 1;
            var targets = torch.cat(new TensorVector(tokens.narrow(1, 1, last),
                    torch.full_like(tokens.narrow(1, 0, 1), new Scalar(Batch.NO_TARGET))), 1);
            return new Batch(tokens, targets, Optional.empty());
        }
    }

    /// Probabilities of every row of the logits.
    private static double[][] probabilities(LayeredModel model, Dataset items) {
        try (var _ = Scope.open()) {
            var logits = model.forward(items.batch(0, items.size()).inputs(), Pass.evaluation());
            int classes = Math.toIntExact(logits.size(-1));
            var numbers = Tensors.toDoubles(logits);
            var rows = new double[numbers.length / classes][classes];
            for (int r = 0; r < rows.length; r++) {
                double sum = 0;
                for (int c = 0; c < classes; c++) {
                    rows[r][c] = Math.exp(numbers[r * classes + c]);
                    sum += rows[r][c];
                }
                for (int c = 0; c < classes; c++) {
                    rows[r][c] /= sum;
                }
            }
            return rows;
        }
    }

    private static double divergence(double[] p, double[] q) {
        double sum = 0;
        for (int c = 0; c < p.length; c++) {
            sum += p[c] * Math.log(p[c] / q[c]);
        }
        return sum;
    }

    private static List<Criterion.Score> scores(LayeredModel model, Dataset items, int batch) {
        return Kl.standard().scores(new ScoringTask(model, new Segment(0, model.layers().size()), SETS,
                new Calibration(items, batch, 1), Progress.Silent.INSTANCE));
    }

    @Test
    void ofImagesItIsTheMeanOverTheExamples() {
        try (var pico = dev.sglp.Pico.open()) {
            var sets = List.of(LayerSet.of(1), LayerSet.EMPTY, LayerSet.of(0, 3));
            var found = Kl.standard().scores(new ScoringTask(pico.model(), new Segment(0, 6), sets,
                    new Calibration(pico.items(), 3, 1), Progress.Silent.INSTANCE));
            var dense = probabilities(pico.model(), pico.items());
            for (int s = 0; s < sets.size(); s++) {
                var other = probabilities(pico.model().without(sets.get(s)), pico.items());
                double mean = 0;
                for (int r = 0; r < dense.length; r++) {
                    mean += divergence(dense[r], other[r]) / dense.length;
                }
                assertThat(found.get(s).value()).isCloseTo(mean, within(1e-6 + 1e-4 * mean));
            }
        }
    }

    /// The last token of a window has no target, so it does not take part.
    @Test
    void ofTextItIsTheMeanOverTheTokensWithATarget() throws Exception {
        try (var pico = Pico.open("llama3")) {
            var items = new Windows(new Numbers.Counted(5, 9, 0, i -> i * i % 40));
            var found = scores(pico.model(), items, 2);
            var dense = probabilities(pico.model(), items);
            int width = dense.length / items.size();
            for (int s = 0; s < SETS.size(); s++) {
                var other = probabilities(pico.model().without(SETS.get(s)), items);
                double mean = 0;
                int count = 0;
                for (int r = 0; r < dense.length; r++) {
                    if (r % width < width - 1) {
                        mean += divergence(dense[r], other[r]);
                        count++;
                    }
                }
                assertThat(found.get(s).value()).isCloseTo(mean / count, within(1e-6 + 1e-4 * mean / count));
            }
        }
    }
}
