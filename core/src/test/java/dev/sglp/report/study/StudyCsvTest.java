package dev.sglp.report.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Ratio;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.report.RunRecord.Data;
import dev.sglp.report.RunRecord.Model;
import dev.sglp.report.study.StudyRecord.SizeRow;
import dev.sglp.report.study.StudyRow.Chosen;
import dev.sglp.report.study.StudyRow.Label;
import dev.sglp.report.study.StudyRow.Measured;
import dev.sglp.segmentation.Segmentation;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/// The table, the sentences and the page of a study that was made up by hand.
final class StudyCsvTest {
    private static final Segmentation CUT = new Segmentation(List.of(0, 4, 9), List.of(2.0, 0.5), "given");

    private static Evaluation right(int of1000) {
        var time = new Timing(10, 9, 11, 20, new Ratio(1.25, 1.2, 1.3, 0.96, 20, true));
        return new Evaluation(1000, of1000, of1000 / 1000.0, 0.99, 0.5, null, null, 800, 1_000_000, 3200, null,
                new Latency(time, time), 0);
    }

    private static StudyRow row(String id, long seed, LayerSet removed, int right) {
        return new StudyRow(new Label(id, "title, \"" + id + "\"", "why"), removed.size(), seed, 128, null,
                new Chosen(removed, CUT, List.of(1, 1), new Candidates(5, 12, "all"), 1.5, "float32"),
                List.of(new Measured("none", right(right), right(right).latency(), 0),
                        new Measured("bn", right(right + 50), null, 2)));
    }

    private static StudyRecord record(StudyRow... rows) {
        return new StudyRecord("ablation", "./sglp study", "1", Quality.ACCURACY,
                new Model("m.th", "cifar-resnet", "ResNet-20, nine blocks",
                        9, 800, 1_000_000, "an example", 3200),
                new Data("c", "v", "r"), List.of("setting"), right(900), List.of(),
                List.of(rows), rows.length, List.of(), List.of(), null);
    }

    private static final StudyRecord SAMPLE = record(row("sglp", 0, LayerSet.of(1, 5), 800),
            row("random", 0, LayerSet.of(1, 2), 500), row("random", 1, LayerSet.of(2, 5), 700));

    /// Programs read the columns by name and place: a new one comes last.
    @Test
    void theColumnsStayWhereTheyAre() {
        var lines = StudyCsv.of(SAMPLE).lines().toList();
        assertThat(lines.getFirst()).isEqualTo(
                "study,row,title,layers_removed,seed,calibration_images,heal,accuracy,top5,loss,kl_to_dense,agreement_with_dense,report_images,parameters,macs,latency_ms_128,dense_latency_ms_128,healing_seconds,choosing_seconds,candidates_scored,candidates_possible,search,segments,rule,boundaries,removed,resamples,adjusted_rand,border_distance,calibration_tokens,dtype,forward_equivalents,verification_forward_equivalents,plan_overlap,times_as_fast,times_as_fast_low,times_as_fast_high,difference_measured");
        assertThat(lines).hasSize(1 + 1 + 3 * 2);
        assertThat(lines.get(2)).isEqualTo(
                "ablation,sglp,\"title, \"\"sglp\"\"\",2,0,128,none,0.8,0.99,0.5,,,1000,800,1000000,10.0,10.0,0.0,1.5,5,12,all,2,given,0 4 9,1 5,,,,,float32,,,,1.25,1.2,1.3,true");
    }

    @Test
    void theTableOfATerminalNamesItsMeasureAndBeginsWithTheDenseNetwork() {
        var lines = StudyTables.text(SAMPLE).lines().toList();
        assertThat(lines.getFirst()).matches("row +removed +seeds +accuracy +after bn +MACs .*");
        assertThat(lines.get(2)).matches("dense network +– +– +90\\.00 % +– +1\\.0 MMACs( +–)+");
        assertThat(lines.get(3)).matches("title, \"sglp\" +2 +1 +80\\.00 % +85\\.00 % +1\\.0 MMACs .*");
    }

    @Test
    void aSpeedIsToldAgainstTheDenseNetworkOnlyWhereItDiffers() {
        assertThat(StudyTables.all(SAMPLE).rows().getFirst()).contains("10.0 ms, 80 % of dense");
        var none = new Ratio(Double.NaN, 0.9, 1.3, 0.96, 20, false);
        var e = right(800).with(new Latency(new Timing(1, 1, 1, 9, none), new Timing(10, 9, 11, 20, none)));
        var row = SAMPLE.rows().getFirst();
        var same = record(new StudyRow(row.label(), 2, 0, 128, null, row.chosen(),
                List.of(new Measured("none", e, e.latency(), 0))));
        assertThat(StudyTables.all(same).rows().getFirst()).contains("10.0 ms, no difference could be measured");
        assertThat(StudyCsv.of(same)).endsWith(",,0.9,1.3,false\n");
    }

    @Test
    void everyLineHasAsManyCellsAsTheHead() {
        var unmeasured = new StudyRow(new Label("x", "x", "x"), 2, 0, 128, null, SAMPLE.rows().getFirst().chosen(),
                List.of());
        for (var line : StudyCsv.of(record(unmeasured, SAMPLE.rows().getFirst())).lines().toList()) {
            assertThat(line.replaceAll("\"([^\"]|\"\")*\"", "x").split(",", -1)).as(line)
                    .hasSameSizeAs(StudyCsv.columns(Quality.ACCURACY));
        }
    }

    @Test
    void seedsBecomeAMeanAndASpread() {
        var groups = Group.of(SAMPLE);
        assertThat(groups).hasSize(2);
        var spread = groups.getLast().after("none", Quality.ACCURACY).orElseThrow();
        assertThat(spread.mean()).isCloseTo(0.6, Offset.offset(1e-12));
        assertThat(spread.spread()).isCloseTo(Math.sqrt(0.02), Offset.offset(1e-12));
        assertThat(groups.getLast().after("3 epochs", Quality.ACCURACY)).isEmpty();
    }

    @Test
    void aRunningStudySaysHowManySeedsAreMeasured() {
        var second = SAMPLE.rows().getLast();
        var open = new StudyRow(second.label(), 2, 2, 128, null, second.chosen(), List.of());
        assertThat(Group.of(SAMPLE)).extracting(Group::title).containsExactly("title, \"sglp\"",
                "title, \"random\" (2 seeds)");
        assertThat(Group.of(record(second, open, open)).getFirst().title()).endsWith("(1 of 3 seeds)");
        assertThat(Group.of(record(open, open)).getFirst().title()).endsWith("(2 seeds)");
    }

    @Test
    void theSentencesFollowTheNumbers() {
        var findings = Findings.of(SAMPLE);
        assertThat(findings.getFirst()).contains("2 layers removed, batch norm re-estimated", "dense: 90.00 %",
                "every row is about the same, from “title, \"sglp\"” with 85.00 %",
                "to “title, \"random\"” with 65.00 %");
        assertThat(Findings.of(record(row("sglp", 0, LayerSet.of(1, 5), 800), row("loss", 0, LayerSet.of(1, 2), 500)))
                .getFirst()).contains("best is “title, \"sglp\"” with 85.00 %, worst “title, \"loss\"” with 55.00 %.");
        assertThat(findings.get(1)).isEqualTo(
                "About the same as SGLP without 2 layers: “title, \"random\"” (−20.00 points, mean of 2 seeds, standard deviation 14.14 points).");
        var alike = Findings.of(record(row("sglp", 0, LayerSet.of(1, 5), 800), row("loss", 0, LayerSet.of(1, 2), 805)));
        assertThat(alike.get(1)).startsWith("About the same as");
        var far = Findings.of(record(row("sglp", 0, LayerSet.of(1, 5), 800), row("loss", 0, LayerSet.of(1, 2), 605),
                row("magnitude", 0, LayerSet.of(1, 2), 905)));
        assertThat(far.get(1)).startsWith("Better than SGLP").contains("magnitude").doesNotContain("loss");
        assertThat(far.get(2)).startsWith("Worse than SGLP").contains("loss");
    }

    @Test
    void plansOfTheSameSizeAreComparedByTheLayersTheyShare() {
        assertThat(SizeFindings.jaccard(LayerSet.of(1, 2), LayerSet.of(2, 5))).isEqualTo(1 / 3.0);
        assertThat(SizeFindings.jaccard(LayerSet.EMPTY, LayerSet.EMPTY)).isEqualTo(1);
        var overlap = SizeFindings.overlaps(SAMPLE);
        assertThat(overlap).hasSize(1);
        assertThat(overlap.getFirst().jaccard().mean()).isEqualTo(1 / 3.0);
    }

    @Test
    void segmentsThatNoLongerChangeAreSaid() {
        var other = new Segmentation(List.of(0, 3, 9), List.of(2.0, 0.5), "given");
        var rows = Arrays.asList(new SizeRow(0, "biased", 32, other, CUT, 0.2),
                new SizeRow(0, "biased", 64, CUT, CUT, 0.1),
                new SizeRow(0, "biased", 128, CUT, CUT, 0));
        var record = new StudyRecord("calibration", "", "1", Quality.ACCURACY, SAMPLE.model(), SAMPLE.data(), List.of(),
                null, List.of(), List.of(),
                0, rows, List.of(), null);
        assertThat(Findings.of(record).getFirst()).startsWith("Biased CKA: from 64 images on");
    }

    /// The last layers destroy a language model: its perplexity must not press all other rows together.
    @Test
    void aRowFarBeyondTheOthersDoesNotStretchTheAxis() throws IOException {
        var near = perplexities(45, 47, 120);
        assertThat(StudyCharts.most(near)).isEmpty();
        assertThat(StudyPage.of(near)).doesNotContain("An arrow stands");
        var far = perplexities(45, 47, 21_318);
        assertThat(StudyCharts.most(far)).hasValue(8 * 47.0);
        assertThat(StudyPage.of(far)).contains("An arrow stands", "\"most\":376");
        assertThat(StudyCharts.most(record(row("sglp", 0, LayerSet.of(1), 900), row("tail", 0, LayerSet.of(2), 1))))
                .isEmpty();
    }

    private static StudyRecord perplexities(double... of) {
        var rows = IntStream.range(0, of.length).mapToObj(i -> new StudyRow(new Label("row" + i, "row", "why"), 1, 0,
                128, null, SAMPLE.rows().getFirst().chosen(), List.of(new Measured("none",
                        new Evaluation(10, 1, 0.1, 0.1, Math.log(of[i]), of[i], null, 800, 1, 1, null, null, 0), null,
                        0))))
                .toList();
        return new StudyRecord("methods", "./sglp study", "1", Quality.PERPLEXITY, SAMPLE.model(), SAMPLE.data(),
                List.of(), null, List.of(), rows, rows.size(), List.of(), List.of(), null);
    }

    @Test
    void thePageLoadsNothingAndShowsEverySection() throws IOException {
        var page = StudyPage.of(SAMPLE);
        assertThat(page).contains("id=\"findings\"", "id=\"quality\"", "id=\"cost\"", "id=\"rows\"", "id=\"about\"",
                "ResNet-20: what does each part of the method contribute?", "default-src 'none'");
        assertThat(page).doesNotContain("<script src", "<link", "{{");
        assertThat(StudyPage.of(record())).contains("<h1>").doesNotContain("id=\"quality\"");
    }
}
