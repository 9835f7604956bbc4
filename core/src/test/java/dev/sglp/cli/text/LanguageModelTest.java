package dev.sglp.cli.text;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.sglp.Oracle;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way on pico language models, as a user walks it.
final class LanguageModelTest {
    @TempDir
    Path folder;
    private PicoAndWords pico;
    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        pico = PicoAndWords.make(folder);
        text = pico.text();
    }

    private Path model(String name) throws IOException {
        return pico.model(name);
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @Test
    void aTextThatIsNotThereIsNamed() throws IOException {
        var model = model("llama3");
        var missing = folder.resolve("missing.txt");
        for (var data : List.of("text:" + missing, "jsonl:" + missing + "#text", "task:piqa=" + missing)) {
            var run = Run.of("evaluate", model, "--data", data, "--quiet");
            assertThat(run.code()).as(run.err()).isEqualTo(3);
            assertThat(run.err()).contains("missing.txt] does not exist");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama2", "llama3", "mistral", "qwen2", "qwen3"})
    void aPrunedDirectoryOpensAsASmallerModel(String name) throws IOException {
        var model = model(name);
        var out = folder.resolve("out");
        var run = Run.of("prune", model, "--data", "text:" + text, "--remove", 1, "--criterion", "gradnorm-skip", "-k",
                2, "--window", 16, "--samples", 3, "--verify-samples", 4, "--limit", 10, "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var record = json(out.resolve("prune.json"));
        assertThat(record.at("/model/layers").asInt()).isEqualTo(4);
        assertThat(record.at("/before/perplexity").asDouble()).isBetween(1.0, 1000.0);
        assertThat(record.at("/after/fidelity/kl_divergence").asDouble()).isPositive();
        var work = record.at("/plan/candidates/forward_equivalents");
        assertThat(work.get("similarity").asDouble()).isBetween(0.5, 1.0); // a pass without the head
        assertThat(work.get("scores").asDouble()).isGreaterThan(3);
        assertThat(work.get("verification").asDouble()).isPositive();
        assertThat(record.at("/after/kv_bytes_per_token").asInt()).isPositive()
                .isLessThan(record.at("/before/kv_bytes_per_token").asInt());
        assertThat(record.at("/after/latency_ms/tokens_per_second").asDouble()).isPositive();
        for (var when : List.of("before", "after")) {
            assertThat(record.at("/%s/latency_ms/written_tokens_per_second".formatted(when)).asDouble()).as(when)
                    .isPositive();
        }
        assertThat(json(out.resolve("config.json")).at("/num_hidden_layers").asInt()).isEqualTo(3);
        assertThat(out.resolve("tokenizer.json")).hasSameTextualContentAs(model.resolve("tokenizer.json"));
        assertThat(out.resolve("LICENSE")).hasContent("of the model");
        assertThat(out.resolve("README.md")).content()
                .startsWith("---\nlicense: apache-2.0\n---\n# %s, 1 of 4 layers removed".formatted(name))
                .contains("Perplexity");

        var evaluated = folder.resolve("evaluated.json");
        var data = "--data";
        assertThat(Run.of("evaluate", out, data, "text:" + text, "--window", 16, "--no-latency", "--quiet", "--json",
                evaluated).code()).isZero();
        assertThat(json(evaluated).at("/evaluation/parameters").asLong())
                .isEqualTo(record.at("/after/parameters").asLong());
        assertThat(Run.of("inspect", out).out()).contains("3 of 3 layers");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--method=tail", "--method=sleb", "--method=one-shot --criterion=block-influence",
            "--method=one-shot --criterion=loss", "--criterion=gradnorm", "--criterion=magnitude", "--criterion=random",
            "--criterion=gradnorm-skip --dtype=bfloat16", "--cka=unbiased", "--representation=raw", "--kernel=rbf"})
    void everyWayOfChoosingWorksOnText(String flags) throws IOException {
        var arguments = new java.util.ArrayList<Object>(List.of("prune", model("qwen3"), "--data", "text:" + text,
                "--remove", 2, "-k", 2, "--window", 16, "--samples", 3, "--verify-samples", 4, "--limit", 5,
                "--no-latency", "--quiet", "--out", folder.resolve("out")));
        arguments.addAll(List.of(flags.split(" ")));
        var run = Run.of(arguments.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(json(folder.resolve("out/prune.json")).at("/plan/removed")).hasSize(2);
    }

    /// As wide as the report's, and as many as make 8,192 tokens, or twice those of the calibration.
    @ParameterizedTest
    @CsvSource({"'', 'sample 0, 4 of [0-9]+ windows of 16 .*', 'verification part, [0-9,]+ windows of 16 .*'",
            "--calibration-window 8, '.* windows of 8 .*', '.* windows of 16 .*'",
            "--calibration-window 8 --verify-window 4, '.* windows of 8 .*', '.* windows of 4 .*'",
            "--verify-window 8 --verify-samples 9, '.* windows of 16 .*', '.* 9 of [0-9]+ windows of 8 .*'"})
    void calibrationAndVerificationHaveWindowsOfTheirOwn(String flags, String calibration, String verification)
            throws IOException {
        var arguments = new java.util.ArrayList<Object>(List.of("analyze", model("qwen3"), "--data", "text:" + text,
                "--remove", 1, "-k", 2, "--criterion", "loss", "--window", 16, "--quiet", "--out",
                folder.resolve("out")));
        arguments.addAll(flags.isEmpty() ? List.of() : List.of(flags.split(" ")));
        var run = Run.of(arguments.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        var data = json(folder.resolve("out/analysis.json")).at("/data");
        assertThat(data.get("calibration").asText()).matches(".*" + calibration);
        assertThat(data.get("verification").asText()).matches(".*" + verification);
    }

    @Test
    void theSamePlanAppliedGivesTheSameWeights() throws IOException {
        var model = model("llama3");
        var out = folder.resolve("out");
        assertThat(Run.of("prune", model, "--data", "text:" + text, "--remove", 1, "--method", "tail", "--window", 16,
                "--limit", 2, "--no-latency", "--quiet", "--out", out).code()).isZero();
        var run = Run.of("apply", out.resolve("plan.json"), model, "--out", folder.resolve("again"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(folder.resolve("again/model.safetensors"))
                .hasSameBinaryContentAs(out.resolve("model.safetensors"));
    }

    @Test
    void aGlobalQuotaIsSaidInTheRecord() throws IOException {
        var out = folder.resolve("out");
        assertThat(Run.of("prune", model("llama3"), "--data", "text:" + text, "--remove", 2, "--quota", "global",
                "--criterion", "loss", "--window", 16, "--limit", 2, "--no-latency", "--quiet", "--out", out).code())
                .isZero();
        var record = json(out.resolve("prune.json"));
        assertThat(record.at("/plan/removed")).hasSize(2);
        assertThat(record.get("notes").toString()).contains("--quota global");
    }

    @Test
    void autoSaysWhoseThePlanIs() throws IOException {
        var out = folder.resolve("out");
        var model = model("llama3");
        var run = Run.of("prune", model, "--data", "text:" + text, "--remove", 2, "--method", "auto",
                "--criterion", "loss", "--window", 16, "--limit", 2, "--no-latency", "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err() + run.out()).contains("The lowest loss on other data has the plan of");
        var verified = json(out.resolve("prune.json")).at("/plan/verification");
        assertThat(verified.get(0).get("by").asText()).isIn("sglp, loss", "sglp, kl", "sleb, kl", "block influence",
                "contiguous", "clusters", "prune&comp", "polish");
        assertThat(verified.get(0).get("removed"))
                .isEqualTo(json(out.resolve("prune.json")).at("/plan/removed"));
        var page = Files.readString(out.resolve("report.html"));
        assertThat(page).contains("Found by", "The best plans of each method").doesNotContain("Order by score");
        assertThat(
                Run.of("apply", out.resolve("plan.json"), model, "--repair", "none", "--out", folder.resolve("again"),
                        "--quiet").code())
                .isZero();
    }

    @Test
    void shardsAreAsLargeAsTheyMayBe() throws IOException {
        var model = model("llama3");
        var pruned = folder.resolve("pruned");
        assertThat(Run.of("prune", model, "--data", "text:" + text, "--remove", 1, "--method", "tail", "--window", 16,
                "--limit", 2, "--no-latency", "--quiet", "--max-shard-size", "20KB", "--out", pruned).code()).isZero();
        assertThat(Run.of("apply", pruned.resolve("plan.json"), model, "--quiet", "--max-shard-size", "20KB", "--out",
                folder.resolve("applied")).code()).isZero();
        assertThat(Run.of("convert", pruned, "--quiet", "--max-shard-size", "1MB", "--out",
                folder.resolve("one")).code()).isZero();
        assertThat(pruned.resolve("model.safetensors")).doesNotExist();
        try (var shards = Checkpoints.open(pruned);
                var same = Checkpoints.open(folder.resolve("applied"));
                var one = Checkpoints.open(folder.resolve("one"))) {
            assertThat(shards.weightFiles()).hasSizeGreaterThan(1).first().asString().contains("model-00001-of-");
            assertThat(Checkpoints.sha256(same)).isEqualTo(Checkpoints.sha256(shards));
            assertThat(one.weightFiles()).hasSize(1);
            assertThat(one.tensors()).isEqualTo(shards.tensors());
        }
    }

    @Test
    void flagsThatDoNotFitAreRefusedByName() throws IOException {
        var model = model("llama3");
        var out = folder.resolve("out");
        for (var flags : List.of(List.of("--max-shard-size", "5Gb"), List.of("--init-std", "0"),
                List.of("--init-std", "0.1", "--criterion", "loss"), List.of("--init-std", "0.1", "--method", "tail"),
                List.of("--init-std", "0.1", "--criterion", "gradnorm-skip"),
                List.of("--quota", "global", "--method", "sleb"), List.of("--quota", "fair"),
                List.of("--method", "auto", "--verify", "0"), List.of("--normalise", "none"),
                List.of("--calibration-window", "64", "--window", "16"),
                List.of("--verify-window", "64", "--window", "16"), List.of("--heal", "magic"))) {
            var words = new java.util.ArrayList<Object>(
                    List.of("prune", model, "--data", "text:" + text, "--remove", 1, "--out", out));
            words.addAll(flags);
            var run = Run.of(words.toArray());
            assertThat(run.code()).as(run.err()).isEqualTo(2);
            assertThat(run.err()).contains(flags.getFirst());
            assertThat(out).doesNotExist();
        }
        var image = Oracle.file("pico_resnet.safetensors");
        for (var flags : List.of(List.of("--max-shard-size", "5GB"), List.of("--init-std", "0.02"))) {
            var run = Run.of("prune", image, "--data", "images:" + folder, "--remove", 1, "--criterion", "gradnorm",
                    flags.getFirst(),
                    flags.getLast(), "--out", out);
            assertThat(run.code()).as(run.err()).isEqualTo(2);
            assertThat(run.err()).contains(flags.getFirst(), "language models");
        }
    }

    @Test
    void reInitialisedLayersAreDrawnAsTheFlagOrTheConfigSays() throws IOException {
        var model = model("llama3");
        var config = json(model.resolve("config.json"));
        double range = config.path("initializer_range").asDouble();
        assertThat(range).isPositive();
        var usual = scores(model);
        assertThat(scores(model, "--init-std", String.valueOf(range))).isEqualTo(usual);
        assertThat(scores(model, "--init-std", String.valueOf(10 * range))).isNotEqualTo(usual);
        Files.writeString(model.resolve("config.json"), ((ObjectNode) config).without("initializer_range").toString());
        assertThat(scores(model)).isEqualTo(scores(model, "--init-std", "0.02"));
        var told = analysis(model);
        assertThat(told.out() + told.err()).contains("initializer_range", "0.02", "--init-std");
    }

    private Run analysis(Path model, String... flags) {
        var words = new java.util.ArrayList<Object>(
                List.of("analyze", model, "--data", "text:" + text, "-k", 2, "--criterion", "gradnorm",
                        "--window", 16, "--samples", 3, "--out", folder.resolve("run")));
        words.addAll(List.of(flags));
        var run = Run.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    private JsonNode scores(Path model, String... flags) throws IOException {
        analysis(model, flags);
        return json(folder.resolve("run/analysis.json")).path("importance");
    }

    @Test
    void whatDoesNotFitIsRefusedWithTheReason() throws IOException {
        var model = model("llama2");
        var images = Run.of("evaluate", model, "--data", "images:" + folder);
        assertThat(images.code()).isIn(2, 3);
        assertThat(images.err()).contains("text");
        var heal = Run.of("prune", model, "--data", "text:" + text, "--remove", 1, "--heal", "bn", "--out",
                folder.resolve("out"));
        assertThat(heal.code()).isEqualTo(2);
        assertThat(heal.err()).contains("--heal");
        var tuned = Run.of("finetune", model, "--data", "text:" + text, "--no-augment", "--out", folder.resolve("out"));
        assertThat(tuned.code()).as(tuned.err()).isEqualTo(2);
        assertThat(tuned.err()).contains("image networks");
        var same = Run.of("convert", model, "--out", model);
        assertThat(same.code()).isEqualTo(3);
        assertThat(same.err()).contains("holds a model already");
        var directory = Run.of("evaluate", model, "--data", "text:" + folder);
        assertThat(directory.code()).isEqualTo(3);
        assertThat(directory.err()).contains(folder.toString(), "is a directory");
        var all = Run.of("prune", model, "--data", "text:" + text, "--remove", 4, "--out", folder.resolve("out"));
        assertThat(all.code()).isEqualTo(2);
        assertThat(all.err()).contains("all 4 layers are to be removed");
        Files.writeString(model.resolve("tokenizer.json"), "version https://git-lfs.github.com/spec/v1");
        var pointer = Run.of("evaluate", model, "--data", "text:" + text);
        assertThat(pointer.code()).isEqualTo(3);
        assertThat(pointer.err()).contains("tokenizer.json] is a pointer of Git LFS");
        Files.delete(model.resolve("tokenizer.json"));
        var without = Run.of("evaluate", model, "--data", "text:" + text);
        assertThat(without.code()).isEqualTo(3);
        assertThat(without.err()).contains("tokenizer.json");
        var copied = Run.of("convert", model, "--out", folder.resolve("copied"));
        assertThat(copied.code()).isZero();
        assertThat(copied.err()).contains("No tokenizer goes along: ", "tokenizer.json");
        assertThat(copied.out()).contains("import AutoModelForCausalLM\n").doesNotContain("AutoTokenizer");
        assertThat(folder.resolve("copied/README.md")).content().contains("license: apache-2.0", "no layer removed");
        Files.delete(model.resolve("config.json"));
        var nameless = Run.of("inspect", model);
        assertThat(nameless.code()).isEqualTo(3);
        assertThat(nameless.err()).contains("no config.json with a model_type");
    }

    /// Tokenizers of this type cannot be made of a GGUF file's metadata.
    private Path strangeTokenizer() throws IOException {
        var bytes = Files.readString(Path.of("src/test/resources/gguf/pico-llama3.gguf"), ISO_8859_1);
        return Files.writeString(folder.resolve("pico.gguf"), bytes.replaceFirst("gpt2", "bert"), ISO_8859_1);
    }

    @Test
    void aGgufFileWithoutAUsableTokenizerIsWrittenWithoutOne() throws IOException {
        var model = strangeTokenizer();
        var out = folder.resolve("out");
        var run = Run.of("convert", model, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("No tokenizer files go along", model.toString(), "'bert'")
                .doesNotContain("goes along as it is");
        assertThat(run.out()).contains("import AutoModelForCausalLM\n").doesNotContain("AutoTokenizer");
        assertThat(out.resolve("config.json")).exists();
        assertThat(out.resolve("tokenizer.json")).doesNotExist();
        assertThat(Run.of("inspect", out).code()).isZero();
        var refused = Run.of("evaluate", model, "--data", "text:" + text, "--no-latency");
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err()).contains(model.toString(), "'bert'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", ""})
    void whatStandsBesideTheWeightsGoesAlongHoweverTheModelIsCalled(String file) throws IOException {
        var model = model("llama3");
        Files.writeString(model.resolve("generation_config.json"), "{}");
        var out = folder.resolve("out");
        var run = Run.of("convert", model.resolve(file), "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        for (var name : List.of("LICENSE", "tokenizer.json", "generation_config.json")) {
            assertThat(out.resolve(name)).hasSameTextualContentAs(model.resolve(name));
        }
    }

    @Test
    void onlyTheFolderOfTheInputsConfigIsRefused() throws IOException {
        var models = Files.createDirectory(folder.resolve("models"));
        var copied = models.resolve("llama3");
        Files.move(model("llama3"), copied);
        var run = Run.of("convert", copied, "--out", models, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(models.resolve("config.json")).exists();
        var own = Run.of("convert", Files.move(copied.resolve("model.safetensors"), copied.resolve("x.safetensors")),
                "--out", copied, "--quiet");
        assertThat(own.code()).isEqualTo(3);
        assertThat(own.err()).contains("is the input's own folder");
        var gguf = strangeTokenizer();
        assertThat(Run.of("convert", gguf, "--out", gguf.getParent(), "--quiet").code()).isZero();
        assertThat(gguf.resolveSibling("model.safetensors")).exists();
    }

    @Test
    void aPadTokenThatTheNetworkDoesNotKnowIsLeftOut() throws IOException {
        var model = model("llama3");
        int known = json(model.resolve("config.json")).path("vocab_size").asInt();
        var file = model.resolve("tokenizer.json");
        var pad = "\"added_tokens\":[{\"id\":%d,\"content\":\"[PAD]\",\"special\":true,\"single_word\":false,\"lstrip\":false,\"rstrip\":false,\"normalized\":false}]"
                .formatted(known);
        var documents = folder.resolve("documents.jsonl");
        Files.writeString(documents,
                "{\"text\": \"word1 word2 word3 [PAD]\"}\n{\"text\": \"word4 word5\"}\n".repeat(20));
        var plain = evaluated(model, documents);
        assertThat(plain.code()).as(plain.err()).isZero();
        var config = (ObjectNode) json(model.resolve("config.json"));
        Files.writeString(model.resolve("config.json"), config.put("pad_token_id", -1).toString());
        assertThat(perplexity(evaluated(model, documents))).isEqualTo(perplexity(plain));
        Files.writeString(model.resolve("tokenizer_config.json"), "{\"pad_token\": \"[PAD]\"}");
        assertThat(perplexity(evaluated(model, documents))).isEqualTo(perplexity(plain));
        Files.writeString(file, Files.readString(file).replace("\"added_tokens\":[]", pad));
        assertThat(file).content().contains("[PAD]");
        assertThat(perplexity(evaluated(model, documents))).isEqualTo(perplexity(plain));
        Files.delete(model.resolve("tokenizer_config.json"));
        assertThat(perplexity(evaluated(model, documents))).as("an added token of no role")
                .isEqualTo(perplexity(plain));
        Files.writeString(model.resolve("tokenizer_config.json"),
                "{\"pad_token\": \"[PAD]\", \"eos_token\": \"[PAD]\"}");
        var refused = evaluated(model, documents);
        assertThat(refused.code()).isEqualTo(3);
        assertThat(refused.err()).contains("has a tokenizer of " + (known + 1) + " tokens");
    }

    private static List<String> perplexity(Run run) {
        assertThat(run.code()).as(run.err()).isZero();
        return run.out().lines().filter(line -> line.contains("perplexity")).toList();
    }

    private static Run evaluated(Path model, Path documents) {
        return Run.of("evaluate", model, "--data", "jsonl:" + documents + "#text", "--window", 16, "--limit", 8,
                "--no-latency", "--quiet");
    }

    @Test
    void windowsBeyondTheContextAreRemarkedOn() throws IOException {
        var model = model("llama2");
        int context = json(model.resolve("config.json")).path("max_position_embeddings").asInt();
        for (int width : new int[]{context, context + 1}) {
            var run = Run.of("evaluate", model, "--data", "text:" + text, "--window", width, "--limit", 1,
                    "--no-latency");
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.err().contains("is longer than the")).isEqualTo(width > context);
        }
    }
}
