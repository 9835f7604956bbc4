package dev.sglp.checkpoint.huggingface;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.output.ByteOrderMark;
import dev.sglp.output.JsonDamage;
import java.io.CharConversionException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.TreeSet;

/// The file `model.safetensors.index.json` or `pytorch_model.bin.index.json`: which tensor is in which shard.
///
/// @param path   the index
/// @param shards for each shard, in the order of their names, the tensors it has to hold
public record ShardIndex(Path path, SequencedMap<String, TreeSet<String>> shards) {
    public static final String NAME = "model.safetensors.index.json";
    private static final long MOST_BYTES = 64 << 20;
    private static final int DEEPEST = 16;
    private static final JsonMapper JSON = JsonMapper
            .builder(JsonFactory.builder()
                    .streamReadConstraints(StreamReadConstraints.builder().maxNestingDepth(DEEPEST).build()).build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();

    /// @param ending of the shards' names, for instance `.safetensors`
    /// @throws IOException where it is no index, or names another file than one of its directory with this ending
    public static ShardIndex read(Path path, String ending) throws IOException {
        if (Files.size(path) > MOST_BYTES) {
            throw new IOException(
                    "[%s] has %d bytes, expected at most %d of JSON".formatted(path, Files.size(path), MOST_BYTES));
        }
        JsonNode map;
        try {
            map = JSON.readTree(ByteOrderMark.without(path)).path("weight_map");
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is not JSON: %s".formatted(path, JsonDamage.of(e)), e);
        } catch (CharConversionException e) {
            throw new IOException("[%s] is not UTF-8: %s".formatted(path, e.getMessage()), e);
        }
        if (!map.isObject() || map.isEmpty()) {
            throw new IOException("[%s] has no 'weight_map' from tensors to files".formatted(path));
        }
        var shards = new TreeMap<String, TreeSet<String>>();
        for (Map.Entry<String, JsonNode> entry : map.properties()) {
            shards.computeIfAbsent(file(path, ending, entry), _ -> new TreeSet<>()).add(entry.getKey());
        }
        return new ShardIndex(path, new LinkedHashMap<>(shards));
    }

    private static String file(Path index, String ending, Map.Entry<String, JsonNode> entry) throws IOException {
        var name = entry.getValue().asText();
        try {
            if (entry.getValue().isTextual() && !name.contains("\\") && Path.of(name).getNameCount() == 1
                    && Path.of(name).getFileName() != null && Path.of(name).getFileName().toString().equals(name)
                    && !name.equals("..") && name.endsWith(ending)) {
                return name;
            }
        } catch (InvalidPathException _) {
            // said below
        }
        throw new IOException("[%s] has tensor '%s' in %s, expected a %s file of the same directory"
                .formatted(index, entry.getKey(), entry.getValue(), ending));
    }

    /// @param found the tensors that a shard really holds
    /// @throws IOException where they are not those the index says
    public void check(String shard, java.util.Set<String> found) throws IOException {
        for (var name : shards.get(shard)) {
            if (!found.contains(name)) {
                throw new IOException(
                        "[%s] says tensor '%s' is in %s, but it is not. Maybe the shards are of two models"
                                .formatted(path, name, shard));
            }
        }
        for (var name : found) {
            if (!shards.get(shard).contains(name)) {
                throw new IOException("[%s] does not say that tensor '%s' is in %s. Maybe the shards are of two models"
                        .formatted(path, name, shard));
            }
        }
    }
}
