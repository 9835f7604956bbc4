package dev.sglp.family.decoder;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.config.Windows;
import dev.sglp.family.transformer.NetworkSpec;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/// A family of decoder language models; its name is the `model_type` of its `config.json`. A family says what its
/// configurations mean ({@link #spec}); all else follows from that.
public interface DecoderFamily extends Family {
    /// Of its name.
    String TYPE = "model_type";
    /// Of the standard deviation of freshly drawn weights.
    String INIT_FIELD = "initializer_range";
    /// Where it is missing.
    double INIT_STD = 0.02;

    /// For people, for instance `Llama`.
    String title();

    /// The class in transformers.
    default String transformersClass() {
        return title() + "ForCausalLM";
    }

    /// What the configuration says. A field that it does not read and that may concern layers is refused afterwards.
    ///
    /// @throws IOException where a field is missing, malformed or says something this family does not know
    NetworkSpec spec(ConfigFields config) throws IOException;

    /// Name of the field that counts the layers.
    default String layerCount() {
        return "num_hidden_layers";
    }

    /// Name of the field that holds the standard deviation of freshly drawn weights.
    default String initField() {
        return INIT_FIELD;
    }

    /// How its tensors are named before they are read by the specification's names.
    default DecoderNames names() {
        return DecoderNames.LLAMA;
    }

    /// Whether the embedding is the output matrix where the configuration does not say it.
    default boolean tiedByDefault() {
        return false;
    }

    /// Classes in Python of its own, by `auto_map`, that compute what the class in transformers does.
    default Set<String> ownCode() {
        return Set.of();
    }

    /// Names of further tensors of its files that follow from others, by what they end in.
    default List<String> redundantEndings() {
        return List.of(".rotary_emb.inv_freq");
    }

    /// Lists with one entry for each layer that the configuration means where it does not have them, by field: a removal
    /// writes them out.
    default Map<String, List<?>> implied(NetworkSpec spec, ConfigFields config) {
        return Windows.implied(spec.windows());
    }

    /// Fields that a removal writes anew, from the original layers that stay: what numbers layers otherwise than by a list.
    default Function<List<Integer>, Map<String, Object>> rewritten(NetworkSpec spec, ConfigFields config) {
        return _ -> Map.of();
    }

    /// None where the configuration names another family.
    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        var type = config.get(TYPE);
        return type == null || type.equals(name())
                ? names().places(names,
                        Boolean.TRUE.equals(config.getOrDefault("tie_word_embeddings", tiedByDefault())))
                : List.of();
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!name().equals(config.get(TYPE))) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, config);
        int layers = fields.layers(layerCount(), tensors.size());
        var spec = spec(fields);
        DecoderHeader.checkConfig(fields, this, layers);
        var surgery = new ConfigSurgery(fields, implied(spec, fields), rewritten(spec, fields), transformersClass());
        var found = new DecoderArchitecture(this, spec, surgery, tensors);
        new DecoderHeader(found, file).check();
        return Optional.of(found);
    }
}
