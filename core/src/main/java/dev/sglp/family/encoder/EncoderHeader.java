package dev.sglp.family.encoder;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/// Holds an encoder's configuration and its checkpoint's header against each other.
///
/// @param file for errors
record EncoderHeader(EncoderArchitecture architecture, String file) {
    /// Fields that do not change what layers compute.
    private static final String[] HARMLESS = {"transformers_version", "torch_dtype", "dtype", "_name_or_path",
            "use_cache", "attn_implementation", "_attn_implementation", "_attn_implementation_autoset",
            "_attn_implementation_internal", "gradient_checkpointing", "output_attentions", "output_hidden_states",
            "bos_token_id", "eos_token_id", "pad_token_id", "cls_token_id", "sep_token_id", "mask_token_id", "id2label",
            "label2id", "output_past", "tie_word_embeddings", "chunk_size_feed_forward", "initializer_cutoff_factor"};
    /// Nothing is dropped out but in training.
    private static final Pattern ALWAYS_HARMLESS = Pattern.compile(".*(dropout|_pdrop|flash_attn|flash_attention).*");
    /// What the base network is the beginning of, behind the family's name.
    private static final List<String> CLASSES = List.of("Model", "ForMaskedLM", "ForPreTraining");

    /// @throws IOException where a field says something about the network that its family does not read
    static void checkConfig(ConfigFields fields, EncoderFamily family, int layers) throws IOException {
        fields.harmless(HARMLESS);
        fields.harmless(ALWAYS_HARMLESS);
        for (var decoder : List.of("is_decoder", "add_cross_attention", "is_encoder_decoder")) {
            fields.mustBeFalse(decoder, "it is an encoder that is read here");
        }
        title(fields, family);
        var code = fields.value("auto_map").orElse(Map.of());
        if (code instanceof Map<?, ?> map
                && map.keySet().stream().anyMatch(k -> k.toString().startsWith("AutoModel"))) {
            throw fields.wrong("auto_map", "no network defined by Python code of its own", code);
        }
        fields.refuseUnread(layers);
    }

    /// The class in transformers that the network is.
    ///
    /// @throws IOException where it is none that is known here
    static String title(ConfigFields fields, EncoderFamily family) throws IOException {
        var known = CLASSES.stream().map(family.transformersClass()::concat).toList();
        var found = fields.value("architectures").orElse(List.of());
        if (!(found instanceof List<?> list)) {
            throw fields.wrong("architectures", "a list with one of %s".formatted(known), found);
        }
        if (list.isEmpty()) {
            return known.getFirst();
        }
        return known.stream().filter(list::contains).findFirst()
                .orElseThrow(() -> fields.wrong("architectures", "a list with one of %s".formatted(known), found));
    }

    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    void check() throws IOException {
        var expected = architecture.spec().shapes();
        for (var entry : expected.entrySet()) {
            check(entry.getKey(), entry.getValue());
        }
        for (var tensor : architecture.tensors().values()) {
            if (!expected.containsKey(tensor.name()) && !architecture.redundant(tensor)
                    && !architecture.carries(tensor)) {
                throw new IOException("[%s] tensor '%s' %s does not belong to a %s as config.json describes it%s"
                        .formatted(file, tensor.name(), tensor.shape(), architecture.kind().title(), maybe()));
            }
        }
    }

    private void check(String name, List<Long> shape) throws IOException {
        TensorInfo info = architecture.tensors().get(name);
        if (info == null) {
            throw new IOException("[%s] has no tensor '%s', expected shape %s by config.json%s".formatted(file, name,
                    shape, maybe()));
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
