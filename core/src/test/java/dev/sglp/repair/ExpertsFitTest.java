package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.progress.Progress;
import dev.sglp.repair.solver.Aim;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Experts against PyTorch in float64 (`tools/make_repair_oracles.py`).
@ExtendWith(Scoped.class)
final class ExpertsFitTest {
    private static final Refit PLAIN = new Refit(1, false);

    private interface Check {
        void of(LayeredModel model, Weights oracle);
    }

    private static void mixtral(Check check) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/family/mixtral/8x7b"));
                var weights = file.forReading();
                var oracle = Oracle.weights("repair_mixtral.safetensors")) {
            assertThat(file.architecture().has(RepairNeed.LAST_MAP)).isTrue();
            check.of(file.architecture().build(weights), oracle);
        }
    }

    private static LayerSet removed(String key) {
        return new LayerSet(Arrays.stream(key.split("-")).map(Integer::valueOf).toList());
    }

    private static void close(Tensor expected, Tensor found, double tolerance) {
        double largest = Tensors.toDoubles(expected.abs().max())[0];
        double apart = Tensors.toDoubles(found.to(ScalarType.Double).sub(expected).abs().max())[0];
        assertThat(apart / largest).isLessThan(tolerance);
    }

    private static Tensor logits(LayeredModel model, Tensor inputs) {
        return Autograd.off(() -> model.forward(inputs, Pass.evaluation()));
    }

    /// In one batch, in halves of different size, and window by window.
    @ParameterizedTest
    @CsvSource({"1,16", "1,5", "1-2,5", "1-2,1"})
    void refittedExpertsAreThoseOfPyTorch(String key, int batchSize) throws IOException {
        mixtral((model, oracle) -> {
            var data = new RepairTest.Padded(oracle.get("tokens"), oracle.get("real"));
            try (var found = PLAIN.repair(new RepairTask(model, removed(key), data, batchSize), Progress.silent())) {
                assertThat(found.notes()).isEmpty();
                assertThat(found.changes()).hasSize(key.equals("1") ? 3 : 2);
                assertThat(found.tensors()).hasSize(4 * found.changes().size());
                found.tensors().forEach((name, value) -> close(oracle.get(key + "." + name
                        .replaceFirst("model\\.layers\\.(\\d+)\\.block_sparse_moe\\.experts\\.(\\d+)\\.w2", "$1.$2")),
                        value, 1e-4));
                close(oracle.get(key + ".logits"), logits(found.network(), data.tokens()), 1e-4);
                found.changes().forEach(change -> {
                    var at = key + "." + change.index();
                    assertThat(change.fit().before())
                            .isCloseTo(Tensors.toDoubles(oracle.get(at + ".before"))[0], within(1e-5));
                    assertThat(change.fit().after())
                            .isCloseTo(Tensors.toDoubles(oracle.get(at + ".after"))[0], within(1e-5));
                    assertThat(change.fit().after()).isLessThan(change.fit().before());
                });
            }
        });
    }

    /// Mean squared distance of the last stream to the dense network's, rows divided by the size of that.
    private static double distance(LayeredModel dense, LayeredModel other, Tensor tokens) {
        var y = stream(dense, tokens);
        var root = Aim.root(y.reshape(-1, y.size(-1))); // [n, 1]
        return Tensors.toDoubles(stream(other, tokens).sub(y).reshape(-1, y.size(-1)).mul(root).square().mean())[0];
    }

    private static Tensor stream(LayeredModel model, Tensor tokens) {
        return Autograd.off(() -> {
            var x = model.stem().forward(tokens, Pass.evaluation());
            for (var layer : model.layers()) {
                x = layer.forward(x, Pass.evaluation());
            }
            return x;
        });
    }

    @ParameterizedTest
    @CsvSource({"1", "1-2"})
    void theStreamIsNearerThanByOneFactor(String key) throws IOException {
        mixtral((model, oracle) -> {
            var data = new RepairTest.Padded(oracle.get("tokens"), oracle.get("real"));
            var task = new RepairTask(model, removed(key), data, 4);
            try (var fitted = PLAIN.repair(task, Progress.silent());
                    var scaled = new Scale().repair(task, Progress.silent())) {
                var tokens = data.tokens().narrow(0, 0, 15); // those without padding
                double byFactor = distance(model, scaled.network(), tokens);
                assertThat(distance(model, fitted.network(), tokens)).isLessThan(0.8 * byFactor);
            }
        });
    }

    @Test
    void expertsThatFewTokensAskKeepTheirMapsAndItIsSaid() throws IOException {
        mixtral((model, oracle) -> {
            var data = new RepairTest.Padded(oracle.get("tokens").narrow(0, 0, 2), oracle.get("real").narrow(0, 0, 2));
            try (var found = PLAIN.repair(new RepairTask(model, removed("2"), data, 2), Progress.silent())) {
                assertThat(found.tensors()).hasSizeBetween(1, 7);
                assertThat(found.notes()).isNotEmpty()
                        .allSatisfy(note -> assertThat(note).containsPattern(
                                "^Layer [13] \\(model\\.layers\\.[13]\\): \\d of 4 experts keep their map, since fewer than 32 tokens ask them or their sums have no factor \\([0-3, ]+\\)\\.$"));
            }
        });
    }
}
