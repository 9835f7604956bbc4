package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.pruning.Trust;
import dev.sglp.pruning.Trust.Halves;
import dev.sglp.pruning.Trust.Rivals;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingRecord.Epoch;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DiagnosisTest {
    private static Evaluation images(int n, double accuracy) {
        return of(n, accuracy, null);
    }

    private static Evaluation text(double perplexity) {
        return of(1000, 0.5, perplexity);
    }

    private static Evaluation of(int n, double accuracy, @Nullable Double perplexity) {
        return new Evaluation(n, (int) Math.round(n * accuracy), accuracy, 1, 0.5, perplexity, null, 800, 1000, 3200,
                null, null, 0);
    }

    /// The warnings of a network that lost much, among all others.
    private static List<String> lost(Evaluation before, @Nullable Evaluation removal, Evaluation after, String heal) {
        var r = SampleRecord.full();
        var record = new RunRecord(r.command(), r.version(), r.model(), r.data(), r.layers(), r.similarity(),
                r.segmentation(), r.plan(), r.criterion(), r.importance(), r.agreement(), before, removal, after, heal,
                r.training(), r.seconds(), r.peakRssBytes(), r.machine(), r.notes(), r.output());
        return Diagnosis.warnings(record).stream().filter(w -> w.contains("was lost")).toList();
    }

    private static List<String> unhealed(Evaluation before, Evaluation after) {
        return lost(before, after, after, "none");
    }

    @Test
    void aNetworkThatLostMuchIsCalledSo() {
        assertThat(unhealed(images(10_000, 0.85), images(10_000, 0.6))).containsExactly(
                "Much was lost: accuracy fell from 85.00 % to 60.00 %. It was not healed: --heal bn re-estimates batch norm without labels, --finetune N trains for N epochs.");
        assertThat(unhealed(text(20), text(31))).containsExactly(
                "Much was lost: perplexity rose from 20.0000 to 31.0000 (+55.0 %). --heal distil teaches it the dense network's answers; or remove fewer layers.");
        assertThat(unhealed(text(20), text(Double.POSITIVE_INFINITY))).hasSize(1);
        assertThat(lost(images(10_000, 0.85), null, images(10_000, 0.6), "bn").getFirst()).contains("--finetune N");
        assertThat(lost(images(10_000, 0.85), null, images(10_000, 0.6), "full").getFirst()).contains("more epochs");
    }

    @Test
    void aTrainingThatMadeNothingBetterIsCalledSo() {
        var r = SampleRecord.full();
        var healed = Objects.requireNonNull(r.training());
        for (double before : new double[]{0.5, 0.7}) { // the best epoch's loss lies between
            var came = new Epoch(0, 0, Double.NaN, before, 0.8, 1);
            var record = new RunRecord(r.command(), r.version(), r.model(), r.data(), r.layers(), r.similarity(),
                    r.segmentation(), r.plan(), r.criterion(), r.importance(), r.agreement(), r.before(),
                    r.afterRemoval(), r.after(), r.heal(),
                    new TrainingRecord(healed.epochs(), null, null, null, came, null), r.seconds(), r.peakRssBytes(),
                    r.machine(), r.notes(), r.output());
            assertThat(Diagnosis.warnings(record).stream().anyMatch(w -> w.startsWith("Healing made nothing better")))
                    .isEqualTo(before < 0.55);
        }
    }

    /// From a tenth of perplexity, two points of accuracy, or a tenth of it where that is less.
    @Test
    void aNetworkThatLostSomethingIsCalledSo() {
        assertThat(unhealed(text(20), text(22.1))).containsExactly(
                "Some was lost: perplexity rose from 20.0000 to 22.1000 (+10.5 %). --heal distil teaches it the dense network's answers; or remove fewer layers.");
        assertThat(unhealed(text(20), text(29.9))).singleElement().asString().startsWith("Some was lost");
        assertThat(unhealed(images(10_000, 0.94), images(10_000, 0.915))).singleElement().asString()
                .startsWith("Some was lost: accuracy fell from 94.00 % to 91.50 %. It was not healed");
        assertThat(unhealed(images(10_000, 0.94), images(10_000, 0.885))).singleElement().asString()
                .startsWith("Much was lost");
        assertThat(unhealed(images(100_000, 0.1), images(100_000, 0.088))).singleElement().asString()
                .startsWith("Some was lost");
        assertThat(unhealed(images(100_000, 0.08), images(100_000, 0.039))).singleElement().asString()
                .startsWith("Much was lost");
    }

    @Test
    void whatIsSmallOrChanceOrHealedIsNot() {
        assertThat(unhealed(images(10_000, 0.94), images(10_000, 0.922))).isEmpty();
        assertThat(unhealed(images(40, 0.85), images(40, 0.775))).isEmpty();
        assertThat(unhealed(text(20), text(21.9))).isEmpty();
        assertThat(lost(images(10_000, 0.85), images(10_000, 0.1), images(10_000, 0.84), "bn")).isEmpty();
        assertThat(unhealed(images(10_000, 0.6), images(10_000, 0.9))).isEmpty();
    }

    @Test
    void setsWithoutAFiniteScoreAreCountedAndNamed() throws IOException {
        var p = SampleRecord.plan();
        var sets = IntStream.range(0, 9).mapToObj(i -> LayerSet.of(i, 20)).toList();
        var plan = new PruningPlan(p.removed(), p.names(), p.method(), p.criterion(), p.layers(), p.segmentation(),
                p.quota(), p.candidates().lacking(sets), p.choices(), p.verification(), p.provenance());
        var named = "Without 9 of the scored sets of layers the network says nothing finite; they were ranked last: 0 20, 1 20, 2 20, 3 20, 4 20, 5 20, 6 20, 7 20, ….";
        assertThat(Diagnosis.warnings(SampleRecord.record("it", plan, List.of(), null, null, null))).contains(named);
        var text = Json.pretty(plan);
        assertThat(text).contains("not_finite");
        assertThat(Json.read(Path.of("plan.json"), text, PruningPlan.class)).isEqualTo(plan);
        assertThat(Json.pretty(p)).doesNotContain("not_finite");
        assertThat(Json.read(Path.of("plan.json"), Json.pretty(p), PruningPlan.class)).isEqualTo(p);
    }

    @Test
    void layersWithoutAFiniteScoreAreNamedWithoutAPlanToo() {
        var alone = List.of(new RunRecord.Single(3, 0, Double.NaN, 0, null), new RunRecord.Single(4, 0, 1, 0, null));
        assertThat(Diagnosis.warnings(SampleRecord.record("it", null, alone, null, null, null)))
                .anyMatch(w -> w.contains("Without 1 of") && w.endsWith(": 3."));
    }

    private static RunRecord trusted(Trust trust) {
        var r = SampleRecord.full();
        return new RunRecord(r.command(), r.version(), r.model(), r.data(), r.layers(), r.similarity(),
                r.segmentation(), r.plan(), r.criterion(), r.importance(), r.agreement(), r.before(), r.afterRemoval(),
                null, r.after(), r.heal(), r.training(), r.seconds(), r.peakRssBytes(), r.machine(), trust,
                r.mechanisms(),
                r.notes(),
                r.output());
    }

    @Test
    void halvesThatShareLessThanHalfOfTheLayersMakeAPlanUnstable() {
        var steady = new Trust(Halves.of(LayerSet.of(1, 2, 3), LayerSet.of(2, 3, 4), 1), List.of(), List.of());
        assertThat(Diagnosis.warnings(trusted(steady))).noneMatch(w -> w.startsWith("Unstable"));
        assertThat(Diagnosis.findings(steady)).containsExactly(
                "Chosen again on each of two halves of the calibration data: 2 of 3 layers go by both (1 2 3; 2 3 4).");
        var loose = new Trust(Halves.of(LayerSet.of(1, 2, 3), LayerSet.of(3, 4, 5), 1), List.of(), List.of());
        assertThat(Diagnosis.warnings(trusted(loose))).contains(
                "Unstable plan: two halves of the calibration data share only 1 of 3 layers. More --samples make it steadier.");
        assertThat(Json.pretty(trusted(loose))).contains("\"shared\" : 1");
    }

    /// A training that is resumed reads it again.
    @Test
    void whatIsKnownOfTheTrustReadsBack() throws IOException {
        var scored = new PruningPlan.Scored(LayerSet.of(1, 2), 2.31, 0.04);
        var trust = new Trust(Halves.of(LayerSet.of(1), LayerSet.of(2), 1), List.of(new Rivals(1, 3, scored, scored)),
                List.of("One thing is not known."));
        assertThat(Json.read(Path.of("trust.json"), Json.pretty(trust), Trust.class)).isEqualTo(trust);
        assertThat(Json.read(Path.of("trust.json"), Json.pretty(Trust.none()), Trust.class)).isEqualTo(Trust.none());
    }

    @Test
    void setsThatLieNearerThanTheirDrawsSpreadAreACloseCall() {
        var gone = new PruningPlan.Scored(LayerSet.of(1, 2), 2.31, 0.04);
        var near = new Rivals(1, 3, gone, new PruningPlan.Scored(LayerSet.of(1, 3), 2.35, 0.05));
        var far = new Rivals(0, 3, gone, new PruningPlan.Scored(LayerSet.of(1, 4), 2.37, 0.05));
        var trust = new Trust(null, List.of(near, far), List.of("One thing is not known."));
        assertThat(Diagnosis.warnings(trusted(trust)).stream().filter(w -> w.contains("over 3 draws"))).containsExactly(
                "Segment 2 is a close call: 1 2, which goes, and 1 3 differ by 0.0400 over 3 draws, which spread by 0.0500. More --draws would tell.");
        assertThat(Diagnosis.findings(trust)).containsExactly(
                "Segment 2 over 3 draws: 1 2, which goes, scores 2.3100 ± 0.0400; its nearest rival 1 3 2.3500 ± 0.0500.",
                "Segment 1 over 3 draws: 1 2, which goes, scores 2.3100 ± 0.0400; its nearest rival 1 4 2.3700 ± 0.0500.",
                "One thing is not known.");
    }

    @Test
    void thePageHasTheWarningToo() {
        var healthy = SampleRecord.full();
        var bad = Objects.requireNonNull(healthy.afterRemoval());
        assertThat(Diagnosis.warnings(healthy)).noneMatch(w -> w.startsWith("Much was lost"));
        assertThat(HtmlReport.of(SampleRecord.record("it", SampleRecord.plan(), List.of(), images(10_000, 0.95), bad,
                bad))).contains("Much was lost: accuracy fell from 95.00 % to 78.94 %.");
    }
}
