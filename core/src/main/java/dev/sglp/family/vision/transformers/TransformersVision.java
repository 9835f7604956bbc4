package dev.sglp.family.vision.transformers;

import dev.sglp.family.vision.VisionSpec;
import dev.sglp.family.vision.VisionArchitecture;
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
import java.util.stream.Collectors;

/// A family of vision transformers of the library transformers; its name is the `model_type` of its `config.json`.
interface TransformersVision extends Family {
    /// For people, for instance `ViT`.
    String title();

    /// The class in transformers of a checkpoint with these tensors.
    String transformersClass(Set<String> names);

    /// What the configuration says. A field that it does not read and that may concern layers is refused afterwards.
    ///
    /// @param header of the checkpoint
    /// @throws IOException where a field is missing, malformed or says something this family does not know
    VisionSpec spec(ConfigFields config, Header header) throws IOException;

    /// @param tensors by name
    /// @param classes how many the configuration names, or else its classifier has
    /// @param layers  how many there are
    record Header(Map<String, TensorInfo> tensors, int classes, int layers) {}

    /// What of the configuration is needed for images and labels.
    VitFields fields(ConfigFields config) throws IOException;

    /// Tensors that a classification does not use, behind the family's own beginning.
    default List<String> beside() {
        return List.of("pooler.dense.weight", "pooler.dense.bias", "embeddings.mask_token");
    }

    /// Whether images may have another size than the positions were made for.
    default boolean resizes() {
        return false;
    }

    /// Fields that a removal writes anew.
    default Function<List<Integer>, Map<String, Object>> rewritten(ConfigFields config) {
        return _ -> Map.of();
    }

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return !name().equals(config.get("model_type"))
                ? List.of()
                : NetworkPlace.prefixes(name() + ".embeddings.patch_embeddings.projection.weight", names).stream()
                        .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!name().equals(config.get("model_type"))) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, config);
        int layers = fields.layers("num_hidden_layers", tensors.size());
        var title = transformersClass(tensors.keySet());
        checkClass(fields, title);
        var read = fields(fields);
        int classes = fields.value("id2label").orElse(null) instanceof Map<?, ?> labels
                ? labels.size()
                : fields.count("num_labels", 2);
        var spec = spec(fields, new Header(tensors, classes, layers));
        var images = read.images();
        fields.refuseUnread(layers);
        var surgery = new ConfigSurgery(fields, Map.of(), rewritten(fields), title);
        var kind = new VisionArchitecture.Kind(name(), title(),
                beside().stream().map(n -> name() + "." + n).collect(Collectors.toSet()), List.of());
        return Optional.of(new VisionArchitecture(kind, spec, images, read.labels(classes),
                new TransformersForm(file, surgery, resizes()), tensors).checked(file));
    }

    private static void checkClass(ConfigFields fields, String expected) throws IOException {
        var found = fields.value("architectures").orElse(List.of());
        if (!(found instanceof List<?> list) || !list.isEmpty() && !list.contains(expected)) {
            throw fields.wrong("architectures", "a list with '%s', a network that classifies images"
                    .formatted(expected), found);
        }
    }
}
