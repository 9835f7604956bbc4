package dev.sglp.checkpoint.gguf;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

/// Builds small GGUF files, right or wrong.
final class GgufBytes {
    /// A tensor as the header has it: sizes innermost first.
    record Tensor(String name, int type, long offset, long... sizes) {}

    final SequencedMap<String, byte[]> values = new LinkedHashMap<>();
    final SequencedMap<String, Tensor> tensors = new LinkedHashMap<>();
    int version = 3;
    long moreTensors;
    long moreValues;
    long end;

    /// A llama of one layer, width 4, with two heads of 2, four inside, a vocabulary of 3.
    static GgufBytes llama() {
        var made = new GgufBytes();
        made.values.put("general.architecture", string("llama"));
        Map.of("block_count", 1, "context_length", 16, "embedding_length", 4, "feed_forward_length", 4,
                "attention.head_count", 2).forEach((key, n) -> made.values.put("llama." + key, uint32(n)));
        made.values.put("llama.attention.layer_norm_rms_epsilon", joined(int32(6), int32(Float.floatToIntBits(1e-5f))));
        made.tensor("token_embd.weight", 4, 3);
        for (var name : List.of("attn_q", "attn_k", "attn_v", "attn_output", "ffn_gate", "ffn_up", "ffn_down")) {
            made.tensor("blk.0." + name + ".weight", 4, 4);
        }
        made.tensor("blk.0.attn_norm.weight", 4);
        made.tensor("blk.0.ffn_norm.weight", 4);
        made.tensor("output_norm.weight", 4);
        return made;
    }

    /// Adds a float32 tensor behind the others.
    void tensor(String name, long... sizes) {
        tensors.put(name, new Tensor(name, 0, end, sizes));
        long bytes = 4;
        for (long size : sizes) {
            bytes *= size;
        }
        end += Math.ceilDiv(bytes, 32) * 32;
    }

    byte[] build() {
        var parts = new ArrayList<byte[]>();
        parts.add(joined("GGUF".getBytes(StandardCharsets.US_ASCII), int32(version),
                int64(tensors.size() + moreTensors), int64(values.size() + moreValues)));
        values.forEach((key, value) -> parts.add(joined(text(key), value)));
        tensors.values().forEach(t -> {
            parts.add(joined(text(t.name()), int32(t.sizes().length)));
            for (long size : t.sizes()) {
                parts.add(int64(size));
            }
            parts.add(joined(int32(t.type()), int64(t.offset())));
        });
        var header = joined(parts.toArray(byte[][]::new));
        return joined(header, new byte[Math.ceilDiv(header.length, 32) * 32 - header.length + (int) end]);
    }

    static byte[] joined(byte[]... parts) {
        var out = new ByteArrayOutputStream();
        for (var part : parts) {
            out.writeBytes(part);
        }
        return out.toByteArray();
    }

    static byte[] int32(int value) {
        return ByteBuffer.allocate(4).order(ByteOrder.LITTLE_ENDIAN).putInt(value).array();
    }

    static byte[] int64(long value) {
        return ByteBuffer.allocate(8).order(ByteOrder.LITTLE_ENDIAN).putLong(value).array();
    }

    static byte[] text(String text) {
        var bytes = text.getBytes(StandardCharsets.UTF_8);
        return joined(int64(bytes.length), bytes);
    }

    static byte[] uint32(int value) {
        return joined(int32(4), int32(value));
    }

    static byte[] bool(boolean value) {
        return joined(int32(7), new byte[]{(byte) (value ? 1 : 0)});
    }

    static byte[] string(String text) {
        return joined(int32(8), text(text));
    }

    /// An array of `count` elements of `type`, as it is written.
    static byte[] array(int type, long count, byte[]... elements) {
        return joined(int32(9), int32(type), int64(count), joined(elements));
    }
}
