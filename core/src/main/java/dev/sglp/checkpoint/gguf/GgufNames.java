package dev.sglp.checkpoint.gguf;

import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.regex.Pattern;

/// The tensors of a GGUF file by the names that Hugging Face gives them, complete and of the shapes that the configuration asks
/// for.
final class GgufNames {
    /// Holds no weights, but how positions are stretched.
    static final String ROPE_FACTORS = "rope_freqs.weight";
    private static final Pattern IN_LAYER = Pattern.compile("blk\\.(0|[1-9]\\d{0,8})\\.(.+)");
    private static final Map<String, String> OUTSIDE = Map.of("token_embd.weight", "model.embed_tokens.weight",
            "output_norm.weight", "model.norm.weight", "output.weight", "lm_head.weight");
    private static final Map<String, String> INSIDE = Map.ofEntries(Map.entry("attn_norm", "input_layernorm"),
            Map.entry("ffn_norm", "post_attention_layernorm"), Map.entry("attn_q", "self_attn.q_proj"),
            Map.entry("attn_k", "self_attn.k_proj"), Map.entry("attn_v", "self_attn.v_proj"),
            Map.entry("attn_output", "self_attn.o_proj"), Map.entry("attn_q_norm", "self_attn.q_norm"),
            Map.entry("attn_k_norm", "self_attn.k_norm"), Map.entry("ffn_gate", "mlp.gate_proj"),
            Map.entry("ffn_up", "mlp.up_proj"), Map.entry("ffn_down", "mlp.down_proj"));

    private final Path path;
    private final Map<String, Object> config;
    private final SequencedMap<String, GgufTensor> tensors = new LinkedHashMap<>();

    private GgufNames(Path path, Map<String, Object> config) {
        this.path = path;
        this.config = config;
    }

    /// @throws IOException where a tensor is unknown, missing, or of another shape
    static SequencedMap<String, GgufTensor> of(Path path, GgufHeader header, Map<String, Object> config)
            throws IOException {
        var names = new GgufNames(path, config);
        for (var tensor : header.tensors().values()) {
            if (!tensor.name().equals(ROPE_FACTORS)) {
                names.tensors.put(names.renamed(tensor), tensor);
            }
        }
        names.checkComplete();
        return names.tensors;
    }

    private String renamed(GgufTensor tensor) throws IOException {
        var outside = OUTSIDE.get(tensor.name());
        if (outside != null) {
            return outside;
        }
        var layer = IN_LAYER.matcher(tensor.name());
        if (layer.matches() && Long.parseLong(layer.group(1)) < number("num_hidden_layers")) {
            var rest = layer.group(2);
            int dot = rest.lastIndexOf('.');
            var inside = dot < 0 ? null : INSIDE.get(rest.substring(0, dot));
            if (inside != null) {
                return "model.layers.%s.%s%s".formatted(layer.group(1), inside, rest.substring(dot));
            }
        }
        throw new IOException("[%s] has the tensor '%s', which a '%s' of %d layers does not have".formatted(path,
                tensor.name(), config.get("model_type"), number("num_hidden_layers")));
    }

    private long number(String key) {
        return ((Number) config.get(key)).longValue();
    }

    private void checkComplete() throws IOException {
        var expected = new LinkedHashMap<String, List<Long>>();
        expected.put("model.embed_tokens.weight", List.of(number("vocab_size"), number("hidden_size")));
        expected.put("model.norm.weight", List.of(number("hidden_size")));
        if (Boolean.FALSE.equals(config.get("tie_word_embeddings"))) {
            expected.put("lm_head.weight", List.of(number("vocab_size"), number("hidden_size")));
        }
        check(expected);
        int count = expected.size();
        var layer = layer();
        for (long i = 0; i < number("num_hidden_layers"); i++) {
            var prefix = "model.layers." + i + ".";
            var named = new LinkedHashMap<String, List<Long>>();
            layer.forEach((name, shape) -> named.put(prefix + name, shape));
            check(named);
            count += named.size();
        }
        if (count != tensors.size()) {
            var known = layer.keySet();
            var odd = tensors.sequencedKeySet().stream().filter(n -> n.startsWith("model.layers."))
                    .filter(n -> !known.contains(n.split("\\.", 4)[3])).findFirst().orElse("?");
            throw new IOException("[%s] has the tensor '%s' ('%s'), which its configuration does not ask for"
                    .formatted(path, tensors.get(odd) == null ? odd : tensors.get(odd).name(), odd));
        }
    }

    private void check(Map<String, List<Long>> expected) throws IOException {
        for (var one : expected.entrySet()) {
            var found = tensors.get(one.getKey());
            if (found == null) {
                throw new IOException(
                        "[%s] has no tensor for '%s'. Maybe it was cut".formatted(path, one.getKey()));
            }
            if (!found.shape().equals(one.getValue())) {
                throw new IOException("[%s] tensor '%s' has shape %s, expected %s".formatted(path, found.name(),
                        found.shape(), one.getValue()));
            }
        }
    }

    /// The tensors of one layer and their shapes.
    private SequencedMap<String, List<Long>> layer() {
        long width = number("hidden_size");
        long inside = number("intermediate_size");
        long queries = number("num_attention_heads") * number("head_dim");
        long keys = number("num_key_value_heads") * number("head_dim");
        var shapes = new LinkedHashMap<String, List<Long>>();
        shapes.put("input_layernorm.weight", List.of(width));
        shapes.put("post_attention_layernorm.weight", List.of(width));
        shapes.put("self_attn.q_proj.weight", List.of(queries, width));
        shapes.put("self_attn.k_proj.weight", List.of(keys, width));
        shapes.put("self_attn.v_proj.weight", List.of(keys, width));
        shapes.put("self_attn.o_proj.weight", List.of(width, queries));
        shapes.put("mlp.gate_proj.weight", List.of(inside, width));
        shapes.put("mlp.up_proj.weight", List.of(inside, width));
        shapes.put("mlp.down_proj.weight", List.of(width, inside));
        biases(shapes);
        if (config.get("model_type").equals("qwen3")) {
            shapes.put("self_attn.q_norm.weight", List.of(number("head_dim")));
            shapes.put("self_attn.k_norm.weight", List.of(number("head_dim")));
        }
        return shapes;
    }

    private void biases(SequencedMap<String, List<Long>> shapes) {
        boolean attention = Boolean.TRUE.equals(config.get("attention_bias"));
        boolean qwen2 = config.get("model_type").equals("qwen2");
        var biased = new java.util.ArrayList<String>();
        if (attention || qwen2) {
            biased.addAll(List.of("self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj"));
        }
        if (attention) {
            biased.add("self_attn.o_proj");
        }
        if (Boolean.TRUE.equals(config.get("mlp_bias"))) {
            biased.addAll(List.of("mlp.gate_proj", "mlp.up_proj", "mlp.down_proj"));
        }
        biased.forEach(name -> shapes.put(name + ".bias", List.of(shapes.get(name + ".weight").getFirst())));
    }
}
