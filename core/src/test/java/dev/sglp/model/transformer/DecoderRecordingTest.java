package dev.sglp.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.ModelFile;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Gradient;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The derivatives by hand against autograd. The networks have grouped queries, two of them biases, one norms of the heads, one
/// a window shorter than the text.
final class DecoderRecordingTest {
    private static final int LENGTH = 11;

    @ParameterizedTest
    @ValueSource(strings = {"linear", "llama2", "llama3", "mistral", "qwen2", "qwen3"})
    void everyPartHasAutogradsGradients(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder", name));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var tokens = tokens(3L * LENGTH, file.architecture().classes()).view(3, LENGTH);
            check(model.stem(), tokens, false);
            Tensor x = model.stem().forward(tokens, Pass.evaluation());
            for (var layer : model.layers()) {
                check(layer, x, true);
                x = layer.forward(x, Pass.evaluation());
            }
        }
    }

    private static Tensor tokens(long count, int vocabulary) {
        var ids = new long[Math.toIntExact(count)];
        for (int i = 0; i < ids.length; i++) {
            ids[i] = Math.floorMod(i * 2654435761L >>> 7, (long) vocabulary);
        }
        return Tensors.longs(ids);
    }

    private static void check(Part part, Tensor x, boolean input) {
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
        Autograd.recording(false, () -> {
            var recording = part.recorded(x.detach(), Pass.evaluation()).orElseThrow();
            near(recording.output(), out);
            near(recording.backward(vector.clone(), true, input), expected);
            near(recording.backward(vector.clone(), true, input), expected); // a way back leaves nothing changed
            if (input) {
                near(recording.backward(vector.clone(), false, true), new Tensor[]{expected[expected.length - 1]});
            }
            recording.free();
            return List.of();
        });
    }

    private static void near(Recording.Products products, Tensor[] expected) {
        var found = new ArrayList<>(products.weights().stream().map(Gradient::whole).toList());
        if (products.input() != null) {
            found.add(products.input());
        }
        assertThat(found).hasSameSizeAs(expected);
        for (int i = 0; i < expected.length; i++) {
            near(found.get(i).is_sparse() ? found.get(i).to_dense() : found.get(i), expected[i]);
        }
    }

    private static void near(Tensor found, Tensor expected) {
        assertThat(Tensors.shape(found)).isEqualTo(Tensors.shape(expected));
        double[] a = Tensors.toDoubles(found);
        double[] b = Tensors.toDoubles(expected);
        double largest = Arrays.stream(b).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(b[i], within(1e-5 * largest));
        }
    }

    /// 2²⁴ scores are the most that are held at once.
    @Test
    void longTextsAreLeftToAutograd() throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder/llama3"));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var tokens = tokens(1 << 13, file.architecture().classes()).view(1, 1 << 13);
            var x = model.stem().forward(tokens, Pass.evaluation());
            assertThat(model.layers().getFirst().recorded(x, Pass.evaluation())).isEmpty();
        }
    }
}
