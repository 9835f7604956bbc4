package dev.sglp.family.decoder;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.report.Json;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// A pico network with what transformers computes for it; `tools/make_decoder_fixtures.py` made it.
///
/// @param file     the network
/// @param weights  its weights
/// @param expected `tokens`, `targets`, `logits`, `logits_without_1_2`, `loss`, `gradient_norms`
public record Pico(ModelFile file, Weights weights, Weights expected) implements AutoCloseable {
    public static final List<String> NAMES = List.of("llama2", "llama3", "linear", "mistral", "qwen2", "qwen3");

    public static Path folder(String name) {
        return Path.of("src/test/resources/decoder", name);
    }

    public static Pico open(String name) throws IOException {
        var file = ModelFile.open(folder(name).resolve("model.safetensors"));
        try (var values = Checkpoints.open(folder(name).resolve("expected.safetensors"))) {
            return new Pico(file, file.forTraining(), Weights.forTraining(values));
        }
    }

    public static Map<String, Object> config(String name) throws IOException {
        return new ObjectMapper().readValue(folder(name).resolve("config.json").toFile(),
                new TypeReference<LinkedHashMap<String, Object>>() {
                });
    }

    /// The same weights under another configuration, in a folder of their own.
    public static ModelFile with(String name, Map<String, Object> changed, Path folder) throws IOException {
        var config = new LinkedHashMap<>(config(name));
        config.putAll(changed);
        var made = Files.createTempDirectory(folder, name);
        Files.copy(folder(name).resolve("model.safetensors"), made.resolve("model.safetensors"));
        Files.writeString(made.resolve("config.json"), Json.pretty(config));
        return ModelFile.open(made.resolve("model.safetensors"));
    }

    public LayeredModel model() {
        return file.architecture().build(weights);
    }

    public Tensor tokens() {
        return expected.get("tokens");
    }

    /// In the current scope.
    public Tensor logits(LayeredModel model) {
        return Autograd.off(() -> model.forward(tokens(), Pass.evaluation()));
    }

    public static double apart(Tensor a, Tensor b) {
        return Tensors.toDoubles(a.sub(b).abs().max())[0];
    }

    @Override
    public void close() {
        weights.close();
        expected.close();
        file.close();
    }
}
