package dev.sglp.training.course;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.TrainingSettings.Regularisation;
import dev.sglp.training.descent.Optimizer;
import dev.sglp.training.descent.Schedule;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class CourseTest {
    private static final TrainingSettings SETTINGS = new TrainingSettings(3, 8, Optimizer.Sgd.standard(),
            Schedule.cosine(0.1, 0), Regularisation.none(), 5);

    /// Windows of these lengths, of which nothing is read.
    private record Windows(int... lengths) implements Dataset {
        @Override
        public String name() {
            return "windows";
        }

        @Override
        public int size() {
            return lengths.length;
        }

        @Override
        public Batch batch(int from, int to) {
            throw new IllegalStateException("nothing is read");
        }

        @Override
        public long places(int from, int to) {
            return Arrays.stream(lengths, from, to).sum();
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public List<String> itemHashes() {
            return List.of();
        }
    }

    private static Windows different() {
        var random = new Random(3);
        return new Windows(IntStream.range(0, 300).map(_ -> 1 + random.nextInt(60)).toArray());
    }

    private static List<int[]> all(Course course) {
        var all = new ArrayList<int[]>();
        for (int epoch = 0; epoch < course.epochs(); epoch++) {
            assertThat(course.begin(epoch)).isEqualTo(all.size());
            assertThat(course.batches(epoch)).hasSize(course.steps(epoch)).isNotEmpty();
            all.addAll(course.batches(epoch));
        }
        assertThat(course.steps()).isEqualTo(all.size());
        return all;
    }

    private static long tokens(Windows of, int[] batch) {
        return Arrays.stream(batch).mapToLong(i -> of.lengths[i]).sum();
    }

    /// As many in a row as fit, by the definition.
    @Test
    void aStepHasAsManyWindowsAsFit() {
        var windows = different();
        var course = Course.ofPasses(windows, SETTINGS.ofTokens(100));
        int steps = 0;
        for (int pass = 0; pass < 3; pass++) {
            var batches = course.batches(pass);
            steps += batches.size();
            assertThat(batches).allMatch(batch -> batch.length == 1 || tokens(windows, batch) <= 100);
            for (int i = 1; i < batches.size(); i++) {
                assertThat(tokens(windows, batches.get(i - 1)) + windows.lengths[batches.get(i)[0]]).isGreaterThan(100);
            }
            int[] seen = batches.stream().flatMapToInt(Arrays::stream).sorted().toArray();
            assertThat(seen).doesNotHaveDuplicates();
            assertThat(windows.places(0, 300) - tokens(windows, seen)).as("a rest").isLessThan(50);
        }
        assertThat(all(course)).hasSize(steps);
        assertThat(IntStream.range(0, 3).map(course::steps).distinct().count()).as("passes differ").isGreaterThan(1);
    }

    @Test
    void aWindowThatIsLongerThanAStepIsAStep() {
        assertThat(all(Course.ofPasses(different(), SETTINGS.ofTokens(1)))).hasSize(900)
                .allMatch(batch -> batch.length == 1);
    }

    /// Each stretch has a step at least, wherever the training ends.
    @Test
    void stretchesAndAnEarlyEndCountTheSameSteps() {
        var windows = different();
        var whole = all(Course.ofPasses(windows, SETTINGS.ofTokens(1000)));
        assertThat(whole.size()).isBetween(25, 30);
        for (int end = 1; end <= whole.size() + 1; end++) {
            var course = Course.ofText(windows, new Windows(30), SETTINGS.ofTokens(1000).ending(end));
            assertThat(all(course)).usingRecursiveComparison()
                    .isEqualTo(whole.subList(0, Math.min(end, whole.size())));
        }
        assertThat(Course.ofText(windows, new Windows(30), SETTINGS.ofTokens(1000)).word()).isEqualTo("part");
    }

    @Test
    void ofWindowsOfOneLengthItIsANumberOfWindows() {
        var windows = new Windows(IntStream.range(0, 100).map(_ -> 16).toArray());
        assertThat(all(Course.ofPasses(windows, SETTINGS.ofTokens(8 * 16 + 15)))).usingRecursiveComparison()
                .isEqualTo(all(Course.ofPasses(windows, SETTINGS)));
        assertThat(SETTINGS.ofTokens(8 * 16 + 15).most(windows)).isEqualTo(8);
        assertThat(SETTINGS.ofTokens(90).most(new Windows(30, 20, 40, 50, 60))).isEqualTo(4);
    }
}
