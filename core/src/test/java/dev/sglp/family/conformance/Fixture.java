package dev.sglp.family.conformance;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/// A pico network as a published checkpoint has it, with what transformers computes for it; `tools/make_family_fixtures.py` made
/// it.
///
/// @param kind     of network
/// @param file     the network
/// @param expected inputs, targets and outputs by the kind's names, `loss`, `gradient_norms`
/// @param removal  which layers go in the outputs `…_without`, and what the configuration is then
public record Fixture(Kind kind, ModelFile file, Weights weights, Weights expected,
        Removal removal) implements AutoCloseable {
    static final Path HERE = Kind.DECODER.folder;

    /// Where networks of a kind lie, and what their numbers are called.
    public enum Kind {
        DECODER("family", "tokens", "targets", "logits"), ENCODER("encoder", "tokens", "targets", "output"), VISION(
                "vision", "pixels", "labels", "logits"), CONVOLUTION("convolution", "pixels", "labels", "logits");

        private final Path folder;
        private final String inputs;
        private final String targets;
        private final String output;

        Kind(String folder, String inputs, String targets, String output) {
            this.folder = Path.of("src/test/resources", folder);
            this.inputs = inputs;
            this.targets = targets;
            this.output = output;
        }

        public Path folder() {
            return folder;
        }

        /// What inputs are called in its numbers.
        String inputs() {
            return inputs;
        }

        /// And what its library makes of them.
        String output() {
            return output;
        }

        /// All that a configuration can describe without some layers: `gemma2/2b`; with `-Dsglp.families=REGEX` those that match.
        public List<String> names() throws IOException {
            return Fixture.names(folder, WANTED, false);
        }
    }

    private static final Pattern WANTED = Pattern.compile(System.getProperty("sglp.families", ".*"));

    /// @param config fields of the smaller network
    public record Removal(List<Integer> removed, Map<String, Object> config) {}

    /// Decoders that a configuration cannot describe: the weights of the layers that stay would have to change.
    static List<String> bound() throws IOException {
        return names(HERE, WANTED, true);
    }

    private static List<String> names(Path here, Pattern wanted, boolean bound) throws IOException {
        try (var all = Files.walk(here, 2)) {
            return all.filter(p -> Files.exists(p.resolve("removal.json")) && bound(p) == bound)
                    .map(p -> here.relativize(p).toString()).filter(wanted.asMatchPredicate()).sorted().toList();
        }
    }

    private static boolean bound(Path network) {
        try {
            return Files.readString(network.resolve("removal.json")).contains("query_scales");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The first of a family; empty where it has none.
    public static Optional<Path> folder(String family) throws IOException {
        return names(HERE, Pattern.compile(family + "/.*"), false).stream().findFirst().map(HERE::resolve);
    }

    /// A decoder.
    static Fixture open(String name) throws IOException {
        return open(Kind.DECODER, name);
    }

    public static Fixture open(Kind kind, String name) throws IOException {
        var folder = kind.folder.resolve(name);
        var file = ModelFile.open(folder);
        try (var values = Checkpoints.open(folder.resolve("expected.safetensors"))) {
            return new Fixture(kind, file, file.forTraining(), Weights.forTraining(values),
                    new ObjectMapper().readValue(folder.resolve("removal.json").toFile(), new TypeReference<>() {
                    }));
        }
    }

    public static Map<String, Object> config(Path folder) throws IOException {
        return new ObjectMapper().readValue(folder.resolve("config.json").toFile(), new TypeReference<>() {
        });
    }

    public LayeredModel model() {
        return file.architecture().build(weights);
    }

    public LayerSet removed() {
        return LayerSet.of(removal.removed.stream().mapToInt(i -> i).toArray());
    }

    public Tensor inputs() {
        return expected.get(kind.inputs);
    }

    public Tensor targets() {
        return expected.get(kind.targets);
    }

    /// Where it is written without layers: for other libraries to open with `-Dsglp.written=DIR`.
    ///
    /// @param otherwise where nobody asks
    public Path written(String name, Path otherwise) {
        return Optional.ofNullable(System.getProperty("sglp.written"))
                .map(place -> Path.of(place, name)).orElse(otherwise);
    }

    /// What its library says.
    ///
    /// @param which nothing, or `_without` some layers
    public Tensor output(String which) {
        return expected.get(kind.output + which);
    }

    /// In the current scope.
    public Tensor output(LayeredModel model) {
        return Autograd.off(() -> model.forward(inputs(), Pass.evaluation()));
    }

    /// The largest difference as a share of the largest number.
    public static double apart(Tensor found, Tensor expected) {
        return Tensors.toDoubles(found.sub(expected).abs().max().div(expected.abs().max()))[0];
    }

    @Override
    public void close() {
        weights.close();
        expected.close();
        file.close();
    }
}
