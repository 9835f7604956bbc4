package dev.sglp.importance.stream;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.family.decoder.Pico;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.Kl;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.Set;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Four windows of eight tokens, two at a time.
@ExtendWith(Scoped.class)
final class LastOutputsTest {
    private static final List<LayerSet> FIRST = List.of(LayerSet.of(1), LayerSet.of(2));
    private static final List<LayerSet> SECOND = List.of(LayerSet.of(1, 2), LayerSet.of(3));

    private static Calibration data() {
        var tokens = Tensors.longs(LongStream.range(0, 32).map(i -> i * i % 37).toArray()).view(4, 8);
        return new Calibration(new Oracle.Items(tokens, tokens.roll(-1), List.of()), 2, 0);
    }

    private static List<Score> scores(LayeredModel model, Precision precision, List<LayerSet> sets, Calibration data,
            Meter work) {
        return Kl.standard().in(precision).scores(new ScoringTask(model, new Segment(0, model.layers().size()), sets,
                data, Progress.Silent.INSTANCE).counted(work));
    }

    @ParameterizedTest
    @EnumSource
    void scoresAndCostsAreThoseOfAQuestionThatKnowsNothing(Precision precision) throws IOException {
        try (var pico = Pico.open("llama3")) {
            var model = pico.model();
            var read = data().read(model, Set.of());
            for (var sets : List.of(FIRST, SECOND, FIRST)) {
                var alone = data().meter(model);
                var work = data().meter(model);
                assertThat(scores(model, precision, sets, read, work))
                        .isEqualTo(scores(model, precision, sets, data(), alone));
                assertThat(work.forwardEquivalents()).isEqualTo(alone.forwardEquivalents());
            }
        }
    }

    @Test
    void theDenseNetworkRunsOnce() throws IOException {
        try (var pico = Pico.open("llama3")) {
            var ran = data().meter(pico.model());
            var model = ran.counting(pico.model());
            var read = data().read(model, Set.of());
            scores(model, Precision.FLOAT32, SECOND, read, data().meter(model));
            double first = ran.forwardEquivalents();
            scores(model, Precision.FLOAT32, SECOND, read, data().meter(model));
            double head = (double) model.head().macs() / model.macs();
            assertThat(ran.forwardEquivalents() - first).isCloseTo(first - (1 - head), within(1e-9));
        }
    }
}
