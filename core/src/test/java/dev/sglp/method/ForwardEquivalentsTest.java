package dev.sglp.method;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.BlockInfluence;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.Kl;
import dev.sglp.importance.LossWhenAbsent;
import dev.sglp.importance.Magnitude;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.method.PlanningTask.Limits;
import dev.sglp.method.PlanningTask.Verification;
import dev.sglp.method.control.Tail;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.PruningPlan.ForwardEquivalents;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.similarity.Cka;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

/// The cost of choices, counted by hand: a network of stem, three layers and head, each a fifth of a pass.
@ExtendWith(Scoped.class)
final class ForwardEquivalentsTest {
    private static final int LAYERS = 3;
    private static final Segment WHOLE = new Segment(0, LAYERS);
    private static final List<LayerSet> SINGLES = List.of(LayerSet.of(0), LayerSet.of(1), LayerSet.of(2));
    private LayeredModel model;

    @BeforeEach
    void open() {
        model = TinyNetwork.random(LAYERS, 3, 0);
    }

    private static Dataset items(int count) {
        return new Oracle.Items(Seed.of(1).normal("items", 1, count, 3), Tensors.longs(new long[count]),
                List.of("a", "b", "c"));
    }

    private double work(Criterion criterion, int batchSize) {
        var data = new Calibration(items(4), batchSize, 0);
        var work = data.meter(model);
        criterion.scores(new ScoringTask(model, WHOLE, SINGLES, data, Progress.Silent.INSTANCE).counted(work));
        return work.forwardEquivalents();
    }

    /// Without layer 2: stem, 0, 1, head; without 1 the tape has stem and 0: 2, head; without 0 it has the stem: 1, 2, head.
    @ParameterizedTest
    @CsvSource({"4", "3", "1"})
    void lossesShareTheBeginningsOfPaths(int batchSize) {
        assertThat(work(LossWhenAbsent.standard(), batchSize)).isCloseTo((4 + 2 + 3) / 5.0, within(1e-12));
    }

    /// Forward: five parts, then three (the tape has stem and 0), then four (the stem). Back, each time: the head gives its
    /// input's gradient, two layers give both, the first its weights' alone, for nothing is differentiated before it.
    @Test
    void gradientsOfOneBatchShareTheBeginningsOfPaths() {
        assertThat(work(GradNorm.standard(), 4)).isCloseTo((5 + 3 + 4 + 3 * (1 + 2 + 2 + 1)) / 5.0, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"3", "2", "1"})
    void gradientsOfSeveralBatchesShareNothing(int batchSize) {
        assertThat(work(GradNorm.standard(), batchSize)).isCloseTo(3 * (5 + 6) / 5.0, within(1e-12));
    }

    @Test
    void twoDrawsCostTwice() {
        var twice = new GradNorm(GradNorm.Absence.REINIT, GradNorm.Reading.ABSENT, GradNorm.Norm.SUM,
                GradNorm.Range.ALL, 2);
        assertThat(work(twice, 4)).isCloseTo(2 * work(GradNorm.standard(), 4), within(1e-12));
    }

    @Test
    void whatLooksAtNoDataCostsNothing() {
        assertThat(work(new Magnitude(), 4)).isZero();
        assertThat(chosen(new Tail(), new Magnitude(), 0)).isEqualTo(new ForwardEquivalents(0, 0, 0));
    }

    private ForwardEquivalents chosen(Method method, Criterion criterion, int verify) {
        return chosen(method, criterion, verify, items(12));
    }

    private ForwardEquivalents chosen(Method method, Criterion criterion, int verify, Dataset verification) {
        var task = new PlanningTask(model, new Segmentation(List.of(0, 2, 3), List.of(), "given"),
                method.criterion(criterion), 2,
                LayerSet.EMPTY, new Calibration(items(4), 2, 0), new Verification(verification, Pass.evaluation()),
                new Limits(64, verify));
        return Objects.requireNonNull(method.choose(task, Progress.Silent.INSTANCE).candidates().forwardEquivalents());
    }

    /// One pass without the head, however many segments and sets ask.
    @Test
    void theInfluenceOfAllLayersIsFoundOnce() {
        assertThat(chosen(new SglpMethod(), new BlockInfluence(), 0).scores()).isCloseTo(4 / 5.0, within(1e-12));
        assertThat(chosen(new OneShot(), new BlockInfluence(), 0).scores()).isCloseTo(4 / 5.0, within(1e-12));
    }

    /// First all three alone. Then two sets of two layers, whichever: stem, one layer, head; another layer, head.
    @Test
    void oneByOneAsksForTheLayersAloneOnce() {
        assertThat(chosen(new Sleb(), new Magnitude(), 0).scores()).isCloseTo((4 + 2 + 3 + 3 + 2) / 5.0,
                within(1e-12));
    }

    /// Of SLEB remain at most the two sets of two layers: one layer alone loses the same in every segment.
    @Test
    void autoRunsNoSetTwice() {
        var kl = Kl.standard();
        double sglp = chosen(new SglpMethod(), kl, 0).scores();
        double sleb = chosen(new OneShot(), kl, 0).scores();
        double influence = chosen(new OneShot(), new BlockInfluence(), 0).scores();
        double passes = 2 * influence; // its own, and that of the contiguous run
        double auto = chosen(new Auto(), kl, 2).scores();
        assertThat(auto).as("SLEB asks what SGLP asked").isLessThan(sglp + sleb + passes)
                .isGreaterThanOrEqualTo(sglp + influence);
        assertThat(chosen(new Auto(), new BlockInfluence(), 2).scores())
                .isBetween(sglp + influence, sglp + sleb + influence + passes);
    }

    /// Three times as many examples to verify with as to calibrate with, two plans of one kept layer each.
    @Test
    void verificationIsCountedApartInPassesOverTheCalibrationData() {
        var with = chosen(new SglpMethod(), LossWhenAbsent.standard(), 2);
        assertThat(with.verification()).isCloseTo(3 * 5 / 5.0, within(1e-12));
        assertThat(with.scores()).isEqualTo(chosen(new SglpMethod(), LossWhenAbsent.standard(), 0).scores());
    }

    /// In one batch and in several, before which an item tells how wide its layers are; the head is one of five parts, and is not asked.
    @ParameterizedTest
    @CsvSource({"6, 6", "2, 7"}) // a batch, items that run
    void similarityIsOnePassToTheHead(int batchSize, int run) {
        var data = items(6);
        var work = new Meter(model, data.size());
        Cka.standard(Layout.VECTORS, batchSize).of(work.counting(model), data, Progress.silent());
        assertThat(work.forwardEquivalents()).isCloseTo(4 / 5.0 * run / 6, within(1e-12));
    }

    /// A part's share is that of its operations: the embedding has none, so a gradient of the whole costs exactly 3.
    @ParameterizedTest
    @CsvSource({"llama3", "qwen2"})
    void aGradientOfALanguageModelCountsThree(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name)); var weights = file.forReading()) {
            var text = file.architecture().build(weights);
            var tokens = Tensors.longs(IntStream.range(0, 32).mapToLong(i -> i * 7 % 40).toArray()).view(4, 8);
            var data = new Calibration(new Oracle.Items(tokens, tokens, List.of()), 4, 0);
            assertThat(work(GradNorm.standard(), text, data)).isCloseTo(3, within(1e-12));
            double head = (double) text.head().macs() / text.macs();
            assertThat(work(new BlockInfluence(), text, data)).isCloseTo(1 - head, within(1e-12));
            assertThat(work(LossWhenAbsent.standard(), text, data))
                    .isCloseTo(1 - (double) text.layers().get(1).macs() / text.macs(), within(1e-12));
        }
    }

    /// Examples that ask for four answers each, where others ask for one.
    private record Wide(Dataset items) implements Dataset {
        @Override
        public String name() {
            return items.name();
        }

        @Override
        public int size() {
            return items.size();
        }

        @Override
        public Batch batch(int from, int to) {
            return items.batch(from, to);
        }

        @Override
        public long answers(int from, int to) {
            return 4L * (to - from);
        }

        @Override
        public List<String> classes() {
            return items.classes();
        }

        @Override
        public List<String> itemHashes() {
            return items.itemHashes();
        }
    }

    @Test
    void widerExamplesAreVerifiedFewerAtATimeAndCountForMore() {
        var wide = new Wide(items(3));
        var narrow = new Calibration(items(4), 9, 7);
        assertThat(narrow.times(wide)).isEqualTo(3);
        assertThat(narrow.on(wide)).isEqualTo(new Calibration(wide, 2, 7));
        assertThat(new Calibration(wide, 9, 7).on(narrow.examples()))
                .isEqualTo(new Calibration(narrow.examples(), 9, 7));
        assertThat(chosen(new SglpMethod(), LossWhenAbsent.standard(), 2, wide).verification())
                .isCloseTo(3 * 5 / 5.0, within(1e-12));
    }

    private static double work(Criterion criterion, LayeredModel text, Calibration data) {
        var work = data.meter(text);
        criterion.scores(new ScoringTask(text, new Segment(0, 4), List.of(LayerSet.of(1)), data,
                Progress.Silent.INSTANCE).counted(work));
        return work.forwardEquivalents();
    }
}
