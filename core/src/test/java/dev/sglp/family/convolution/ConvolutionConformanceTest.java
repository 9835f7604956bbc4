package dev.sglp.family.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.conformance.Conformance;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.conformance.Fixture.Kind;
import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.BiConsumer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of convolutional networks, against the numbers of the libraries they come from.
final class ConvolutionConformanceTest {
    /// Where what is written stays, to be opened elsewhere (`tools/open_convolutions.py`).
    private static final String WRITTEN = System.getProperty("sglp.written", "");

    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        return Kind.CONVOLUTION.names();
    }

    private static Fixture open(String name) throws IOException {
        return Fixture.open(Kind.CONVOLUTION, name);
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            Conformance.outputs(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfItsLibrary(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            Conformance.lossAndEachGradient(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutLayersItIsWrittenAndReadBackAsItsLibraryHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            var out = WRITTEN.isEmpty() ? folder : Path.of(WRITTEN, name);
            Conformance.withoutLayers(fixture, new Surgeon(fixture.file(), fixture.weights()), out);
            Files.writeString(out.resolve("open.py"), fixture.file().architecture().openWith(fixture.removed()));
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void foldedNormsGiveTheSameAnswers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            Autograd.off(() -> {
                var before = fixture.inputs().clone();
                assertThat(Fixture.apart(fixture.model().frozen().forward(fixture.inputs()), fixture.output("")))
                        .isLessThan(1e-4);
                assertThat(Fixture.apart(fixture.inputs(), before)).isZero();
                return before;
            });
        }
    }

    private interface Visit {
        void of(Part part, Tensor x, Tensor out);
    }

    /// Each part with what goes in and comes out, nothing recorded.
    private static void walk(Fixture fixture, Visit visit) {
        Autograd.off(() -> {
            Tensor x = fixture.inputs();
            for (var part : fixture.model().parts()) {
                var in = x;
                x = part.forward(in, Pass.evaluation());
                visit.of(part, in, x);
            }
            return x;
        });
    }

    /// Where a part knows one.
    @ParameterizedTest
    @MethodSource("names")
    void aDerivativeByHandIsAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            var checked = new ArrayList<Part>();
            for (var pass : List.of(Pass.evaluation(), Pass.batchStatistics())) {
                walk(fixture, (part, x, out) -> {
                    var found = part.recorded(x, pass);
                    if (found.isPresent()) {
                        checked.add(part);
                        checkBesideKinks(part, x, pass);
                    }
                });
            }
            boolean normed = !name.contains("convnext") && !name.contains("preact") && !name.contains("vgg")
                    && !name.contains("signals");
            assertThat(checked.size()).isGreaterThanOrEqualTo(normed ? 2 * fixture.model().layers().size() : 0);
        }
    }

    /// A value may lie so near to where an activation bends that the two ways round it to different sides: not twice.
    private static void checkBesideKinks(Part part, Tensor x, Pass pass) {
        try {
            check(part, x, pass);
        } catch (AssertionError _) {
            check(part, x.mul(new Scalar(1.01)), pass);
        }
    }

    private static void check(Part part, Tensor x, Pass pass) {
        var in = x.detach().clone().set_requires_grad(true);
        var inputs = new ArrayList<>(part.parameters().values());
        inputs.forEach(p -> p.set_requires_grad(true));
        inputs.add(in);
        var out = Autograd.recording(true, () -> part.forward(in, pass));
        var vector = Seed.of(7).normal("vector", 1, out.shape());
        var expected = Autograd.product(out, vector, inputs, false);
        var recording = Autograd.recording(false, () -> part.recorded(x, pass).orElseThrow());
        BiConsumer<Tensor, Tensor> near = pass.equals(Pass.evaluation())
                ? ConvolutionConformanceTest::near
                : ConvolutionConformanceTest::nearButForKinks;
        near.accept(recording.output(), out);
        Autograd.off(() -> {
            var found = recording.backward(vector.clone(), true, true);
            assertThat(found.weights()).hasSize(expected.length - 1);
            for (int i = 0; i < expected.length - 1; i++) {
                near.accept(found.weights().get(i).whole(), expected[i]);
            }
            near.accept(Objects.requireNonNull(found.input()), expected[expected.length - 1]);
            recording.free();
            return vector.clone();
        });
    }

    private static void near(Tensor found, Tensor expected) {
        assertThat(Tensors.toDoubles(found.sub(expected).abs().max())[0]).isLessThan(tolerance(expected));
    }

    private static double tolerance(Tensor expected) {
        return 1e-5 * (1 + Tensors.toDoubles(expected.abs().max())[0]);
    }

    /// The batch's statistics are summed otherwise: a number on the bend of a rectifier may fall to its other side, and with it
    /// what depends on it.
    private static void nearButForKinks(Tensor found, Tensor expected) {
        var apart = Tensors.toDoubles(found.sub(expected).abs());
        double most = tolerance(expected);
        assertThat(Arrays.stream(apart).filter(a -> a > most).count())
                .isLessThanOrEqualTo(Math.max(2, apart.length / 50));
        assertThat(Tensors.toDoubles(found.sub(expected).norm())[0])
                .isLessThanOrEqualTo(0.03 * Tensors.toDoubles(expected.norm())[0]);
    }

    /// Headers alone say what the network has and costs.
    @ParameterizedTest
    @MethodSource("names")
    void headersCountWhatIsThere(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            var model = fixture.model();
            var architecture = fixture.file().architecture();
            assertThat(architecture.parameters()).isEqualTo(model.parameterCount());
            assertThat(architecture.bytes()).isEqualTo(model.bytes());
            assertThat(architecture.macs()).isEqualTo(model.macs()).isPositive();
            var shapes = new ArrayList<List<Long>>();
            walk(fixture, (part, x, out) -> {
                if (part instanceof Layer layer) {
                    shapes.add(Tensors.shape(out).subList(1, Tensors.shape(out).size()));
                    assertThat(layer.removable()).as(layer.name())
                            .isEqualTo(Tensors.shape(x).equals(Tensors.shape(out)));
                }
            });
            assertThat(shapes).isEqualTo(architecture.layers().stream().map(l -> l.output()).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinear(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            walk(fixture, (part, x, out) -> {
                if (part instanceof Layer layer) {
                    Conformance.linearEnd(layer.lastMap().orElseThrow(), layer, layer, x,
                            fixture.model().layout());
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void whatIsDrawnAnewHasTheSameShapesAndFinitePasses(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = open(name)) {
            var fresh = fixture.model().reinitialised(Seed.of(3));
            var logits = Autograd.off(() -> fresh.forward(fixture.inputs(), Pass.batchStatistics()));
            assertThat(Tensors.allFinite(logits)).isTrue();
            fixture.model().parameters().forEach((key, tensor) -> assertThat(Tensors.shape(
                    fresh.parameters().get(key))).as(key).isEqualTo(Tensors.shape(tensor)));
            var wide = fixture.model().in(dev.sglp.tensor.DType.F64);
            var exact = Autograd.off(() -> wide.forward(
                    fixture.inputs().to(org.bytedeco.pytorch.global.torch.ScalarType.Double), Pass.evaluation()));
            assertThat(Tensors.toDoubles(exact)[0]).isCloseTo(Tensors.toDoubles(fixture.output(""))[0], within(1e-3));
        }
    }
}
