package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.ModelFile;
import dev.sglp.model.Ending;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.repair.LastMap;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// One suite over all families of language models, against transformers' own numbers. With `-Dsglp.written=DIR` the pruned networks stay
/// there, for `tools/open_families.py`.
final class FamilyConformanceTest {
    @TempDir
    private Path folder;

    static List<String> names() throws IOException {
        return Fixture.Kind.DECODER.names();
    }

    @ParameterizedTest
    @MethodSource("names")
    void theLogitsAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Conformance.outputs(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void lossAndEachGradientAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Conformance.lossAndEachGradient(fixture);
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void withoutLayersItIsWrittenAndReadBackAsTransformersHasIt(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Conformance.withoutLayers(fixture, new Surgeon(fixture.file(), fixture.weights()),
                    fixture.written(name, folder));
        }
    }

    /// Two prompts of different length side by side, each alone, and by whole passes, which keep nothing.
    @ParameterizedTest
    @MethodSource("names")
    void whatIsWrittenGreedilyIsWhatTransformersWrites(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Greedy.check(fixture, name);
        }
    }

    static List<String> bound() throws IOException {
        return Fixture.bound();
    }

    @ParameterizedTest(allowZeroInvocations = true)
    @MethodSource("bound")
    void whatCannotBeDescribedWithoutLayersIsRefused(String name) {
        assertThatThrownBy(() -> ModelFile.open(Fixture.HERE.resolve(name)).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("a removal would change the numbers");
    }

    /// A list with an entry a layer is never carried with its old length.
    @ParameterizedTest
    @MethodSource("names")
    void noListKeepsItsOldLength(String name) throws IOException {
        try (var fixture = Fixture.open(name)) {
            var architecture = fixture.file().architecture();
            int layers = architecture.layers().size();
            architecture.config(LayerSet.of(1), List.of()).forEach((field, value) -> {
                if (value instanceof List<?> list) {
                    assertThat(list.size()).as(field).isNotEqualTo(layers);
                }
            });
        }
    }

    @ParameterizedTest
    @MethodSource("names")
    void derivativesByHandAreAutograds(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            var model = fixture.model();
            var tokens = fixture.expected().get("tokens");
            checkRecording(model.stem(), tokens, false);
            Tensor x = Autograd.off(() -> model.stem().forward(tokens, Pass.evaluation()));
            for (var layer : model.layers()) {
                checkRecording(layer, x, true);
                var in = x;
                x = Autograd.off(() -> layer.forward(in, Pass.evaluation()));
            }
            checkEnding(Ending.of(model), x, fixture.expected().get("targets"));
        }
    }

    private static void checkRecording(Part part, Tensor x, boolean input) {
        var recording = Autograd.recording(false, () -> part.recorded(x, Pass.evaluation()));
        if (recording.isEmpty()) {
            return;
        }
        var in = input ? x.detach().set_requires_grad(true) : x;
        var inputs = new ArrayList<>(part.parameters().values());
        inputs.forEach(p -> p.set_requires_grad(true));
        if (input) {
            inputs.add(in);
        }
        var out = Autograd.recording(true, () -> part.forward(in, Pass.evaluation()));
        var vector = Seed.of(7).normal("vector", 1, out.shape());
        var expected = Autograd.product(out, vector, inputs, false);
        part.parameters().values().forEach(p -> p.set_requires_grad(false));
        var products = Autograd.recording(false, () -> recording.get().backward(vector.clone(), true, input));
        var found = new ArrayList<>(products.weights().stream().map(Gradient::whole).toList());
        Optional.ofNullable(products.input()).ifPresent(found::add);
        assertThat(found).hasSameSizeAs(expected);
        double largest = Arrays.stream(expected).mapToDouble(FamilyConformanceTest::largest).max().orElseThrow();
        for (int i = 0; i < expected.length; i++) {
            // a gradient that is nothing by mathematics is noise of the others on both sides
            near(found.get(i).is_sparse() ? found.get(i).to_dense() : found.get(i), expected[i], 1e-6 * largest);
        }
        recording.get().free();
    }

    private static void checkEnding(Ending ending, Tensor h, Tensor targets) {
        var head = ending.head();
        var leaf = h.detach().set_requires_grad(true);
        head.parameters().values().forEach(p -> p.set_requires_grad(true));
        var inputs = new ArrayList<>(List.of(leaf));
        inputs.addAll(head.parameters().values());
        var loss = Autograd.recording(true,
                () -> ending.objective().loss(head.forward(leaf, Pass.evaluation()), targets));
        var expected = Autograd.product(loss, loss.detach().mul(new Scalar(0)).add(new Scalar(1)), inputs, false);
        assertThat(ending.loss(h, targets, Pass.evaluation()))
                .isCloseTo(Tensors.toDoubles(loss)[0], within(1e-5));
        try (var workspace = new Workspace()) {
            var found = new HashMap<String, Tensor>();
            near(ending.backward(h, targets, new Ending.Wish(Pass.evaluation(), 1, true, workspace),
                    (_, named, gradients) -> {
                        int i = 0;
                        for (var parameter : named.keySet()) {
                            found.put(parameter, Scope.own(gradients.get(i++).whole().clone()));
                        }
                    }), expected[0]);
            int i = 1;
            for (var parameter : head.parameters().keySet()) {
                near(found.get(parameter), expected[i++]);
            }
            found.values().forEach(Scope::free);
        }
    }

    private static void near(Tensor found, Tensor expected) {
        near(found, expected, 1e-9);
    }

    private static void near(Tensor found, Tensor expected, double noise) {
        assertThat(Tensors.shape(found)).isEqualTo(Tensors.shape(expected));
        assertThat(largest(found.sub(expected))).isLessThanOrEqualTo(2e-5 * largest(expected) + noise);
    }

    private static double largest(Tensor of) {
        return Tensors.toDoubles(of.abs().max())[0];
    }

    /// What a repair builds on: the end's sum is the layer's output, and a change of the map adds what it says.
    @ParameterizedTest
    @MethodSource("names")
    void theLastMapIsLinear(String name) throws IOException {
        try (var _ = Scope.open(); var fixture = Fixture.open(name)) {
            Autograd.off(() -> {
                var layer = fixture.model().layers().getFirst();
                var x = fixture.model().stem().forward(fixture.inputs(), Pass.evaluation());
                layer.lastMap().filter(end -> end.freedom() != LastMap.Freedom.NOTHING)
                        .ifPresent(end -> Conformance.linearEnd(end, layer, layer, x));
                return x;
            });
        }
    }

    /// A divided stream stays divided by the same.
    @ParameterizedTest
    @MethodSource("names")
    void aDividedLayerGivesTheDividedStream(String name) throws IOException {
        try (var fixture = Fixture.open(name)) {
            Conformance.dividedStream(fixture);
        }
    }
}
