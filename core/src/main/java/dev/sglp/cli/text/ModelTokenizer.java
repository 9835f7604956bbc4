package dev.sglp.cli.text;

import dev.sglp.checkpoint.Gguf;
import dev.sglp.checkpoint.HuggingFaceDirectory;
import dev.sglp.data.text.Tokenizer;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
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
            case Gguf gguf -> named(file, () -> Tokenizers.of(gguf.values()));
            case HuggingFaceDirectory directory -> Tokenizers.of(directory.path());
            default -> Tokenizers.of(file.checkpoint().path().toAbsolutePath().getParent());
        };
        if (tokenizer.vocabulary() > file.architecture().classes()) {
            throw new IOException(
                    "[%s] has a tokenizer of %,d tokens, but the network knows %,d. Maybe it belongs to another network"
                            .formatted(file.checkpoint().path(), tokenizer.vocabulary(),
                                    file.architecture().classes()));
        }
        return tokenizer;
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

    /// What is wrong with the tokenizer that goes along as it is; empty where nothing is.
    public static Optional<String> complaint(ModelFile file) {
        try {
            tokenizer(file);
            return Optional.empty();
        } catch (IOException e) {
            return Optional.of("The tokenizer goes along as it is, but cannot be used here: " + e.getMessage());
        }
    }

    /// The files that a directory made of this model needs and that no directory holds yet: a GGUF file's tokenizer.
    public static Map<String, byte[]> documents(ModelFile file) throws IOException {
        var documents = new LinkedHashMap<String, byte[]>();
        if (file.checkpoint() instanceof Gguf gguf) {
            named(file, () -> Tokenizers.files(gguf.values()))
                    .forEach((name, text) -> documents.put(name, text.getBytes(StandardCharsets.UTF_8)));
        }
        return documents;
    }
}
