package dev.sglp.evaluation.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.cli.Run;
import dev.sglp.data.task.ExactMatch;
import dev.sglp.data.task.ExactMatch.Asking;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Prompts, texts, filters and figures against lm-evaluation-harness's own (`tools/make_exact_match_fixtures.py`).
final class MatchEvaluatorTest {
    private static final Path FIXTURE = Path.of("src/test/resources/text/gsm8k");
    private static final Path TEST = FIXTURE.resolve("test.jsonl");
    private static final int CONTEXT = 460;

    @TempDir
    private Path folder;

    private static JsonNode expected() throws IOException {
        return new JsonMapper().readTree(FIXTURE.resolve("expected.json").toFile());
    }

    private static Tokenizer tokenizer() throws IOException {
        return Tokenizers.of(FIXTURE.resolve("network"), Integer.MAX_VALUE);
    }

    private static Asking asking(String way) {
        return new Asking(Optional.empty(),
                way.equals("gsm8k") ? Optional.of(FIXTURE.resolve("train.jsonl")) : Optional.empty(), 0);
    }

    private static ExactMatchKind kind(String way) {
        return ExactMatchKind.named(way).orElse(ExactMatchKind.GSM8K);
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gsm8k", "itself", "gsm8k_cot_zeroshot"})
    void answersAndFiguresAreThoseOfTheHarness(String way) throws IOException {
        var expected = expected().path("ways").path(way);
        var tokenizer = tokenizer();
        var task = ExactMatch.open(kind(way), TEST, asking(way), tokenizer);
        try (var _ = Scope.open();
                var file = ModelFile.open(FIXTURE.resolve("network"));
                var weights = file.forReading()) {
            var scores = new MatchEvaluator(tokenizer, Set.of(tokenizer.eos().orElseThrow()), CONTEXT)
                    .score(file.architecture().build(weights), task, Progress.silent());
            assertThat(scores.texts()).hasSize(20);
            for (int i = 0; i < 20; i++) {
                var item = expected.path("items").path(i);
                int[] prompt = task.items().get(i).prompt();
                int[] fits = ints(item.path("prompt"));
                assertThat(Arrays.copyOfRange(prompt, prompt.length - fits.length, prompt.length)).as(way + i)
                        .containsExactly(fits);
                assertThat(scores.texts().get(i)).as(way + i).isEqualTo(item.path("text").textValue());
                for (var filter : task.kind().filters()) {
                    assertThat(filter.taken(scores.texts().get(i)))
                            .isEqualTo(item.path("taken").path(filter.name()).textValue());
                    assertThat(scores.right(i, filter))
                            .isEqualTo(item.path("right").path(filter.name()).booleanValue());
                }
            }
            var figures = expected.path("figures");
            scores.result().exactMatch().forEach((filter, share) -> {
                assertThat(share.value()).isEqualTo(figures.path("exact_match," + filter).doubleValue());
                assertThat(share.stderr()).isCloseTo(figures.path("exact_match_stderr," + filter).doubleValue(),
                        within(1e-12));
            });
        }
    }

    @ParameterizedTest
    @EnumSource(ExactMatchKind.class)
    void whatFiltersTakeAndWhatIsRightIsAsInTheHarness(ExactMatchKind kind) throws IOException {
        var cases = expected().path("strings").path(kind.label());
        assertThat(cases).hasSizeGreaterThan(150);
        for (var one : cases) {
            for (var filter : kind.filters()) {
                var found = one.path("filters").path(filter.name());
                var taken = filter.taken(one.path("text").textValue());
                assertThat(taken).as("%s %s", filter.name(), one).isEqualTo(found.path("taken").textValue());
                assertThat(kind.right(taken, one.path("gold").textValue())).as("%s %s", filter.name(), one)
                        .isEqualTo(found.path("right").booleanValue());
            }
        }
    }

    @Test
    void evaluateTellsBothFiltersAloneAndBesideATask() throws IOException {
        var record = folder.resolve("found.json");
        var run = Run.of("evaluate", FIXTURE.resolve("network"), "--data", "task:gsm8k=" + TEST, "--shots-from",
                FIXTURE.resolve("train.jsonl"), "--json", record, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("gsm8k, 20 questions, 5 examples before each",
                "strict-match     55.00 % ± 11.41 %",
                "flexible-extract 55.00 %");
        assertThat(new JsonMapper().readTree(record.toFile()).path("evaluation").path("tasks").path("gsm8k")
                .path("exact_match").path("strict-match").path("value").doubleValue()).isEqualTo(0.55);
        var table = Run.of("evaluate", FIXTURE.resolve("network"), "--data", "task:gsm8k_cot_zeroshot=" + TEST,
                "--data",
                "task:gsm8k=" + TEST, "--limit", 4, "--quiet");
        assertThat(table.code()).as(table.err()).isZero();
        assertThat(table.out()).contains("task:gsm8k_cot_zeroshot, strict-match", "task:gsm8k, flexible-extract");
    }

    @Test
    void whatCannotBeAskedIsRefused() throws IOException {
        var network = FIXTURE.resolve("network");
        assertThat(Run.of("evaluate", network, "--data", "task:gsm8k=" + TEST, "--shots", 20, "--quiet").err())
                .contains("--shots 20", "20 questions, 21 are needed");
        assertThat(Run.of("evaluate", network, "--data", "task:gsm8k=" + TEST, "--shots", 0, "--shots-from", TEST,
                "--quiet").err()).contains("--shots-from");
        assertThat(Run.of("evaluate", network, "--data", "task:piqa=" + TEST, "--shots", 2, "--quiet").err())
                .contains("--shots is for tasks whose answers are written");
        assertThat(Run.of("evaluate", network, "--data", "task:gsm=" + TEST, "--quiet").err())
                .contains("in evaluate also gsm8k, gsm8k_cot_zeroshot");
        var wrong = Files.writeString(folder.resolve("wrong.jsonl"), "{\"question\": \"1\"}");
        var run = Run.of("evaluate", network, "--data", "task:gsm8k=" + wrong, "--quiet");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("line 1: field 'answer'");
        assertThatThrownBy(() -> new MatchEvaluator(tokenizer(), Set.of(), 256)).isInstanceOf(UsageException.class)
                .hasMessageContaining("up to 256 tokens");
    }
}
