package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.dialect.Dialect.Clause;
import dev.sglp.checkpoint.gguf.dialect.Said.Heads;
import java.io.IOException;
import java.util.Optional;

/// What many architectures say.
public final class Clauses {
    private Clauses() {}

    /// Width, width inside, layers and positions by the names that most configurations have.
    public static Clause sizes() {
        return sizes("hidden_size", "intermediate_size", "num_hidden_layers", "max_position_embeddings");
    }

    /// The same by other names.
    public static Clause sizes(String width, String inside, String layers, String context) {
        return said -> {
            var values = said.values();
            said.sizes(values.number("embedding_length", "width"), values.number("block_count", "layers"));
            said.put(width, said.width());
            said.put(inside, values.number("feed_forward_length", "width inside a layer"));
            said.put(layers, said.depth());
            said.put(context, values.number("context_length", "longest text"));
            values.harmless("tensor_data_layout");
            if (values.denies("attention.causal")) {
                throw new IOException(
                        "[%s] attends to what lies behind a token too (attention.causal is false), which is not read"
                                .formatted(said.path()));
            }
        };
    }

    /// Heads of a size of their own.
    public static Clause heads() {
        return said -> {
            heads(said);
            said.put("num_attention_heads", said.heads().query());
            said.put("num_key_value_heads", said.heads().key());
            said.put("head_dim", said.heads().size());
        };
    }

    /// Heads that share the width.
    ///
    /// @param keyField empty where there are as many key heads as query heads
    public static Clause sharedHeads(String queryField, Optional<String> keyField) {
        return said -> {
            heads(said);
            var heads = said.heads();
            if ((long) heads.size() * heads.query() != said.width()) {
                throw new IOException("[%s] has %d heads of size %d, which do not share its width %d"
                        .formatted(said.path(), heads.query(), heads.size(), said.width()));
            }
            said.put(queryField, heads.query());
            if (keyField.isEmpty() && heads.key() != heads.query()) {
                throw new IOException("[%s] has %d key heads, expected one for each of the %d heads"
                        .formatted(said.path(), heads.key(), heads.query()));
            }
            keyField.ifPresent(field -> said.put(field, heads.key()));
        };
    }

    private static void heads(Said said) throws IOException {
        int heads = said.values().number("attention.head_count", "heads");
        int groups = said.values().find("attention.head_count_kv", "key and value heads").orElse(heads);
        int size = said.values().find("attention.key_length", "size of a head").orElse(said.width() / heads);
        if (heads % groups != 0 || size < 2 || size % 2 != 0 || (long) size * heads > Integer.MAX_VALUE) {
            throw new IOException("[%s] has %d heads of size %d with %d key and value heads, which do not fit together"
                    .formatted(said.path(), heads, size, groups));
        }
        said.heads(new Heads(heads, groups, size));
        said.values().same("attention.value_length", size);
    }

    /// The epsilon of RMS norms.
    public static Clause rms() {
        return epsilon("attention.layer_norm_rms_epsilon", "rms_norm_eps", "attention.layer_norm_epsilon");
    }

    /// The epsilon of norms that subtract the mean.
    public static Clause layerNorm(String field) {
        return epsilon("attention.layer_norm_epsilon", field, "attention.layer_norm_rms_epsilon");
    }

    /// @param other of norms that the architecture does not have
    private static Clause epsilon(String key, String field, String other) {
        return said -> {
            said.values().harmless(other);
            said.put(field, said.values().real(key).orElseThrow(
                    () -> new IOException("[%s] does not say the epsilon of its norms".formatted(said.path()))));
        };
    }

    public static Clause fixed(String field, Object value) {
        return said -> said.put(field, value);
    }

    /// A positive number, where the file says it.
    public static Clause real(String key, String field) {
        return said -> said.values().real(key).ifPresent(number -> said.put(field, number));
    }

    /// A whole number from 1, where the file says it and not 0.
    public static Clause count(String key, String field, String meaning) {
        return said -> said.values().some(key, meaning).ifPresent(number -> said.put(field, number));
    }

    /// A whole number that has to be there.
    public static Clause needed(String key, String field, String meaning) {
        return said -> said.put(field, said.values().number(key, meaning));
    }

    /// A truth value, where the file says it.
    public static Clause flag(String key, String field) {
        return said -> said.values().flag(key).ifPresent(value -> said.put(field, value));
    }

    /// Whether the first layer has a tensor.
    public static Clause ifThere(String tensor, String field) {
        return said -> said.put(field, said.has("blk.0." + tensor));
    }
}
