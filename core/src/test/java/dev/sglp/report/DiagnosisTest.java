package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Evaluation;
import java.util.List;
import java.util.Objects;
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
                "Much was lost: perplexity rose from 20.0000 to 31.0000 (+55.0 %). Remove fewer layers.");
        assertThat(unhealed(text(20), text(Double.POSITIVE_INFINITY))).hasSize(1);
        assertThat(lost(images(10_000, 0.85), null, images(10_000, 0.6), "bn").getFirst()).contains("--finetune N");
        assertThat(lost(images(10_000, 0.85), null, images(10_000, 0.6), "full").getFirst()).contains("more epochs");
    }

    /// From a tenth of perplexity, two points of accuracy, or a tenth of it where that is less.
    @Test
    void aNetworkThatLostSomethingIsCalledSo() {
        assertThat(unhealed(text(20), text(22.1))).containsExactly(
                "Some was lost: perplexity rose from 20.0000 to 22.1000 (+10.5 %). Remove fewer layers.");
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
    void thePageHasTheWarningToo() {
        var healthy = SampleRecord.full();
        var bad = Objects.requireNonNull(healthy.afterRemoval());
        assertThat(Diagnosis.warnings(healthy)).noneMatch(w -> w.startsWith("Much was lost"));
        assertThat(HtmlReport.of(SampleRecord.record("it", SampleRecord.plan(), List.of(), images(10_000, 0.95), bad,
                bad))).contains("Much was lost: accuracy fell from 95.00 % to 78.94 %.");
    }
}
