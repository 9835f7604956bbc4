package dev.sglp.family.decoder;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/// Holds a decoder's configuration and its checkpoint's header against each other.
///
/// @param file for errors
record DecoderHeader(DecoderArchitecture architecture, String file) {
    private static final String BASE_ALONE = ". Maybe the base model was saved without its output matrix, or tie_word_embeddings should be true";
    /// Fields that do not change what layers compute.
    private static final String[] HARMLESS = {"transformers_version", "torch_dtype", "dtype", "_name_or_path",
            "use_cache", "pretraining_tp", "attn_implementation", "_attn_implementation",
            "_attn_implementation_autoset", "_attn_implementation_internal", "_flash_attn_2_enabled",
            "output_attentions", "output_hidden_states", "bos_token_id", "eos_token_id",
            "pad_token_id", "id2label", "label2id", "layer_norm_eps", "norm_type", "sep_token_id"};
    /// Nothing is dropped out but in training; how attention is computed does not change what it is.
    private static final Pattern ALWAYS_HARMLESS = Pattern.compile(".*(dropout|_pdrop|flash_attn|flash_attention).*");

    /// @param kind the family
    /// @throws IOException where a field says something about the network that its family does not read
    static void checkConfig(ConfigFields fields, DecoderFamily kind, int layers) throws IOException {
        fields.harmless(HARMLESS);
        fields.harmless(ALWAYS_HARMLESS);
        fields.mustBeTrue("is_causal", "a token sees those before it, not those behind it");
        checkClass(fields, kind.transformersClass());
        checkCode(fields, kind.ownCode());
        fields.refuseUnread(layers);
    }

    /// Files fine-tuned elsewhere have `repository--module.Class`.
    private static void checkCode(ConfigFields fields, Set<String> known) throws IOException {
        var code = fields.value("auto_map").orElse(Map.of());
        if (code instanceof Map<?, ?> map
                && map.entrySet().stream().anyMatch(e -> e.getKey().toString().startsWith("AutoModel")
                        && !known.contains(e.getValue().toString().replaceFirst("^.*--", "")))) {
            throw fields.wrong("auto_map", "no network defined by Python code of its own", code);
        }
    }

    /// A base class (`LlamaModel`) names the same network without its output matrix, which may be the embedding. Old files have
    /// `LLaMAForCausalLM`.
    private static void checkClass(ConfigFields fields, String expected) throws IOException {
        var known = List.of(expected, expected.replaceFirst("(ForCausalLM|LMHeadModel)$", "Model"));
        var found = fields.value("architectures").orElse(List.of());
        if (!(found instanceof List<?> list) || !list.isEmpty()
                && list.stream().noneMatch(c -> known.stream().anyMatch(k -> k.equalsIgnoreCase(String.valueOf(c))))) {
            throw fields.wrong("architectures", "a list with '%s'".formatted(expected), found);
        }
    }

    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    void check() throws IOException {
        int experts = architecture.spec().experts();
        if (experts > architecture.tensors().size()) {
            throw new IOException("[%s] config.json says %d experts, but the file has %d tensors".formatted(file,
                    experts, architecture.tensors().size()));
        }
        var expected = architecture.shapes();
        for (var entry : expected.entrySet()) {
            check(entry.getKey(), entry.getValue());
        }
        for (var tensor : architecture.tensors().values()) {
            if (!expected.containsKey(tensor.name()) && !architecture.redundant(tensor)) {
                throw new IOException("[%s] tensor '%s' %s does not belong to a %s as config.json describes it%s"
                        .formatted(file, tensor.name(), tensor.shape(), architecture.kind().title(), maybe()));
            }
        }
    }

    private void check(String name, List<Long> shape) throws IOException {
        TensorInfo info = architecture.tensors().get(name);
        if (info == null) {
            throw new IOException("[%s] has no tensor '%s', expected shape %s by config.json%s".formatted(file, name,
                    shape, name.equals(architecture.spec().output()) ? BASE_ALONE : maybe()));
        }
        if (!info.shape().equals(shape) || !info.dtype().floating()) {
            throw new IOException(
                    "[%s] tensor '%s' has shape %s and elements of type %s, expected %s of floating-point numbers by config.json%s"
                            .formatted(file, name, info.shape(), info.dtype(), shape, maybe()));
        }
    }

    private String maybe() {
        return architecture.surgery().saysQuantized()
                ? ". It has a quantization_config: packed weights are not read; use the network it was made from"
                : ". Maybe the file is incomplete, or of another kind than its model_type says";
    }
}
