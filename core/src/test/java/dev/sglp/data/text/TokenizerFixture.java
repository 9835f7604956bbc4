package dev.sglp.data.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;

/// What `tools/make_tokenizer_fixtures.py` made, and the metadata of a GGUF file.
public final class TokenizerFixture {
    private static final JsonNode ROOT = read("/text/tokenizers.json");

    private TokenizerFixture() {}

    /// A tokenizer whose files may contradict each other, and the ids that transformers gives a text.
    record Beginning(String tokenizer, String config, String text, int[] ids) {}

    /// What `tools/make_bos_fixtures.py` made.
    static List<Beginning> beginnings() {
        var root = read("/text/beginnings.json");
        return list(root.path("cases")).map(c -> {
            ObjectNode tokenizer = root.path("tokenizer").deepCopy();
            tokenizer.set("post_processor", root.path("processors").path(c.path("processor").textValue()));
            return new Beginning(tokenizer.toString(), c.path("config").toString(), root.path("text").textValue(),
                    list(c.path("ids")).mapToInt(JsonNode::intValue).toArray());
        }).toList();
    }

    private static JsonNode read(String name) {
        try (var in = TokenizerFixture.class.getResourceAsStream(name)) {
            return new JsonMapper().readTree(in);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    public static List<String> texts() {
        return list(ROOT.path("texts")).map(JsonNode::textValue).toList();
    }

    static List<int[]> smollm2() {
        return ids(ROOT.path("smollm2").path("ids"));
    }

    static List<int[]> pico(String pre) {
        return ids(ROOT.path("pico").path("ids").path(pre));
    }

    /// GGUF metadata of the pico vocabulary; a BOS (`<|begin|>`) is not put before texts.
    public static Map<String, Object> metadata(String pre) {
        var pico = ROOT.path("pico");
        var values = new HashMap<String, Object>();
        values.put("tokenizer.ggml.model", "gpt2");
        values.put("tokenizer.ggml.pre", pre);
        values.put("tokenizer.ggml.tokens", list(pico.path("tokens")).map(JsonNode::textValue).toList());
        values.put("tokenizer.ggml.merges", list(pico.path("merges")).map(JsonNode::textValue).toList());
        values.put("tokenizer.ggml.token_type", list(pico.path("types")).map(JsonNode::intValue).toList());
        values.put("tokenizer.ggml.bos_token_id", 0);
        values.put("tokenizer.ggml.eos_token_id", 1);
        values.put("tokenizer.ggml.add_bos_token", false);
        return values;
    }

    private static java.util.stream.Stream<JsonNode> list(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }

    private static List<int[]> ids(JsonNode rows) {
        return list(rows).map(row -> list(row).mapToInt(JsonNode::intValue).toArray()).toList();
    }

    /// The metadata of a GGUF file, read by this test alone.
    public static Map<String, Object> metadata(Path gguf) throws IOException {
        try (var channel = FileChannel.open(gguf)) {
            var bytes = channel.map(FileChannel.MapMode.READ_ONLY, 0, Math.min(channel.size(), 1 << 26))
                    .order(ByteOrder.LITTLE_ENDIAN);
            bytes.position(16); // magic, version, number of tensors
            long count = bytes.getLong();
            var values = new HashMap<String, Object>();
            for (long i = 0; i < count; i++) {
                values.put(string(bytes), value(bytes, bytes.getInt()));
            }
            return values;
        }
    }

    private static String string(ByteBuffer bytes) {
        byte[] text = new byte[(int) bytes.getLong()];
        bytes.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    private static Object value(ByteBuffer bytes, int type) {
        return switch (type) {
            case 0 -> bytes.get() & 0xFF;
            case 4, 5 -> bytes.getInt();
            case 6 -> bytes.getFloat();
            case 7 -> bytes.get() != 0;
            case 8 -> string(bytes);
            case 9 -> {
                int of = bytes.getInt();
                long length = bytes.getLong();
                var list = new ArrayList<Object>();
                for (long i = 0; i < length; i++) {
                    list.add(value(bytes, of));
                }
                yield list;
            }
            case 10, 11 -> bytes.getLong();
            case 12 -> bytes.getDouble();
            default -> throw new IllegalStateException("type " + type);
        };
    }
}
