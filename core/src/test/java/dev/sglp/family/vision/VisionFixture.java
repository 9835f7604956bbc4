package dev.sglp.family.vision;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.bytedeco.pytorch.Tensor;

/// A pico vision transformer as a published checkpoint has it, with what its library computes for it;
/// `tools/make_vision_fixtures.py` made it.
///
/// @param file     the network
/// @param expected `pixels`, `labels`, `logits`, `logits_without`, `loss`, `gradient_norms`
/// @param removal  which layers go in `logits_without`, and what the configuration is then
record VisionFixture(ModelFile file, Weights weights, Weights expected, Removal removal) implements AutoCloseable {
    static final Path HERE = Path.of("src/test/resources/vision");

    /// @param config fields of the smaller network
    record Removal(List<Integer> removed, Map<String, Object> config) {}

    /// All of them: `vit/plain`; with `-Dsglp.families=REGEX` those that match.
    static List<String> names() throws IOException {
        var wanted = Pattern.compile(System.getProperty("sglp.families", ".*"));
        try (var all = Files.walk(HERE, 2)) {
            return all.filter(p -> Files.exists(p.resolve("removal.json"))).map(p -> HERE.relativize(p).toString())
                    .filter(wanted.asMatchPredicate()).sorted().toList();
        }
    }

    static VisionFixture open(String name) throws IOException {
        var folder = HERE.resolve(name);
        var file = ModelFile.open(folder);
        try (var values = Checkpoints.open(folder.resolve("expected.safetensors"))) {
            return new VisionFixture(file, file.forTraining(), Weights.forTraining(values), new ObjectMapper()
                    .readValue(folder.resolve("removal.json").toFile(), new TypeReference<>() {
                    }));
        }
    }

    static Map<String, Object> config(Path folder) throws IOException {
        return new ObjectMapper().readValue(folder.resolve("config.json").toFile(), new TypeReference<>() {
        });
    }

    /// In which format it lies there.
    OutputFormat format() {
        return file.checkpoint().path().toString().endsWith(".pth") ? OutputFormat.PTH : OutputFormat.SAFETENSORS;
    }

    LayeredModel model() {
        return file.architecture().build(weights);
    }

    LayerSet removed() {
        return LayerSet.of(removal.removed.stream().mapToInt(i -> i).toArray());
    }

    /// In the current scope.
    Tensor logits(LayeredModel model) {
        return Autograd.off(() -> model.forward(expected.get("pixels"), Pass.evaluation()));
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
