package dev.sglp.family;

import static dev.sglp.family.Both.items;
import static dev.sglp.family.Both.scores;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.GradNorm.Absence;
import dev.sglp.importance.GradNorm.Norm;
import dev.sglp.importance.GradNorm.Range;
import dev.sglp.importance.GradNorm.Reading;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.letter.Letter;
import dev.sglp.importance.wave.GradientWave;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.Tape;
import dev.sglp.model.wave.DenseStates;
import dev.sglp.model.wave.DrawnLayers;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.output.OutputException;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.DoubleStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// GradNorm of a network that is read layer by layer: a wave forward and one back for all candidates give what each of them gives alone.
final class FileGradientsTest {
    private static final List<LayerSet> SETS = List.of(LayerSet.of(1), LayerSet.of(2), LayerSet.of(1, 2),
            LayerSet.of(3), LayerSet.of(2, 3));
    private static final Segment SEGMENT = new Segment(1, 4);

    private static List<GradNorm> settings() {
        return List.of(GradNorm.standard(), GradNorm.skipping(),
                new GradNorm(Absence.REINIT, Reading.KEPT, Norm.GLOBAL, Range.ALL, 2),
                new GradNorm(Absence.REINIT, Reading.ABSENT, Norm.SUM, Range.SEGMENT, 1));
    }

    /// One batch, whose gradients are reduced as they arise, and several, which are summed; heads that share a tensor with the stem (qwen2,
    /// gpt2) and others; little room, where everything waits on disk, and much.
    @ParameterizedTest
    @CsvSource({"llama3, 2, 4, 1", "llama3, 1, 2, 100000", "qwen2, 2, 4, 1", "qwen2, 1, 2, 9000", "gpt2/gpt2, 2, 4, 1",
            "gpt2/gpt2, 3, 3, 1", "mixtral/8x7b, 2, 4, 1", "opt/bare, 2, 2, 1", "phi/2, 2, 4, 1", "falcon/7b, 2, 4, 1"})
    void theScoresAreTheSameAndEachLayerIsReadTwiceADraw(String name, int layers, int batchSize, long room)
            throws IOException {
        for (var criterion : settings()) {
            try (var both = Both.open(name, layers, room); var _ = Scope.open()) {
                var data = new Calibration(items(4, 1), batchSize, 0);
                var segment = new Segment(1, Math.min(4, both.whole().layers().size()));
                var sets = SETS.stream().filter(s -> s.indices().stream().allMatch(segment::contains)).toList();
                assertThat(scores(criterion, both.streamed(), segment, sets, data)).as(criterion.toString())
                        .isEqualTo(scores(criterion, both.whole(), segment, sets, data));
                assertThat(Streaming.read(both.few()))
                        .isBetween(both.layers(), 2 * criterion.draws() * both.layers());
            }
        }
    }

    /// Each once where all have room; where none has, one at a time, and again on the way back.
    @ParameterizedTest
    @CsvSource({"llama3, 4, 1099511627776, 3, 3", "llama3, 4, 1, 4, 6", "llama3, 2, 1, 4, 6", "gpt2/gpt2, 4, 1, 4, 6"})
    void layersAreDrawnWhenTheyRun(String name, int batchSize, long spare, long least, long most) throws IOException {
        var file = ModelFile.open(Both.fixture(name));
        try (var both = new Both(file, file.forReading(), new Streaming(file, 2, 1, spare).weights());
                var _ = Scope.open()) {
            var data = new Calibration(items(4, 1), batchSize, 0);
            var model = both.streamed();
            assertThat(scores(GradNorm.standard(), model, SEGMENT, SETS, data))
                    .isEqualTo(scores(GradNorm.standard(), both.whole(), SEGMENT, SETS, data));
            var drawn = LayerSource.of(model).orElseThrow().drawn();
            assertThat(drawn.drawn()).isBetween(least, most);
            assertThat(drawn.bytes()).as("what is left").isZero();
        }
    }

    /// The paper's sentence, whose network is random but for what stays. On one thread: how many share a product may tell in its last bit.
    @ParameterizedTest
    @CsvSource({"decoder/llama3, 1", "decoder/llama3, 1099511627776", "text/gsm8k/network, 1",
            "family/gemma/bfloat16, 1"})
    void theSentenceOfThePaperIsTheSame(String network, long spare) throws IOException {
        var file = ModelFile.open(Path.of("src/test/resources", network));
        try (var both = new Both(file, file.forReading(), new Streaming(file, 2, 1 << 20, spare).weights());
                var _ = Scope.open()) {
            var data = new Calibration(items(4, 1), 4, 0);
            var ofOneSize = List.of(LayerSet.of(1), LayerSet.of(2), LayerSet.of(3));
            for (var letter : List.of(Letter.standard(), Letter.accumulated())) {
                assertThat(Threads.alone(() -> scores(letter, both.streamed(), SEGMENT, ofOneSize, data)))
                        .as(letter.name())
                        .isEqualTo(Threads.alone(() -> scores(letter, both.whole(), SEGMENT, ofOneSize, data)));
            }
        }
    }

    /// Products of bfloat16, on weights that are read so.
    @ParameterizedTest
    @CsvSource({"llama3, 4", "qwen2, 4", "qwen2, 2", "gpt2/gpt2, 4", "phi/2, 4", "cohere/aya, 4"})
    void theScoresInBfloat16AreTheSame(String name, int batchSize) throws IOException {
        for (var criterion : List.of(GradNorm.standard(), GradNorm.skipping())) {
            try (var both = Both.open(name, 2, 1); var _ = Scope.open()) {
                var data = new Calibration(items(4, 1), batchSize, 0);
                var narrow = scores(criterion.in(Precision.BFLOAT16), both.streamed(), SEGMENT, SETS, data);
                assertThat(narrow).isEqualTo(
                        scores(criterion.in(Precision.BFLOAT16), both.whole(), SEGMENT, SETS, data));
                assertThat(narrow).isNotEqualTo(scores(criterion, both.streamed(), SEGMENT, SETS, data));
            }
        }
    }

    /// Remembers the last state of each work, and is killed when it was given so many.
    private static final class Interrupted implements ScoringTask.Listener, Resume, AutoCloseable {
        private final Map<String, Memory> states = new HashMap<>();
        private int left;

        private record Memory(Map<String, String> words, Map<String, Tensor> tensors) implements Kept {
            @Override
            public List<String> names() {
                return List.copyOf(tensors.keySet());
            }

            @Override
            public Tensor read(String name) {
                return tensors.get(name);
            }

            @Override
            public void close() {}
        }

        @Override
        public void scored(LayerSet candidate, Criterion.Score score) {}

        @Override
        public Resume resume() {
            return this;
        }

        @Override
        public Optional<Kept> find(String work) {
            return Optional.ofNullable(states.get(work));
        }

        @Override
        public void keep(String work, State state) {
            var tensors = new HashMap<String, Tensor>();
            state.names().forEach(name -> tensors.put(name, Scope.yieldOwned(() -> state.read(name).clone())));
            Optional.ofNullable(states.put(work, new Memory(state.words(), tensors))).ifPresent(Interrupted::free);
            if (--left == 0) {
                throw new IllegalStateException("killed");
            }
        }

        private static void free(Memory state) {
            state.tensors.values().forEach(Scope::free);
        }

        @Override
        public void close() {
            states.values().forEach(Interrupted::free);
        }
    }

    private static double[] told(GradNorm criterion, Both both, int batchSize, Interrupted listener) {
        var task = Both.asking(both.streamed(), SEGMENT, SETS, new Calibration(items(4, 1), batchSize, 0))
                .told(listener);
        var scores = criterion.scores(task);
        return DoubleStream.concat(scores.stream().mapToDouble(Criterion.Score::value),
                DoubleStream.of(listener.left > 0 ? 0 : task.work().forwardEquivalents())).toArray();
    }

    /// Killed behind the head, behind each layer and behind the stem, of each draw; what went back does not go back again.
    @ParameterizedTest
    @CsvSource({"llama3, 4, 1", "llama3, 2, 100000", "qwen2, 4, 1", "qwen2, 2, 1", "gpt2/gpt2, 4, 100000",
            "opt/bare, 2, 1"})
    void aWayBackThatIsStoppedGoesOn(String name, int batchSize, long room) throws IOException {
        for (var criterion : settings()) {
            try (var both = Both.open(name, 2, room); var whole = new Interrupted(); var _ = Scope.open()) {
                var expected = told(criterion, both, batchSize, whole);
                int states = -whole.left;
                assertThat(states).isGreaterThan(criterion.draws());
                for (int killed = 1; killed <= states; killed++) {
                    try (var stopped = new Interrupted()) {
                        stopped.left = killed;
                        assertThatThrownBy(() -> told(criterion, both, batchSize, stopped)).hasMessage("killed");
                        var found = told(criterion, both, batchSize, stopped);
                        assertThat(Arrays.copyOf(found, SETS.size())).as("%s, %d", criterion, killed)
                                .isEqualTo(Arrays.copyOf(expected, SETS.size()));
                        assertThat(found[SETS.size()]).as("work of what was left").isLessThan(expected[SETS.size()]);
                        assertThat(-stopped.left).isEqualTo(states - killed);
                    }
                }
            }
        }
    }

    /// A source whose disk takes so many bytes.
    private record Narrow(LayerSource whole, long disk, List<Long> reserved) implements LayerSource {
        @Override
        public Held hold(int layer) {
            return whole.hold(layer);
        }

        @Override
        public DType type() {
            return whole.type();
        }

        @Override
        public LayerSource in(DType type) {
            return whole.in(type);
        }

        @Override
        public int layers() {
            return whole.layers();
        }

        @Override
        public long bytes() {
            return whole.bytes();
        }

        @Override
        public void release() {
            whole.release();
        }

        @Override
        public long room() {
            return whole.room();
        }

        @Override
        public long spare() {
            return whole.spare();
        }

        @Override
        public DenseStates states() {
            return whole.states();
        }

        @Override
        public DrawnLayers drawn() {
            return whole.drawn();
        }

        @Override
        public Tensor keep(Tensor tensor) {
            return whole.keep(tensor);
        }

        @Override
        public long disk(long each) {
            return disk;
        }

        @Override
        public void reserveWave(long bytes, long each, Consumer<String> say) {
            whole.reserveWave(bytes, each, say);
        }

        @Override
        public Aside aside(Tensor tensor) {
            return whole.aside(tensor);
        }

        @Override
        public String reserve(String what, long bytes, long each) {
            reserved.add(bytes);
            if (bytes > disk) {
                throw new UncheckedIOException(new OutputException("full", null));
            }
            return what;
        }
    }

    private static double[] norms(Both both, long disk, List<Long> reserved) {
        var model = both.streamed();
        var data = new Calibration(items(4, 1), 4, 0);
        var task = Both.asking(model, SEGMENT, SETS, data);
        var order = LayerSet.sharing(SETS);
        var turns = Tape.turns(order, c -> {
            var path = new ArrayList<Tape.Node>();
            model.without(SETS.get(c)).parts().forEach(part -> path.add(new Tape.Node(part, true)));
            return path;
        });
        var found = new double[SETS.size()];
        var source = new Narrow(LayerSource.of(model).orElseThrow(), disk, reserved);
        new GradientWave(task, Pass.evaluation(), Norm.SUM, source, 0, true).walk(turns, (c, norm) -> found[c] = norm);
        return found;
    }

    /// 4 windows of 12 tokens of 16 numbers take 3,072 bytes.
    @Test
    void candidatesGoInGroupsWhereTheDiskIsSmallAndNotAtAllWhereItIsTooSmall() throws IOException {
        long others = 1L << 28;
        try (var all = Both.open("llama3", 2, 1); var some = Both.open("llama3", 2, 1); var _ = Scope.open()) {
            var once = new ArrayList<Long>();
            var expected = norms(all, 1L << 40, once);
            assertThat(once).hasSize(1);
            var groups = new ArrayList<Long>();
            assertThat(norms(some, others + 8 * 3072, groups)).isEqualTo(expected);
            assertThat(groups).hasSizeGreaterThan(1).allMatch(bytes -> bytes <= 8 * 3072);
            assertThat(Streaming.read(some.few())).isGreaterThan(Streaming.read(all.few()));
            assertThatThrownBy(() -> norms(some, 100, new ArrayList<>())).isInstanceOf(UncheckedIOException.class);
        }
    }
}
