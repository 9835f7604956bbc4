package dev.sglp.family.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.report.Json;
import dev.sglp.surgery.ShardedWriter;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of vision transformers, against the numbers of the libraries they come from.
final class VisionConformanceTest {
    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        return VisionFixture.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            assertThat(VisionFixture.apart(fixture.logits(fixture.model()), fixture.expected().get("logits")))
                    .isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            var model = fixture.model();
            var parameters = new TreeMap<>(model.parameters());
            parameters.values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> model.objective().loss(
                    model.forward(fixture.expected().get("pixels"), Pass.evaluation()),
                    fixture.expected().get("labels")));
            loss.backward();
            assertThat(Tensors.toDoubles(loss)[0])
                    .isCloseTo(Tensors.toDoubles(fixture.expected().get("loss"))[0], within(1e-4));
            double[] norms = Tensors.toDoubles(fixture.expected().get("gradient_norms"));
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
    void withoutLayersItIsWrittenAndReadBackAsItsLibraryHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            var removed = fixture.removed();
            var pruned = fixture.model().without(removed);
            var logits = fixture.logits(pruned);
            assertThat(VisionFixture.apart(logits, fixture.expected().get("logits_without"))).isLessThan(1e-4);
            assertThat(VisionFixture.apart(logits, fixture.expected().get("logits"))).isGreaterThan(1e-3);
            var architecture = fixture.file().architecture();
            var config = Json.pretty(architecture.config(removed, List.of()));
            new Surgeon(fixture.file(), fixture.weights(), fixture.format(), ShardedWriter.SHARD_BYTES).write(removed,
                    pruned, folder, Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
            try (var written = ModelFile.open(folder); var loaded = written.forReading()) {
                var again = written.architecture().build(loaded);
                assertThat(Tensors.toDoubles(fixture.logits(again))).containsExactly(Tensors.toDoubles(logits));
                assertThat(again.layers()).hasSize(architecture.layers().size() - removed.size());
                assertThat(loaded.all().keySet())
                        .containsExactlyInAnyOrderElementsOf(architecture.renamed(removed).values());
                assertThat(architecture.remains(removed, written.architecture())).isTrue();
                assertThat(written.architecture().input()).isEqualTo(architecture.input());
                assertThat(written.architecture().classNames()).isEqualTo(architecture.classNames());
            }
            fixture.removal().config().forEach((field, value) -> {
                try {
                    assertThat(VisionFixture.config(folder).get(field)).as(field).isEqualTo(value);
                } catch (IOException e) {
                    throw new java.io.UncheckedIOException(e);
                }
            });
        }
    }

    /// Headers alone say what the network has and costs.
    @ParameterizedTest
    @MethodSource("names")
    void headersCountWhatIsThere(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            var model = fixture.model();
            var architecture = fixture.file().architecture();
            assertThat(architecture.parameters()).isEqualTo(
                    model.parameters().values().stream().mapToLong(t -> t.numel()).sum());
            long macs = model.stem().macs() + model.head().macs()
                    + model.layers().stream().mapToLong(l -> l.macs()).sum();
            assertThat(architecture.macs()).isEqualTo(macs).isPositive();
            assertThat(architecture.layers()).hasSize(4).allMatch(Architecture.LayerCost::removable);
            var x = Autograd.off(() -> model.stem().forward(fixture.expected().get("pixels"), Pass.evaluation()));
            assertThat(Tensors.shape(x).subList(1, 3)).isEqualTo(architecture.layers().getFirst().output());
        }
    }

    /// What a repair builds on: the end's sum is the layer's output, and a change of the map adds what it says.
    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinear(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            Autograd.off(() -> {
                var layer = fixture.model().layers().getFirst();
                var x = fixture.model().stem().forward(fixture.expected().get("pixels"), Pass.evaluation());
                var y = layer.forward(x, Pass.evaluation());
                var end = layer.lastMap().orElseThrow();
                assertThat(end.freedom()).isEqualTo(LastMap.Freedom.MAP);
                var run = end.run(x, Pass.evaluation());
                assertThat(VisionFixture.apart(end.output(run.sum()), y)).isLessThan(1e-6);
                var everywhere = LongStream.range(0, x.size(0) * x.size(1)).toArray();
                var u = end.rows(run.inner(), Tensors.longs(everywhere)); // [n, f]
                var difference = Seed.of(1).normal("difference", 0.1, x.size(2), u.size(1));
                var shift = end.shifts()
                        ? Optional.of(Seed.of(1).normal("shift", 0.1, x.size(2)))
                        : Optional.<org.bytedeco.pytorch.Tensor>empty();
                var fitted = end.fitted(new LastMap.Fit(difference, shift, difference));
                var sum = run.sum().add(u.mm(difference.t()).view(x.shape()));
                var expected = end.output(shift.map(sum::add).orElse(sum));
                assertThat(VisionFixture.apart(fitted.forward(x, Pass.evaluation()), expected)).isLessThan(2e-6);
                assertThat(VisionFixture.apart(end.sum(run, fitted.lastMap().orElseThrow()).orElseThrow(), expected))
                        .isLessThan(2e-6);
                return y;
            });
        }
    }

    /// A divided stream stays divided by the same.
    @ParameterizedTest
    @MethodSource("names")
    void aDividedLayerGivesTheDividedStream(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            Autograd.off(() -> {
                var layer = fixture.model().layers().getFirst();
                var x = fixture.model().stem().forward(fixture.expected().get("pixels"), Pass.evaluation())
                        .mul(new Scalar(1000.0)); // far from the norms' epsilon
                var y = layer.forward(x, Pass.evaluation());
                var divided = layer.lastMap().orElseThrow().divided(1.7).orElseThrow();
                assertThat(VisionFixture.apart(divided.forward(x.div(new Scalar(1.7)), Pass.evaluation())
                        .mul(new Scalar(1.7)), y)).isLessThan(1e-4);
                return y;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPartCanBeDrawnAnewAndPutOnOtherTensors(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = VisionFixture.open(name)) {
            var model = fixture.model();
            Autograd.off(() -> {
                var fresh = model.stem().reinitialised(Seed.of(3));
                var x = fresh.forward(fixture.expected().get("pixels"), Pass.evaluation());
                for (var layer : model.layers()) {
                    x = layer.reinitialised(Seed.of(3)).forward(x, Pass.evaluation());
                }
                var logits = model.head().reinitialised(Seed.of(3)).forward(x, Pass.evaluation());
                assertThat(Tensors.allFinite(logits)).isTrue();
                assertThat(fresh.parameters().keySet()).isEqualTo(model.stem().parameters().keySet());
                var same = model.stem().mapped(t -> t.clone());
                assertThat(VisionFixture.apart(same.forward(fixture.expected().get("pixels"), Pass.evaluation()),
                        model.stem().forward(fixture.expected().get("pixels"), Pass.evaluation()))).isZero();
                return logits;
            });
        }
    }
}
