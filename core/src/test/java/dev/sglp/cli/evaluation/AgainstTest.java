package dev.sglp.cli.evaluation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.DataSpec;
import dev.sglp.data.text.TextRoles;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Ending;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A language model beside the one that it was made from.
final class AgainstTest {
    private static final int WINDOW = 16;
    private static final int WINDOWS = 12;

    @TempDir
    static Path folder;
    private static PicoAndWords words;
    private static Path dense;
    private static Path small;

    @BeforeAll
    static void makeModels() throws IOException {
        words = PicoAndWords.make(folder);
        dense = words.model("mistral");
        small = smaller(dense, "small");
    }

    private static Path smaller(Path network, String name) {
        var out = folder.resolve(name);
        assertThat(Run.of("apply", "--layers", 1, network, "--out", out, "--quiet").code()).isZero();
        return out;
    }

    private static Run evaluate(Path network, Object... more) {
        return Run.of(Stream.concat(Stream.of("evaluate", network, "--window", WINDOW, "--limit", WINDOWS,
                "--no-latency"), Stream.of(more)).toArray());
    }

    private static JsonNode record(Path network, Object... more) throws IOException {
        var file = folder.resolve("record.json");
        var run = evaluate(network, Stream.concat(Stream.of("--json", file), Stream.of(more)).toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return new ObjectMapper().readTree(file.toFile());
    }

    private static String text() {
        return "text:" + words.text();
    }

    /// Log-probabilities of every predicted token.
    private static List<double[]> answers(Path network) throws IOException {
        var all = new ArrayList<double[]>();
        try (var file = ModelFile.open(network); var weights = file.forReading(); var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var items = TextRoles.noted(DataSpec.parse(text()), ModelTokenizer.reading(file), WINDOW, WINDOWS).items();
            var batch = items.batch(0, items.size());
            var logits = Autograd.off(() -> model.forward(batch.inputs(), Pass.evaluation()));
            var targets = Tensors.toDoubles(batch.targets());
            var numbers = Tensors.toDoubles(logits);
            int vocabulary = numbers.length / targets.length;
            for (int i = 0; i < targets.length; i++) {
                if (targets[i] != Ending.NO_TARGET) {
                    int at = i * vocabulary;
                    double sum = IntStream.range(at, at + vocabulary).mapToDouble(j -> Math.exp(numbers[j])).sum();
                    all.add(IntStream.range(at, at + vocabulary).mapToDouble(j -> numbers[j] - Math.log(sum))
                            .toArray());
                }
            }
        }
        return all;
    }

    private static int best(double[] answer) {
        return IntStream.range(0, answer.length).reduce((a, b) -> answer[b] > answer[a] ? b : a).orElseThrow();
    }

    @ParameterizedTest
    @ValueSource(strings = {"mistral", "llama3"})
    void divergenceAndAgreementAreThoseOfBothNetworksLogits(String name) throws IOException {
        var whole = name.equals("mistral") ? dense : words.model(name);
        var less = name.equals("mistral") ? small : smaller(whole, "small-" + name);
        var p = answers(whole);
        var q = answers(less);
        double kl = 0;
        int same = 0;
        for (int i = 0; i < p.size(); i++) {
            for (int j = 0; j < p.get(i).length; j++) {
                kl += Math.exp(p.get(i)[j]) * (p.get(i)[j] - q.get(i)[j]);
            }
            same += best(p.get(i)) == best(q.get(i)) ? 1 : 0;
        }
        var found = record(less, "--data", text(), "--against", whole);
        assertThat(found.at("/evaluation/examples").asInt()).isEqualTo(p.size()).isPositive();
        assertThat(found.at("/evaluation/fidelity/kl_divergence").asDouble()).isPositive()
                .isCloseTo(kl / p.size(), within(1e-6));
        assertThat(found.at("/evaluation/fidelity/top1_agreement").asDouble()).isBetween(0.01, 0.99)
                .isEqualTo((double) same / p.size());
        assertThat(found.get("data").asText()).endsWith(", against " + whole);
        var alone = record(less, "--data", text());
        assertThat(alone.at("/evaluation").has("fidelity")).isFalse();
        assertThat(found.at("/evaluation/perplexity").asDouble())
                .isCloseTo(alone.at("/evaluation/perplexity").asDouble(), within(1e-4));
    }

    @Test
    void itMeetsItself() {
        var run = evaluate(dense, "--data", text(), "--against", dense);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("  perplexity  ", "  KL               0.000000 nats a token",
                "  agreement        100.00 %", ", against " + dense);
    }

    @Test
    void textsStandBesideTasksInOneTable() throws IOException {
        var piqa = Files.writeString(folder.resolve("piqa.jsonl"),
                "{\"goal\": \"word1 word2\", \"sol1\": \"word3\", \"sol2\": \"word4 word5\", \"label\": 0}\n");
        var lines = Files.writeString(folder.resolve("lines.jsonl"), "{\"text\": \"word1 word2 word3\"}\n");
        var all = new Object[]{"--data", text(), "--data", "jsonl:" + lines, "--data", "task:piqa=" + piqa, "--against",
                dense};
        var run = evaluate(small, all);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).containsPattern("perplexity +KL +accuracy +agreement")
                .containsPattern("text:text.txt.* \\d\\.\\d{6} .* %").containsPattern("task:piqa +1 questions");
        var found = record(small, all);
        assertThat(found.at("/evaluations/0/evaluation/fidelity"))
                .isEqualTo(record(small, "--data", text(), "--against", dense).at("/evaluation/fidelity"));
        assertThat(found.at("/evaluations/1/evaluation/fidelity").has("kl_divergence")).isTrue();
        var asked = evaluate(small, "--data", "task:piqa=" + piqa, "--against", dense);
        assertThat(asked.code()).isEqualTo(2);
        assertThat(asked.err()).contains("--against compares what two networks say of text:, jsonl:, chat: or images:",
                "leave --against out");
    }

    @Test
    void otherTokensAreRefusedBeforeAnythingIsMeasured() throws IOException {
        var tokens = Files.createDirectories(folder.resolve("tokens"));
        for (var file : List.of("config.json", "model.safetensors")) {
            Files.copy(dense.resolve(file), tokens.resolve(file));
        }
        var tokenizer = Files.readString(dense.resolve("tokenizer.json"));
        Files.writeString(tokens.resolve("tokenizer.json"), tokenizer.replace("\"WhitespaceSplit\"", "\"Whitespace\""));
        var other = evaluate(small, "--data", text(), "--against", tokens);
        assertThat(other.code()).isEqualTo(3);
        assertThat(other.err()).contains("[" + tokens + "] has another tokenizer than [" + small + "]")
                .doesNotContain("predicting");
        var vocabulary = evaluate(small, "--data", text(), "--against", "src/test/resources/text/gsm8k/network");
        assertThat(vocabulary.code()).isEqualTo(3);
        assertThat(vocabulary.err()).contains("says 48. Both must have the same vocabulary")
                .doesNotContain("predicting");
    }

    @Test
    void longerWindowsThanTheOtherHasPositionsAreRefused() throws IOException {
        var gpt = words.model("gpt2/gpt2");
        var run = Run.of("evaluate", small, "--data", text(), "--window", 30, "--against", gpt);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--window 30 is longer than the 26 positions that [" + gpt + "] has learned");
    }

    @Test
    void networksThatTellClassesApartHaveNoUseForIt() throws IOException {
        var pictures = PicoAndNoise.make(folder);
        var run = Run.of("evaluate", pictures.model(), "--data", "images:" + pictures.images(), "--against",
                pictures.model());
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--against is for language models and encoders", pictures.model().toString());
    }
}
