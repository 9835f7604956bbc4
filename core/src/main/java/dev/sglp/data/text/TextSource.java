package dev.sglp.data.text;

import dev.sglp.data.DataSpec;
import dev.sglp.data.JsonLine;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/// A file of text (`text:FILE`), or of documents in a field of JSON lines (`jsonl:FILE#FIELD`, without `#FIELD` it is
/// `text`).
///
/// @param passage all its lines
/// @param notes   sentences for the user
record TextSource(Passage passage, List<String> notes) {
    private static final String DEFAULT_FIELD = "text";
    /// Characters of a line or a document. A line that cannot be cut is encoded at once, at 160 bytes a character.
    private static final int LONGEST = 1 << 22;

    /// @throws IOException    where the file cannot be read, is empty, is not UTF-8 or not what it should be
    /// @throws UsageException where the data is not text
    static TextSource open(DataSpec data, Tokenizer tokenizer) throws IOException {
        if (data.kind() != DataSpec.Kind.CHAT) {
            return open(data);
        }
        if (tokenizer.frame().whole()) {
            throw new UsageException("data '%s': conversations are for language models that predict the next token"
                    .formatted(data));
        }
        return Conversations.read(data, tokenizer.chat());
    }

    /// The same of what is no conversation.
    static TextSource open(DataSpec data) throws IOException {
        return switch (data.kind()) {
            case TEXT -> text(data.path());
            case JSONL -> documents(data);
            case CHAT -> throw new UsageException(
                    "data '%s' is conversations, and here texts are read: text:FILE or jsonl:FILE#FIELD".formatted(
                            data));
            case CIFAR10, CIFAR100, IMAGES, GLYPHS, ARRAYS, TASK, PAIRS -> throw new UsageException(
                    "data '%s' is not text; expected text:FILE or jsonl:FILE#FIELD".formatted(data));
        };
    }

    private static TextSource text(Path file) throws IOException {
        var read = Utf8.read(file);
        var lines = Arrays.asList(read.text().split("(?<=\n)")); // a line keeps its end
        for (int i = 0; i < lines.size(); i++) {
            checkLength(file, i + 1, lines.get(i));
        }
        return new TextSource(new Passage(String.valueOf(file.getFileName()), lines, false), read.notes());
    }

    /// `FILE#FIELD`.
    record Fields(Path file, String field) {
        static Fields of(DataSpec data, String usual) {
            int hash = data.location().lastIndexOf('#');
            var location = hash < 0 ? data.location() : data.location().substring(0, hash);
            return new Fields(new DataSpec(data.kind(), location).path(),
                    hash < 0 ? usual : data.location().substring(hash + 1));
        }
    }

    private static TextSource documents(DataSpec data) throws IOException {
        var from = Fields.of(data, DEFAULT_FIELD);
        var file = from.file;
        var field = from.field;
        var read = Utf8.read(file);
        var documents = new ArrayList<String>();
        for (var line : JsonLine.all(file, read.text())) {
            documents.add(checkLength(file, line.number(), line.string(field)));
        }
        if (documents.isEmpty()) {
            throw new IOException("[%s] has no line with a document".formatted(file));
        }
        return new TextSource(new Passage(file.getFileName() + "#" + field, documents, true), read.notes());
    }

    static String checkLength(Path file, int number, String text) throws IOException {
        if (text.length() > LONGEST) {
            throw new IOException(
                    "[%s] line %d has %,d characters, expected at most %,d. Maybe it is not text, or has no line ends"
                            .formatted(file, number, text.length(), LONGEST));
        }
        return text;
    }
}
