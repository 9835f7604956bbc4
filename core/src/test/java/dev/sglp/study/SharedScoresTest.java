package dev.sglp.study;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Pico;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Mortal;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.ledger.Ledger;
import dev.sglp.ledger.SharedScores;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A question that is stopped in its midst.
final class SharedScoresTest {
    private static final int STOP = 3;
    private static final List<LayerSet> SETS = List.of(LayerSet.of(1), LayerSet.of(0, 1), LayerSet.of(3),
            LayerSet.of(1, 3), LayerSet.of(0), LayerSet.of(0, 3));

    @TempDir
    Path folder;

    /// Is killed when so many candidates are done.
    private static final class Dying implements Progress.Step {
        private int left;

        Dying(int left) {
            this.left = left;
        }

        @Override
        public void advance(long units) {
            left -= Math.toIntExact(units);
            if (left <= 0) {
                throw new IllegalStateException("killed");
            }
        }

        @Override
        public void note(String what) {}

        @Override
        public void close() {}
    }

    private static ScoringTask task(Pico pico, Progress.Step step) {
        return new ScoringTask(pico.model(), new Segment(0, 6), SETS, new Calibration(pico.items(), 8, 0), step);
    }

    private SharedScores memory() {
        return new SharedScores(new Ledger(folder, "network"), Duration.ZERO);
    }

    private long kept(String kind) throws IOException {
        try (var files = Files.list(folder)) {
            return files.filter(f -> f.getFileName().toString().startsWith(kind)).count();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"gradnorm", "gradnorm-skip", "loss"})
    void theRestIsScored(String name) throws IOException {
        try (var pico = Pico.open()) {
            var criterion = Criteria.named(name);
            var expected = criterion.scores(task(pico, Progress.Silent.INSTANCE));
            assertThatThrownBy(() -> memory().of(criterion).scores(task(pico, new Dying(STOP)))).hasMessage("killed");
            assertThat(kept("begun")).isEqualTo(1);

            var memory = memory();
            var rest = task(pico, Progress.Silent.INSTANCE);
            assertThat(memory.of(criterion).scores(rest)).isEqualTo(expected);
            assertThat(memory.saved()).as("seconds of the run that was killed").isPositive();
            assertThat(kept("begun")).isZero();

            var whole = task(pico, Progress.Silent.INSTANCE);
            criterion.scores(whole);
            assertThat(rest.work().forwardEquivalents()).as("both runs together")
                    .isBetween(whole.work().forwardEquivalents(), 1.3 * whole.work().forwardEquivalents());

            assertThat(memory().of(new Mortal(criterion, 0)).scores(task(pico, Progress.Silent.INSTANCE)))
                    .as("all is known")
                    .isEqualTo(expected);
        }
    }

    /// Whoever is stopped has them kept at once, not only every minute.
    @Test
    void whatIsKnownIsKeptOnRequest() throws IOException {
        try (var pico = Pico.open()) {
            var memory = new SharedScores(new Ledger(folder, "network"), Duration.ofDays(1));
            memory.keep(); // nothing is being scored
            var loss = Criteria.named("loss");
            assertThatThrownBy(() -> memory.of(loss).scores(task(pico, new Dying(STOP)))).hasMessage("killed");
            assertThat(kept("begun")).isZero();
            memory.keep();
            assertThat(kept("begun")).isEqualTo(1);
            assertThat(memory().of(loss).scores(task(pico, Progress.Silent.INSTANCE)))
                    .isEqualTo(loss.scores(task(pico, Progress.Silent.INSTANCE)));
        }
    }

    @Test
    void scoresThatDependOnEachOtherAreKeptTogether() throws IOException {
        try (var pico = Pico.open()) {
            assertThatThrownBy(
                    () -> memory().of(Criteria.named("magnitude")).scores(task(pico, new Dying(STOP))))
                    .hasMessage("killed");
            assertThat(kept("begun")).isZero();
        }
    }
}
