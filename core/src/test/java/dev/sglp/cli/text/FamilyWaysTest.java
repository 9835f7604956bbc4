package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way on pico language models of further families.
final class FamilyWaysTest {
    @TempDir
    Path folder;
    private PicoAndWords pico;

    @BeforeEach
    void writeText() throws IOException {
        pico = PicoAndWords.make(folder);
    }

    @ParameterizedTest
    @CsvSource({"gpt2/gpt2, --criterion=gradnorm", "gpt_neox/pythia, --repair=refit", "opt/bare, --repair=scale",
            "falcon/7b, --criterion=gradnorm-skip", "falcon/rw_1b, --criterion=gradnorm-skip --dtype=bfloat16",
            "starcoder2/3b, --criterion=block-influence", "mixtral/8x7b, --criterion=gradnorm",
            "qwen2_moe/a2_7b, --repair=refit", "qwen3_moe/step, --criterion=loss --dtype=bfloat16"})
    void aPrunedDirectoryOpensAsASmallerModel(String name, String flags) throws IOException {
        var out = folder.resolve("out");
        var arguments = new ArrayList<Object>(List.of("prune", pico.model(name), "--data", "text:" + pico.text(),
                "--remove", 1, "-k", 2, "--window", 16, "--samples", 2, "--verify-samples", 2, "--limit", 4, "--out",
                out, "--no-latency", "--quiet"));
        arguments.addAll(List.of(flags.split(" ")));
        var run = Run.of(arguments.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        var record = new ObjectMapper().readTree(out.resolve("prune.json").toFile());
        assertThat(record.at("/plan/removed")).hasSize(1);
        assertThat(record.at("/after/fidelity/kl_divergence").asDouble()).isPositive();
        var read = Run.of("evaluate", out, "--data", "text:" + pico.text(), "--window", 16, "--limit", 4,
                "--no-latency", "--quiet");
        assertThat(read.code()).as(read.err()).isZero();
    }

    /// Their repair is not in view: the record says so.
    @Test
    void thatGapsBehindExpertsAreScoredAsTheyAreIsSaid() throws IOException {
        var run = pruned(pico.model("mixtral/8x7b"), "refit");
        assertThat(run.code()).as(run.err()).isZero();
        var record = new ObjectMapper().readTree(folder.resolve("refit/prune.json").toFile());
        assertThat(record.at("/notes").toString()).contains("Gaps behind layers that end in experts (0 1)"); // 0 and 3 stay;
    }

    @ParameterizedTest
    @CsvSource({"gpt2/gpt2, 26", "opt/125m, 30"})
    void noWindowIsLongerThanTheLearnedPositions(String name, int positions) throws IOException {
        var model = pico.model(name);
        var inside = Run.of("evaluate", model, "--data", "text:" + pico.text(), "--window", positions, "--limit", 1,
                "--no-latency", "--quiet");
        assertThat(inside.code()).as(inside.err()).isZero();
        var beyond = Run.of("evaluate", model, "--data", "text:" + pico.text(), "--window", positions + 1, "--limit",
                1, "--no-latency", "--quiet");
        assertThat(beyond.code()).as(beyond.err()).isEqualTo(2);
        assertThat(beyond.err()).contains("--window %d is longer than the %d positions that the network has learned"
                .formatted(positions + 1, positions));
    }

    /// Old OPT networks end without a norm: their logits would see a factor.
    @Test
    void aStreamWithoutAFinalNormIsNotScaled() throws IOException {
        var model = withoutFinalNorm(pico.model("opt/125m"));
        assertThat(pruned(model, "refit").code()).isZero();
        for (var repair : List.of("scale", "scale-refit")) {
            var scaled = pruned(model, repair);
            assertThat(scaled.code()).as(scaled.err()).isEqualTo(2);
            assertThat(scaled.err())
                    .contains("--repair scale is for networks whose stream is read through a final norm");
        }
    }

    /// Experts, and sublayers side by side, end in several maps.
    @ParameterizedTest
    @ValueSource(strings = {"mixtral/8x7b", "qwen2_moe/a2_7b", "phi/2"})
    void replaceMeNeedsASingleMatrix(String name) throws IOException {
        var run = pruned(pico.model(name), "replaceme");
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("--repair replaceme is for networks whose layers end in a single matrix",
                "Use --repair refit");
    }

    /// Biases, stored the other way round; experts before the gap.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"gpt2/gpt2 | 0,last | of 1 changed", "opt/125m | 0,last | of 1 changed",
            "qwen3_moe/step | 0,1,2,3 | not end in a single matrix"})
    void replaceMeChangesTheLayerBeforeTheGap(String name, String kept, String said) throws IOException {
        var run = pruned(pico.model(name), "replaceme", kept);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + run.err() + Files.readString(folder.resolve("replaceme/report.html"))).contains(said);
    }

    /// A text's windows are one batch, over which nothing is averaged.
    @Test
    void thePaperComparesTextsAsTheOthersDo() throws IOException {
        var model = pico.model("llama/dynamic");
        var run = Run.of("prune", model, "--data", "text:" + pico.text(), "--remove", 1, "--preset", "paper",
                "--window", 16, "--samples", 2, "--limit", 4, "--out", folder.resolve("paper"), "--no-latency",
                "--no-diagnosis", "--second-look", "no");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("preset paper").doesNotContain("--cka");
        var record = new ObjectMapper().readTree(folder.resolve("paper/prune.json").toFile());
        assertThat(record.toString()).contains("\"estimator\":\"biased\"").doesNotContain("averaged");
        var refused = Run.of("analyze", model, "--data", "text:" + pico.text(), "--cka", "averaged", "--remove", 1,
                "--out", folder.resolve("never"));
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("--cka averaged is for images");
    }

    private Run pruned(Path model, String repair) {
        return pruned(model, repair, "0,last");
    }

    private Run pruned(Path model, String repair, String kept) {
        return Run.of("prune", model, "--data", "text:" + pico.text(), "--remove", 1, "-k", 2, "--protect", kept,
                "--criterion", "loss", "--repair", repair,
                "--window", 16, "--samples", 2, "--verify-samples", 2, "--limit", 4, "--out", folder.resolve(repair),
                "--no-latency", "--quiet");
    }

    private static Path withoutFinalNorm(Path model) throws IOException {
        var file = model.resolve("model.safetensors");
        var smaller = model.resolve("smaller");
        try (var whole = Checkpoints.open(file)) {
            var kept = whole.tensors().values().stream()
                    .filter(t -> !t.name().startsWith("model.decoder.final_layer_norm.")).toList();
            var bytes = new HashMap<String, MemorySegment>();
            for (var tensor : kept) {
                bytes.put(tensor.name(), whole.read(tensor.name()));
            }
            SafeTensorsWriter.write(smaller, kept, Map.of("format", "pt"), bytes::get);
        }
        Files.move(smaller, file, StandardCopyOption.REPLACE_EXISTING);
        var config = model.resolve("config.json");
        Files.writeString(config, Files.readString(config).replace("\"_remove_final_layer_norm\": false",
                "\"_remove_final_layer_norm\": true"));
        return model;
    }
}
