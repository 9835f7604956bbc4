package dev.sglp.family.vision.transformers;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.ConfigSurgery;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.Objective.Answer;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

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
    record Header(Map<String, TensorInfo> tensors, int classes, int layers) {
        /// Whether it has a linear map of this name.
        boolean has(String map) {
            return tensors.containsKey(map + ".weight");
        }

        /// What stands before its tensors but a classifier's: the model type, but in a file without one nothing.
        String base(String type) {
            return has(type + PATCHES) ? type + "." : "";
        }
    }

    /// What cuts images, behind the model type.
    String PATCHES = ".embeddings.patch_embeddings.projection";

    /// The class in transformers of a network with a classifier, or without.
    static String classOf(String kind, String classifier, Set<String> names) {
        return kind + (names.contains(classifier + ".weight") ? "ForImageClassification" : "Model");
    }

    /// What that class has to be given beside the folder, behind a comma.
    default String arguments(Set<String> names) {
        return "";
    }

    /// What it looks at where no other file says it.
    Image image(ConfigFields config) throws IOException;

    /// Tensors that what it is asked for does not use.
    default Set<String> beside() {
        return Stream.of("pooler.dense.weight", "pooler.dense.bias", "embeddings.mask_token")
                .flatMap(n -> Stream.of(n, name() + "." + n)).collect(Collectors.toSet());
    }

    /// Whether images may have another size than the positions were made for.
    default boolean resizes() {
        return false;
    }

    /// Fields that a removal writes anew.
    default Function<List<Integer>, Map<String, Object>> rewritten(ConfigFields config) {
        return _ -> Map.of();
    }

    /// Its own configuration; empty where this is of another network.
    default Optional<Map<String, Object>> own(Map<String, Object> config) {
        return name().equals(config.get("model_type")) ? Optional.of(config) : Optional.empty();
    }

    @Override
    default List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        if (own(config).isEmpty()) {
            return List.of();
        }
        var weight = PATCHES + ".weight";
        var named = NetworkPlace.prefixes(name() + weight, names);
        return (named.isEmpty() ? NetworkPlace.prefixes(weight.substring(1), names) : named).stream()
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    @Override
    default Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        var own = own(config);
        if (own.isEmpty()) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, own.get());
        int layers = fields.layers("num_hidden_layers", tensors.size());
        var title = transformersClass(tensors.keySet());
        checkClass(fields, title);
        int classes = fields.value("id2label").orElse(null) instanceof Map<?, ?> labels
                ? labels.size()
                : fields.count("num_labels", 2);
        var spec = spec(fields, new Header(tensors, classes, layers));
        var images = new VisionArchitecture.Images(image(fields), VisionArchitecture.Said.NOBODY);
        fields.refuseUnread(layers);
        var surgery = new ConfigSurgery(fields, Map.of(), rewritten(fields), title);
        var kind = new VisionArchitecture.Kind(name(), title(), beside(), List.of());
        var labels = spec.head().answer() == Answer.CLASS ? labels(fields, classes) : List.<String>of();
        return Optional.of(new VisionArchitecture(kind, spec, images, labels,
                new TransformersForm(file, surgery,
                        new TransformersForm.Opens(title, arguments(tensors.keySet())), resizes()),
                tensors).checked(file));
    }

    /// Names of the classes; empty where they have none but `LABEL_3`.
    private static List<String> labels(ConfigFields config, int classes) throws IOException {
        var found = config.value("id2label").orElse(Map.of());
        if (!(found instanceof Map<?, ?> map)) {
            throw config.wrong("id2label", "an object", found);
        }
        var names = IntStream.range(0, classes).mapToObj(i -> String.valueOf(map.get(String.valueOf(i)))).toList();
        boolean missing = IntStream.range(0, classes).anyMatch(i -> !map.containsKey(String.valueOf(i)));
        boolean numbers = IntStream.range(0, classes).allMatch(i -> names.get(i).equals("LABEL_" + i));
        return missing || numbers ? List.of() : names;
    }

    private static void checkClass(ConfigFields fields, String expected) throws IOException {
        var found = fields.value("architectures").orElse(List.of());
        if (!(found instanceof List<?> list) || !list.isEmpty() && !list.contains(expected)) {
            throw fields.wrong("architectures", "a list with '%s', as which the tensors of this file are read"
                    .formatted(expected), found);
        }
    }
}
