package dev.sglp.family.decoder;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.config.Windows;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;

/// A family of decoder language models; its name is the `model_type` of its `config.json`. A family says what is different
/// in it ({@link #spec}); one with other blocks overrides names, shapes and {@link #build} too.
public interface DecoderFamily extends Family {
    /// For people, for instance `Llama`.
    String title();

    /// The class in transformers.
    default String transformersClass() {
        return title() + "ForCausalLM";
    }

    /// What the configuration says. A field that it does not read and that may concern layers is refused afterwards.
    ///
    /// @throws IOException where a field is missing, malformed or says something this family does not know
    DecoderSpec spec(ConfigFields config) throws IOException;

    /// Name of the field that counts the layers.
    default String layerCount() {
        return "num_hidden_layers";
    }

    /// What stands before a layer's number in the names of its tensors.
    default String layerPrefix() {
        return DecoderTensors.LAYERS;
    }

    /// Shapes of the tensors before the layers, by name.
    default SequencedMap<String, List<Long>> stem(DecoderSpec spec) {
        return new DecoderTensors(spec).stem();
    }

    /// Shapes of a layer's tensors, by name.
    default SequencedMap<String, List<Long>> layer(DecoderSpec spec, int index) {
        return new DecoderTensors(spec).layer(index);
    }

    /// Shapes of the tensors behind the layers, by name.
    default SequencedMap<String, List<Long>> head(DecoderSpec spec) {
        return new DecoderTensors(spec).head();
    }

    /// Tensors that some files hold although they follow from others.
    default boolean redundant(DecoderSpec spec, TensorInfo tensor) {
        return tensor.name().endsWith(".rotary_emb.inv_freq")
                || spec.tied() && new DecoderTensors(spec).output().equals(Map.of(tensor.name(), tensor.shape()));
    }

    /// Whether tensors that should follow from others do.
    ///
    /// @throws IOException where one does not
    default void check(DecoderSpec spec, Checkpoint checkpoint) throws IOException {
        if (spec.tied() && checkpoint.tensors().containsKey(DecoderTensors.OUTPUT)) {
            DecoderTensors.checkTied(checkpoint);
        }
    }

    /// Lists with one entry for each layer that the configuration means where it does not have them, by field: a removal
    /// writes them out.
    default Map<String, List<?>> implied(DecoderSpec spec) {
        return Windows.implied(spec.windows());
    }

    /// The network on these weights.
    ///
    /// @param macs of each layer
    default LayeredModel build(DecoderSpec spec, Weights weights, List<Long> macs) {
        var parts = new DecoderTensors.Parts(spec, weights);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < macs.size(); i++) {
            layers.add(parts.layer(i, macs.get(i)));
        }
        return new LayeredModel(name(), parts.stem(), layers, parts.head(), Objective.nextToken(),
                Layout.TOKENS);
    }

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return DecoderNames.places(names, Boolean.TRUE.equals(config.get("tie_word_embeddings")));
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!name().equals(config.get("model_type"))) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, config);
        int layers = fields.layers(layerCount());
        if (layers > tensors.size()) {
            throw fields.wrong(layerCount(), "no more layers than the file's %d tensors".formatted(tensors.size()),
                    layers);
        }
        var spec = spec(fields);
        DecoderHeader.checkConfig(fields, transformersClass(), layers);
        var surgery = new ConfigSurgery(fields, implied(spec), transformersClass());
        var found = new DecoderArchitecture(this, spec, surgery, tensors);
        new DecoderHeader(found, file).check();
        return Optional.of(found);
    }
}
