package dev.sglp.cli.text;

import dev.sglp.checkpoint.Download;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/// A language model's tokenizer, wherever its checkpoint keeps it.
public final class ModelTokenizer {
    private ModelTokenizer() {}

    /// The model's tokenizer.
    ///
    /// @throws IOException where there is none, or it knows more tokens than the model
    public static Tokenizer tokenizer(ModelFile file) throws IOException {
        var tokenizer = switch (file.checkpoint()) {
            case Gguf gguf -> named(file, () -> Tokenizers.of(gguf.values(), file.architecture().classes()));
            default -> inside(file.checkpoint().home().orElseThrow(), file.architecture().classes());
        };
        if (tokenizer.vocabulary() > file.architecture().classes()) {
            throw new IOException(
                    "[%s] has a tokenizer of %,d tokens, but the network knows %,d. Maybe it belongs to another network"
                            .formatted(file.checkpoint().path(), tokenizer.vocabulary(),
                                    file.architecture().classes()));
        }
        return tokenizer.talking(() -> Beside.chat(file));
    }

    /// The same as the network reads text: with all that stands around one where it reads texts whole.
    ///
    /// @throws IOException as {@link #tokenizer}
    public static Tokenizer reading(ModelFile file) throws IOException {
        var tokenizer = tokenizer(file);
        return !(file.architecture().input() instanceof Architecture.Input.Text text)
                ? tokenizer
                : switch (text.answer()) {
                    case MASKED_TOKEN -> tokenizer.ofMaskedTexts();
                    case EMBEDDING -> tokenizer.ofWholeTexts();
                    case NEXT_TOKEN, CLASS -> tokenizer;
                };
    }

    private static Tokenizer inside(Path home, int known) throws IOException {
        Download.check(home.resolve(Tokenizers.FILE));
        return Tokenizers.of(home, known);
    }

    private interface Reading<T> {
        T run() throws IOException;
    }

    /// Metadata do not know which file they were read from.
    private static <T> T named(ModelFile file, Reading<T> reading) throws IOException {
        try {
            return reading.run();
        } catch (IOException e) {
            throw new IOException("[%s] %s".formatted(file.checkpoint().path(), e.getMessage()), e);
        }
    }

    /// What is wrong with the tokenizer, and whether its files go along; empty where nothing is.
    public static Optional<String> complaint(ModelFile file) {
        try {
            tokenizer(file);
            return Optional.empty();
        } catch (IOException e) {
            var goesAlong = file.checkpoint() instanceof Gguf gguf && rebuilt(gguf).isEmpty()
                    ? "No tokenizer files go along, because they cannot be made of this GGUF file: "
                    : goesAlong(file)
                            ? "The tokenizer goes along as it is, but cannot be used here: "
                            : "No tokenizer goes along: ";
            return Optional.of(goesAlong + e.getMessage());
        }
    }

    private static boolean goesAlong(ModelFile file) {
        try {
            return file.checkpoint() instanceof Gguf
                    || file.checkpoint().files().stream().anyMatch(ModelTokenizer::isPart);
        } catch (IOException _) {
            return false; // writing will say why
        }
    }

    /// Whether a file is one of a tokenizer's, by its name.
    static boolean isPart(Path file) {
        return file.getFileName().toString().matches("tokenizer.*|vocab.*|tekken.*|.*tiktoken");
    }

    /// The files that a directory made of this model needs and that no directory holds yet: a GGUF file's tokenizer. Empty
    /// where it cannot be rebuilt; {@link #complaint} says so.
    public static Map<String, byte[]> documents(ModelFile file) {
        var documents = new LinkedHashMap<String, byte[]>();
        if (file.checkpoint() instanceof Gguf gguf) {
            rebuilt(gguf).forEach((name, text) -> documents.put(name, text.getBytes(StandardCharsets.UTF_8)));
        }
        return documents;
    }

    private static Map<String, String> rebuilt(Gguf gguf) {
        try {
            return Tokenizers.files(gguf.values());
        } catch (IOException _) {
            return Map.of();
        }
    }
}
