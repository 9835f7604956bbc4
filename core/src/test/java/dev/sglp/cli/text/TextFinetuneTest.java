package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.withinPercentage;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.data.DataSpec;
import dev.sglp.data.text.TextRoles;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.TokenPredictions;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Pattern;
import java.util.Objects;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Language models are trained from the command line.
final class TextFinetuneTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;

    @BeforeEach
    void open() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
    }

    private Run tuned(Path model, Path out, Object... more) {
        var all = new java.util.ArrayList<Object>(java.util.List.of("finetune", model, "--data", "text:" + pico.text(),
                "--window", 16, "--limit", 10, "--verify-samples", 8, "--train-samples", 24, "--learning-rate", 0.003,
                "--seed", 3, "--out", out, "--quiet", "--json", out.resolveSibling(out.getFileName() + ".json")));
        all.addAll(java.util.List.of(more));
        return Run.of(all.toArray());
    }

    private static double perplexity(Path json, String when) throws IOException {
        return new ObjectMapper().readTree(json.toFile()).path(when).path("perplexity").asDouble();
    }

    @Test
    void aPrunedOneLearnsFromTheDenseOneAndOpensAgain() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", small, "--quiet").code()).isZero();
        var out = folder.resolve("tuned");
        var run = tuned(small, out, "--teacher", dense, "--epochs", 3);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(out.resolve("best/tokenizer.json")).exists();
        var json = folder.resolve("tuned.json");
        var epochs = new ObjectMapper().readTree(json.toFile()).at("/training/epochs");
        assertThat(epochs.findValues("tokens")).hasSize(epochs.size()).allMatch(JsonNode::isIntegralNumber);
        assertThat(epochs.findValues("tokens").stream().mapToInt(JsonNode::asInt).sum()).isEqualTo(3 * 24 * 16);
        for (var part : epochs) { // measurements apart
            assertThat(part.path("tokens_per_second").asDouble())
                    .isGreaterThanOrEqualTo(part.path("tokens").asInt() / part.path("seconds").asDouble());
        }
        assertThat(perplexity(json, "after")).isLessThan(perplexity(json, "before"));
        var again = folder.resolve("again.json");
        assertThat(Run.of("evaluate", out.resolve("best"), "--data", "text:" + pico.text(), "--window", 16, "--limit",
                10, "--no-latency", "--quiet", "--json", again).code()).isZero();
        assertThat(Files.readString(out.resolve("report.html"))).contains("Perplexity", "Tokens a second")
                .doesNotContain("NaN %");
    }

    /// What is not trained keeps its bytes; the same command gives the same bytes.
    @Test
    void inPartTheLastLayersAloneChange() throws IOException {
        for (var name : new String[]{"one", "two"}) {
            var run = tuned(dense, folder.resolve(name), "--train", "partial", "--train-layers", 1, "--dtype",
                    "bfloat16");
            assertThat(run.code()).as(run.err()).isZero();
        }
        assertThat(folder.resolve("one/last/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("two/last/model.safetensors"));
        try (var before = Checkpoints.open(dense); var after = Checkpoints.open(folder.resolve("one/last"))) {
            for (var name : after.tensors().keySet()) {
                boolean trained = name.startsWith("model.layers.3.") || name.equals("model.norm.weight");
                assertThat(before.read(name).mismatch(after.read(name)) < 0).as(name).isNotEqualTo(trained);
            }
        }
        assertThat(new ObjectMapper().readTree(folder.resolve("one/finetune.json").toFile()).at("/settings/Trained")
                .asText()).isEqualTo(
                        "the last 1 layers, the last norm, and the head where it is not the embedding, bfloat16, weights float32");
    }

    /// Of layers 0 to 3 without 1: the layers before and behind, which are 0 and 2 and are called 0 and 1 now.
    @Test
    void theLayersBesideTheGapsAloneChange() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", small, "--quiet").code()).isZero();
        var words = new Object[]{"--train", "partial", "--train-layers", "gaps"};
        var planned = tuned(small, folder.resolve("planned"), words);
        assertThat(planned.code()).as(planned.err()).isZero();
        Files.delete(small.resolve("plan.json"));
        var unknown = tuned(small, folder.resolve("unknown"), words);
        assertThat(unknown.code()).isEqualTo(2);
        assertThat(unknown.err()).contains("--train-layers gaps", "plan.json", "--teacher");
        var taught = tuned(small, folder.resolve("taught"), "--teacher", dense, "--train", "partial", "--train-layers",
                "gaps");
        assertThat(taught.code()).as(taught.err()).isZero();
        for (var name : new String[]{"planned", "taught"}) {
            try (var before = Checkpoints.open(small); var after = Checkpoints.open(folder.resolve(name + "/last"))) {
                for (var tensor : after.tensors().keySet()) {
                    boolean trained = tensor.startsWith("model.layers.0.") || tensor.startsWith("model.layers.1.")
                            || tensor.equals("model.norm.weight");
                    assertThat(before.read(tensor).mismatch(after.read(tensor)) < 0).as(tensor).isNotEqualTo(trained);
                }
            }
        }
        assertThat(new ObjectMapper().readTree(folder.resolve("planned/finetune.json").toFile())
                .at("/settings/Trained").asText())
                .startsWith("the layers beside the gaps, the last norm, and the head where it is not the embedding,");
    }

    /// Several texts in proportion, as in `prune`.
    @Test
    void itTrainsOnSeveralTexts() throws IOException {
        var texts = new Path[]{folder.resolve("one.txt"), folder.resolve("two.txt")};
        Files.writeString(texts[0], "word1 word2 word3 and a line of its own, for one\n".repeat(200));
        Files.writeString(texts[1], "word4 word5 word6 and a line of its own, for two\n".repeat(200));
        var run = Run.of("finetune", dense, "--data", "text:" + pico.text(), "--window", 16, "--limit", 10,
                "--verify-samples", 8, "--heal-data", "text:" + texts[0], "--heal-data", "text:" + texts[1],
                "--heal-weights", "3,1", "--train-tokens", 800, "--out", folder.resolve("several"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(new ObjectMapper().readTree(folder.resolve("several/finetune.json").toFile())
                .at("/data/training").asText()).contains("one.txt", "two.txt");
        var wrong = tuned(dense, folder.resolve("wrong"), "--heal-data", "text:" + texts[0], "--heal-weights", "3,1");
        assertThat(wrong.err()).contains("--heal-weights has a number for each --heal-data: 1");
    }

    /// Learned by heart what is said nowhere else.
    @Test
    void whereTrainingMadeNothingBetterBestIsTheNetworkAsItCame() throws IOException {
        var other = folder.resolve("other.txt");
        Files.writeString(other, ("word7 ".repeat(12) + "\n").repeat(100));
        var run = Run.of("finetune", dense, "--data", "text:" + pico.text(), "--window", 16, "--limit", 10,
                "--verify-samples", 8, "--heal-data", "text:" + other, "--learning-rate", 0.1, "--epochs", 2, "--out",
                folder.resolve("worse"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var said = "training made nothing better; best/ is the network as it came";
        assertThat(run.out()).contains(said);
        assertThat(Files.readString(folder.resolve("worse/best/README.md"))).contains(said);
        assertThat(Files.readString(folder.resolve("worse/report.html"))).contains(said, "as it came (best)");
        var record = new ObjectMapper().readTree(folder.resolve("worse/finetune.json").toFile());
        assertThat(record.at("/training/untrained/validation_loss").asDouble())
                .isLessThan(record.at("/training/epochs/0/validation_loss").asDouble());
        assertThat(record.at("/after/loss").asDouble()).isEqualTo(record.at("/before/loss").asDouble());
        try (var before = Checkpoints.open(dense);
                var best = Checkpoints.open(folder.resolve("worse/best"));
                var last = Checkpoints.open(folder.resolve("worse/last"))) {
            for (var name : before.tensors().keySet()) {
                assertThat(before.read(name).mismatch(best.read(name))).as(name).isNegative();
                assertThat(before.read(name).mismatch(last.read(name))).as(name).isNotNegative();
            }
        }
    }

    /// Matrices of low rank change the layers' matrices and nothing else, by no more than their rank.
    @Test
    void inLowRankTheMatricesOfTheLayersAloneChange() throws IOException {
        var run = tuned(dense, folder.resolve("lora"), "--train", "lora", "--lora-rank", 2, "--teacher", dense,
                "--lora-target", "q_proj,up_proj", "--adapter");
        assertThat(run.code()).as(run.err()).isZero();
        checkAdapter(folder.resolve("lora/last"));
        try (var before = Checkpoints.open(dense); var after = Checkpoints.open(folder.resolve("lora/last"))) {
            for (var name : after.tensors().keySet()) {
                boolean trained = name.contains("q_proj") || name.contains("up_proj");
                assertThat(before.read(name).mismatch(after.read(name)) < 0).as(name).isNotEqualTo(trained);
            }
        }
        var wrong = tuned(dense, folder.resolve("wrong"), "--train", "lora", "--lora-target", "c_attn");
        assertThat(wrong.code()).isEqualTo(2);
        assertThat(wrong.err()).contains("--lora-target c_attn is no matrix of the layers").contains("q_proj");
        var early = Run.of("finetune", dense, "--data", "text:" + folder.resolve("no.txt"), "--train", "lora",
                "--lora-target", "c_attn", "--out", folder.resolve("early"));
        assertThat(early.err()).contains("--lora-target c_attn").doesNotContain("no.txt", "Training");
        var high = Run.of("finetune", dense, "--data", "text:" + folder.resolve("no.txt"), "--train", "lora",
                "--lora-target", "up_proj", "--lora-rank", 1000, "--out", folder.resolve("early"));
        assertThat(high.code()).isEqualTo(2);
        assertThat(high.err()).contains("--lora-rank 1000 is more than any matrix has", "take at most")
                .doesNotContain("no.txt", "Training");
    }

    /// What PEFT computes, `W + (α / r) · B A`, is what the merged network has.
    private void checkAdapter(Path network) throws IOException {
        var name = "model.layers.1.mlp.up_proj";
        try (var _ = Scope.open();
                var before = Checkpoints.open(dense);
                var start = Weights.forTraining(before);
                var after = Checkpoints.open(network);
                var end = Weights.forTraining(after);
                var adapter = Checkpoints.open(network.resolve("adapter/adapter_model.safetensors"));
                var factors = Weights.forTraining(adapter)) {
            assertThat(adapter.tensors()).hasSize(2 * 2 * 4);
            var b = factors.get("base_model.model." + name + ".lora_B.weight");
            var a = factors.get("base_model.model." + name + ".lora_A.weight");
            var merged = start.get(name + ".weight").add(b.mm(a).mul(new Scalar(2.0)));
            assertThat(Tensors.toDoubles(merged.sub(end.get(name + ".weight")).abs().max())[0]).isLessThan(1e-6);
            assertThat(Tensors.toDoubles(b.abs().max())[0]).isPositive();
        }
        assertThat(new ObjectMapper().readTree(network.resolve("adapter/adapter_config.json").toFile())
                .path("target_modules").toString()).isEqualTo("[\"q_proj\",\"up_proj\"]");
    }

    /// Less memory takes fewer windows at a time: nearly the same weights, whose gradients are summed in another order; the card says what
    /// all networks write.
    @Test
    void aTrainingGoesIntoLessMemory() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", small, "--quiet").code()).isZero();
        var usual = tuned(small, folder.resolve("usual"), "--teacher", dense);
        assertThat(usual.code()).as(usual.err()).isZero();
        var refused = tuned(small, folder.resolve("refused"), "--teacher", dense, "--memory", "1k");
        assertThat(refused.code()).isEqualTo(2);
        assertThat(refused.err()).contains("--memory 1k does not hold a step", "The least that works: ");
        var least = Pattern.compile("The least that works: (\\d+m)").matcher(refused.err());
        assertThat(least.find()).isTrue();
        var run = tuned(small, folder.resolve("less"), "--teacher", dense, "--memory", least.group(1), "--prompt",
                "word1 word2");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(perplexity(folder.resolve("less.json"), "after"))
                .isCloseTo(perplexity(folder.resolve("usual.json"), "after"), withinPercentage(0.01));
        assertThat(Files.readString(folder.resolve("less/best/README.md"))).contains("## Trained further",
                "| dense | ", "| pruned | ", "| healed | ");
        assertThat(Files.readString(folder.resolve("less/report.html"))).contains("How it speaks");
    }

    /// In one command: choice, repair, distillation on another text; the report names all four roles.
    @Test
    void pruningHeals() throws IOException {
        var other = folder.resolve("other.txt");
        Files.writeString(other, Files.readString(pico.text()).lines().filter(line -> line.length() < 40)
                .map(line -> line + "\n").reduce("", String::concat)
                + "another line of words to heal on\n".repeat(200));
        var run = Run.of("prune", dense, "--data", "text:" + pico.text(), "--window", 16, "--limit", 10, "--remove", 1,
                "--preset", "fast", "--heal", "distil", "--heal-data", "text:" + other, "--heal-tokens", "1k",
                "--train", "lora", "--prompt", "word1 word2", "--prompt", "word5", "--no-latency", "--out",
                folder.resolve("healed"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("> word1 word2", "of 4-grams repeated: dense");
        var record = new ObjectMapper().readTree(folder.resolve("healed/prune.json").toFile());
        assertThat(record.path("heal").asText()).isEqualTo("distil");
        var plan = new ObjectMapper().readTree(folder.resolve("healed/plan.json").toFile());
        for (var preset : java.util.List.of(record.path("preset"), plan.path("preset"))) {
            assertThat(preset.path("name").asText()).isEqualTo("fast");
            assertThat(preset.path("instead").toString())
                    .isEqualTo("[{\"flag\":\"--heal\",\"usual\":\"none\",\"taken\":\"distil\"}]");
        }
        for (var page : java.util.List.of("report.html", "README.md")) {
            assertThat(Files.readString(folder.resolve("healed").resolve(page))).contains(
                    "Preset fast with --heal distil instead of none: method one-pass, criterion block-influence, repair refit, healing distil; ",
                    " in all. The choice took 1.0 passes of the dense network forward");
        }
        assertThat(record.at("/samples/1/prompt").asText()).isEqualTo("word5");
        assertThat(record.at("/samples/1/networks").findValuesAsText("network")).containsExactly("dense", "pruned",
                "repaired", "healed");
        assertThat(record.at("/samples/1/networks/0/kl_divergence").isMissingNode()).isTrue();
        assertThat(record.at("/samples/1/networks/3/kl_divergence").asDouble()).isPositive();
        assertThat(Files.readString(folder.resolve("healed/README.md"))).contains("## How it speaks",
                "| | **word1 word2** | | |", "| dense | ", "| pruned | ", "| repaired | ", "| healed | ");
        assertThat(record.path("training").path("epochs").size()).isPositive();
        assertThat(Files.readString(folder.resolve("healed/report.html"))).contains("other.txt", "How it speaks");
    }

    /// What is told of the answers' distance is of the network that is written: the head is trained too, and the dense one's is kept.
    @Test
    void theDistanceFromTheDenseNetworkIsThatOfWhatIsWritten() throws IOException {
        var run = Run.of("prune", dense, "--data", "text:" + pico.text(), "--window", 16, "--limit", 10, "--remove", 1,
                "--preset", "fast", "--heal", "full", "--learning-rate", 0.02, "--train-tokens", 1000, "--no-latency",
                "--out", folder.resolve("healed"), "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        double told = new ObjectMapper().readTree(folder.resolve("healed/prune.json").toFile())
                .at("/after/fidelity/kl_divergence")
                .asDouble();
        try (var _ = Scope.open();
                var file = ModelFile.open(dense);
                var weights = file.forReading();
                var other = ModelFile.open(folder.resolve("healed"));
                var less = other.forReading()) {
            var items = TextRoles.open(TextRoles.Settings.of(DataSpec.parse("text:" + pico.text()),
                    ModelTokenizer.reading(file), 16).withCounts(4, 4, 10)).report();
            try (var reference = TokenPredictions.of(file.architecture().build(weights), items, Progress.silent())) {
                var written = new Evaluator(items, 1).compare(other.architecture().build(less), reference,
                        Progress.silent());
                assertThat(told).isPositive().isCloseTo(Objects.requireNonNull(written.fidelity()).klDivergence(),
                        within(1e-6));
            }
        }
    }

    /// A document of the report is found in a text of lines, and the other way round.
    @Test
    void documentsOfTheReportAreNotHealedOnAsLines() throws IOException {
        var report = folder.resolve("report.jsonl");
        var lines = Files.readAllLines(pico.text());
        Files.writeString(report, "{\"text\": \"%s\"}\n".formatted(String.join("\\n", lines.subList(0, 40))));
        var run = Run.of("prune", dense, "--data", "text:" + pico.text(), "--test", "jsonl:" + report, "--window", 16,
                "--remove", 1, "--heal", "full", "--out", folder.resolve("x"), "--quiet");
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains("also stand in");
    }

    /// A target that is not there is told before the choice, and the choice is not lost by it.
    @Test
    void whatCannotBeTrainedIsToldBeforeTheChoice() {
        var run = Run.of("prune", dense, "--data", "text:" + pico.text(), "--window", 16, "--remove", 1, "--heal",
                "full", "--train", "lora", "--lora-target", "q_prj", "--out", folder.resolve("x"));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains("--lora-target q_prj is no matrix").doesNotContain("CKA");
    }

    @Test
    void flagsOfTextBelongToText() {
        var run = Run.of("finetune", dense, "--data", "text:" + pico.text(), "--train-layers", 2, "--out",
                folder.resolve("x"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--train-layers belongs to --train partial");
        var many = tuned(dense, folder.resolve("many"), "--train", "partial", "--train-layers", 99);
        assertThat(many.code()).isEqualTo(2);
        assertThat(many.err()).contains("--train-layers 99: the network that is trained has 4");
    }
}
