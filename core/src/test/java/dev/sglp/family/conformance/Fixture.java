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
/// @param file     the network
/// @param expected `tokens`, `targets`, `logits`, `logits_without`, `loss`, `gradient_norms`
/// @param removal  which layers go in `logits_without`, and what the configuration is then
public record Fixture(ModelFile file, Weights weights, Weights expected, Removal removal) implements AutoCloseable {
    static final Path HERE = Path.of("src/test/resources/family");

    private static final Pattern WANTED = Pattern.compile(System.getProperty("sglp.families", ".*"));

    /// @param config fields of the smaller network
    public record Removal(List<Integer> removed, Map<String, Object> config) {}

    /// All that a configuration can describe without some layers: `gemma2/2b`; with `-Dsglp.families=REGEX` those that match.
    static List<String> names() throws IOException {
        return names(WANTED, false);
    }

    /// Those that it cannot: the weights of the layers that stay would have to change.
    static List<String> bound() throws IOException {
        return names(WANTED, true);
    }

    private static List<String> names(Pattern wanted, boolean bound) throws IOException {
        try (var all = Files.walk(HERE, 2)) {
            return all.filter(p -> Files.exists(p.resolve("removal.json"))).map(p -> HERE.relativize(p).toString())
                    .filter(wanted.asMatchPredicate()).filter(name -> bound(name) == bound).sorted().toList();
        }
    }

    private static boolean bound(String name) {
        try {
            return Files.readString(HERE.resolve(name).resolve("removal.json")).contains("query_scales");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The first of a family; empty where it has none.
    public static Optional<Path> folder(String family) throws IOException {
        return names(Pattern.compile(family + "/.*"), false).stream().findFirst().map(HERE::resolve);
    }

    static Fixture open(String name) throws IOException {
        var folder = HERE.resolve(name);
        var file = ModelFile.open(folder);
        try (var values = Checkpoints.open(folder.resolve("expected.safetensors"))) {
            return new Fixture(file, file.forTraining(), Weights.forTraining(values),
                    new ObjectMapper().readValue(folder.resolve("removal.json").toFile(), new TypeReference<>() {
                    }));
        }
    }

    static Map<String, Object> config(Path folder) throws IOException {
        return new ObjectMapper().readValue(folder.resolve("config.json").toFile(), new TypeReference<>() {
        });
    }

    LayeredModel model() {
        return file.architecture().build(weights);
    }

    LayerSet removed() {
        return LayerSet.of(removal.removed.stream().mapToInt(i -> i).toArray());
    }

    /// In the current scope.
    Tensor logits(LayeredModel model) {
        return Autograd.off(() -> model.forward(expected.get("tokens"), Pass.evaluation()));
    }

    /// The largest difference as a share of the largest number.
    static double apart(Tensor found, Tensor expected) {
        return Tensors.toDoubles(found.sub(expected).abs().max().div(expected.abs().max()))[0];
    }

    @Override
    public void close() {
        weights.close();
        expected.close();
        file.close();
    }
}
