package dev.sglp.family.encoder;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.ConfigSurgery;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.regex.Pattern;

/// A family of encoders; its name is the `model_type` of its `config.json`. A family says what its configurations mean
/// ({@link #spec}); all else follows from that.
public interface EncoderFamily extends Family {
    /// Of the standard deviation of freshly drawn weights.
    String INIT_FIELD = "initializer_range";
    /// Where it is missing.
    double INIT_STD = 0.02;

    /// For people, for instance `BERT`.
    String title();

    /// What stands before the class names in transformers, for instance `Bert`.
    String transformersClass();

    /// What the configuration says of a network whose mean is its embedding. A field that it does not read and that may concern layers
    /// is refused afterwards.
    ///
    /// @param base what stands before all names of its tensors: nothing, or {@link #base}
    /// @throws IOException where a field is missing, malformed or says something this family does not know
    EncoderSpec spec(ConfigFields config, String base) throws IOException;

    /// The head over masked tokens, as the configuration says it.
    ///
    /// @throws IOException as {@link #spec}
    EncoderSpec.Masked masked(ConfigFields config) throws IOException;

    /// What stands before the names of a network that has a head, for instance `bert.`.
    String base();

    /// The name of the tokens' table, behind that.
    String table();

    /// Name of the field that counts the layers.
    default String layerCount() {
        return "num_hidden_layers";
    }

    /// Tensors that go along and are not computed with, by their whole names: heads of tasks.
    Pattern carried();

    /// Lists with one entry for each layer that the configuration means where it does not have them, by field: a removal
    /// writes them out.
    default Map<String, List<?>> implied(EncoderSpec spec) {
        return Map.of();
    }

    /// Fields that a removal writes anew, from the original layers that stay.
    default Function<List<Integer>, Map<String, Object>> rewritten(EncoderSpec spec) {
        return _ -> Map.of();
    }

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        if (!name().equals(config.get("model_type"))) {
            return List.of();
        }
        return NetworkPlace.prefixes(table(), names).stream().map(
                before -> NetworkPlace.behind(before.equals(base()) || before.endsWith("." + base())
                        ? before.substring(0, before.length() - base().length())
                        : before, names))
                .toList();
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!name().equals(config.get("model_type"))) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, config);
        int layers = fields.layers(layerCount(), tensors.size());
        var unsaid = spec(fields, tensors.containsKey(base() + table()) ? base() : "");
        var spec = unsaid.with(Sentence.beside(file, unsaid.stem().tokens().width()));
        var title = EncoderHeader.title(fields, this);
        var head = masked(fields);
        if (!spec.sentence().said() && !title.endsWith("Model") && tensors.containsKey(head.bias())) {
            spec = spec.with(head);
        }
        EncoderHeader.checkConfig(fields, this, layers);
        var surgery = new ConfigSurgery(fields, implied(spec), rewritten(spec), title);
        var found = new EncoderArchitecture(this, spec, surgery, tensors);
        new EncoderHeader(found, file).check();
        return Optional.of(found);
    }
}
