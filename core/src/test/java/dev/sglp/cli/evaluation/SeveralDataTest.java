package dev.sglp.cli.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.data.DataSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Several data sets in one run say what each says alone.
final class SeveralDataTest {
    private static final String PIQA = "{\"goal\": \"word1 word2\", \"sol1\": \"word3\", \"sol2\": \"word4 word5\", \"label\": %d}\n";
    private static final String WINOGRANDE = "{\"sentence\": \"word1 _ word2\", \"option1\": \"word3\", \"option2\": \"word4\", \"answer\": \"1\"}\n";

    @TempDir
    static Path folder;
    private static PicoAndNoise pictures;
    private static Path model;
    private static String text = "";
    private static String piqa = "";
    private static String winogrande = "";

    @BeforeAll
    static void makeModels() throws IOException {
        pictures = PicoAndNoise.make(folder);
        var words = PicoAndWords.make(folder);
        model = words.model("llama3");
        text = "text:" + words.text();
        piqa = "task:piqa=" + Files.writeString(folder.resolve("piqa.jsonl"), PIQA.formatted(0) + PIQA.formatted(1));
        winogrande = "task:winogrande=" + Files.writeString(folder.resolve("winogrande.jsonl"), WINOGRANDE);
    }

    private static JsonNode record(Path network, String... data) throws IOException {
        var file = folder.resolve("record.json");
        var words = Stream.concat(Stream.of("evaluate", network, "--no-latency", "--json", file),
                Stream.of(data).flatMap(spec -> Stream.of("--data", spec)));
        if (Stream.of(data).anyMatch(spec -> spec.startsWith("text:"))) {
            words = Stream.concat(words, Stream.of("--window", "8"));
        }
        var run = Run.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void textsAndTasksAreMeasuredAsEachAlone() throws IOException {
        var all = record(model, text, piqa, winogrande);
        assertThat(all.has("data") || all.has("evaluation")).isFalse();
        assertThat(all.get("evaluations")).hasSize(3);
        var one = all.at("/evaluations/0/evaluation");
        var alone = record(model, text);
        assertThat(alone.has("evaluations")).isFalse();
        assertThat(alone.get("data")).isEqualTo(all.at("/evaluations/0/data"));
        for (var name : List.of("perplexity", "loss", "accuracy", "perplexity_interval", "examples", "macs")) {
            assertThat(one.get(name)).as(name).isNotNull().isEqualTo(alone.get("evaluation").get(name));
        }
        assertThat(all.at("/evaluations/1/evaluation")).isEqualTo(record(model, piqa).get("evaluation"));
        assertThat(all.at("/evaluations/2/evaluation")).isEqualTo(record(model, winogrande).get("evaluation"));
        assertThat(all.at("/evaluations/2/evaluation/tasks/winogrande/items").asInt()).isEqualTo(1);
    }

    @Test
    void theyStandInOneTable() {
        var run = Run.of("evaluate", model, "--data", text, "--data", piqa, "--data", winogrande, "--window", 8);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("on 3 data sets\n")
                .containsPattern("text:text.txt +[\\d,]+ tokens +\\d+\\.\\d{4} ")
                .containsPattern("task:piqa +2 questions +\\d+\\.\\d\\d %")
                .containsPattern("task:winogrande +1 questions")
                .containsOnlyOnce("  parameters").containsOnlyOnce("  latency").containsOnlyOnce("  peak memory");
        assertThat(run.out().lines()).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(100));
    }

    @Test
    void imagesOfSeveralPlacesAreMeasuredAsEachAlone() throws IOException {
        var test = "images:" + pictures.images();
        var train = "images:" + pictures.images().resolve("train");
        var all = record(pictures.model(), test, train);
        assertThat(all.at("/evaluations/0/evaluation/accuracy"))
                .isEqualTo(record(pictures.model(), test).at("/evaluation/accuracy"));
        assertThat(all.at("/evaluations/1/evaluation/accuracy"))
                .isEqualTo(record(pictures.model(), train).at("/evaluation/accuracy"));
        assertThat(all.get("notes")).as("each once").hasSize(2);
    }

    @Test
    void whatCannotBeMeasuredIsSaidBeforeAnythingIs() {
        var missing = Run.of("evaluate", pictures.model(), "--data", "images:" + pictures.images(), "--data",
                "images:" + folder.resolve("nowhere"));
        assertThat(missing.code()).isEqualTo(3);
        assertThat(missing.err()).contains("nowhere").doesNotContain("evaluating");
        var unknown = Run.of("evaluate", model, "--data", text, "--data", "task:nope=" + folder, "--window", 8);
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("unknown task 'nope'").doesNotContain("predicting");
        var twice = Run.of("evaluate", model, "--data", piqa, "--data", piqa);
        assertThat(twice.code()).isEqualTo(2);
        assertThat(twice.err()).contains("was given twice");
        var apart = Run.of("evaluate", model, "--data", piqa, "--data", text, "--test", text);
        assertThat(apart.code()).isEqualTo(2);
        assertThat(apart.err()).contains("--test " + text + " goes with one --data");
        var prune = Run.of("prune", model, "--data", text, "--data", piqa, "--remove", 1, "--out", folder.resolve("x"));
        assertThat(prune.code()).isEqualTo(2);
        assertThat(prune.err()).contains("--data was given 2 times: only evaluate takes several data sets");
    }

    @Test
    void aLabelIsAsLongAsItMustBe() {
        var specs = Stream.of("text:a/test.txt", "text:b/test.txt", "images:c/cifar.zip/", "task:piqa=d/e=f.jsonl",
                "jsonl:x/y.jsonl#text").map(DataSpec::parse).toList();
        assertThat(EvaluationTable.labels(specs)).containsExactly("text:a/test.txt", "text:b/test.txt",
                "images:cifar.zip", "task:piqa", "jsonl:y.jsonl#text");
    }
}
