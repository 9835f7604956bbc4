package dev.sglp.data.text;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.data.Batch;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.OverlapException;
import dev.sglp.data.text.chat.ChatTemplate;
import dev.sglp.data.text.chat.ChatTemplate.Message;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which tokens are an assistant's, against transformers' own masks (`tools/make_conversation_fixtures.py`).
public final class ConversationsTest {
    private static final Path FIXTURE = Path.of("src/test/resources/text/conversations");

    @TempDir
    private Path folder;

    /// The conversations with a tokenizer that writes them by a template.
    public static TextWindows windows(String template, Path file, int width) throws IOException {
        var source = template.endsWith("}") ? template : Files.readString(FIXTURE.resolve(template + ".jinja"));
        var tokenizer = Tokenizers.of(Path.of("src/test/resources/text/gsm8k/network"), Integer.MAX_VALUE)
                .talking(() -> ChatTemplate.of("here", source, Map.of()));
        return TextRoles.all(DataSpec.parse("chat:" + file), tokenizer, width, 0);
    }

    public static JsonNode expected() throws IOException {
        return new JsonMapper().readTree(FIXTURE.resolve("expected.json").toFile());
    }

    public static Path file() {
        return FIXTURE.resolve("chat.jsonl");
    }

    private static int[] ints(JsonNode array) {
        return array.valueStream().mapToInt(JsonNode::intValue).toArray();
    }

    @ParameterizedTest
    @ValueSource(strings = {"plain", "marked", "bare", "think"})
    void theAnswersAloneArePredicted(String template) throws IOException {
        var windows = windows(template, file(), 400);
        var expected = expected().path("templates").path(template);
        assertThat(windows.size()).isEqualTo(expected.size());
        for (int i = 0; i < windows.size(); i++) {
            int[] ids = ints(expected.path(i).path("ids"));
            int[] mask = ints(expected.path(i).path("mask"));
            assertThat(windows.tokens(i)).as(template + i).containsExactly(ids);
            double[] targets = IntStream.range(0, ids.length)
                    .mapToDouble(t -> t + 1 < ids.length && mask[t + 1] == 1 ? ids[t + 1] : Batch.NO_TARGET).toArray();
            try (var _ = Scope.open()) {
                assertThat(Tensors.toDoubles(windows.batch(i, i + 1).targets())).as(template + i)
                        .containsExactly(targets);
            }
            assertThat(windows.answers(i, i + 1)).isEqualTo(IntStream.of(mask).skip(1).sum());
        }
        assertThat(windows.name()).contains("conversations, whose answers alone are predicted");
    }

    @Test
    void aWindowWithoutAnAnswerIsLeftOut() throws IOException {
        var windows = windows("plain", file(), 48);
        assertThat(windows.predicted()).isEqualTo(expected().path("learned").path("windows").path("count").intValue());
        for (int i = 0; i < windows.size(); i++) {
            assertThat(windows.answers(i, i + 1)).isPositive();
        }
        assertThat(windows.leftOut()).isPositive();
    }

    /// Together with other text each keeps what is its own.
    @Test
    void conversationsAreJoinedWithOtherText() throws IOException {
        var tokenizer = Tokenizers.of(Path.of("src/test/resources/text/gsm8k/network"), Integer.MAX_VALUE);
        var text = TextRoles.all(DataSpec.parse("jsonl:src/test/resources/text/gsm8k/train.jsonl#question"), tokenizer,
                48, 0);
        var chat = windows("plain", file(), 48);
        var all = TextWindows.joined("both", List.of(chat, text));
        assertThat(all.predicted()).isEqualTo(chat.predicted() + text.predicted());
        assertThat(all.tokens(chat.size())).containsExactly(text.tokens(0));
        assertThat(all.answers(1, 2)).isEqualTo(chat.answers(1, 2));
        assertThat(all.digest())
                .isNotEqualTo(all.select("one less", IntStream.range(1, all.size()).toArray()).digest());
    }

    @ParameterizedTest
    @CsvSource(delimiter = ';', quoteCharacter = '`', value = {
            "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]};line 1: the conversation has no answer",
            "{\"messages\": []};line 1: field 'messages': expected a list of messages",
            "{\"text\": \"a\"};line 1: field 'messages': expected a list of messages, each with 'role' and 'content', got nothing",
            "{\"messages\": [{\"role\": \"assistant\", \"content\": [1]}]};'messages[0].content': expected a string, got ARRAY",
            "{\"messages\": [{\"role\": \"assistant\", \"content\": \"a\", \"tool_calls\": [1]}]};'messages[0].tool_calls': of a message role and content alone",
            "{\"messages\": [{\"role\": \"assistant\"}]};'messages[0]': expected an object with 'role' and 'content'",
            "{\"messages\": [7]};'messages[0]': expected an object"})
    void whatIsNoConversationIsRefusedByItsLine(String line, String message) throws IOException {
        var file = Files.writeString(folder.resolve("chat.jsonl"), line);
        assertThatIOException().isThrownBy(() -> windows("plain", file, 400)).withMessageContaining(message)
                .withMessageContaining("chat.jsonl] line 1");
    }

    private static final String SYSTEM = "You are a helpful assistant, made by people who like short and honest answers";

    private static String conversation(String system, int number) {
        return """
                {"messages": [{"role": "system", "content": "%s"}, {"role": "user", "content": "%d times seven?"}, \
                {"role": "assistant", "content": "%d"}, {"role": "user", "content": "and %d more?"}, \
                {"role": "assistant", "content": "together these are %d, as anybody can reckon"}]}"""
                .formatted(system, number, 7 * number, number, 8 * number);
    }

    private DataSpec conversations(String name, String system, IntStream numbers) throws IOException {
        return DataSpec.parse("chat:" + Files.write(folder.resolve(name),
                numbers.mapToObj(number -> conversation(system, number)).toList()));
    }

    private static DataRoles roles(DataSpec data, DataSpec test) throws IOException {
        var source = Files.readString(FIXTURE.resolve("plain.jinja"));
        var tokenizer = Tokenizers.of(Path.of("src/test/resources/text/gsm8k/network"), Integer.MAX_VALUE)
                .talking(() -> ChatTemplate.of("here", source, Map.of()));
        return TextRoles.open(TextRoles.Settings.of(data, tokenizer, 400).withTest(test));
    }

    /// What all conversations begin with does not tell one from another.
    @Test
    void aSystemPromptThatConversationsShareIsNoOverlap() throws IOException {
        var data = conversations("one.jsonl", SYSTEM, IntStream.range(100, 160));
        assertThat(roles(data, data).notes()).noneMatch(note -> note.contains("left out"));
        var other = conversations("two.jsonl", SYSTEM, IntStream.range(200, 220));
        assertThat(roles(data, other).notes()).noneMatch(note -> note.contains("left out"));
    }

    @Test
    void conversationsUnderAnotherSystemPromptAreAnOverlap() throws IOException {
        var data = conversations("one.jsonl", SYSTEM, IntStream.range(100, 160));
        var other = conversations("two.jsonl", "You answer", IntStream.range(140, 160));
        assertThatExceptionOfType(OverlapException.class).isThrownBy(() -> roles(data, other))
                .withMessageContaining("documents of one.jsonl#messages also stand in two.jsonl#messages");
    }

    /// A template that asks for the date writes the same text every day.
    @Test
    void dataHaveOneDate() throws IOException {
        var source = "{{ strftime_now('%d %b %Y, %H:%M') }} " + Files.readString(FIXTURE.resolve("plain.jinja"));
        var messages = List.of(new Message("user", "a"), new Message("assistant", "b"));
        var template = ChatTemplate.of("here", source, Map.of());
        assertThat(template.spoken(messages).getFirst().text()).startsWith("26 Jul 2024, 00:00 ");
        assertThat(template.text(messages)).doesNotStartWith("26 Jul 2024");
    }

    /// Where a template lets a network answer with other words than an answer begins with.
    @Test
    void whereAnAnswerCannotBeToldItIsRefused() {
        assertThatIOException()
                .isThrownBy(() -> windows(
                        "{% for m in messages %}{{ m.content }};{% endfor %}{{ 'now:' if add_generation_prompt }}{{ '' }}",
                        file(), 400))
                .withMessageContaining("A template with 'generation' blocks says it").withMessageContaining("line 1");
        assertThatIOException()
                .isThrownBy(() -> windows(
                        "{% set x %}{% generation %}a{% endgeneration %}{% endset %}{{ x }}", file(), 400))
                .withMessageContaining("'generation' inside 'set', 'filter' or a macro is not known here");
    }
}
