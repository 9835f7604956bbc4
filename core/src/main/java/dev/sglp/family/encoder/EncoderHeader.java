package dev.sglp.family.encoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.HeaderCheck;
import java.io.IOException;
import java.util.List;
import java.util.Set;
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
        fields.refuseOwnCode(Set.of());
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
        var header = HeaderCheck.byConfig(file, architecture.tensors(), architecture.kind().title(),
                architecture.surgery().saysQuantized());
        header.check(architecture.spec().shapes(),
                tensor -> architecture.redundant(tensor) || architecture.carries(tensor), _ -> header.maybe());
    }
}
