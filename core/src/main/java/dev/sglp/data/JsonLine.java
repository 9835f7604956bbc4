package dev.sglp.data;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.output.JsonDamage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/// One object of a JSON lines file; its errors name the file and the line.
///
/// @param file   where it stands
/// @param number of its line, from 1
/// @param object what it says
public record JsonLine(Path file, int number, JsonNode object) {
    private static final JsonMapper JSON = JsonMapper.builder().enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// The objects of all lines that are not blank.
    ///
    /// @throws IOException where a line is not a JSON object
    public static List<JsonLine> all(Path file, String text) throws IOException {
        return all(file, text, Integer.MAX_VALUE);
    }

    /// The first objects only, `most` at most; what follows is not looked at.
    ///
    /// @throws IOException where a line is not a JSON object
    public static List<JsonLine> all(Path file, String text, int most) throws IOException {
        var lines = text.split("\n", -1);
        var all = new ArrayList<JsonLine>();
        for (int i = 0; i < lines.length && all.size() < most; i++) {
            if (!lines[i].isBlank()) {
                all.add(parse(file, i + 1, lines[i]));
            }
        }
        return all;
    }

    private static JsonLine parse(Path file, int number, String line) throws IOException {
        try {
            var object = JSON.readTree(line);
            if (!object.isObject()) {
                throw new IOException("[%s] line %d: expected a JSON object, got %s".formatted(file, number,
                        object.getNodeType()));
            }
            return new JsonLine(file, number, object);
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] line %d is not JSON: %s".formatted(file, number, JsonDamage.of(e)), e);
        }
    }

    /// The string at a path of fields, of whole characters only.
    ///
    /// @throws IOException where there is none
    public String string(String... path) throws IOException {
        var node = at(path);
        if (!node.isTextual()) {
            throw wrong("a string", path);
        }
        return whole(node.textValue());
    }

    /// The strings of the list at a path of fields.
    ///
    /// @throws IOException where there is none
    public List<String> strings(String... path) throws IOException {
        var strings = new ArrayList<String>();
        for (var node : at(path)) {
            if (!node.isTextual()) {
                throw wrong("a list of strings", path);
            }
            strings.add(whole(node.textValue()));
        }
        if (strings.isEmpty()) {
            throw wrong("a list of strings", path);
        }
        return strings;
    }

    /// The value at a path of fields: missing where there is none.
    public JsonNode at(String... path) {
        var node = object;
        for (var field : path) {
            node = node.path(field);
        }
        return node;
    }

    /// The error for a value that is not what it should be.
    public IOException wrong(String expected, String... path) {
        var node = at(path);
        var got = node.isMissingNode() ? "nothing (the object has %s)".formatted(names()) : node.toString();
        return new IOException("[%s] line %d: field '%s': expected %s, got %s".formatted(file, number,
                String.join(".", path), expected, got.length() > 100 ? got.substring(0, 100) + "…" : got));
    }

    private List<String> names() {
        var names = new ArrayList<String>();
        object.fieldNames().forEachRemaining(names::add);
        return names;
    }

    /// JSON can write half a surrogate pair, text cannot.
    private String whole(String text) throws IOException {
        if (text.codePoints().anyMatch(c -> c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE)) {
            throw new IOException("[%s] line %d has half a surrogate pair. Maybe a text was cut".formatted(file,
                    number));
        }
        return text;
    }
}
