package dev.sglp.family.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Ending;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.repair.LastMap;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of encoders, against transformers' own numbers.
final class EncoderConformanceTest {
    private static final Path HERE = Path.of("src/test/resources/encoder");

    @TempDir
    private Path folder;

    /// @param config fields of the smaller network
    record Removal(List<Integer> removed, Map<String, Object> config) {}

    /// A pico network with what transformers computes for it; `tools/make_encoder_fixtures.py` made it.
    record Fixture(ModelFile file, Weights weights, Weights expected, Removal removal) implements AutoCloseable {
        static Fixture open(String name) throws IOException {
            var folder = HERE.resolve(name);
            var file = ModelFile.open(folder);
            try (var values = Checkpoints.open(folder.resolve("expected.safetensors"))) {
                return new Fixture(file, file.forTraining(), Weights.forTraining(values),
                        new ObjectMapper().readValue(folder.resolve("removal.json").toFile(), new TypeReference<>() {
                        }));
            }
        }

        LayeredModel model() {
            return file.architecture().build(weights);
        }

        LayerSet removed() {
            return LayerSet.of(removal.removed.stream().mapToInt(i -> i).toArray());
        }

        Tensor output(LayeredModel model) {
            return Autograd.off(() -> model.forward(expected.get("tokens"), Pass.evaluation()));
        }

        @Override
        public void close() {
            weights.close();
            expected.close();
            file.close();
        }
    }

    static List<String> names() throws IOException {
        try (var all = Files.walk(HERE, 2)) {
            return all.filter(p -> Files.exists(p.resolve("removal.json"))).map(p -> HERE.relativize(p).toString())
                    .sorted().toList();
        }
    }

    private static double apart(Tensor found, Tensor expected) {
        return Tensors.toDoubles(found.sub(expected).abs().max().div(expected.abs().max()))[0];
    }

    @ParameterizedTest
    @MethodSource("names")
    void theOutputIsThatOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            var model = fixture.model();
            assertThat(apart(fixture.output(model), fixture.expected.get("output"))).isLessThan(1e-4);
            var last = Autograd.off(() -> model.body(fixture.expected.get("tokens"), Pass.evaluation(), Tap.NONE));
            if (!name.startsWith("modernbert")) { // a norm follows there
                assertThat(apart(last, fixture.expected.get("hidden"))).isLessThan(1e-4);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            var model = fixture.model();
            var parameters = new TreeMap<>(model.parameters());
            parameters.values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> model.objective().loss(
                    model.forward(fixture.expected.get("tokens"), Pass.evaluation()),
                    fixture.expected.get("targets")));
            loss.backward();
            assertThat(Tensors.toDoubles(loss)[0])
                    .isCloseTo(Tensors.toDoubles(fixture.expected.get("loss"))[0], within(1e-4));
            double[] norms = Tensors.toDoubles(fixture.expected.get("gradient_norms"));
            assertThat(parameters).hasSize(norms.length);
            double largest = Arrays.stream(norms).max().orElseThrow();
            int i = 0;
            for (var entry : parameters.entrySet()) {
                assertThat(Tensors.toDoubles(entry.getValue().grad().norm())[0]).as(entry.getKey())
                        .isCloseTo(norms[i], within(2e-4 * norms[i++] + 1e-6 * largest));
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theEndingsLossAndGradientAreAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name); var workspace = new Workspace()) {
            var model = fixture.model();
            var targets = fixture.expected.get("targets");
            var ending = Ending.of(model);
            var h = Autograd.off(() -> model.body(fixture.expected.get("tokens"), Pass.evaluation(), Tap.NONE));
            var leaf = h.detach().set_requires_grad(true);
            var loss = Autograd.recording(true,
                    () -> model.objective().loss(model.head().forward(leaf, Pass.evaluation()), targets));
            var one = loss.detach().mul(new Scalar(0)).add(new Scalar(1));
            var expected = Autograd.product(loss, one, List.of(leaf), false)[0];
            assertThat(ending.loss(h, targets, Pass.evaluation())).isCloseTo(Tensors.toDoubles(loss)[0], within(1e-6));
            var found = ending.backward(h, targets, new Ending.Wish(Pass.evaluation(), 1, true, workspace),
                    (_, _, _) -> {});
            assertThat(apart(found, expected)).isLessThan(1e-5);
            assertThat(ending.divergences(h, List.of(h), targets, Pass.evaluation())[0]).isCloseTo(0, within(1e-6));
        }
    }

    /// What a repair builds on: what follows the end's sum gives the layer's output, a change of the map adds what it says, and a layer
    /// that is fitted to another's sum gives what that one gives.
    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinearAndTheNormBehindItIsThatOfTheLayerAimedAt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Autograd.off(() -> {
                var layers = fixture.model().layers();
                var x = fixture.model().stem().forward(fixture.expected.get("tokens"), Pass.evaluation());
                var end = layers.getFirst().lastMap().orElseThrow();
                var run = end.run(x, Pass.evaluation());
                assertThat(apart(end.output(run.sum()), layers.getFirst().forward(x, Pass.evaluation())))
                        .isLessThan(1e-6);
                var all = Tensors.longs(LongStream.range(0, x.size(0) * x.size(1)).toArray());
                var u = end.rows(run.inner(), all); // [n, f]
                var difference = Seed.of(1).normal("difference", 0.1, x.size(2), u.size(1));
                var shift = end.shifts()
                        ? Optional.of(Seed.of(1).normal("shift", 0.1, x.size(2)))
                        : Optional.<Tensor>empty();
                var fitted = end.fitted(new LastMap.Fit(difference, shift, difference), layers.get(2));
                var sum = run.sum().add(u.mm(difference.t()).view(x.shape()));
                var expected = layers.get(2).lastMap().orElseThrow().output(shift.map(sum::add).orElse(sum));
                assertThat(apart(fitted.forward(x, Pass.evaluation()), expected)).isLessThan(2e-6);
                assertThat(fitted.parameters().keySet()).isEqualTo(layers.getFirst().parameters().keySet());
                return x;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutLayersItIsWrittenAndReadBackAsTransformersHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            var removed = fixture.removed();
            var pruned = fixture.model().without(removed);
            var output = fixture.output(pruned);
            assertThat(apart(output, fixture.expected.get("output_without"))).isLessThan(1e-4);
            assertThat(apart(output, fixture.expected.get("output"))).isGreaterThan(1e-3);
            var architecture = fixture.file.architecture();
            var config = Json.pretty(architecture.config(removed, List.of()));
            new Surgeon(fixture.file, fixture.weights).write(removed, pruned, folder,
                    Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
            assertThat(Files.exists(folder.resolve("1_Pooling/config.json")))
                    .isEqualTo(Files.exists(HERE.resolve(name).resolve("1_Pooling/config.json")));
            try (var written = ModelFile.open(folder); var loaded = written.forReading()) {
                var again = written.architecture().build(loaded);
                assertThat(Tensors.toDoubles(fixture.output(again))).containsExactly(Tensors.toDoubles(output));
                assertThat(again.layers()).hasSize(architecture.layers().size() - removed.size());
                assertThat(loaded.all().keySet())
                        .containsExactlyInAnyOrderElementsOf(architecture.renamed(removed).values());
            }
            var fields = new ObjectMapper().readValue(folder.resolve("config.json").toFile(),
                    new TypeReference<Map<String, Object>>() {
                    });
            fixture.removal.config.forEach((field, value) -> assertThat(fields.get(field)).as(field).isEqualTo(value));
        }
    }
}
