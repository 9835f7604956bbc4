package dev.sglp.family.decoder;

import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.HeaderCheck;
import java.io.IOException;
import java.util.List;
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
        fields.refuseOwnCode(kind.ownCode());
        fields.refuseUnread(layers);
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
        var header = HeaderCheck.byConfig(file, architecture.tensors(), architecture.kind().title(),
                architecture.surgery().saysQuantized());
        header.check(architecture.spec().shapes(), architecture::redundant,
                name -> name.equals(architecture.spec().output()) ? BASE_ALONE : header.maybe());
    }
}
