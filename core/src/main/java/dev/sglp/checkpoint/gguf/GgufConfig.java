package dev.sglp.checkpoint.gguf;

import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// What a GGUF file says of its architecture, in the words of a Hugging Face `config.json`.
final class GgufConfig {
    /// The architectures that are read; Mistral models call themselves `llama`.
    enum Kind {
        LLAMA("LlamaForCausalLM"), QWEN2("Qwen2ForCausalLM"), QWEN3("Qwen3ForCausalLM");

        private final String hugging;

        Kind(String hugging) {
            this.hugging = hugging;
        }

        String code() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }
    }

    private final Path path;
    private final MemorySegment file;
    private final Kind kind;
    private final GgufValues values;
    private final Map<String, GgufTensor> tensors;
    private final SequencedMap<String, Object> config = new LinkedHashMap<>();

    private GgufConfig(Path path, GgufHeader header, MemorySegment file) throws IOException {
        this.path = path;
        this.file = file;
        this.tensors = header.tensors();
        this.kind = kind(path, header.values().get("general.architecture"));
        this.values = new GgufValues(path, header.values(), kind.code());
    }

    /// @throws IOException where the architecture is not one that is read, or says something that is not understood
    static SequencedMap<String, Object> of(Path path, GgufHeader header, MemorySegment file) throws IOException {
        return new GgufConfig(path, header, file).build();
    }

    static Kind kind(Path path, Object architecture) throws IOException {
        return Arrays.stream(Kind.values()).filter(k -> k.code().equals(architecture)).findFirst()
                .orElseThrow(() -> new IOException("[%s] is of the architecture '%s', which is not read. Known: %s"
                        .formatted(path, architecture,
                                Arrays.stream(Kind.values()).map(Kind::code).collect(Collectors.joining(", ")))));
    }

    private SequencedMap<String, Object> build() throws IOException {
        config.put("architectures", List.of(kind.hugging));
        config.put("model_type", kind.code());
        sizes();
        attention();
        config.put("hidden_act", "silu");
        config.put("rms_norm_eps", values.real("attention.layer_norm_rms_epsilon")
                .orElseThrow(() -> new IOException("[%s] does not say the epsilon of its norms".formatted(path))));
        values.harmless("attention.layer_norm_epsilon"); // of other norms than these families have
        rope();
        vocabulary();
        config.put("tie_word_embeddings", !tensors.containsKey("output.weight"));
        config.put("torch_dtype", torchType());
        config.put("use_cache", true);
        values.checkAllAsked();
        return config;
    }

    private void sizes() throws IOException {
        config.put("hidden_size", values.number("embedding_length", "width"));
        config.put("intermediate_size", values.number("feed_forward_length", "width inside a layer"));
        config.put("num_hidden_layers", values.number("block_count", "layers"));
        config.put("max_position_embeddings", values.number("context_length", "longest text"));
        values.harmless("tensor_data_layout");
    }

    private void attention() throws IOException {
        int heads = values.number("attention.head_count", "heads");
        int groups = values.find("attention.head_count_kv", "key and value heads").orElse(heads);
        int width = (int) config.get("hidden_size");
        int head = values.find("attention.key_length", "size of a head").orElse(width / heads);
        if (heads % groups != 0 || head < 2 || head % 2 != 0 || (long) head * heads > Integer.MAX_VALUE) {
            throw new IOException("[%s] has %d heads of size %d with %d key and value heads, which do not fit together"
                    .formatted(path, heads, head, groups));
        }
        if (values.denies("attention.causal")) {
            throw new IOException(
                    "[%s] attends to what lies behind a token too (attention.causal is false), which is not read"
                            .formatted(path));
        }
        same("attention.value_length", head);
        same("rope.dimension_count", head);
        config.put("num_attention_heads", heads);
        config.put("num_key_value_heads", groups);
        config.put("head_dim", head);
        if (kind != Kind.QWEN2) {
            config.put("attention_bias", tensors.containsKey("blk.0.attn_q.bias"));
        } else {
            config.put("use_sliding_window", false);
        }
        if (kind == Kind.LLAMA) {
            config.put("mlp_bias", tensors.containsKey("blk.0.ffn_up.bias"));
        }
    }

    private void same(String name, int head) throws IOException {
        int given = values.find(name, "size of a head").orElse(head);
        if (given != head) {
            throw new IOException(
                    "[%s] has heads of size %d, but '%s.%s' is %d, which is not read".formatted(path, head,
                            kind.code(), name, given));
        }
    }

    /// A factor without a type is linear, and `none` turns a factor off, as in llama.cpp.
    private void rope() throws IOException {
        double base = values.real("rope.freq_base").orElse(10_000.0);
        config.put("rope_theta", base);
        var type = values.text("rope.scaling.type").orElse("linear");
        double factor = values.real("rope.scaling.factor").orElse(1.0);
        values.harmless("rope.scaling.finetuned", "rope.scaling.original_context_length");
        boolean stretched = !type.equals("none") && factor != 1;
        var factors = tensors.get(GgufNames.ROPE_FACTORS);
        if (!List.of("none", "linear").contains(type) || stretched && factors != null) {
            throw new IOException("[%s] stretches its positions by '%s' with factor %s%s, which is not read".formatted(
                    path, type, factor, factors == null ? "" : " and by '" + factors.name() + "'"));
        }
        if (factors != null) {
            var rope = new RopeFactors(base, (int) config.get("head_dim"));
            config.put("rope_scaling", rope.scaling(path, factors, file));
        } else if (stretched) {
            config.put("rope_scaling", linear(factor));
        }
    }

    private static SequencedMap<String, Object> linear(double factor) {
        var scaling = new LinkedHashMap<String, Object>();
        scaling.put("rope_type", "linear");
        scaling.put("factor", factor);
        return scaling;
    }

    private void vocabulary() throws IOException {
        var embedding = tensors.get("token_embd.weight");
        if (embedding == null || embedding.shape().size() != 2 || embedding.shape().getFirst() > Integer.MAX_VALUE) {
            throw new IOException("[%s] has no matrix 'token_embd.weight'".formatted(path));
        }
        int rows = embedding.shape().getFirst().intValue();
        int said = values.find("vocab_size", "vocabulary").orElse(rows);
        if (said != rows) {
            throw new IOException("[%s] says its vocabulary has %d tokens, but 'token_embd.weight' has %d rows"
                    .formatted(path, said, rows));
        }
        config.put("vocab_size", rows);
        for (var kind : List.of("bos", "eos")) {
            values.token(kind, rows).ifPresent(id -> config.put(kind + "_token_id", id));
        }
        values.token("padding", rows).ifPresent(id -> config.put("pad_token_id", id));
    }

    /// The type that the matrices are read as.
    private String torchType() {
        return switch (tensors.get("token_embd.weight").type()) {
            case F16 -> "float16";
            case BF16 -> "bfloat16";
            default -> "float32";
        };
    }
}
