package dev.sglp.data.text;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.data.DataSpec;
import dev.sglp.data.JsonLine;
import dev.sglp.data.text.Passage.Talk;
import dev.sglp.data.text.TextSource.Fields;
import dev.sglp.data.text.chat.ChatTemplate;
import dev.sglp.data.text.chat.ChatTemplate.Message;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// `chat:FILE#FIELD`: a conversation a line, as a list of `{"role": …, "content": …}` in a field (`messages` where none is named), written by
/// the tokenizer's template.
final class Conversations {
    private static final String FIELD = "messages";
    private static final String ROLE = "role";
    private static final String CONTENT = "content";

    private Conversations() {}

    /// @throws IOException where the file cannot be read, or a line is no conversation that the template writes
    static TextSource read(DataSpec data, ChatTemplate template) throws IOException {
        var from = Fields.of(data, FIELD);
        var read = Utf8.read(from.file());
        var texts = new ArrayList<String>();
        var talks = new LinkedHashMap<String, Talk>();
        int split = 0;
        for (var line : JsonLine.all(from.file(), read.text())) {
            var all = spoken(template, line, messages(line, from.field()));
            for (var spoken : all) {
                texts.add(TextSource.checkLength(from.file(), line.number(), spoken.text()));
                talks.put(spoken.text(), new Talk(spoken.answers(),
                        spoken.messages().stream().filter(Message::spoken).map(Message::content).toList()));
            }
            split += all.size() > 1 ? 1 : 0;
        }
        if (texts.isEmpty()) {
            throw new IOException("[%s] has no line with a conversation".formatted(from.file()));
        }
        var notes = new ArrayList<>(read.notes());
        if (split > 0) {
            notes.add(
                    ("%s: in %,d conversations the template writes earlier answers otherwise than last ones, so that each of their answers is "
                            + "learned in a text that ends with it.").formatted(from.file().getFileName(), split));
        }
        var name = from.file().getFileName() + "#" + from.field();
        return new TextSource(new Passage(name, texts, true, talks), notes);
    }

    private static List<ChatTemplate.Spoken> spoken(ChatTemplate template, JsonLine line, List<Message> messages)
            throws IOException {
        try {
            return template.spoken(messages);
        } catch (IOException e) {
            throw new IOException("[%s] line %d: %s".formatted(line.file(), line.number(), e.getMessage()), e);
        }
    }

    private static List<Message> messages(JsonLine line, String field) throws IOException {
        var list = line.at(field);
        if (!list.isArray() || list.isEmpty()) {
            throw line.wrong("a list of messages, each with 'role' and 'content'", field);
        }
        var all = new ArrayList<Message>();
        for (int i = 0; i < list.size(); i++) {
            all.add(message(line, "%s[%d]".formatted(field, i), list.get(i)));
        }
        return all;
    }

    private static Message message(JsonLine line, String place, JsonNode node) throws IOException {
        for (Map.Entry<String, JsonNode> entry : node.properties()) {
            boolean known = entry.getKey().equals(ROLE) || entry.getKey().equals(CONTENT);
            if (known ? !entry.getValue().isTextual() : !entry.getValue().isNull()) {
                throw wrong(line, "%s.%s".formatted(place, entry.getKey()), known
                        ? "expected a string, got %s".formatted(entry.getValue().getNodeType())
                        : "of a message role and content alone are known here");
            }
        }
        if (!node.path(ROLE).isTextual() || !node.path(CONTENT).isTextual()) {
            throw wrong(line, place, "expected an object with 'role' and 'content'");
        }
        return new Message(node.path(ROLE).textValue(), node.path(CONTENT).textValue());
    }

    private static IOException wrong(JsonLine line, String place, String how) {
        return new IOException("[%s] line %d: '%s': %s".formatted(line.file(), line.number(), place, how));
    }
}
