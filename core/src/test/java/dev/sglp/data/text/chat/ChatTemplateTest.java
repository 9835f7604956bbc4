package dev.sglp.data.text.chat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.data.text.chat.ChatTemplate.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.assertj.core.api.SoftAssertions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Against transformers' own text: `tools/make_chat_fixtures.py`.
final class ChatTemplateTest {
    private static final Path HERE = Path.of("src/test/resources/text/chat");
    private static final Map<String, String> SPECIAL = Map.of("bos_token", "<s>", "eos_token", "</s>", "date_string",
            "1 Jan 2020");

    private static JsonNode expected() throws IOException {
        return new ObjectMapper().readTree(HERE.resolve("expected.json").toFile());
    }

    private static List<Message> conversation(String name) throws IOException {
        return StreamSupport.stream(expected().path("conversations").path(name).spliterator(), false)
                .map(m -> new Message(m.path("role").textValue(), m.path("content").textValue())).toList();
    }

    private static String text(String source, String conversation) throws IOException {
        return ChatTemplate.of("here", source, SPECIAL).text(conversation(conversation));
    }

    @ParameterizedTest
    @ValueSource(strings = {"llama", "qwen", "mistral", "trim"})
    void aConversationIsTheTextThatTransformersMakes(String name) throws IOException {
        var source = Files.readString(HERE.resolve(name + ".jinja"));
        var all = expected().path("templates").path(name);
        assertThat(all).hasSize(5);
        for (var one : all.properties()) {
            if (one.getValue().isNull()) {
                assertThatThrownBy(() -> text(source, one.getKey())).as(one.getKey()).isInstanceOf(IOException.class)
                        .hasMessageStartingWith("[here] chat template, line ");
            } else {
                assertThat(text(source, one.getKey())).as(one.getKey()).isEqualTo(one.getValue().textValue());
            }
        }
    }

    @Test
    void eachPieceOfTheLanguageIsAsInJinja() throws IOException {
        var softly = new SoftAssertions();
        for (var one : expected().path("small")) {
            var source = one.path("template").textValue();
            if (one.path("text").isNull()) {
                softly.assertThatThrownBy(() -> text(source, "turns")).as(source).isInstanceOf(IOException.class);
            } else {
                softly.assertThatCode(() -> softly.assertThat(text(source, "turns")).as(source)
                        .isEqualTo(one.path("text").textValue())).as(source).doesNotThrowAnyException();
            }
        }
        softly.assertAll();
    }

    @Test
    void whatJinjaDoesBesidesIsRefusedByItsName() throws IOException {
        assertThat(expected().path("refused")).isNotEmpty().allSatisfy(
                source -> assertThatThrownBy(() -> text(source.textValue(), "turns")).as(source.textValue())
                        .isInstanceOf(IOException.class).hasMessageContaining("chat template, line 1: ")
                        .hasMessageMatching(".*(not known|not printed) here"));
    }

    /// Before anything is rendered, also in a branch that would not be taken.
    @ParameterizedTest
    @CsvSource(delimiter = ';', value = {"{% call f() %}{% endcall %};line 1: the block 'call' is not known here",
            "a\\n{% if false %}{{ x | pprint }}{% endif %};line 2: the filter 'pprint' is not known here",
            "{{ x is callable }};line 1: the test 'callable' is not known here", "{{ x;line 1: a tag has no end",
            "\\n\\n{% for x in y %};line 3: expected 'endfor'", "{{ x ? y }};line 1: '? y }}' is not understood"})
    void whatIsNotKnownIsRefusedWithItsLine(String source, String message) {
        assertThatThrownBy(() -> ChatTemplate.of("here", source.replace("\\n", "\n"), SPECIAL))
                .isInstanceOf(IOException.class).hasMessageContaining(message);
    }

    /// A template comes from strangers.
    @Test
    void whatIsTooMuchIsRefused() {
        for (var source : List.of("(".repeat(100_000), "{{ " + "(".repeat(5000) + "1" + ")".repeat(5000) + " }}",
                "{{ " + "not ".repeat(5000) + "1 }}", "{{ " + "- ".repeat(5000) + "1 }}", "{{ 1" + "[0]".repeat(20_000),
                "{{ 1" + "[0]".repeat(100_000) + " }}",
                "{{ 1" + " + 1".repeat(100_000) + " }}",
                "{% if 1 %}".repeat(5000) + "{% endif %}".repeat(5000), "{{ 'a' * 999999999 }}",
                "{{ range(9999999999) | length }}",
                "{% for i in range(9999) %}{% for j in range(9999) %}aaaaaaaa{% endfor %}{% endfor %}",
                "{% set x = [1] %}{% for i in range(99999) %}{{ '0123456789' * 9999 }}{% endfor %}")) {
            try {
                ChatTemplate.of("here", source, SPECIAL).text(List.of());
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("chat template, line 1");
            }
        }
    }

    @Test
    void longTextsBetweenQuotesAreRead() throws IOException {
        var words = "some \\n 'words' ".repeat(20_000);
        assertThat(ChatTemplate.of("here", "{{ \"" + words + "\" }}", SPECIAL).text(List.of()))
                .isEqualTo(words.replace("\\n", "\n"));
    }
}
