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
        assertThat(run.out()).contains("perplexity", "KL", "agreement").doesNotContain("accuracy");
        var study = json("methods");
        assertThat(study.get("quality").asText()).isEqualTo("perplexity");
        assertThat(ids(study)).containsExactly("gradnorm", "gradnorm-skip", "loss", "block-influence",
                "one-shot-block-influence", "one-shot-loss", "one-shot-magnitude", "random", "sleb", "tail");
        assertThat(rows(study)).hasSize(2 * (9 + 5)).allSatisfy(row -> {
            assertThat(row.at("/chosen/removed")).hasSize(row.get("remove").asInt());
            assertThat(row.at("/chosen/dtype").asText()).isEqualTo("float32");
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
                .contains("Llama: which method, at what cost?", "Perplexity of each way to choose")
                .doesNotContain("images", "ccuracy");
    }
}
