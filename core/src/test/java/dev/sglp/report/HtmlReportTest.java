package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Machine;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.report.mechanism.Critical.Rise;
import dev.sglp.report.mechanism.Critical;
import dev.sglp.report.mechanism.Interaction.Own;
import dev.sglp.report.mechanism.Interaction;
import dev.sglp.report.mechanism.Mechanisms;
import dev.sglp.report.mechanism.Premise;
import dev.sglp.report.tuning.TuningRecord;
import dev.sglp.report.tuning.TuningReport;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HtmlReportTest {
    private static final Pattern SCRIPT = Pattern.compile("<(script|style)\\b[^>]*>.*?</\\1>", Pattern.DOTALL);
    private static final Set<String> VOID = Set.of("meta", "br", "!doctype");

    @Test
    void aFullRecordShowsEverySection() {
        assertThat(ids(HtmlReport.of(SampleRecord.full()))).containsExactly("network", "numbers", "similarity",
                "segmentation", "candidates", "singles", "verification", "training", "notes", "time", "data", "open",
                "again");
    }

    @Test
    void sectionsWithoutDataAreLeftOut() {
        assertThat(ids(HtmlReport.of(SampleRecord.analysis()))).containsExactly("network", "similarity", "segmentation",
                "notes", "time", "data", "again");
    }

    @Test
    void noTwoElementsShareAnId() {
        var ids = Pattern.compile(" id=\"([^\"]*)\"")
                .matcher(HtmlReport.of(SampleRecord.full()).replaceAll("(?s)<script>.*?</script>", "")).results()
                .map(r -> r.group(1)).toList();
        assertThat(ids).doesNotHaveDuplicates().contains("chart-data", "tip", "data");
    }

    @Test
    void theVerdictIsTitleAndHeading() {
        String verdict = "ResNet-56 without 6 of 27 layers: 23 % fewer MACs, accuracy 83.20 % → 81.90 %";
        assertThat(HtmlReport.of(SampleRecord.full())).contains("<title>" + verdict + "</title>",
                "<h1>ResNet-56 without 6 of 27 layers: <span>23&nbsp;% fewer MACs, accuracy 83.20&nbsp;% → 81.90&nbsp;%</span></h1>");
    }

    @Test
    void theNumbersCanBeReadWithoutAScript() {
        assertThat(words(HtmlReport.of(SampleRecord.full())))
                .contains("<td class=\"n\">83.20 %</td><td class=\"n\">78.94 %</td><td class=\"n\">81.90 %</td>");
    }

    @Test
    void theScoresOfLayersAloneAndTheSimilarityOfNeighboursAreInThePageAsNumbersToo() {
        var record = SampleRecord.full();
        String html = words(HtmlReport.of(record));
        var single = record.importance().getLast();
        assertThat(html).contains("<td>%d</td><td>%s</td><td>%d</td>".formatted(single.layer(),
                record.layers().get(single.layer()).name(), single.segment() + 1), "Loss increase (nats)</th>",
                "Every layer and the layer before it as a table", "<td>26 · ");
    }

    /// A network has hundreds of boxes at times.
    @Test
    void aStripOfLayersIsOneStopOfTheTabKeyAndDescribesItself() {
        String html = words(HtmlReport.of(SampleRecord.full()));
        assertThat(html.split("tabindex=\"0\"", -1)).hasSize(1 + 2);
        assertThat(html).contains("role=\"group\" tabindex=\"0\" aria-label=\"27 layers: segment 1 has ",
                "; 6 are removed. Left and right arrow keys", "role=\"img\" tabindex=\"-1\"");
    }

    @Test
    void nothingIsLoadedFromElsewhere() {
        String html = HtmlReport.of(SampleRecord.full());
        assertThat(html).contains("default-src 'none'");
        assertThat(words(html)).doesNotContain("src=", "href=", "url(", "@import", "http://", "https://");
        assertThat(html).doesNotContain("<script src", "<link", "@import");
    }

    @Test
    void theLibraryTravelsInsideWithItsLicence() {
        assertThat(HtmlReport.of(SampleRecord.analysis())).contains("Licensed to the Apache Software Foundation");
    }

    @Test
    void whatComesFromOutsideIsHarmless() {
        String evil = "</script><script>alert('{{script}}')</script>\"><img onerror=x>.pth";
        var record = SampleRecord.record(evil, SampleRecord.plan(), List.of(), null, null, null);
        var layers = record.layers().stream()
                .map(l -> new RunRecord.LayerRow(l.index(), evil, l.removable(), evil, 1, 1, l.output(), false))
                .toList();
        record = new RunRecord(evil, evil, new RunRecord.Model(evil, evil, evil, 27, 1, 1, evil, 1),
                new RunRecord.Data(evil, evil, evil), layers, record.similarity(), record.segmentation(), record.plan(),
                evil,
                List.of(), List.of(), null, null, null, evil, null, java.util.Map.of(evil, 1.0), 1,
                new Machine(evil, 1, 1, 1, evil, evil, evil, evil, evil), List.of(evil),
                new RunRecord.Output(evil, evil, new RunRecord.Stored(1, 1, Map.of(evil, 1), List.of(evil), null), evil,
                        0));
        String html = HtmlReport.of(record);
        assertThat(html).doesNotContain("<script>alert", "<img onerror", "</script><script>");
        assertThat(html.split("</script>", -1)).hasSize(4);
    }

    @Test
    void everyTagIsClosed() {
        for (var record : List.of(SampleRecord.full(), SampleRecord.analysis())) {
            var open = new ArrayDeque<String>();
            var tags = Pattern.compile("<(/?)([a-zA-Z!][a-zA-Z0-9]*)[^>]*>").matcher(words(HtmlReport.of(record)));
            while (tags.find()) {
                if (!tags.group(1).isEmpty()) {
                    assertThat(open.pop()).isEqualTo(tags.group(2));
                } else if (!VOID.contains(tags.group(2).toLowerCase(java.util.Locale.ROOT))) {
                    open.push(tags.group(2));
                }
            }
            assertThat(open).isEmpty();
        }
    }

    @Test
    void manyLayersShareTheCellsOfTheHeatmap() {
        var heatmap = ChartData.Heatmap.of(IntStream.range(0, 600)
                .mapToObj(i -> IntStream.range(0, 600).mapToObj(j -> i / 4 == j / 4 ? 1.0 : 0.5).toList()).toList());
        assertThat(heatmap.block()).isEqualTo(4);
        assertThat(heatmap.values()).hasSize(150);
        assertThat(heatmap.values().get(149)).endsWith(0.5, 1.0);
        assertThat(ChartData.Heatmap.of(SampleRecord.similarity(56).values()).block()).isEqualTo(1);
    }

    @Test
    void ofManyCandidatesTheBestAndTheWorstAreShown() {
        var charts = ChartData.of(SampleRecord.full()).candidates();
        var scores = SampleRecord.plan().choices().get(1).scores();
        assertThat(charts.get(0).rows()).hasSize(6);
        assertThat(charts.get(1).rows()).hasSize(25);
        assertThat(charts.get(1).rows().getFirst().chosen()).isTrue();
        assertThat(charts.get(1).rows().getLast().layers()).isEqualTo(scores.getLast().layers());
        assertThat(HtmlReport.of(SampleRecord.full())).contains("96 scored: best 20, worst 5");
    }

    @Test
    void theDiagnosisSpeaksPlainly() {
        assertThat(Diagnosis.words(0.94, 6)).startsWith("good");
        assertThat(Diagnosis.words(0.46, 16)).startsWith("weak");
        assertThat(Diagnosis.words(-0.1, 16)).startsWith("none");
        assertThat(Diagnosis.words(-0.5, 3)).startsWith("wrong way").contains("3 layers only");
        assertThat(Diagnosis.words(null, 3)).startsWith("ties");
        assertThat(Diagnosis.words(null, 1)).isEqualTo("too few to rank");
    }

    @Test
    void theLossIsNotJudgedByItself() {
        assertThat(HtmlReport.of(SampleRecord.full())).contains("the order can be trusted");
        assertThat(HtmlReport.of(with("loss", List.of()))).doesNotContain("the order can be trusted")
                .contains("The score is the measured loss itself");
    }

    /// Beside the agreement of score and loss.
    @Test
    void whatTheLossesSayOfTheMethodsIdeasIsTold() {
        var rises = IntStream.range(0, 9).mapToObj(i -> new Rise(i, i == 3 ? 2 : i / 10.0)).toList();
        var mechanisms = new Mechanisms(new Premise(24, true, LayerSet.of(7), -0.82),
                Interaction.of(0.5, List.of(new Own(0, LayerSet.of(3), 0.2), new Own(2, LayerSet.of(26), 0.1))),
                Critical.of(rises, LayerSet.of(3, 26)));
        String html = words(HtmlReport.of(with("gradnorm", mechanisms)));
        assertThat(html).containsSubsequence("<h3>Does the score order the layers as the measured loss does?</h3>",
                "<h3>Does high similarity mean that a layer can go?</h3>\n<p class=\"finding\">Yes: over 24 layers ",
                "</p>\n<h3>Do the segments interact?</h3>\n<p class=\"finding\">Yes, they make each other worse: ",
                "</p>\n<h3>Was a critical layer removed?</h3>\n<p class=\"finding\">Yes: without layer 3 (layer1.3) ",
                "</p>\n</section>").doesNotContain("NaN");
        assertThat(Json.pretty(with("gradnorm", mechanisms))).contains("\"mechanisms\" : {", "\"spearman\" : -0.82");
        assertThat(words(HtmlReport.of(with("gradnorm", (Mechanisms) null)))).doesNotContain("class=\"finding\"");
        assertThat(Json.pretty(with("gradnorm", (Mechanisms) null))).doesNotContain("mechanisms");
    }

    private static RunRecord with(String criterion, @Nullable Mechanisms mechanisms) {
        var r = with(criterion, List.<String>of());
        return new RunRecord(r.command(), r.version(), r.model(), r.data(), r.layers(), r.similarity(),
                r.segmentation(), r.plan(), criterion, r.importance(), r.agreement(), r.before(), r.afterRemoval(),
                r.afterRepair(), r.after(), r.heal(), r.training(), r.seconds(), r.peakRssBytes(), r.machine(),
                r.trust(), mechanisms,
                r.notes(), r.output());
    }

    @Test
    void rolesThatShareExamplesAreNotSaidToShareNone() {
        assertThat(HtmlReport.of(with("gradnorm", List.of()))).contains("Three roles that share no example.");
        assertThat(HtmlReport.of(with("gradnorm", List.of("3 of 9. Allowed by --allow-overlap: the figures flatter."))))
                .doesNotContain("share no example").contains("some share examples");
    }

    @Test
    void plansThatRanAgainRepairedWholeAreToldFromTheOthers() {
        var p = SampleRecord.plan();
        var verified = IntStream.range(0, 3).mapToObj(i -> new PruningPlan.Verified(p.verification().get(i).removed(),
                Double.NaN, i == 2 ? 0.25 : 0.5 + i, "sleb", i < 2)).toList();
        var html = HtmlReport.of(of(new PruningPlan(p.removed(), p.names(), "auto", "kl", p.layers(), p.segmentation(),
                p.quota(), p.candidates(), p.choices(), verified, p.provenance()), List.of()));
        var section = html.substring(html.indexOf("checked on more data"));
        assertThat(section.substring(0, section.indexOf("</table>"))).contains("The best few ran again, repaired whole")
                .containsSubsequence(">Repaired<", ">Order<", ">whole<", ">1<", ">whole<", ">2<", ">gap by gap<", ">3<",
                        ">0.25");
        assertThat(HtmlReport.of(SampleRecord.full())).doesNotContain("repaired whole", ">Repaired<");
    }

    /// The sample with another criterion and other notes.
    private static RunRecord with(String criterion, List<String> notes) {
        var p = SampleRecord.plan();
        return of(new PruningPlan(p.removed(), p.names(), p.method(), criterion, p.layers(), p.segmentation(),
                p.quota(), p.candidates(), p.choices(), p.verification(), p.provenance()), notes);
    }

    /// The sample with another plan and other notes.
    private static RunRecord of(PruningPlan plan, List<String> notes) {
        var r = SampleRecord.full();
        return new RunRecord(r.command(), r.version(), r.model(), r.data(), r.layers(), r.similarity(),
                r.segmentation(), plan, plan.criterion(), r.importance(), r.agreement(), r.before(), r.afterRemoval(),
                r.after(),
                r.heal(), r.training(), r.seconds(), r.peakRssBytes(), r.machine(), notes, r.output());
    }

    @Test
    void aReportIsWrittenWhole(@TempDir Path directory) throws IOException {
        Path file = directory.resolve("deep/report.html");
        HtmlReport.write(SampleRecord.full(), file);
        assertThat(file).content().startsWith("<!DOCTYPE html>").endsWith("</html>\n");
        HtmlReport.write(SampleRecord.full(), Path.of("target/report-sample.html"));
        HtmlReport.write(SampleRecord.analysis(), Path.of("target/report-analysis.html"));
    }

    @Test
    void aTrainingHasAPageOfItsOwn() throws IOException {
        var evaluation = SampleRecord.full();
        var record = new TuningRecord("./sglp finetune <x>", "0.1.0", evaluation.model(), Map.of("training", "<b>"),
                Map.of("Optimizer", "SGD"), Objects.requireNonNull(evaluation.before()),
                Objects.requireNonNull(evaluation.after()), SampleRecord.training(), Map.of(), 1,
                SampleRecord.MACHINE, null);
        String html = TuningReport.of(record);
        assertThat(ids(html)).containsExactly("numbers", "training", "settings", "data", "again");
        assertThat(html).contains("<title>ResNet-56 trained for 8 epochs: accuracy 83.20 % → 81.90 %</title>",
                "Best: epoch 7, 81.52 %.", "run in /home/ada/networks", "2 threads used", "&lt;x&gt;", "&lt;b&gt;");
        assertThat(words(html)).doesNotContain("<x>");
        assertThat(html).contains("No example is in two of these.");
        var overlapping = new TuningRecord("sglp finetune x --allow-overlap", "0.1.0", record.model(), record.data(),
                record.settings(), record.before(), record.after(), record.training(), record.seconds(), 1,
                record.machine(), null);
        assertThat(TuningReport.of(overlapping)).doesNotContain("No example is in two of these.");
        TuningReport.write(record, Path.of("target/report-tuning.html"));
    }

    @Test
    void thePageSaysOnWhatMachineAndWhere() {
        String machine = "AMD EPYC 7B13, 4 logical cores, 2 threads used, 16.8 GB of memory; Linux 6.1.0 amd64; Java 25.0.1; libtorch 2.10.0";
        assertThat(HtmlReport.of(SampleRecord.full())).contains(machine,
                "run in /home/ada/networks at 2026-03-01T09:30:00Z.");
    }

    @Test
    void aTileClaimsNoSpeedThatWasNotMeasured() {
        assertThat(words(HtmlReport.of(SampleRecord.full()))).containsPattern(
                "<span class=\"label\">Latency, batch 1</span><strong>[^<]*</strong><span class=\"from\">from 6.82 ms</span><span class=\"change\">no difference could be measured</span>");
    }

    @Test
    void theCurveIsInThePageAsNumbersToo() {
        assertThat(words(HtmlReport.of(SampleRecord.full()))).contains("All 8 epochs as a table",
                "<td class=\"n\">7 (best)</td>");
    }

    private static List<String> ids(String html) {
        return Pattern.compile("<section id=\"(\\w+)\">").matcher(html).results().map(r -> r.group(1)).toList();
    }

    /// The page without its scripts and styles.
    private static String words(String html) {
        return SCRIPT.matcher(html).replaceAll("");
    }
}
