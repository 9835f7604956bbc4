package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.PerplexityInterval;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class TablesTest {
    @Test
    void theComparisonShowsDenseRemovedAndHealed() {
        String table = Tables.comparison(SampleRecord.full());
        assertThat(table.lines().findFirst().orElseThrow()).containsSubsequence("dense", "after removal",
                "healed (full)",
                "change");
        assertThat(table).containsPattern("Accuracy +83\\.20 % +78\\.94 % +81\\.90 % +−1\\.30 points");
        assertThat(table)
                .containsPattern("MACs an example +125\\.5 MMACs +97\\.2 MMACs +97\\.2 MMACs +−22\\.6 % · 1\\.29×");
        assertThat(table).contains("10,000 examples", "accuracy between 81.13 % and 82.64 %");
    }

    private static Evaluation of(int n, int right, double top5, @Nullable Double perplexity) {
        return new Evaluation(n, right, (double) right / n, top5, 0.5, perplexity, null, 800, 1000, 3200, null, null,
                0);
    }

    @Test
    void allRightOfFewIsNotCertain() {
        var comparison = Comparison.of(List.of("it"), List.of(of(10, 10, 1, null)));
        assertThat(comparison.note())
                .isEqualTo("Measured on 10 examples: accuracy between 72.25 % and 100.00 % (95 % interval).");
        assertThat(comparison.rows()).extracting(Comparison.Row::label).contains("Accuracy")
                .doesNotContain("Top-5 accuracy");
    }

    @Test
    void ofTextTheTokensAreCounted() {
        var comparison = Comparison.of(List.of("it"), List.of(of(1200, 600, 0.8, 1.6)));
        assertThat(comparison.note()).isEqualTo("Measured on 1,200 predicted tokens.");
        assertThat(comparison.rows()).extracting(Comparison.Row::label).contains("Perplexity", "Top-5 accuracy");
    }

    @Test
    void aPerplexityHasItsIntervalAndHowItWasFound() {
        var interval = new PerplexityInterval(1.5, 1.71, 0.03, 9, "spread between the windows, Student's t");
        var e = new Evaluation(1200, 600, 0.5, 0.8, 0.47, 1.6, interval, null, null, 800, 1000, 3200, null, null, 0);
        var alone = Comparison.of(List.of("it"), List.of(e));
        assertThat(alone.rows()).contains(new Comparison.Row("  95 % interval", List.of("1.5000 to 1.7100"), ""));
        assertThat(alone.note()).isEqualTo(
                "Measured on 1,200 predicted tokens: perplexity between 1.5000 and 1.7100 (95 % interval: spread between the windows, Student's t).");
        assertThat(Comparison.of(List.of("dense", "pruned"), List.of(e, e)).note())
                .endsWith("Student's t). The text is the same for all, so the change is surer.");
        assertThat(Json.compact(e)).contains("\"perplexity_interval\":{\"low\":1.5,\"high\":1.71,\"loss_stderr\":0.03,"
                + "\"blocks\":9,\"method\":\"spread between the windows, Student's t\"}");
    }

    @Test
    void aSpeedUpIsToldWithItsIntervalAndOnlyWhereItWasMeasured() {
        var table = Tables.comparison(SampleRecord.full());
        assertThat(table).containsPattern("Latency, batch 1 +6\\.82 ms .* no difference could be measured\n")
                .containsPattern("  10–90 % of runs, ms +6\\.55 to 7\\.43 .* 0\\.98× to 1\\.31×\n")
                .containsPattern("Latency, batch 128 +214\\.3 ms .* −23\\.7 % · 1\\.31×\n")
                .containsPattern("206 to 234 .* 1\\.28× to 1\\.33×\n")
                .contains("ran in turn, 50 pairs of runs (batch 128: 50); ", "95 % interval of the median ratio",
                        "a longer --latency-budget");
        assertThat(table.lines().filter(line -> line.startsWith("Latency") || line.startsWith("  10–90")))
                .hasSize(4).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    private static Evaluation text(Evaluation.Ratio ratio, long window) {
        return of(1200, 600, 0.8, 1.6).with(
                Evaluation.Latency.prefill(new Evaluation.Timing(1250, 1190, 1401, 4, ratio), 128, window));
    }

    @Test
    void ofTextTheTokensOfTheWindowAreTold() {
        var unknown = new Evaluation.Ratio(Double.NaN, Double.NaN, Double.NaN, 0, 4, false);
        var comparison = Comparison.of(List.of("a", "b"), List.of(text(unknown, 512), text(unknown, 512)));
        assertThat(comparison.rows()).contains(
                new Comparison.Row("Prefill of 128 tokens", List.of("1.3 s", "1.3 s"),
                        "no difference could be measured"),
                new Comparison.Row("Prefill, tokens a second", List.of("102", "102"),
                        "no difference could be measured"),
                new Comparison.Row("  10–90 % of runs, s", List.of("1.19 to 1.40", "1.19 to 1.40"),
                        "too few runs"));
        assertThat(comparison.remarks()).contains("The whole window, 512 tokens, would have taken too long.");
        assertThat(Comparison.of(List.of("a", "b"), List.of(text(unknown, 128), text(unknown, 128))).remarks())
                .noneMatch(r -> r.contains("whole window"));
    }

    @Test
    void numbersOfAColumnEndAtTheSamePlace() {
        var lines = Tables.comparison(SampleRecord.full()).lines().limit(4).toList();
        assertThat(lines.get(2).indexOf("83.20 %") + 7).isEqualTo(lines.get(0).indexOf("dense") + 5);
        assertThat(lines.get(3).indexOf("99.31 %")).isEqualTo(lines.get(2).indexOf("83.20 %"));
    }

    @Test
    void whatTheChoiceTookIsOneSentence() throws java.io.IOException {
        assertThat(Tables.work(SampleRecord.full())).isEqualTo(
                "The choice took 62.3 passes of the dense network forward over the calibration data (a pass back counts 2): 1.0 for similarity, 61.3 for scores; and 8.0 to verify.");
        assertThat(HtmlReport.of(SampleRecord.full())).contains(Tables.work(SampleRecord.full()));
        assertThat(Tables.work(SampleRecord.analysis())).isEmpty();
    }

    @Test
    void nothingMeasuredGivesNoTable() {
        assertThat(Tables.comparison(SampleRecord.analysis())).isEmpty();
    }

    @Test
    void tablesFitAHundredColumns() {
        var wide = new RunRecord.LayerRow(0, "n".repeat(90), false, "because ".repeat(20), 1, 1, List.of(3L, 4L),
                false);
        assertThat(Tables.layers(List.of(wide)).lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
        assertThat(Tables.layers(SampleRecord.full().layers()).lines())
                .allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void theLayersSayWhyTheyStay() {
        assertThat(Tables.layers(SampleRecord.analysis().layers())).contains("no: halves the resolution", "64×8×8");
    }

    @Test
    void theSegmentsShowScoreAndRemovedLayers() {
        var lines = Tables.segments(SampleRecord.full()).lines().toList();
        assertThat(lines.get(3)).containsSubsequence("2", "[6,24)", "16", "96", "2.5100", "12 13 16 22");
        assertThat(Tables.segments(SampleRecord.analysis()).lines().skip(2).findFirst().orElseThrow())
                .isEqualTo("1        [0,6)            6");
        assertThat(Tables.segments(SampleRecord.analysis())).startsWith("segment  layers   removable\n");
    }

    @Test
    void everyScoredLayerHasItsScoreAndItsLoss() {
        var lines = Tables.singles(SampleRecord.full()).lines().toList();
        assertThat(lines.getFirst()).containsSubsequence("layer", "name", "segment", "score", "loss increase");
        assertThat(lines).hasSize(2 + 25 + 1);
        assertThat(lines.get(2 + 9)).matches("10 +layer2\\.1 +2 +\\d\\.\\d{4} +\\d\\.\\d{4}");
        assertThat(lines.getLast()).contains("scored by gradnorm");
        assertThat(Tables.singles(SampleRecord.analysis())).isEmpty();
    }

    @Test
    void aLossThatWasNotMeasuredHasNoColumn() {
        var record = SampleRecord.record("it", null, List.of(new RunRecord.Single(3, 0, 1.5, 0, null)), null, null,
                null);
        assertThat(Tables.singles(record).lines().limit(3)).containsExactly("layer  name      segment   score",
                "-----  --------  -------  ------", "3      layer1.3  1        1.5000");
    }

    @Test
    void theVerdictIsOneSentence() {
        assertThat(Verdict.of(SampleRecord.full()))
                .isEqualTo("ResNet-56 without 6 of 27 layers: 23 % fewer MACs, accuracy 83.20 % → 81.90 %");
        assertThat(Verdict.of(SampleRecord.analysis()))
                .isEqualTo("ResNet-56: 27 layers in 3 segments, 25 of them removable");
    }
}
