package dev.sglp.cli.text;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.data.text.Tokenizers;
import dev.sglp.data.text.Utf8;
import dev.sglp.data.text.chat.ChatTemplate;
import dev.sglp.family.ModelFile;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/// Documents beside a language model's weights; a GGUF file's metadata stand for them.
public final class Beside {
    private static final JsonMapper JSON = new JsonMapper();
    private static final List<String> ROLES = List.of("bos", "eos", "unk", "sep", "pad", "cls", "mask");

    private Beside() {}

    /// The text of a document; empty where there is none.
    public static Optional<String> text(ModelFile file, String name) throws IOException {
        if (file.checkpoint() instanceof Gguf gguf) {
            return Optional.ofNullable(Tokenizers.files(gguf.values()).get(name));
        }
        var beside = file.checkpoint().home().map(home -> home.resolve(name)).filter(Files::isRegularFile);
        return beside.isEmpty() ? Optional.empty() : Optional.of(Utf8.whole(beside.get()));
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

    /// The chat template: `chat_template.jinja`, else what `tokenizer_config.json` has.
    ///
    /// @throws IOException where there is none, or it is not understood
    public static ChatTemplate chat(ModelFile file) throws IOException {
        var place = file.checkpoint().path().toString();
        var config = json(file, "tokenizer_config.json").orElseGet(JSON::createObjectNode);
        var own = text(file, "chat_template.jinja").or(() -> source(config.path("chat_template")));
        if (own.isEmpty()) {
            throw new IOException(
                    "[%s] has no chat template: it was not taught to chat, or its template was left behind. Leave --chat or chat: out"
                            .formatted(place));
        }
        var special = new LinkedHashMap<String, String>();
        for (var from : new JsonNode[]{json(file, "special_tokens_map.json").orElseGet(JSON::createObjectNode),
                config}) {
            for (var role : ROLES) {
                var token = from.path(role + "_token");
                var text = token.isObject() ? token.path("content") : token;
                if (text.isTextual()) {
                    special.put(role + "_token", text.textValue());
                }
            }
        }
        return ChatTemplate.of(place, own.get(), special);
    }

    /// A template, or of several the one that is named `default`.
    private static Optional<String> source(JsonNode template) {
        if (template.isTextual()) {
            return Optional.of(template.textValue());
        }
        for (var one : template) {
            if (one.path("name").asText().equals("default") && one.path("template").isTextual()) {
                return Optional.of(one.path("template").textValue());
            }
        }
        return Optional.empty();
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
