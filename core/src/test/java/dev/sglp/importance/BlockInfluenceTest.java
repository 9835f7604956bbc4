package dev.sglp.importance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Numbers.Counted;
import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.SignalNetwork;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// ShortGPT's equation 1 on text, against loops over the numbers of every token.
@ExtendWith(Scoped.class)
final class BlockInfluenceTest {
    private static final int LENGTH = 9;
    private static final int WINDOWS = 5;
    private static final int PADDED = 4; // last tokens of the last window

    @ParameterizedTest
    @CsvSource({"false,5", "false,2", "true,5", "true,2"})
    void itIsTheMeanOverRealTokens(boolean padded, int batchSize) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder/llama3")); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var text = new Counted(WINDOWS, LENGTH, padded ? PADDED : 0, i -> i * 7 % 40);
            var sets = IntStream.range(0, 4).mapToObj(LayerSet::of).toList();
            var scores = new BlockInfluence().scores(new ScoringTask(model, new Segment(0, 4), sets,
                    new Calibration(text, batchSize, 0), Progress.Silent.INSTANCE));
            double[] expected = expected(model, text);
            for (int i = 0; i < 4; i++) {
                assertThat(scores.get(i).value()).isCloseTo(expected[i], within(1e-6));
            }
        }
    }

    /// A signal has rank 3 as a text has, but its moments are no examples.
    @Test
    void aSignalIsComparedAsAWhole() {
        var model = SignalNetwork.of(2, 3);
        var inputs = Seed.of(1).normal("signals", 1, 4, 3, 5);
        var data = new Oracle.Items(inputs, Tensors.longs(new long[4]), List.of("a", "b"));
        var scores = new BlockInfluence().scores(new ScoringTask(model, new Segment(0, 2),
                List.of(LayerSet.of(0), LayerSet.of(1)), new Calibration(data, 3, 0), Progress.Silent.INSTANCE));
        model.body(inputs, Pass.evaluation(), (layer, input, output) -> {
            double[] x = Tensors.toDoubles(input);
            double[] y = Tensors.toDoubles(output);
            double sum = IntStream.range(0, 4).mapToDouble(i -> cosine(x, y, i * 15, 15)).sum();
            assertThat(scores.get(layer).value()).isCloseTo(1 - sum / 4, within(1e-6));
        });
    }

    private static double[] expected(LayeredModel model, Counted text) {
        var influence = new double[4];
        model.body(text.batch(0, WINDOWS).inputs(), Pass.evaluation(), (layer, input, output) -> {
            int width = (int) input.size(2);
            double[] x = Tensors.toDoubles(input);
            double[] y = Tensors.toDoubles(output);
            int[] real = IntStream.range(0, WINDOWS * LENGTH).filter(text::isReal).toArray();
            double sum = 0;
            for (int token : real) {
                sum += cosine(x, y, token * width, width);
            }
            influence[layer] = 1 - sum / real.length;
        });
        return influence;
    }

    private static double cosine(double[] x, double[] y, int from, int width) {
        double product = 0;
        double xx = 0;
        double yy = 0;
        for (int i = from; i < from + width; i++) {
            product += x[i] * y[i];
            xx += x[i] * x[i];
            yy += y[i] * y[i];
        }
        return product / Math.sqrt(xx * yy);
    }
}
