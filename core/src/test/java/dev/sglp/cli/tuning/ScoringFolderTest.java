package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Analysis;
import dev.sglp.Notebook;
import dev.sglp.Numbers;
import dev.sglp.Pico;
import dev.sglp.Recipe;
import dev.sglp.Sglp;
import dev.sglp.Stopwatch;
import dev.sglp.data.Batch;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Stretch;
import dev.sglp.data.Dataset;
import dev.sglp.importance.Criteria;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.Mortal;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.method.Auto;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass.Precision;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A choice that is stopped in its midst goes on with what it has.
final class ScoringFolderTest {
    private static final int STOP = 2; // questions that are answered before
    private static final Criterion GRADNORM = Criteria.named("gradnorm");

    @TempDir
    Path directory;

    private static Analysis analyze(Pico pico, Criterion criterion, Notebook notebook, Stopwatch clock) {
        var data = new DataRoles(pico.items(), pico.items(), pico.items(), List.of());
        return Sglp.analyze(pico.model(), data, Recipe.removing(2, Layout.MAPS).with(criterion), notebook, clock,
                Progress.silent());
    }

    @Test
    void aChoiceThatWasStoppedGoesOnWithItsScores() throws IOException {
        try (var pico = Pico.open()) {
            var whole = new Mortal(GRADNORM, Integer.MAX_VALUE);
            var expected = analyze(pico, whole, Notebook.none(), new Stopwatch());
            assertThat(whole.asked()).isGreaterThan(STOP);

            assertThatThrownBy(() -> analyze(pico, new Mortal(GRADNORM, STOP), folder("network"), new Stopwatch()))
                    .hasMessage("killed");
            var rest = new Mortal(GRADNORM, Integer.MAX_VALUE);
            assertThat(analyze(pico, rest, folder("network"), new Stopwatch()).choice()).isEqualTo(expected.choice());
            assertThat(rest.asked()).isEqualTo(whole.asked() - STOP);

            var again = new Mortal(GRADNORM, 0);
            var clock = new Stopwatch();
            assertThat(analyze(pico, again, folder("network"), clock).choice()).isEqualTo(expected.choice());
            assertThat(clock.seconds().get("importance")).as("what it took alone").isPositive();

            var other = new Mortal(GRADNORM, Integer.MAX_VALUE);
            analyze(pico, other, folder("another network"), new Stopwatch());
            assertThat(other.asked()).isEqualTo(whole.asked());
        }
    }

    /// Dies where SLEB's scoring ends; knows during which step batches are asked for.
    private static final class Steps implements Progress {
        private final Map<String, Integer> batches = new TreeMap<>();
        private final boolean mortal;
        private String current = "";

        Steps(boolean mortal) {
            this.mortal = mortal;
        }

        @Override
        public Step step(String task, long total, String unit) {
            current = task;
            batches.put(task, 0);
            return new Step() {
                @Override
                public void advance(long units) {}

                @Override
                public void note(String what) {}

                @Override
                public void close() {
                    current = "between steps";
                    if (mortal && task.contains("SLEB")) {
                        throw new IllegalStateException("killed");
                    }
                }
            };
        }

        @Override
        public void say(String line) {}
    }

    private record Counted(Dataset items, Steps steps) implements Numbers {
        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Batch batch(int from, int to) {
            steps.batches.merge(steps.current, 1, Integer::sum);
            return items.batch(from, to);
        }
    }

    private static Analysis auto(Pico pico, Notebook notebook, Steps steps) {
        var data = new DataRoles(new Counted(pico.items(), steps), pico.items(), pico.items(), List.of());
        var usual = Recipe.removing(2, Layout.MAPS);
        var recipe = new Recipe(usual.cka(), usual.segments(), new Auto(), GRADNORM, usual.target(), usual.kept(),
                usual.limits(), usual.repair(), usual.healing(), usual.compute());
        return Sglp.analyze(pico.model(), data, recipe, notebook, new Stopwatch(), steps);
    }

    /// The loss and SLEB are scored by a criterion that nobody asked for.
    @Test
    void whatAutoScoresByTheLossIsKeptToo() {
        try (var pico = Pico.open()) {
            var first = new Steps(true);
            assertThatThrownBy(() -> auto(pico, folder("network"), first)).hasMessage("killed");
            var scoring = first.batches.entrySet().stream()
                    .filter(e -> e.getKey().matches("scoring sets .* (gradnorm|loss)|.*SLEB.*") && e.getValue() > 0)
                    .map(Map.Entry::getKey).toList();
            assertThat(scoring).hasSizeGreaterThanOrEqualTo(2);
            var second = new Steps(false);
            var found = auto(pico, folder("network"), second);
            assertThat(scoring).allMatch(step -> second.batches.get(step) == 0, "without a batch the second time");
            assertThat(found.choice()).isEqualTo(auto(pico, Notebook.none(), new Steps(false)).choice());
        }
    }

    @Test
    void theFolderGoesWhenAllIsDone() throws IOException {
        var folder = folder("network");
        folder.clear(); // nothing there
        try (var pico = Pico.open()) {
            analyze(pico, Criteria.named("loss"), folder, new Stopwatch());
        }
        assertThat(directory.resolve("scoring")).isNotEmptyDirectory();
        Files.writeString(directory.resolve("scoring/.scores-1.json-2.tmp"), "of a killed process");
        var own = Files.writeString(directory.resolve("scoring/notes.txt"), "somebody's");
        folder.clear();
        assertThat(directory.resolve("scoring")).isDirectoryContaining(own::equals);
        try (var left = Files.list(directory.resolve("scoring"))) {
            assertThat(left).containsExactly(own);
        }
        Files.delete(own);
        folder.clear();
        assertThat(Files.exists(directory.resolve("scoring"))).isFalse();
    }

    private ScoringFolder folder(String network) {
        return new ScoringFolder(directory, network);
    }

    /// A machine that is measured again may be found as fast as not.
    @Test
    void itGoesOnInThePrecisionItBeganWith() throws IOException {
        var rough = new PrecisionChoice(Precision.BFLOAT16, "measured");
        var exact = new PrecisionChoice(Precision.FLOAT32, "measured again");
        try (var pico = Pico.open()) {
            var data = new Calibration(pico.items(), 8, 0);
            assertThat(precision("network", Wish.AUTO, data, rough)).isEqualTo(rough);
            assertThat(precision("network", Wish.AUTO, data, exact)).isEqualTo(rough);
            assertThat(precision("other", Wish.AUTO, data, exact)).isEqualTo(exact);
            assertThat(precision("network", Wish.FLOAT32, data, exact)).isEqualTo(exact);
            for (var other : List.of(new Calibration(new Stretch(pico.items(), 0, 9), 8, 0),
                    new Calibration(pico.items(), 4, 0), new Calibration(pico.items(), 8, 1))) {
                assertThat(precision("network", Wish.AUTO, other, exact)).as("%s", other).isEqualTo(exact);
            }
            folder("network").clear();
            assertThat(precision("network", Wish.AUTO, data, exact)).isEqualTo(exact);
        }
    }

    private PrecisionChoice precision(String network, Wish wish, Calibration data, PrecisionChoice measured) {
        return folder(network).precision(wish, GRADNORM, data, () -> measured);
    }
}
