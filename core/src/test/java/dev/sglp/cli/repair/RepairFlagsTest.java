package dev.sglp.cli.repair;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The repair on the command line: what is typed, what is told, what is refused.
final class RepairFlagsTest {
    @TempDir
    static Path folder;
    private static PicoAndNoise made;
    private static PicoAndWords words;
    private static Path llama;

    @BeforeAll
    static void models() throws IOException {
        made = PicoAndNoise.make(folder.resolve("images"));
        words = PicoAndWords.make(folder);
        llama = words.model("llama3");
    }

    private static JsonNode record(Path out) throws IOException {
        return new ObjectMapper().readTree(out.resolve("prune.json").toFile());
    }

    private static Run prune(Path out, Object... more) throws IOException {
        var all = new ArrayList<Object>(
                List.of("prune", llama, "--data", "text:" + words.text(), "--remove",
                        1, "--window", 16, "--limit", 6, "--no-latency", "--out", out));
        all.addAll(List.of(more));
        return Run.of(all.toArray());
    }

    private static Run images(String line) {
        return Run.of((Object[]) line.replace("MODEL", made.model().toString()).replace(":D", ":" + made.images())
                .replace("--out O", "--out " + folder.resolve("never")).split(" "));
    }

    @ParameterizedTest
    @CsvSource({"refit", "scale", "scale-refit", "blockwise"})
    void whatWasRepairedIsTold(String repair) throws IOException {
        var out = folder.resolve(repair);
        var run = prune(out, "--repair", repair, "--repair-samples", 8, "--protect", "last");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("Repaired by " + repair, "repaired", "after removal");
        var record = record(out);
        var told = record.at("/plan/repair");
        assertThat(told.get("name").asText()).isEqualTo(repair);
        assertThat(told.get("data").asText()).contains("8 of", "sha256");
        assertThat(told.get("layers").size()).isLessThanOrEqualTo(told.get("tried").asInt());
        assertThat(told.get("loss_after").asDouble()).isLessThanOrEqualTo(told.get("loss_before").asDouble());
        assertThat(record.at("/after_repair/loss")).isEqualTo(record.at("/after/loss"));
        assertThat(Files.readString(out.resolve("report.html"))).contains("How the rest was repaired");
        assertThat(Files.readString(out.resolve("README.md"))).contains("## How the rest was repaired");
    }

    @Test
    void otherTextsMayTakePart() throws IOException {
        var other = folder.resolve("other.txt");
        Files.write(other, java.util.stream.IntStream.range(0, 300)
                .mapToObj(i -> "quite another text about nothing at all number %d".formatted(i)).toList());
        var out = folder.resolve("besides");
        var run = prune(out, "--repair-data", "text:" + other, "--protect", "last", "--repair-samples", 8);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(record(out).at("/plan/repair/data").asText()).contains("other.txt", "8");
        assertThat(prune(folder.resolve("never"), "--repair-data", "text:" + other, "--repair", "none").err())
                .contains("belongs to --repair refit and scale").contains("--repair-data");
        assertThat(prune(folder.resolve("never"), "--repair-data", "text:" + other, "--repair-data", "text:" + other)
                .err()).contains("given twice");
        assertThat(images("prune MODEL --data images:D --remove 1 --repair-data text:x --out O").err())
                .contains("--repair-data is for networks that read text");
    }

    /// Questions decide: the record says so, and what is unknown or for others is refused.
    @Test
    void questionsMayDecide() throws IOException {
        var piqa = Files.writeString(folder.resolve("decide.jsonl"),
                "{\"goal\": \"words and\", \"sol1\": \"more words\", \"sol2\": \"no words\", \"label\": 0}\n"
                        .repeat(3));
        var out = folder.resolve("decided");
        var run = prune(out, "--decide", "task:piqa=" + piqa, "--protect", "last", "--repair-samples", 8);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(record(out).get("notes")).anySatisfy(note -> assertThat(note.asText()).contains(
                "compared by how likely they find the right choices of 3 questions of piqa"));
        assertThat(record(out).at("/plan/verification/0/loss").asDouble()).isBetween(0.0, 5.0);
        assertThat(prune(folder.resolve("never"), "--decide", "accuracy").err())
                .contains("--decide 'accuracy' is unknown");
        assertThat(images("prune MODEL --data images:D --remove 1 --decide task:piqa=%s --out O".formatted(piqa)).err())
                .contains("is for language models");
    }

    @Test
    void withoutARepairNothingIsToldOfOne() throws IOException {
        var out = folder.resolve("plain");
        var run = prune(out, "--repair", "none");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + Files.readString(out.resolve("report.html"))).doesNotContain("Repaired by",
                "How the rest");
        assertThat(record(out).has("after_repair")).isFalse();
        assertThat(record(out).at("/plan").has("repair")).isFalse();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--repair magic | none, scale, refit, scale-refit",
            "--repair none --repair-samples 9 | --repair-samples belongs to --repair refit and scale",
            "--repair none --repair-gaps | --repair-gaps belongs to --repair refit",
            "--repair scale --repair-ridge 2 | --repair-ridge belongs to --repair refit",
            "--repair replaceme --repair-gaps | --repair-gaps belongs to --repair refit, not to replaceme",
            "--repair-samples 0 | --repair-samples is at least 1, got 0",
            "--repair-ridge 0 | --repair-ridge is above 0",
            "--preset magic | best, fast, paper",
            "--preset fast --polish 3 | --polish belongs to --method auto",
            "--polish -1 | --polish is at least 0",
            "--preset fast --also 2 | --also belongs to --method auto",
            "--also 1,2 | --also 1,2 names 2 layers, and 1 go",
            "--also 99 | layer 99 does not exist",
            "--diagnosis --no-diagnosis | exclude each other",
            "--heal magic | none, bn, auto"})
    void whatPlaysNoPartIsRefused(String flags, String named) {
        var run = images("prune MODEL --data images:D --remove 1 --out O " + flags);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(named);
        assertThat(folder.resolve("never")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"scale", "scale-refit", "blockwise", "replaceme"})
    void whatNeedsAStreamOfTokensIsRefusedForImages(String repair) {
        var run = images("prune MODEL --data images:D --remove 1 --repair " + repair + " --no-latency --out O");
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("--repair " + repair + " is for networks", "Use --repair refit");
        assertThat(folder.resolve("never")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "repair MODEL --of MODEL --data images:D --out O | 3 | nothing is missing",
            "repair MODEL --of MODEL --data images:D --repair none --out O | 2 | --repair refit or scale",
            "apply MODEL MODEL --repair refit --out O | 2 | --repair none alone"})
    void whatCannotBeRepairedIsRefused(String line, int code, String named) {
        var run = images(line);
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.err()).contains(named);
    }

    @Test
    void anotherFamilyIsNone() throws IOException {
        var run = Run.of("repair", made.model(), "--of", llama, "--data", "text:" + words.text(),
                "--window",
                16, "--out", folder.resolve("never"));
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains(made.model().toString());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"best | --method auto --criterion kl",
            "fast | --method one-pass --criterion block-influence --verify 2",
            "fast --verify 0 | --method one-shot --criterion block-influence --verify 0",
            "fast --diagnosis | --method one-pass --criterion block-influence --verify 2 --repair refit",
            "best -k 2 --candidates 9 --decide kl | --segments 2 --candidates 9 --decide kl --repair refit",
            "fast --repair-ridge 2 --repair-gaps | --no-diagnosis --repair refit --repair-ridge 2.0 --repair-gaps",
            "paper | --reading letter --fisher mean --samples 8 --repair none",
            "paper --samples 6 | --fisher mean --samples 6 --repair none"})
    void aPresetSaysItsFlags(String preset, String flags) throws IOException {
        var out = folder.resolve("preset-" + preset);
        var typed = preset.split(" ");
        var run = prune(out, Stream.concat(Stream.of("--preset"), Stream.of(typed)).toArray());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("preset " + typed[0], flags);
        var told = run.err().lines().filter(line -> line.startsWith("preset ")).findFirst().orElseThrow();
        var again = folder.resolve("typed-" + preset);
        var second = prune(again, (Object[]) told.substring(told.indexOf(": ") + 2).split(" "));
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(Files.mismatch(again.resolve("model.safetensors"), out.resolve("model.safetensors"))).isEqualTo(-1);
    }

    /// In the plan, the record and the report, whether they were typed or not.
    @Test
    void allSettingsInForceAreRecorded() throws IOException {
        var out = folder.resolve("forced");
        var run = prune(out, "-k", 2, "--candidates", 9, "--decide", "kl", "--repair-ridge", 2, "--repair-gaps",
                "--repair-samples", 8);
        assertThat(run.code()).as(run.err()).isZero();
        var record = record(out);
        assertThat(record.get("settings").toString()).isEqualTo(
                "{'--method':'auto','--criterion':'kl','--segments':'2','--cka':'biased','--fisher':'rows','--candidates':'9','--verify':'8','--decide':'kl','--polish':'8','--diagnosis':'true','--repair':'refit','--repair-ridge':'2.0','--repair-gaps':'true','--heal':'none'}"
                        .replace('\'', '"'));
        var plan = new ObjectMapper().readTree(out.resolve("plan.json").toFile());
        for (var name : List.of("settings", "preset")) {
            assertThat(plan.get(name)).isEqualTo(record.get(name));
        }
        assertThat(record.at("/preset/instead").findValuesAsText("flag")).containsExactly("--segments", "--candidates",
                "--decide", "--repair-ridge", "--repair-gaps");
        assertThat(Files.readString(out.resolve("report.html"))).contains(
                "<dt>Made by</dt><dd>preset best with --segments 2 instead of 3, --candidates 9 instead of 128, --decide kl instead of loss, --repair-ridge 2.0 instead of the family&#39;s own, --repair-gaps</dd>",
                "<dt>Settings</dt><dd>--method auto --criterion kl --segments 2 ",
                " --repair-ridge 2.0 --repair-gaps true");
    }

    /// Nothing is chosen, and the family's own ridge is a number.
    @Test
    void whoAnalyzesWithoutATargetIsToldThePresetToo() throws IOException {
        var out = folder.resolve("looked");
        var run = Run.of("analyze", llama, "--data", "text:" + words.text(), "--window", 16, "--preset", "fast",
                "--diagnosis", "--repair-samples", 8, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        var record = new ObjectMapper().readTree(out.resolve("analysis.json").toFile());
        assertThat(record.has("mechanisms")).isTrue();
        assertThat(record.get("preset").toString()).isEqualTo(
                "{'name':'fast','instead':[{'flag':'--diagnosis','usual':'false','taken':'true'}]}".replace('\'', '"'));
        assertThat(record.at("/settings/--repair-ridge").asText()).isEqualTo("1.0");
        assertThat(Files.readString(out.resolve("report.html"))).contains("preset fast with --diagnosis<");
    }

    /// Batches of 64 images; the few there are are one.
    @Test
    void thePaperComparesImagesBatchByBatch() throws IOException {
        var out = folder.resolve("paper-images");
        var run = Run.of("prune", made.model(), "--data", "images:" + made.images(), "--remove", 1, "--preset", "paper",
                "--no-latency", "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("--reading letter --cka averaged --fisher mean");
        assertThat(record(out).toString()).contains("\"estimator\":\"averaged\"");
    }
}
