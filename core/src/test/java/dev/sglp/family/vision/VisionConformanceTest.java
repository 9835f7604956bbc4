package dev.sglp.family.vision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.family.Architecture;
import dev.sglp.family.conformance.Conformance;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.conformance.Fixture.Kind;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.surgery.ShardedWriter;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of vision transformers, against the numbers of the libraries they come from.
final class VisionConformanceTest {
    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        return Kind.VISION.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            Conformance.outputs(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            Conformance.lossAndEachGradient(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutLayersItIsWrittenAndReadBackAsItsLibraryHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            var format = fixture.file().checkpoint().path().toString().endsWith(".pth")
                    ? OutputFormat.PTH
                    : OutputFormat.SAFETENSORS;
            Conformance.withoutLayers(fixture,
                    new Surgeon(fixture.file(), fixture.weights(), format, ShardedWriter.SHARD_BYTES),
                    fixture.written(name, folder));
        }
    }

    /// Headers alone say what the network has and costs.
    @ParameterizedTest
    @MethodSource("names")
    void headersCountWhatIsThere(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            var model = fixture.model();
            var architecture = fixture.file().architecture();
            assertThat(architecture.parameters()).isEqualTo(
                    model.parameters().values().stream().mapToLong(t -> t.numel()).sum());
            long macs = model.stem().macs() + model.head().macs()
                    + model.layers().stream().mapToLong(l -> l.macs()).sum();
            assertThat(architecture.macs()).isEqualTo(macs).isPositive();
            assertThat(architecture.layers()).hasSize(4).allMatch(Architecture.LayerCost::removable);
            var x = Autograd.off(() -> model.stem().forward(fixture.inputs(), Pass.evaluation()));
            assertThat(Tensors.shape(x).subList(1, 3)).isEqualTo(architecture.layers().getFirst().output());
        }
    }

    /// What a repair builds on: the end's sum is the layer's output, and a change of the map adds what it says.
    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinear(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            Autograd.off(() -> {
                var layer = fixture.model().layers().getFirst();
                var x = fixture.model().stem().forward(fixture.inputs(), Pass.evaluation());
                var end = layer.lastMap().orElseThrow();
                assertThat(end.freedom()).isEqualTo(LastMap.Freedom.MAP);
                assertThat(end.sum(end.run(x, Pass.evaluation()), end)).isPresent();
                Conformance.linearEnd(end, layer, layer, x);
                return x;
            });
        }
    }

    /// A divided stream stays divided by the same.
    @ParameterizedTest
    @MethodSource("names")
    void aDividedLayerGivesTheDividedStream(String name) throws IOException {
        try (var fixture = Fixture.open(Kind.VISION, name)) {
            assertThat(Conformance.dividedStream(fixture)).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void everyPartCanBeDrawnAnewAndPutOnOtherTensors(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.VISION, name)) {
            var model = fixture.model();
            Autograd.off(() -> {
                var fresh = model.stem().reinitialised(Seed.of(3));
                var x = fresh.forward(fixture.inputs(), Pass.evaluation());
                for (var layer : model.layers()) {
                    x = layer.reinitialised(Seed.of(3)).forward(x, Pass.evaluation());
                }
                var logits = model.head().reinitialised(Seed.of(3)).forward(x, Pass.evaluation());
                assertThat(Tensors.allFinite(logits)).isTrue();
                assertThat(fresh.parameters().keySet()).isEqualTo(model.stem().parameters().keySet());
                var same = model.stem().mapped(t -> t.clone());
                assertThat(Fixture.apart(same.forward(fixture.inputs(), Pass.evaluation()),
                        model.stem().forward(fixture.inputs(), Pass.evaluation()))).isZero();
                return logits;
            });
        }
    }
}
