package dev.sglp.cli.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.family.ModelFile;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashSet;
import java.util.Optional;
import java.util.Set;

/// Documents beside a language model's weights; a GGUF file's metadata stand for them.
public final class Beside {
    private static final JsonMapper JSON = new JsonMapper();

    private Beside() {}

    /// The text of a document; empty where there is none.
    public static Optional<String> text(ModelFile file, String name) throws IOException {
        if (file.checkpoint() instanceof Gguf gguf) {
            return Optional.ofNullable(Tokenizers.files(gguf.values()).get(name));
        }
        var beside = file.checkpoint().home().map(home -> home.resolve(name)).filter(Files::isRegularFile);
        return beside.isEmpty() ? Optional.empty() : Optional.of(Files.readString(beside.get()));
    }

    /// The same as JSON.
    ///
    /// @throws IOException where it is none
    public static Optional<JsonNode> json(ModelFile file, String name) throws IOException {
        var text = text(file, name);
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(JSON.readTree(text.get()));
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] its %s is not JSON: %s".formatted(file.checkpoint().path(), name,
                    JsonDamage.of(e)), e);
        }
    }

    /// The tokens that end a text, as `generation_config.json`, else `config.json`, else the tokenizer says; empty where none does.
    public static Set<Integer> stops(ModelFile file) throws IOException {
        for (var name : new String[]{"generation_config.json", "config.json"}) {
            var id = json(file, name).map(config -> config.path("eos_token_id"));
            if (id.isPresent() && !id.get().isMissingNode() && !id.get().isNull()) {
                return numbers(file, name, id.get());
            }
        }
        var eos = ModelTokenizer.tokenizer(file).eos();
        return eos.isPresent() ? Set.of(eos.getAsInt()) : Set.of();
    }

    private static Set<Integer> numbers(ModelFile file, String name, JsonNode id) throws IOException {
        var all = new LinkedHashSet<Integer>();
        for (var one : id.isArray() ? id : JSON.createArrayNode().add(id)) {
            if (!one.isIntegralNumber() || !one.canConvertToInt() || one.intValue() < 0) {
                throw new IOException("[%s] %s: 'eos_token_id': expected a token's number or a list of them, got %s"
                        .formatted(file.checkpoint().path(), name, id));
            }
            all.add(one.intValue());
        }
        return all;
    }
}
