package dev.sglp;

import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;

/// The pico CIFAR ResNet of the fixtures with its eight images, in a scope of its own.
///
/// @param model 2-2-2 blocks of 4, 8, 16 channels; layers 2 and 4 change the shape
/// @param items eight images of 16 × 16 pixels, five classes
public record Pico(Scope scope, Weights weights, Weights batch, LayeredModel model,
        Dataset items) implements AutoCloseable {
    public static Pico open() {
        var scope = Scope.open();
        try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"))) {
            var weights = file.forTraining();
            var batch = Oracle.weights("pico_batch.safetensors");
            var items = new Oracle.Items(batch.get("input"), batch.get("labels"), List.of("a", "b", "c", "d", "e"));
            return new Pico(scope, weights, batch, file.architecture().build(weights), items);
        } catch (IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    /// Every tensor's values now.
    public Map<String, double[]> values() {
        var all = new TreeMap<String, double[]>();
        for (Map.Entry<String, Tensor> entry : weights.all().entrySet()) {
            all.put(entry.getKey(), dev.sglp.tensor.Tensors.toDoubles(entry.getValue()));
        }
        return all;
    }

    @Override
    public void close() {
        batch.close();
        weights.close();
        scope.close();
    }
}
