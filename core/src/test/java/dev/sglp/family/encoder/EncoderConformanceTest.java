package dev.sglp.family.encoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.conformance.Conformance;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.conformance.Fixture.Kind;
import dev.sglp.model.Ending;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of encoders, against transformers' own numbers.
final class EncoderConformanceTest {
    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        return Kind.ENCODER.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theOutputIsThatOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.ENCODER, name)) {
            var model = fixture.model();
            Conformance.outputs(fixture);
            var last = Autograd.off(() -> model.body(fixture.inputs(), Pass.evaluation(), Tap.NONE));
            if (!name.startsWith("modernbert")) { // a norm follows there
                assertThat(Fixture.apart(last, fixture.expected().get("hidden"))).isLessThan(1e-4);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.ENCODER, name)) {
            Conformance.lossAndEachGradient(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void theEndingsLossAndGradientAreAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.ENCODER, name); var workspace = new Workspace()) {
            var model = fixture.model();
            var targets = fixture.targets();
            var ending = Ending.of(model);
            var h = Autograd.off(() -> model.body(fixture.inputs(), Pass.evaluation(), Tap.NONE));
            var leaf = h.detach().set_requires_grad(true);
            var loss = Autograd.recording(true,
                    () -> model.objective().loss(model.head().forward(leaf, Pass.evaluation()), targets));
            var one = loss.detach().mul(new Scalar(0)).add(new Scalar(1));
            var expected = Autograd.product(loss, one, List.of(leaf), false)[0];
            assertThat(ending.loss(h, targets, Pass.evaluation())).isCloseTo(Tensors.toDoubles(loss)[0], within(1e-6));
            var found = ending.backward(h, targets, new Ending.Wish(Pass.evaluation(), 1, true, workspace),
                    (_, _, _) -> {});
            assertThat(Fixture.apart(found, expected)).isLessThan(1e-5);
            assertThat(ending.divergences(h, List.of(h), targets, Pass.evaluation())[0]).isCloseTo(0, within(1e-6));
        }
    }

    /// What a repair builds on: what follows the end's sum gives the layer's output, a change of the map adds what it says, and a layer
    /// that is fitted to another's sum gives what that one gives.
    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinearAndTheNormBehindItIsThatOfTheLayerAimedAt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.ENCODER, name)) {
            Autograd.off(() -> {
                var layers = fixture.model().layers();
                var x = fixture.model().stem().forward(fixture.inputs(), Pass.evaluation());
                Conformance.linearEnd(layers.getFirst().lastMap().orElseThrow(), layers.getFirst(), layers.get(2), x);
                return x;
            });
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutLayersItIsWrittenAndReadBackAsTransformersHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(Kind.ENCODER, name)) {
            var out = fixture.written(name, folder);
            Conformance.withoutLayers(fixture, new Surgeon(fixture.file(), fixture.weights()), out);
            assertThat(Files.exists(out.resolve("1_Pooling/config.json")))
                    .isEqualTo(Files.exists(Kind.ENCODER.folder().resolve(name).resolve("1_Pooling/config.json")));
        }
    }
}
