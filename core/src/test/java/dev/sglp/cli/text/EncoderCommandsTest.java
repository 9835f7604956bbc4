package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.data.Batch;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.text.TextRoles;
import dev.sglp.family.ModelFile;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The whole way of encoders on the command line, on pico networks.
final class EncoderCommandsTest {
    private static final int WORDS = 40;
    private static final String WINDOWS = "--window=20";

    @TempDir
    private Path folder;

    private Path text;

    @BeforeEach
    void writeText() throws IOException {
        text = PicoAndWords.make(folder).text();
    }

    /// With a tokenizer of whole words that puts two tokens around each text.
    private Path model(String name) throws IOException {
        var source = Path.of("src/test/resources/encoder", name);
        var directory = folder.resolve(name);
        try (var files = Files.walk(source)) {
            for (var file : files.filter(Files::isRegularFile).toList()) {
                var target = directory.resolve(source.relativize(file).toString());
                Files.createDirectories(target.getParent());
                Files.copy(file, target);
            }
        }
        var vocabulary = new LinkedHashMap<String, Integer>();
        vocabulary.put("<unk>", 0);
        IntStream.range(0, WORDS).forEach(i -> vocabulary.put("word" + i, i + 1));
        var special = Map.of("[CLS]", 90, "[SEP]", 91, "[MASK]", 92);
        vocabulary.putAll(special);
        var template = List.of(Map.of("SpecialToken", Map.of("id", "[CLS]", "type_id", 0)),
                Map.of("Sequence", Map.of("id", "A", "type_id", 0)),
                Map.of("SpecialToken", Map.of("id", "[SEP]", "type_id", 0)));
        var named = new LinkedHashMap<String, Object>();
        special.forEach((token, id) -> named.put(token,
                Map.of("id", token, "ids", List.of(id), "tokens", List.of(token))));
        var tokenizer = Map.of("version", "1.0", "added_tokens", List.of(), "pre_tokenizer",
                Map.of("type", "WhitespaceSplit"), "post_processor",
                Map.of("type", "TemplateProcessing", "single", template, "pair", template, "special_tokens", named),
                "model", Map.of("type", "WordLevel", "vocab", vocabulary, "unk_token", "<unk>"));
        Files.writeString(directory.resolve("tokenizer.json"), new ObjectMapper().writeValueAsString(tokenizer));
        Files.writeString(directory.resolve("tokenizer_config.json"), "{\"mask_token\": \"[MASK]\"}");
        return directory;
    }

    private static double number(Path json, String... path) throws IOException {
        var node = new ObjectMapper().readTree(json.toFile());
        for (var step : path) {
            node = node.path(step);
        }
        assertThat(node.isNumber()).as(String.join(".", path)).isTrue();
        return node.doubleValue();
    }

    @Test
    void anEncoderIsPrunedAndEvaluatingTheFileAgainstTheDenseOneGivesTheSame() throws IOException {
        var dense = model("bert/minilm");
        var out = folder.resolve("out");
        var pruned = Run.of("prune", dense, "--data", "text:" + text, WINDOWS, "--remove", "1", "--no-latency",
                "--out", out, "--limit", "30");
        assertThat(pruned.code()).as(pruned.err()).isZero();
        assertThat(pruned.out()).contains("Embedding agreement (cosine)", "MACs a token", "embeddings at most")
                .doesNotContain("Accuracy", "Perplexity", "nats");
        assertThat(out.resolve("1_Pooling/config.json")).exists();
        assertThat(Files.readString(out.resolve("report.html"))).contains("Embedding agreement", "1 − cosine");
        double after = number(out.resolve("prune.json"), "after", "embedding_agreement", "cosine");
        assertThat(number(out.resolve("prune.json"), "before", "embedding_agreement", "cosine")).isEqualTo(1);
        var report = folder.resolve("report.txt");
        var lines = Files.readAllLines(text);
        Files.write(report, lines.subList(lines.size() - 70, lines.size()));
        var json = folder.resolve("evaluation.json");
        var evaluated = Run.of("evaluate", out, "--data", "text:" + report, "--against", dense, WINDOWS,
                "--no-latency", "--json", json);
        assertThat(evaluated.code()).as(evaluated.err()).isZero();
        assertThat(evaluated.out()).contains("agreement", "cosine of embeddings", "against");
        assertThat(number(json, "evaluation", "embedding_agreement", "cosine")).isCloseTo(after, within(0.2));
        var same = Run.of("evaluate", dense, "--data", "text:" + report, "--against", dense, WINDOWS, "--no-latency",
                "--json", json);
        assertThat(same.code()).isZero();
        assertThat(number(json, "evaluation", "embedding_agreement", "cosine")).isCloseTo(1, within(1e-6));
    }

    @Test
    void pairsAreRankedByTheCosineOfTheirEmbeddings() throws IOException {
        var dense = model("roberta/pooled");
        var pairs = folder.resolve("pairs.tsv");
        Files.writeString(pairs, """
                score\tone\tother
                5\tword1 word2 word3\tword1 word2 word3
                0\tword1 word2\tword30 word9 word17 word4
                """);
        var json = folder.resolve("pairs.json");
        var run = Run.of("evaluate", dense, "--data", "pairs:" + pairs, "--json", json);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("Spearman");
        assertThat(number(json, "evaluation", "spearman")).isEqualTo(1);
        Files.writeString(pairs, "word1\tword2\t0.5\nword1\tword1\t0.9\nword2\tword2\t0.9\nword3\tword1\t0.1\n");
        var again = Run.of("evaluate", dense, "--data", "pairs:" + pairs);
        assertThat(again.code()).as(again.err()).isZero();
        assertThat(again.err()).contains("embedding 3 examples"); // of eight
        Files.writeString(pairs, "1\tone\n");
        assertThat(Run.of("evaluate", dense, "--data", "pairs:" + pairs).err()).contains("line 1", "columns");
        Files.writeString(pairs, "nan\tword1\tword2\n1\tword1\tword3\n2\tword1\tword4\n");
        assertThat(Run.of("evaluate", dense, "--data", "pairs:" + pairs).err()).contains("pair 1", "number", "'nan'");
    }

    @Test
    void aMaskedLanguageModelKeepsItsPerplexity() throws IOException {
        var dense = model("distilbert/masked");
        var out = folder.resolve("masked");
        var pruned = Run.of("prune", dense, "--data", "text:" + text, WINDOWS, "--remove", "1", "--no-latency", "--out",
                out, "--limit", "30");
        assertThat(pruned.code()).as(pruned.err()).isZero();
        assertThat(pruned.out()).contains("Perplexity").doesNotContain("Embedding agreement");
        assertThat(pruned.err()).contains("15 % of the others masked");
        assertThat(Run.of("evaluate", out, "--data", "text:" + text, WINDOWS, "--no-latency").out())
                .contains("perplexity", "tokens right");
        assertThat(Run.of("evaluate", dense, "--data", "text:" + text, WINDOWS, "--no-latency", "--against", dense)
                .out()).contains("KL               0.000000", "100.00 %");
    }

    /// Layers that end in a norm, windows of several lengths.
    @Test
    void layersOfAnEncoderFollowItsStreamByGradient() throws IOException {
        var out = folder.resolve("followed");
        var pruned = Run.of("prune", model("bert/minilm"), "--data", "text:" + text, WINDOWS, "--remove", "1",
                "--preset", "fast", "--repair", "blockwise", "--no-latency", "--out", out, "--limit", "30");
        assertThat(pruned.code()).as(pruned.err()).isZero();
        assertThat(pruned.out()).contains("Repaired by blockwise");
        for (var layer : new ObjectMapper().readTree(out.resolve("prune.json").toFile()).at("/plan/repair/layers")) {
            assertThat(layer.get("after").asDouble()).isLessThan(layer.get("before").asDouble());
        }
    }

    /// 15 % of each window's tokens in every pass, but not the same ones, as its model was pretrained; without a pass to draw for, the same in
    /// every run.
    @Test
    void eachPassOfATrainingMasksOtherTokens() throws IOException {
        var dense = model("distilbert/masked");
        try (var file = ModelFile.open(dense); var _ = Scope.open()) {
            var items = TextRoles.open(TextRoles.Settings.of(DataSpec.parse("text:" + text),
                    ModelTokenizer.reading(file), 20).withCounts(4, 4, 10)).report();
            assertThat(items.draws()).isTrue();
            var same = masked(items);
            assertThat(masked(items)).isEqualTo(same);
            assertThat(masked(items.drawn(7))).isEqualTo(masked(items.drawn(7))).isNotEqualTo(same)
                    .isNotEqualTo(masked(items.drawn(8)));
            assertThat(items.drawn(7).answers(0, 10)).isEqualTo(items.answers(0, 10)).isEqualTo(10 * 3);
            int seen = IntStream.range(0, 60).mapToObj(pass -> masked(items.drawn(pass))).flatMap(List::stream)
                    .collect(Collectors.toSet()).size();
            assertThat(seen).isEqualTo(10 * 18); // all of each window but what the tokenizer puts around it
        }
        var run = Run.of("finetune", dense, "--teacher", dense, "--data", "text:" + text, WINDOWS, "--teacher-answers",
                folder.resolve("answers.st"), "--out", folder.resolve("refused"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("each pass of this training masks other tokens");
        assertThat(Run.of("finetune", dense, "--data", "text:" + text, WINDOWS, "--prompt", "word1", "--out",
                folder.resolve("mute")).err()).contains("text is written by language models");
    }

    /// The places that are asked for, over all windows.
    private static List<Integer> masked(Dataset items) {
        double[] targets = Tensors.toDoubles(items.batch(0, 10).targets());
        return IntStream.range(0, targets.length).filter(i -> targets[i] != Batch.NO_TARGET).boxed().toList();
    }

    @Test
    void criteriaOfGradientsWorkOnAgreement() throws IOException {
        var dense = model("modernbert/base");
        for (var choice : List.of("gradnorm", "gradnorm-skip", "loss", "kl", "magnitude")) {
            var run = Run.of("analyze", dense, "--data", "text:" + text, WINDOWS, "--remove", "1", "--method", "sglp",
                    "--criterion", choice, "--out", folder.resolve(choice));
            assertThat(run.code()).as(choice + run.err()).isZero();
        }
        var letter = Run.of("analyze", dense, "--data", "text:" + text, WINDOWS, "--remove", "1", "--preset", "paper",
                "--out", folder.resolve("letter"));
        assertThat(letter.code()).as(letter.err()).isZero();
    }

    @Test
    void whatAnEncoderHasNoUseForIsRefused() throws IOException {
        var dense = model("bert/minilm");
        assertThat(Run.of("evaluate", dense, "--data", "text:" + text)).satisfies(run -> {
            assertThat(run.code()).isEqualTo(2);
            assertThat(run.err()).contains("--against");
        });
        assertThat(Run.of("evaluate", dense, "--data", "task:piqa=" + text).code()).isEqualTo(2);
        assertThat(Run.of("prune", dense, "--data", "text:" + text, "--remove", "1", "--repair", "scale", "--out",
                folder.resolve("scaled")).code()).isEqualTo(2);
        assertThat(Run.of("finetune", dense, "--data", "text:" + text, "--out", folder.resolve("tuned")).code())
                .isEqualTo(2);
        var training = study("methods", dense, "trained", "--epochs", "1");
        assertThat(training.code()).isEqualTo(2);
        assertThat(training.err()).contains("--epochs", "embeddings");
        var healing = study("methods", dense, "healed", "--heal", "none,bn");
        assertThat(healing.code()).isEqualTo(2);
        assertThat(healing.err()).contains("--heal none");
    }

    /// Other words than those the choice is made on.
    private Path report() throws IOException {
        var report = folder.resolve("report.txt");
        var lines = Files.readAllLines(text);
        return Files.write(report, lines.subList(0, 70).stream().map(line -> line.replace("word1", "word2 word7"))
                .toList());
    }

    private Run study(String name, Path dense, String out, String... more) throws IOException {
        var words = new ArrayList<Object>(List.of("study", name, dense, "--data", "text:" + text, "--window", "20",
                "--test", "text:" + report(), "--samples", "4", "--verify-samples", "4", "--remove", "1", "--limit",
                "6", "--out", folder.resolve(out)));
        words.addAll(List.of(more));
        return Run.of(words.toArray());
    }

    /// The agreement that a study tells of a row is that of the network `apply` writes without the row's layers.
    @Test
    void aStudyComparesMethodsByAgreement() throws IOException {
        var dense = model("bert/minilm");
        var run = study("methods", dense, "study", "--no-latency", "--repair", "none,refit", "--rows",
                "best,gradnorm,gradnorm-letter,kl,sleb,one-shot-block-influence,random");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("agreement", "after refit", "least", "MACs").doesNotContain("perplexity",
                "accuracy", "KL");
        var lines = Files.readAllLines(folder.resolve("study/study.csv"));
        var head = List.of(lines.getFirst().split(","));
        assertThat(head).contains("agreement", "least_agreement", "agreement_low", "agreement_high", "report_windows",
                "calibration_windows");
        assertThat(lines.get(1)).startsWith("methods,dense,nothing removed,0,,,none,1.0,1.0,0.0");
        var json = folder.resolve("study/study.json");
        assertThat(new ObjectMapper().readTree(json.toFile()).path("quality").asText()).isEqualTo("agreement");
        assertThat(Files.readString(folder.resolve("study/study.html"))).contains("mean cosine", "Each treatment")
                .doesNotContain("Perplexity", "accuracy");
        var row = new ObjectMapper().readTree(json.toFile()).path("rows").get(0);
        var pruned = folder.resolve("pruned");
        var applied = Run.of("apply", dense, "--layers", row.at("/chosen/removed/0").asText(), "--repair", "none",
                "--out",
                pruned);
        assertThat(applied.code()).as(applied.err()).isZero();
        assertThat(applied.out()).contains("embeddings at most").doesNotContain("logits");
        var evaluation = folder.resolve("evaluation.json");
        assertThat(Run.of("evaluate", pruned, "--data", "text:" + report(), "--limit", "6", "--against", dense, WINDOWS,
                "--no-latency", "--json", evaluation).code()).isZero();
        assertThat(row.at("/measured/0/evaluation/embedding_agreement/cosine").doubleValue())
                .isCloseTo(number(evaluation, "evaluation", "embedding_agreement", "cosine"), within(1e-6));
    }

    @Test
    void segmentsAndAblationAreStudiedByAgreementToo() throws IOException {
        var dense = model("distilbert/sentences");
        var segments = study("segments", dense, "segments", "--latency-budget", "1");
        assertThat(segments.code()).as(segments.err()).isZero();
        var page = Files.readString(folder.resolve("segments/study.html"));
        assertThat(page).contains("Forward pass, one window", "cosine");
        assertThat(Files.readString(folder.resolve("segments/study.csv"))).contains("dense_pass_ms", "segments,k2,",
                "segments,k4,", "segments,auto,");
        var ablation = study("ablation", dense, "ablation", "--no-latency");
        assertThat(ablation.code()).as(ablation.err()).isZero();
        assertThat(ablation.out()).contains("agreement");
    }

    @Test
    void aMaskedLanguageModelIsStudiedByPerplexityAndKl() throws IOException {
        var run = study("methods", model("bert/masked"), "masked", "--no-latency", "--rows", "kl,tail", "--repair",
                "none,refit");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("perplexity", "KL", "agree");
    }
}
