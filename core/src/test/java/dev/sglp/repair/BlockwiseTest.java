package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.Numbers;
import dev.sglp.family.Both;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.repair.gradient.Blockwise;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Least squares and gradients against PyTorch in float64 (`tools/make_repair_oracles.py`).
@ExtendWith(Scoped.class)
final class BlockwiseTest {
    private static final LayerSet REMOVED = new LayerSet(List.of(1, 2));
    private static final String KEY = "1-2.blockwise.";

    private interface Check {
        void of(LayeredModel model, RepairTest.Padded data, Weights oracle);
    }

    private static void decoder(String name, Check check) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading();
                var oracle = Oracle.weights("repair_" + name + ".safetensors")) {
            check.of(file.architecture().build(weights),
                    new RepairTest.Padded(oracle.get("tokens"), oracle.get("real")), oracle);
        }
    }

    private static Blockwise passes(int passes) {
        return new Blockwise(new Refit(1, false), passes, false);
    }

    /// All windows are one step; what gradients change is compared, not what the weights were before.
    @ParameterizedTest
    @ValueSource(strings = {"llama3", "linear"})
    void layersAreThoseOfPyTorch(String name) throws IOException {
        decoder(name, (model, data, oracle) -> {
            try (var found = passes(20).repair(new RepairTask(model, REMOVED, data, 5), Progress.silent())) {
                var began = new HashMap<String, Tensor>();
                model.layers().forEach(layer -> began.putAll(layer.parameters()));
                assertThat(found.tensors()).hasSizeGreaterThan(9);
                found.tensors().forEach((tensor, value) -> close(
                        oracle.get(KEY + tensor.replaceFirst("model\\.layers\\.", "")), value, began.get(tensor)));
                double[] wanted = Tensors.toDoubles(oracle.get(KEY + "logits"));
                double[] got = Tensors.toDoubles(Autograd.off(
                        () -> found.network().forward(oracle.get("tokens"), Pass.evaluation())));
                for (int i = 0; i < got.length; i++) {
                    assertThat(got[i]).isCloseTo(wanted[i], within(1e-3));
                }
            }
        });
    }

    /// Where they moved: by what they moved at most.
    private static void close(Tensor wanted, Tensor got, Tensor before) {
        double[] start = Tensors.toDoubles(before);
        double[] aim = Tensors.toDoubles(wanted);
        double[] found = Tensors.toDoubles(got);
        double most = 0;
        for (int i = 0; i < aim.length; i++) {
            most = Math.max(most, Math.abs(aim[i] - start[i]));
        }
        assertThat(most).isGreaterThan(1e-4);
        for (int i = 0; i < aim.length; i++) {
            assertThat(found[i]).isCloseTo(aim[i], within(0.02 * most));
        }
    }

    @Test
    void theStreamComesNearerThanByLeastSquaresAlone() throws IOException {
        decoder("llama3", (model, data, _) -> {
            var task = new RepairTask(model, REMOVED, data, 2);
            try (var squares = new Refit(1, false).repair(task, Progress.silent());
                    var both = passes(4).repair(task, Progress.silent())) {
                assertThat(both.changes()).hasSameSizeAs(squares.changes());
                assertThat(both.changes().getLast().fit().after())
                        .isLessThan(squares.changes().getLast().fit().after());
                assertThat(both.changes().getFirst().fit().before())
                        .isEqualTo(squares.changes().getFirst().fit().before());
            }
        });
    }

    /// What was fitted is remembered as it became, and the rest goes on from it to the same bits.
    @Test
    void whatWasFittedIsNotFittedAgain() throws IOException {
        decoder("llama3", (model, data, _) -> {
            var kept = new HashMap<Integer, RepairTask.Fitted>();
            var task = new RepairTask(model, REMOVED, data, 2, (_, tensor) -> tensor, new Memory(kept));
            Map<String, double[]> first = new HashMap<>();
            try (var found = passes(2).repair(task, Progress.silent())) {
                found.tensors().forEach((name, tensor) -> first.put(name, Tensors.toDoubles(tensor)));
            }
            int last = kept.keySet().stream().mapToInt(i -> i).max().orElseThrow();
            var forgotten = kept.remove(last);
            try (var again = passes(2).repair(task, Progress.silent())) {
                assertThat(kept).containsKey(last);
                again.tensors().forEach((name, tensor) -> assertThat(Arrays.equals(Tensors.toDoubles(tensor),
                        first.get(name))).as(name).isTrue());
            }
            forgotten.tensors().values().forEach(Scope::free);
            kept.values().forEach(fitted -> fitted.tensors().values().forEach(Scope::free));
        });
    }

    /// Of sublayers side by side that share a norm, both read it as it becomes; nothing that is repaired is recorded.
    @ParameterizedTest
    @ValueSource(strings = {"phi/2", "gpt2/gpt2", "mixtral/8x7b"})
    void whatIsPutInPlaceIsWhatWasTrained(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/family", name));
                var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            for (var layer : model.layers()) {
                var asked = new ArrayList<Long>();
                layer.mapped(tensor -> {
                    asked.add(Tensors.identity(tensor));
                    return tensor.clone();
                });
                assertThat(asked).doesNotHaveDuplicates();
            }
            var data = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
            try (var found = passes(2).repair(new RepairTask(model, LayerSet.of(1), data, 2), Progress.silent())) {
                assertThat(found.tensors().values()).isNotEmpty().noneMatch(Tensor::requires_grad);
                assertThat(found.changes()).allSatisfy(
                        change -> assertThat(change.fit().after()).isLessThan(change.fit().before()));
            }
        }
    }

    /// Layers that are read from their file when they run are trained to the same bits.
    @Test
    void aNetworkLargerThanMemoryIsRepairedAlike() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var data = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
            try (var whole = passes(2).repair(new RepairTask(both.whole(), REMOVED, data, 2), Progress.silent());
                    var streamed = passes(2).repair(new RepairTask(both.streamed(), REMOVED, data, 2),
                            Progress.silent())) {
                var wanted = whole.tensors();
                assertThat(streamed.tensors().keySet()).isEqualTo(wanted.keySet());
                streamed.tensors().forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                        .isEqualTo(Tensors.toDoubles(wanted.get(name))));
            }
        }
    }

    private record Memory(Map<Integer, RepairTask.Fitted> kept) implements RepairTask.Memory {
        @Override
        public Optional<RepairTask.Fitted> find(int layer) {
            return Optional.ofNullable(kept.get(layer));
        }

        @Override
        public void keep(RepairTask.Fitted fitted) {
            var own = new LinkedHashMap<>(fitted.tensors());
            own.replaceAll((_, tensor) -> Scope.yieldOwned(tensor::clone));
            kept.put(fitted.fit().layer(), new RepairTask.Fitted(own, fitted.fit(), fitted.notes()));
        }
    }
}
