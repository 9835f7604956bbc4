package dev.sglp.cli.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What networks say on the way, in reports and cards.
final class SamplesTest {
    private static final int REPAIRED = 25; // of words at random a repair on as many changes some layers
    private static final String FIRST = "Once upon a time";

    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;

    @BeforeEach
    void open() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
    }

    private Run run(String command, Path model, Path out, Object... more) {
        var all = new ArrayList<Object>(List.of(command, model, "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 10, "--no-latency", "--out", out, "--quiet"));
        all.addAll(List.of(more));
        var run = Run.of(all.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static List<String> names(JsonNode record) {
        return record.at("/samples/0/networks").findValuesAsText("network");
    }

    /// What `generate` says of a network in a file, beside the dense one.
    private void same(Path network, JsonNode said) throws IOException {
        var told = folder.resolve("told.json");
        var run = Run.of("generate", network, "--compare", dense, "--prompt", FIRST, "--tokens", 40, "--json", told,
                "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var text = json(told).at("/texts/0");
        assertThat(said.path("text")).isEqualTo(text.at("/network/text"));
        assertThat(said.path("kl_divergence").asDouble()).isCloseTo(text.path("kl").asDouble(), within(1e-5));
    }

    @Test
    void fivePromptsAreContinuedUnasked() throws IOException {
        var out = folder.resolve("out");
        var run = run("prune", dense, out, "--remove", 2, "--preset", "fast", "--repair-samples", REPAIRED);
        assertThat(run.out()).contains("5 prompts continued, side by side in the report: of 4-grams repeated dense ",
                ", repaired ").doesNotContain("> " + FIRST);
        var record = json(out.resolve("prune.json"));
        assertThat(record.path("samples").findValuesAsText("prompt")).hasSize(5).startsWith(FIRST);
        assertThat(names(record)).containsExactly("dense", "pruned", "repaired");
        assertThat(record.at("/seconds/samples").asDouble()).isPositive();
        assertThat(Files.readString(out.resolve("README.md"))).contains("| | **" + FIRST + "** | | |", "| pruned | ");
        assertThat(Files.readString(out.resolve("report.html"))).contains("How it speaks", FIRST);
        assertThat(json(out.resolve("plan.json")).at("/repair/layers")).isNotEmpty();
        same(out, record.at("/samples/0/networks/2"));
        var plain = folder.resolve("plain");
        assertThat(Run.of("apply", out.resolve("plan.json"), dense, "--repair", "none", "--out", plain, "--quiet")
                .code()).isZero();
        same(plain, record.at("/samples/0/networks/1"));

        var repaired = folder.resolve("repaired");
        run("repair", plain, repaired, "--of", dense, "--repair-samples", REPAIRED);
        assertThat(names(json(repaired.resolve("prune.json")))).containsExactly("dense", "pruned", "repaired");
        same(plain, json(repaired.resolve("prune.json")).at("/samples/0/networks/1"));
    }

    /// They are compared with what the dense network was before its weights were trained.
    @Test
    void whatIsHealedIsComparedWithTheDenseNetwork() throws IOException {
        var out = folder.resolve("out");
        run("prune", dense, out, "--remove", 1, "--preset", "fast", "--repair", "none", "--heal", "full",
                "--learning-rate", 0.02, "--train-tokens", 1000);
        var record = json(out.resolve("prune.json"));
        assertThat(names(record)).containsExactly("dense", "pruned", "healed");
        same(out, record.at("/samples/0/networks/2"));
        run("finetune", out, folder.resolve("more"), "--train-tokens", 500);
        assertThat(names(json(folder.resolve("more/finetune.json")))).containsExactly("healed", "trained");
        assertThat(record.at("/samples/0/networks/1/kl_divergence").asDouble())
                .isNotCloseTo(record.at("/samples/0/networks/2/kl_divergence").asDouble(), within(1e-3));
    }

    @Test
    void nobodyHasToHearThem() throws IOException {
        var out = folder.resolve("out");
        run("prune", dense, out, "--remove", 1, "--preset", "fast", "--no-samples");
        assertThat(json(out.resolve("prune.json")).has("samples")).isFalse();
        assertThat(json(out.resolve("prune.json")).path("seconds").has("samples")).isFalse();
        for (var page : List.of("README.md", "report.html")) {
            assertThat(Files.readString(out.resolve(page))).doesNotContain("How it speaks");
        }
        run("finetune", dense, folder.resolve("tuned"), "--train-tokens", 500, "--no-samples");
        assertThat(json(folder.resolve("tuned/finetune.json")).has("samples")).isFalse();
        run("prune", dense, folder.resolve("whole"), "--remove", 0);
        assertThat(names(json(folder.resolve("whole/prune.json")))).containsExactly("dense", "written");
    }

    /// Before hours are spent.
    @Test
    void aPromptThatCannotBeContinuedIsRefusedBeforeTheChoice() throws IOException {
        var run = Run.of("prune", pico.model("gpt2/gpt2"), "--data", "text:" + pico.text(), "--window", 16, "--remove",
                1, "--prompt", "word1 ".repeat(5000), "--out", folder.resolve("never"));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("a prompt of 5,000 tokens and 40 tokens behind it are more than")
                .doesNotContain("CKA");
    }

    /// By the plan beside it.
    @Test
    void aTrainingSaysWhatTheNetworkWas() throws IOException {
        var repaired = folder.resolve("repaired");
        run("prune", dense, repaired, "--remove", 2, "--preset", "fast", "--no-samples", "--repair-samples", REPAIRED);
        var pruned = folder.resolve("pruned");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", pruned, "--quiet").code()).isZero();
        var tuned = folder.resolve("tuned");
        var said = run("finetune", repaired, tuned, "--train-tokens", 500, "--teacher", dense, "--learning-rate", 0.02);
        assertThat(said.out()).contains("5 prompts continued");
        var record = json(tuned.resolve("finetune.json"));
        assertThat(names(record)).containsExactly("dense", "repaired", "healed");
        same(repaired, record.at("/samples/0/networks/1"));
        same(tuned.resolve("best"), record.at("/samples/0/networks/2"));
        assertThat(Files.readString(tuned.resolve("best/README.md")))
                .startsWith("---\nlicense: apache-2.0\n---\n# llama3, 2 of 4 layers removed")
                .contains("Fitted on ", "## Trained further\nTrained by sglp ", ": every tensor, float32; taught by ",
                        "; on text.txt, ", "; epochs: 1, 8 windows a step. After: ", "| repaired | ");
        run("finetune", pruned, folder.resolve("two"), "--train-tokens", 500);
        assertThat(names(json(folder.resolve("two/finetune.json")))).containsExactly("pruned", "healed");
        run("finetune", dense, folder.resolve("three"), "--train-tokens", 500, "--prompt", "word1");
        assertThat(names(json(folder.resolve("three/finetune.json")))).containsExactly("as it came", "trained");
        assertThat(Files.readString(folder.resolve("three/best/README.md")))
                .startsWith("---\nlicense: apache-2.0\n---\n# llama3, trained further\n").contains("| as it came | ")
                .doesNotContain("# Title", "taught by");
    }

    @Test
    void reportAndCardSayHowItWasMended() throws IOException {
        var out = folder.resolve("out");
        run("prune", dense, out, "--remove", 2, "--preset", "fast", "--heal", "distil", "--train", "lora",
                "--train-tokens", 500, "--no-samples");
        assertThat(json(out.resolve("prune.json")).at("/heal_settings/Optimizer").asText()).startsWith("AdamW");
        var data = json(out.resolve("plan.json")).at("/repair/data").asText();
        assertThat(data).contains("text.txt, repair, ");
        for (var page : List.of("report.html", "README.md")) {
            assertThat(Files.readString(out.resolve(page))).contains("Fitted on " + data + ".",
                    "Healed by training: matrices of rank 16 beside those of the layers, alpha 32.0, float32; taught by the dense network, temperature 1.0, weight 1.0; on text.txt, ",
                    " windows of 16 tokens, no BOS; epochs: 1, 8 windows a step. The weights of the written network are those ");
        }
        run("prune", dense, folder.resolve("plain"), "--remove", 2, "--preset", "fast", "--no-samples");
        assertThat(Files.readString(folder.resolve("plain/README.md"))).contains("Fitted on ")
                .doesNotContain("How it was healed");
    }
}
