package dev.sglp.cli.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// The studies on a pico language model.
final class TextStudyTest {
    @TempDir
    static Path folder;
    private static Path model;
    private static Path text;

    @BeforeAll
    static void makeModelAndText() throws IOException {
        var pico = PicoAndWords.make(folder);
        model = pico.model("llama3");
        text = pico.text();
    }

    private static Run study(String name, String out, String... more) {
        var args = new ArrayList<>(List.of("study", name, model.toString(), "--data", "text:" + text, "--window", "16",
                "--samples", "3", "--verify-samples", "4", "--limit", "6", "--no-latency", "--out",
                folder.resolve(out).toString()));
        args.addAll(List.of(more));
        return Run.of(args.toArray());
    }

    private static JsonNode json(String out) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(out).resolve("study.json").toFile());
    }

    private static List<JsonNode> rows(JsonNode study) {
        return StreamSupport.stream(study.get("rows").spliterator(), false).toList();
    }

    private static List<String> ids(JsonNode study) {
        return rows(study).stream().map(r -> r.at("/label/id").asText()).distinct().toList();
    }

    @Test
    void everyMethodHasARowOfPerplexities() throws IOException {
        var run = study("methods", "methods", "--remove", "1,2");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("perplexity", "KL", "agree", "dense network").doesNotContain("accuracy");
        var study = json("methods");
        assertThat(study.get("quality").asText()).isEqualTo("perplexity");
        assertThat(ids(study)).containsExactly("gradnorm", "gradnorm-skip", "loss", "kl", "block-influence",
                "one-shot-block-influence", "one-shot-loss", "one-shot-magnitude", "random", "sleb", "contiguous",
                "clusters", "prune-comp", "tail", "auto", "best", "fast");
        assertThat(rows(study)).hasSize(2 * (16 + 5)).allSatisfy(row -> {
            assertThat(row.at("/chosen/removed")).hasSize(row.get("remove").asInt());
            boolean several = List.of("auto", "best").contains(row.at("/label/id").asText());
            assertThat(row.at("/chosen/dtype").asText()).isIn("float32", several ? "bfloat16" : "float32");
            assertThat(row.get("measured")).hasSize(1);
            assertThat(row.at("/measured/0/heal").asText()).isEqualTo("none");
            assertThat(row.at("/measured/0/evaluation/perplexity").asDouble()).isBetween(1.0, 1000.0);
            assertThat(row.at("/measured/0/evaluation/fidelity/kl_divergence").asDouble()).isPositive();
        });
        assertThat(Files.readString(folder.resolve("methods/study.csv")).lines().findFirst().orElseThrow())
                .startsWith(
                        "study,row,title,layers_removed,seed,calibration_windows,heal,perplexity,next_token_accuracy,loss,kl_to_dense,agreement_with_dense,report_tokens");
        var page = Files.readString(folder.resolve("methods/study.html"));
        assertThat(page.substring(page.indexOf("<h1>"), page.indexOf("</main>")))
                .contains("Llama: which method, at what cost?", "Perplexity of each way to choose",
                        "The choice of every seed", "gradnorm (reading absent, norm sum, scope all, draws 1)")
                .doesNotContain("images", "ccuracy");
    }

    /// Perplexity, divergence, another text and questions beside each other, for every treatment.
    @Test
    void severalTestsStandBesideEachOther() throws IOException {
        var other = Files.writeString(folder.resolve("other.txt"), Files.readString(text).repeat(2));
        var piqa = Files.writeString(folder.resolve("piqa.jsonl"),
                "{\"goal\": \"words and\", \"sol1\": \"more words\", \"sol2\": \"no words\", \"label\": 0}\n"
                        .repeat(3));
        String[] settings = {"--remove", "1", "--rows", "sleb,one-shot-loss", "--repair", "none,refit", "--test",
                "task:piqa=" + piqa, "--test", "text:" + other, "--test", "text:" + text, "--task-limit", "2",
                "--allow-overlap"};
        var run = study("methods", "several", settings);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out())
                .containsPattern(
                        "row +removed +after +perplexity +KL +agree +accuracy, piqa +perplexity, [a-z]+.txt +KL, [a-z]+.txt")
                .containsPattern("dense network +– .* ± ").containsPattern(" removal .* ± ").contains(" refit ");
        var study = json("several");
        assertThat(study.at("/data/report").asText()).contains("other.txt");
        assertThat(study.get("also")).extracting(a -> a.get("data").asText()).containsExactly("task:piqa",
                text.getFileName().toString());
        for (var row : rows(study)) {
            assertThat(row.get("measured")).hasSize(2).allSatisfy(measured -> {
                assertThat(measured.at("/also/0/task/items").asInt()).isEqualTo(2);
                assertThat(measured.at("/also/0/task/acc").asDouble()).isBetween(0.0, 1.0);
                assertThat(measured.at("/also/1/perplexity").asDouble()).isGreaterThan(1);
                assertThat(measured.at("/also/1/kl_divergence").asDouble()).isPositive();
            });
        }
        var lines = Files.readString(folder.resolve("several/study.csv")).lines().toList();
        assertThat(lines.getFirst())
                .endsWith("task:piqa acc,task:piqa acc_norm,task:piqa acc_stderr,%1$s perplexity,%1$s kl_to_dense"
                        .formatted(text.getFileName()));
        assertThat(lines).allMatch(line -> line.split(",", -1).length >= lines.getFirst().split(",").length);
        assertThat(Files.readString(folder.resolve("several/study.html")))
                .contains("Perplexity beside everything else");
        assertThat(study("methods", "several", settings).out()).isEqualTo(run.out());
        assertThat(study("methods", "twice", "--remove", "1", "--test", "text:" + text, "--test", "text:" + text).err())
                .contains("given twice");
        assertThat(study("segments", "one", "--remove", "1", "--test", "text:" + text, "--test", "text:" + other).err())
                .contains("only study methods takes several");
    }

    @Test
    void aFurtherTestThatChoseTheLayersIsRefused() throws IOException {
        var other = Files.writeString(folder.resolve("apart.txt"),
                "words that stand nowhere else in what the layers are chosen by, line %d\n".repeat(200)
                        .formatted(IntStream.range(0, 200).boxed().toArray()));
        var run = study("methods", "chosen", "--remove", "1", "--rows", "sleb", "--test", "text:" + other, "--test",
                "text:" + text);
        assertThat(run.code()).as(run.out()).isEqualTo(3);
        assertThat(run.err()).contains("--test text:" + text, "also choose, repair or verify", "--allow-overlap");
    }

    @Test
    void whatTheChoiceCostIsInEveryRow() throws IOException {
        var run = study("methods", "cost", "--remove", "1", "--verify", "3");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("passes");
        for (var row : rows(json("cost"))) {
            var id = row.at("/label/id").asText();
            var work = row.at("/chosen/candidates/forward_equivalents");
            boolean segments = List.of("gradnorm", "gradnorm-skip", "loss", "kl", "block-influence", "auto", "best")
                    .contains(id);
            boolean blind = List.of("one-shot-magnitude", "random", "tail").contains(id);
            assertThat(work.get("similarity").asDouble() > 0).as(id).isEqualTo(segments);
            assertThat(work.get("verification").asDouble() > 0).as(id).isEqualTo(segments);
            assertThat(work.get("scores").asDouble() > 0).as(id).isEqualTo(!blind);
        }
    }

    @Test
    void repeatsHaveOtherCalibrationDataAndBecomeOneLine() throws IOException {
        var run = study("methods", "repeats", "--remove", "2", "--repeats", "3", "--rows",
                "gradnorm-skip,one-shot-magnitude,sleb");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("SGLP, gradnorm-skip  ", "seeds", "overlap", "±");
        var rows = rows(json("repeats"));
        assertThat(rows).extracting(r -> r.at("/label/id").asText()).containsExactly("gradnorm-skip", "gradnorm-skip",
                "gradnorm-skip", "one-shot-magnitude", "sleb", "sleb", "sleb");
        assertThat(rows.subList(0, 3)).extracting(r -> r.get("seed").asInt()).containsExactly(0, 1, 2);
        assertThat(rows).extracting(r -> r.get("tokens").asInt()).containsOnly(3 * 16);
        assertThat(study("methods", "repeats", "--remove", "2", "--repeats", "1000").code()).isEqualTo(3);
        assertThat(study("methods", "repeats", "--remove", "2", "--repeats", "0").code()).isEqualTo(2);
    }

    @Test
    void aStudyGoesOnWhereItWasKilledAndEndsAlike() throws IOException {
        String[] settings = {"--remove", "1,2", "--repeats", "2", "--rows", "gradnorm,loss,sleb,one-shot-loss"};
        assertThat(study("methods", "whole", settings).code()).isZero();
        assertThat(study("methods", "killed", settings).code()).isZero();
        try (var parts = Files.list(folder.resolve("killed/parts"))) {
            int i = 0;
            for (var part : parts.sorted().toList()) { // as if it had been killed before every second part
                if (i++ % 2 == 0) {
                    Files.delete(part);
                }
            }
        }
        assertThat(study("methods", "killed", settings).code()).isZero();
        assertThat(timeless("killed")).isEqualTo(timeless("whole")).hasSize(1 + 1 + 2 * 2 * 4);
    }

    @Test
    void scoresAreKeptForOtherChoices() throws IOException {
        String[] settings = {"--remove", "2", "--rows", "gradnorm-skip,sleb", "--verify"};
        assertThat(study("methods", "scores", concat(settings, "0")).code()).isZero();
        var kept = parts("scores", "scores-");
        assertThat(kept).hasSizeGreaterThan(2);
        assertThat(study("methods", "scores", concat(settings, "2")).code()).isZero();
        assertThat(parts("scores", "scores-")).as("those and one of the verification").containsAll(kept)
                .hasSize(kept.size() + 1);
        assertThat(parts("scores", "choice-")).hasSize(3); // SLEB knows no verification
        for (var choice : parts("scores", "choice-")) {
            Files.delete(choice);
        }
        Files.writeString(kept.getFirst(), "{\"scores\": [{");
        var damaged = study("methods", "scores", concat(settings, "0"));
        assertThat(damaged.code()).isEqualTo(3);
        assertThat(damaged.err()).contains(kept.getFirst().getFileName().toString());
    }

    /// A plan that was compared otherwise is another part; one that was not compared is the same, and so is what is usual, typed or not.
    @Test
    void whatDecidesIsPartOfTheChoice() throws IOException {
        var piqa = Files.writeString(folder.resolve("decide.jsonl"),
                "{\"goal\": \"words and\", \"sol1\": \"more words\", \"sol2\": \"no words\", \"label\": 0}\n"
                        .repeat(3));
        String[] settings = {"--remove", "2", "--rows", "kl,sleb,fast", "--repair", "none"};
        int[] choices = new int[4];
        var all = List.of("", "--decide loss", "--decide kl", "--decide task:piqa=" + piqa);
        for (int i = 0; i < all.size(); i++) {
            var more = Stream.of(all.get(i).split(" ")).filter(word -> !word.isEmpty());
            var run = study("methods", "decided", Stream.concat(Stream.of(settings), more).toArray(String[]::new));
            assertThat(run.code()).as(run.err()).isZero();
            choices[i] = parts("decided", "choice-").size();
            assertThat(json("decided").get("settings").toString().contains("The best plans are compared by "))
                    .isEqualTo(i > 1);
        }
        assertThat(choices).containsExactly(3, 3, 5, 7);
        assertThat(json("decided").get("settings").toString()).contains("the right choices of 3 questions of piqa");
        assertThat(study("methods", "never", concat(settings, "--decide=accuracy")).err())
                .contains("--decide 'accuracy' is unknown");
        assertThat(study("methods", "never", "--remove", "1", "--verify", "0", "--decide", "kl").err())
                .contains("--decide compares plans on the verification data, and none are");
        assertThat(study("methods", "never", "--remove", "1", "--decide", "task:piqa=" + piqa, "--test",
                "task:piqa=" + piqa).err()).contains("the same questions are a --test");
    }

    /// What a finished part depends on: here the standard deviation of weights drawn anew.
    @Test
    void anotherConfigurationAsksEveryQuestionAnew() throws IOException {
        var own = folder.resolve("own-model");
        Files.createDirectories(own);
        try (var files = Files.list(model)) {
            for (var file : files.toList()) {
                Files.copy(file, own.resolve(file.getFileName()));
            }
        }
        var args = List.of("study", "methods", own.toString(), "--data", "text:" + text, "--window", "16", "--samples",
                "3", "--limit", "6", "--no-latency", "--verify", "0", "--remove", "1", "--rows", "gradnorm", "--out",
                folder.resolve("own").toString());
        assertThat(Run.of(args.toArray()).code()).isZero();
        var before = parts("own", "");
        var config = own.resolve("config.json");
        var text = Files.readString(config);
        assertThat(text).contains("\"initializer_range\"");
        Files.writeString(config, text.replaceAll("(\"initializer_range\"\\s*:\\s*)[0-9.e-]+", "$10.5"));
        assertThat(Run.of(args.toArray()).code()).isZero();
        assertThat(parts("own", "")).hasSize(2 * before.size()).containsAll(before);
    }

    @Test
    void aGlobalQuotaIsOneForAllRowsOfSglp() throws IOException {
        var run = study("methods", "global", "--remove", "2", "--rows", "loss,sleb", "--quota", "global");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(rows(json("global"))).extracting(r -> r.at("/label/title").asText())
                .containsExactly("SGLP, loss, global quota", "SLEB, one by one");
    }

    private static String[] concat(String[] settings, String last) {
        return Stream.concat(Stream.of(settings), Stream.of(last)).toArray(String[]::new);
    }

    private static List<Path> parts(String out, String beginning) throws IOException {
        try (var parts = Files.list(folder.resolve(out).resolve("parts"))) {
            return parts.filter(p -> p.getFileName().toString().startsWith(beginning)).sorted().toList();
        }
    }

    /// The table without its seconds.
    private static List<String> timeless(String out) throws IOException {
        return Files.readAllLines(folder.resolve(out).resolve("study.csv")).stream().map(line -> {
            var cells = new ArrayList<>(List.of(line.replaceAll("\"[^\"]*\"", "x").split(",", -1)));
            cells.set(17, "");
            cells.set(18, "");
            return String.join(",", cells);
        }).toList();
    }

    @Test
    void segmentsAndAblationWorkOnText() throws IOException {
        var segments = study("segments", "segments", "--remove", "1", "--criterion", "block-influence");
        assertThat(segments.code()).as(segments.err()).isZero();
        assertThat(ids(json("segments"))).containsExactly("k2", "k3", "k4", "auto");
        assertThat(rows(json("segments")).getFirst().at("/chosen/segmentation/stability/resamples")).hasSize(5);
        var ablation = study("ablation", "ablation", "--remove", "1", "--candidates", "8", "--dtype", "bfloat16");
        assertThat(ablation.code()).as(ablation.err()).isZero();
        assertThat(ids(json("ablation"))).contains("sglp", "raw", "cka-unbiased", "loss",
                "quota-global").doesNotContain("pooled");
        assertThat(rows(json("ablation")).getFirst().at("/chosen/dtype").asText()).isEqualTo("bfloat16");
    }

    @Test
    void theCalibrationStudyCountsTokens() throws IOException {
        var run = study("calibration", "calibration", "--remove", "2", "--sizes", "32,96", "--draws", "3", "--rows",
                "block-influence,sleb");
        assertThat(run.code()).as(run.err()).isZero();
        var study = json("calibration");
        assertThat(study.get("sizes")).hasSize(3 * 2 * 2).allSatisfy(size -> {
            assertThat(size.get("examples").asInt()).isIn(32, 96);
            assertThat(size.get("distance").asDouble() > 0).isEqualTo(size.get("examples").asInt() == 32);
        });
        assertThat(ids(study)).containsExactly("block-influence-tokens-32", "block-influence-tokens-96",
                "sleb-tokens-32", "sleb-tokens-96");
        assertThat(rows(study)).hasSize(4 * 3)
                .allSatisfy(r -> assertThat(r.get("tokens").asInt()).isEqualTo(16 * r.get("calibration").asInt()));
        var page = Files.readString(folder.resolve("calibration/study.html"));
        assertThat(page.substring(page.indexOf("<h1>"), page.indexOf("</main>")))
                .contains("how many calibration tokens?", "Plans by number of tokens").doesNotContain("images");
        var overlaps = Files.readString(folder.resolve("calibration/study.csv")).lines().skip(2)
                .map(line -> line.split(",", -1)).map(cells -> cells[cells.length - 5]); // the fifth column from the end
        assertThat(overlaps.mapToDouble(Double::parseDouble)).allMatch(v -> v <= 1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"methods | --remove 1 --heal bn | --heal none",
            "segments | --remove 1 --epochs 1 | --heal none", "methods | --remove 1 --rows foo | gradnorm-skip",
            "methods | --remove 5 | only 4", "calibration | --remove 1 --sizes 8 | one window",
            "calibration | --remove 1 --sizes 32 --plan-sizes 64 | --plan-sizes"})
    void whatDoesNotFitIsRefusedWithTheReason(String name, String more, String reason) {
        var run = study(name, "never", more.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(reason);
    }
}
