package dev.sglp.data.task;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.data.DataSpec;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.TokenizerFixture;
import dev.sglp.data.text.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Requests against those that lm-evaluation-harness builds (`tools/make_task_fixtures.py`), and what is refused.
final class MultipleChoiceTest {
    @TempDir
    Path folder;

    private static JsonNode fixture() throws IOException {
        try (var in = MultipleChoiceTest.class.getResourceAsStream("/text/tasks.json")) {
            return new JsonMapper().readTree(in);
        }
    }

    private static Tokenizer pico() throws IOException {
        return Tokenizers.of(TokenizerFixture.metadata("gpt-2"));
    }

    private DataSpec file(String task, Iterable<?> lines) throws IOException {
        var text = new StringBuilder();
        lines.forEach(line -> text.append(line).append('\n'));
        var file = folder.resolve(task + ".jsonl");
        Files.writeString(file, text);
        return DataSpec.parse("task:" + task + "=" + file);
    }

    @ParameterizedTest
    @EnumSource(TaskKind.class)
    void requestsAreThoseOfTheHarness(TaskKind kind) throws IOException {
        var own = fixture().path("own").path(kind.label());
        var task = MultipleChoice.open(file(kind.label(), own.path("docs")), pico(), 0);
        same(task, own.path("items"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"piqa", "arc_easy", "winogrande"})
    @EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
    void requestsOfTheRealItemsAreThoseOfTheHarness(String name) throws IOException {
        var data = Path.of(System.getenv("SGLP_TEST_DATA"));
        var tokenizer = Tokenizers
                .of(TokenizerFixture.metadata(data.resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf")));
        var spec = DataSpec.parse("task:%s=%s/data/zeroshot/%s.jsonl".formatted(name, data, name));
        same(MultipleChoice.open(spec, tokenizer, 20), fixture().path("real").path(name));
    }

    private static void same(MultipleChoice task, JsonNode items) {
        assertThat(task.items()).hasSize(items.size()).isNotEmpty();
        for (int i = 0; i < items.size(); i++) {
            var item = task.items().get(i);
            var expected = items.get(i);
            assertThat(item.right()).isEqualTo(expected.path("gold").intValue());
            assertThat(item.requests()).hasSize(expected.path("requests").size());
            for (int c = 0; c < item.requests().size(); c++) {
                var pair = expected.path("requests").get(c);
                assertThat(item.requests().get(c).context()).as("%d.%d", i, c).isEqualTo(ints(pair.get(0)));
                assertThat(item.requests().get(c).continuation()).as("%d.%d", i, c).isEqualTo(ints(pair.get(1)));
                assertThat(item.characters().get(c)).isEqualTo(expected.path("characters").get(c).intValue());
            }
        }
    }

    private static int[] ints(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false).mapToInt(JsonNode::intValue).toArray();
    }

    @Test
    void aBosComesFirstWhereTheTokenizerAsksForOne() throws IOException {
        var values = TokenizerFixture.metadata("gpt-2");
        values.put("tokenizer.ggml.add_bos_token", true);
        var withBos = new PairEncoding(Tokenizers.of(values)).encode("a b", " c");
        var without = new PairEncoding(pico()).encode("a b", " c");
        assertThat(withBos.context()).startsWith(0).endsWith(without.context()).hasSize(without.context().length + 1);
        assertThat(withBos.continuation()).isEqualTo(without.continuation());
    }

    @Test
    void aBosStandsForAnEmptyContext() throws IOException {
        var tokenizer = pico();
        assertThat(new PairEncoding(tokenizer).encode("", " c").context()).containsExactly(0);
        assertThat(new PairEncoding(tokenizer).encode("", " c").continuation()).isEqualTo(tokenizer.encode(" c"));
        assertThat(new PairEncoding(tokenizer).encode("  ", "c").continuation()).isEqualTo(tokenizer.encode("  c"));
    }

    @Test
    void theLimitTakesTheFirstItems() throws IOException {
        var line = "{\"sentence\": \"%s _ b\", \"option1\": \"x\", \"option2\": \"y\", \"answer\": \"2\"}";
        var spec = file("winogrande", Arrays.asList(line.formatted("a"), line.formatted("b"), "broken"));
        var task = MultipleChoice.open(spec, pico(), 2);
        assertThat(task.items()).hasSize(2);
        assertThat(task.items()).allMatch(i -> i.right() == 1);
        assertThatIOException().isThrownBy(() -> MultipleChoice.open(spec, pico(), 3)).withMessageContaining("line 3");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"piqa|{\"goal\": \"g\", \"sol1\": \"a\", \"label\": 0}|sol2",
            "piqa|{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 2}|label",
            "piqa|{\"goal\": \"g\", \"sol1\": \"a\", \"sol2\": \"b\", \"label\": 0.5}|label",
            "arc_easy|{\"question\": \"q\", \"choices\": {\"text\": [\"a\"], \"label\": [\"A\"]}, \"answerKey\": \"B\"}|answerKey",
            "arc_easy|{\"question\": \"q\", \"choices\": {\"text\": [\"a\"], \"label\": [\"A\", \"B\"]}, \"answerKey\": \"B\"}|answerKey",
            "arc_challenge|{\"question\": \"q\", \"choices\": [\"a\"], \"answerKey\": \"A\"}|choices.text",
            "openbookqa|{\"question\": \"q\"}|question_stem",
            "winogrande|{\"sentence\": \"no gap\", \"option1\": \"x\", \"option2\": \"y\", \"answer\": \"1\"}|gap",
            "winogrande|{\"sentence\": \"a _\", \"option1\": \"x\", \"option2\": \"y\", \"answer\": \"\"}|answer"})
    void anItemWithoutItsFieldsIsRefusedWithItsLine(String task, String line, String message) throws IOException {
        var spec = file(task, Arrays.asList("", line));
        assertThatIOException().isThrownBy(() -> MultipleChoice.open(spec, pico(), 0))
                .withMessageContaining("line 2").withMessageContaining(task + ".jsonl").withMessageContaining(message);
    }

    @Test
    void whatIsNoKnownTaskIsRefused() throws IOException {
        var tokenizer = pico();
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultipleChoice.open(DataSpec.parse("task:boolq=x"), tokenizer, 0))
                .withMessageContainingAll("boolq", "openbookqa");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> MultipleChoice.open(DataSpec.parse("task:piqa"), tokenizer, 0))
                .withMessageContaining("task:NAME=FILE");
        var empty = file("piqa", Arrays.asList(" "));
        assertThatIOException().isThrownBy(() -> MultipleChoice.open(empty, tokenizer, 0))
                .withMessageContaining("no items");
    }
}
