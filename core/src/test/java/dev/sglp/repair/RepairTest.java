package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.TinyNetwork;
import dev.sglp.checkpoint.Weights;
import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Repairs against PyTorch in float64 (`tools/make_repair_oracles.py`).
@ExtendWith(Scoped.class)
final class RepairTest {
    private static final Refit PLAIN = new Refit(1, false);

    private static LayerSet removed(String key) {
        return new LayerSet(Arrays.stream(key.split("-")).map(Integer::valueOf).toList());
    }

    private static double[] logits(LayeredModel model, Tensor inputs) {
        return Tensors.toDoubles(Autograd.off(() -> model.forward(inputs, Pass.evaluation())));
    }

    private static void close(Tensor expected, double[] got, double tolerance) {
        double[] wanted = Tensors.toDoubles(expected);
        double largest = Arrays.stream(wanted).map(Math::abs).max().orElse(1);
        assertThat(got).hasSameSizeAs(wanted);
        for (int i = 0; i < got.length; i++) {
            assertThat(got[i]).isCloseTo(wanted[i], within(tolerance * largest));
        }
    }

    /// Windows of which some are padded.
    record Padded(Tensor tokens, Tensor real) implements Dataset {
        @Override
        public String name() {
            return "tokens";
        }

        @Override
        public int size() {
            return Math.toIntExact(tokens.size(0));
        }

        @Override
        public Batch batch(int from, int to) {
            var own = tokens.narrow(0, from, to - from);
            return new Batch(own.clone(), own.clone(),
                    Optional.of(real.narrow(0, from, to - from).to(ScalarType.Bool).logical_not()));
        }

        @Override
        public List<String> classes() {
            return List.of();
        }

        @Override
        public List<String> itemHashes() {
            return List.of();
        }
    }

    private interface Check {
        void of(LayeredModel model, Dataset data, Weights oracle);
    }

    private static void decoder(String name, Check check) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading();
                var oracle = Oracle.weights("repair_" + name + ".safetensors")) {
            check.of(file.architecture().build(weights), new Padded(oracle.get("tokens"), oracle.get("real")), oracle);
        }
    }

    /// In one batch, in two halves, and window by window.
    @ParameterizedTest
    @CsvSource({"llama3,1,5", "llama3,1-2,2", "llama3,0-2,1", "llama3,2-3,2", "linear,1,5", "linear,1-2,2"})
    void refittedMapsOfDecodersAreThoseOfPyTorch(String name, String key, int batchSize) throws IOException {
        decoder(name, (model, data, oracle) -> {
            try (var found = PLAIN.repair(new RepairTask(model, removed(key), data, batchSize), Progress.silent())) {
                assertThat(found.changes()).isNotEmpty();
                found.tensors().forEach((tensor, value) -> {
                    var place = tensor.replaceFirst("model\\.layers\\.(\\d+)\\.mlp\\.down_proj\\.(\\w+)", "$1.$2");
                    close(oracle.get(key + "." + place), Tensors.toDoubles(value), 1e-4);
                });
                close(oracle.get(key + ".logits"), logits(found.network(), oracle.get("tokens")), 1e-4);
                found.changes().forEach(change -> assertThat(change.fit().after()).isLessThan(change.fit().before()));
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"llama3,1", "llama3,1-2", "llama3,0-2", "llama3,2-3", "linear,1", "linear,1-2"})
    void dividedOutputsAreTheSameToTheNetworkAsAMultipliedStream(String name, String key) throws IOException {
        decoder(name, (model, data, oracle) -> {
            try (var found = new Scale().repair(new RepairTask(model, removed(key), data, 2), Progress.silent())) {
                close(oracle.get(key + ".scaled"), logits(found.network(), oracle.get("tokens")), 1e-3); // but for ε
                assertThat(found.notes()).hasSize(key.endsWith("3") ? 1 : 0);
            }
        });
    }

    /// In one batch, in two halves, and window by window.
    @ParameterizedTest
    @CsvSource({"llama3,1,5", "llama3,1-2,2", "llama3,0-2,1", "llama3,2-3,2", "linear,1,5", "linear,1-2,2"})
    void refittedMapsBehindScaleAreThoseOfPyTorch(String name, String key, int batchSize) throws IOException {
        decoder(name, (model, data, oracle) -> {
            var task = new RepairTask(model, removed(key), data, batchSize);
            try (var found = Refit.behindScale().with(1, false).repair(task, Progress.silent())) {
                var maps = found.tensors();
                assertThat(maps.keySet()).anyMatch(tensor -> tensor.contains("down_proj"));
                maps.keySet().removeIf(tensor -> !tensor.contains("down_proj")); // the logits see what was divided
                maps.forEach((tensor, value) -> {
                    var place = tensor.replaceFirst("model\\.layers\\.(\\d+)\\.mlp\\.down_proj\\.(\\w+)", "$1.$2");
                    close(oracle.get(key + ".scaled." + place), Tensors.toDoubles(value), 1e-4);
                });
                close(oracle.get(key + ".scaled.logits"), logits(found.network(), oracle.get("tokens")), 1e-4);
            }
        });
    }

    /// In one batch, in two halves, and window by window.
    @ParameterizedTest
    @CsvSource({"llama3,1,5", "llama3,1-2,2", "llama3,0-2,1", "llama3,2-3,2", "linear,1,5", "linear,1-2,2"})
    void mlpsWhoseOutputIsMultipliedAreThoseOfPyTorch(String name, String key, int batchSize) throws IOException {
        decoder(name, (model, data, oracle) -> {
            var task = new RepairTask(model, removed(key), data, batchSize);
            try (var found = new ReplaceMe().repair(task, Progress.silent())) {
                assertThat(found.changes()).isNotEmpty();
                found.tensors().forEach((tensor, value) -> {
                    var place = tensor.replaceFirst("model\\.layers\\.(\\d+)\\.mlp\\.down_proj\\.(\\w+)", "$1.$2");
                    close(oracle.get(key + ".replaceme." + place), Tensors.toDoubles(value), 1e-3);
                });
                close(oracle.get(key + ".replaceme.logits"), logits(found.network(), oracle.get("tokens")), 1e-3);
            }
        });
    }

    /// It is fitted to the sum that the norm of the last layer that went was given, and gets that norm.
    @ParameterizedTest
    @CsvSource({"1,6", "1-2,4"})
    void mlpsBehindWhichANormFollowsAreThoseOfPyTorch(String key, int batchSize) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/encoder/bert/minilm"));
                var weights = file.forReading();
                var oracle = Oracle.weights("repair_bert.safetensors")) {
            var tokens = oracle.get("tokens");
            var data = new Padded(tokens, Tensors.longs(new long[6 * 20]).view(6, 20).add(new Scalar(1)));
            var task = new RepairTask(file.architecture().build(weights), removed(key), data, batchSize);
            try (var found = new ReplaceMe().repair(task, Progress.silent())) {
                assertThat(found.tensors()).hasSize(4);
                found.tensors().forEach(
                        (name, value) -> close(oracle.get(key + "." + name), Tensors.toDoubles(value), 1e-3));
            }
        }
    }

    /// Nothing stands before a gap at the beginning.
    @Test
    void aGapAtTheBeginningIsNotMendedByTheLayerBeforeIt() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var task = new RepairTask(model, LayerSet.of(0, 2), data, 2);
            for (var repair : List.of(new ReplaceMe(), new Refit(1, true))) {
                try (var found = repair.repair(task, Progress.silent())) {
                    assertThat(found.changes()).extracting(Repaired.Change::index).containsExactly(1);
                    assertThat(found.notes()).singleElement().asString().contains("at the beginning");
                }
            }
        });
    }

    /// What was fitted before is taken.
    @Test
    void anMlpThatWasMultipliedBeforeIsNotFittedAgain() throws IOException {
        decoder("linear", (model, data, oracle) -> {
            var kept = new HashMap<Integer, RepairTask.Fitted>();
            var memory = new RepairTask.Memory() {
                @Override
                public Optional<RepairTask.Fitted> find(int layer) {
                    return Optional.ofNullable(kept.get(layer));
                }

                @Override
                public void keep(RepairTask.Fitted fitted) {
                    fitted.tensors().values().forEach(Scope::own);
                    kept.put(fitted.fit().layer(), fitted);
                }
            };
            var task = new RepairTask(model, removed("1"), data, 2, (_, tensor) -> tensor, memory);
            try (var first = new ReplaceMe().repair(task, Progress.silent());
                    var again = new ReplaceMe().repair(task, Progress.silent())) {
                assertThat(kept).containsOnlyKeys(0);
                assertThat(again.changes()).extracting(Repaired.Change::fit)
                        .isEqualTo(first.changes().stream().map(Repaired.Change::fit).toList());
                assertThat(logits(again.network(), oracle.get("tokens")))
                        .isEqualTo(logits(first.network(), oracle.get("tokens")));
            }
        });
    }

    /// Layers that are not fitted are divided all the same, so that every layer writes on a stream of one size.
    @Test
    void whatIsNotFittedIsScaledAllTheSame() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var task = new RepairTask(model, removed("1"), data, 2);
            try (var scaled = new Scale().repair(task, Progress.silent());
                    var found = Refit.behindScale().with(1, true).repair(task, Progress.silent())) {
                assertThat(found.changes()).extracting(Repaired.Change::index).containsExactly(0, 2, 3);
                scaled.tensors().forEach((name, tensor) -> assertThat(Tensors.toDoubles(found.tensors().get(name)))
                        .as(name).isEqualTo(Tensors.toDoubles(tensor)));
                assertThat(found.tensors().keySet()).hasSize(scaled.tensors().size() + 1);
            }
        });
    }

    @ParameterizedTest
    @CsvSource({"1,8", "3-5,8", "1,3", "3-5,3"})
    void refittedBlocksOfResNetsAreThoseOfPyTorch(String key, int batchSize) throws IOException {
        try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"));
                var weights = file.forReading();
                var oracle = Oracle.weights("repair_resnet.safetensors");
                var batch = Oracle.weights("pico_batch.safetensors")) {
            var model = file.architecture().build(weights);
            var images = batch.get("input");
            var data = new Oracle.Items(images, Tensors.longs(new long[8]), List.of());
            var task = new RepairTask(model, removed(key), data, batchSize);
            try (var found = new Refit(0.1, false, Integer.MAX_VALUE, false).repair(task, Progress.silent())) {
                assertThat(found.changes()).isNotEmpty();
                close(oracle.get(key + ".logits"), logits(found.network(), images), 1e-4);
                for (var change : found.changes()) {
                    var tensors = found.tensors();
                    var prefix = change.layer().name();
                    close(oracle.get(key + "." + change.index() + ".folded"),
                            Tensors.toDoubles(tensors.get(prefix + ".conv2.weight")), 1e-4);
                    close(oracle.get(key + "." + change.index() + ".mean"),
                            Tensors.toDoubles(tensors.get(prefix + ".bn2.running_mean")), 1e-4);
                    close(oracle.get(key + "." + change.index() + ".var"),
                            Tensors.toDoubles(tensors.get(prefix + ".bn2.running_var")), 1e-4);
                }
            }
        }
    }

    @Test
    void whereNothingGoesNothingChanges() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            for (var repair : Repairs.all()) {
                try (var found = repair.repair(new RepairTask(model, LayerSet.EMPTY, data, 2), Progress.silent())) {
                    assertThat(found.tensors()).isEmpty();
                    assertThat(logits(found.network(), oracle.get("tokens")))
                            .containsExactly(logits(model, oracle.get("tokens")));
                }
            }
        });
    }

    @Test
    void aPrefixHasTheFirstChangesOnly() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var tokens = oracle.get("tokens");
            try (var found = PLAIN.repair(new RepairTask(model, removed("1"), data, 2), Progress.silent())) {
                assertThat(found.changes()).hasSize(3);
                assertThat(logits(found.network(0), tokens))
                        .containsExactly(logits(model.without(removed("1")), tokens));
                assertThat(logits(found.network(1), tokens)).isNotEqualTo(logits(found.network(2), tokens));
                double[] two = logits(found.network(2), tokens);
                found.keep(2);
                assertThat(logits(found.network(), tokens)).containsExactly(two);
                assertThat(found.tensors()).hasSize(2);
            }
        });
    }

    @Test
    void onlyTheLayersBeforeGapsAreFittedWhereThatIsAsked() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            try (var found = new Refit(1, true)
                    .repair(new RepairTask(model, removed("1"), data, 2), Progress.silent())) {
                assertThat(found.changes()).extracting(Repaired.Change::index).containsExactly(0);
            }
        });
    }

    private static double[] output(LayeredModel model, int layer, Tensor tokens) {
        var found = new double[1][];
        Autograd.off(() -> model.body(tokens, Pass.evaluation(), (i, _, out) -> {
            if (i == layer) {
                found[0] = Tensors.toDoubles(out);
            }
        }));
        return found[0];
    }

    /// How far the stream behind the gap is from the dense one, each token by its size.
    private static double distance(LayeredModel dense, LayeredModel smaller, LayerSet gap, Tensor tokens) {
        double[] y = output(dense, gap.indices().getLast(), tokens);
        double[] x = output(smaller, gap.indices().getFirst() - 1, tokens);
        int width = 16;
        double sum = 0;
        for (int token = 0; token < y.length / width; token++) {
            double apart = 0;
            double size = 0;
            for (int k = token * width; k < (token + 1) * width; k++) {
                apart += (y[k] - x[k]) * (y[k] - x[k]);
                size += y[k] * y[k];
            }
            sum += apart / size;
        }
        return sum;
    }

    /// Weighed by the layer's own output instead of its aim, kept in bfloat16: nearly as good, for every gap from one pass.
    @ParameterizedTest
    @CsvSource({"1", "1-2", "2-3"})
    void mapsFromTheDenseStreamsMendASingleGap(String key) throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var tokens = oracle.get("tokens");
            var task = new RepairTask(model, removed(key), data, 2);
            try (var maps = GapMaps.of(task, 2, Refit.OWN, Progress.silent());
                    var fit = new Refit(1, true).repair(task, Progress.silent())) {
                double plain = distance(model, model.without(removed(key)), removed(key), tokens);
                double best = distance(model, fit.network(), removed(key), tokens);
                assertThat(distance(model, maps.without(removed(key)), removed(key), tokens)).isLessThan(
                        best + 0.2 * (plain - best));
                assertThat(maps.without(removed(key))).isEqualTo(maps.without(removed(key)));
                assertThat(logits(maps.without(LayerSet.EMPTY), tokens)).containsExactly(logits(model, tokens));
            }
        });
    }

    /// One after the other where they are large; none behind a layer that must stay.
    @Test
    void mapsAreFittedOfWhatMayGo() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var tokens = oracle.get("tokens");
            var task = new RepairTask(model, LayerSet.of(1, 2), data, 2);
            try (var maps = GapMaps.of(task, 2, Refit.OWN, Progress.silent());
                    var single = GapMaps.of(task, 2, Refit.OWN, 1, Progress.silent())) {
                for (var gap : List.of(LayerSet.of(1), LayerSet.of(2), LayerSet.of(1, 2))) {
                    double[] mended = logits(maps.without(gap), tokens);
                    assertThat(logits(single.without(gap), tokens)).containsExactly(mended, within(1e-5));
                    assertThat(mended).isNotEqualTo(logits(model.without(gap), tokens));
                }
                var other = LayerSet.of(3);
                assertThat(logits(maps.without(other), tokens)).isEqualTo(logits(model.without(other), tokens));
            }
        });
    }

    @Test
    void whatIsStoredIsWhatIsMeasured() throws IOException {
        decoder("llama3", (model, data, oracle) -> {
            var task = new RepairTask(model, removed("1"), data, 2,
                    (_, tensor) -> tensor.to(ScalarType.BFloat16).to(ScalarType.Float));
            try (var found = PLAIN.repair(task, Progress.silent())) {
                found.tensors().values().forEach(tensor -> assertThat(
                        Tensors.toDoubles(
                                tensor.to(ScalarType.BFloat16).to(ScalarType.Float).sub(tensor).abs().max())[0])
                        .isZero());
                assertThat(found.tensors()).hasSize(3);
            }
        });
    }

    @Test
    void aNetworkThatDoesNotSayItsLastMapIsRefused() {
        var model = TinyNetwork.random(4, 6, 1);
        var data = new Oracle.Items(Seed.of(1).normal("x", 1, 8, 6), Tensors.longs(new long[8]), List.of());
        var task = new RepairTask(model, LayerSet.of(1), data, 4);
        for (var repair : List.of(PLAIN, new Scale(), Refit.behindScale())) {
            assertThatThrownBy(() -> repair.repair(task, Progress.silent()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("--repair none");
        }
    }
}
