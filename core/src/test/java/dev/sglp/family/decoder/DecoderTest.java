package dev.sglp.family.decoder;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.model.LayerSet;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.Block;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Decoders against transformers' own numbers.
final class DecoderTest {
    static final List<String> NAMES = Pico.NAMES;
    private static final LayerSet MIDDLE = LayerSet.of(1, 2);

    @TempDir
    private Path folder;

    @ParameterizedTest
    @FieldSource("NAMES")
    void theLogitsAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            assertThat(Pico.apart(pico.logits(pico.model()), pico.expected().get("logits"))).isLessThan(1e-4);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void withoutTwoLayersTheyStillAre(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            var logits = pico.logits(pico.model().without(MIDDLE));
            assertThat(Pico.apart(logits, pico.expected().get("logits_without_1_2"))).isLessThan(1e-4);
            assertThat(Pico.apart(logits, pico.expected().get("logits"))).isGreaterThan(1e-2);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void lossAndEachGradientAreThoseOfTransformers(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            var model = pico.model();
            var parameters = new TreeMap<>(model.parameters());
            parameters.values().forEach(p -> p.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> model.objective()
                    .loss(model.forward(pico.tokens(), Pass.evaluation()), pico.expected().get("targets")));
            loss.backward();
            assertThat(Tensors.toDoubles(loss)[0]).isCloseTo(Tensors.toDoubles(pico.expected().get("loss"))[0],
                    within(1e-5));
            double[] norms = Tensors.toDoubles(pico.expected().get("gradient_norms"));
            assertThat(norms).hasSize(parameters.size());
            int i = 0;
            for (var entry : parameters.entrySet()) {
                assertThat(norms[i]).isPositive();
                assertThat(Tensors.toDoubles(entry.getValue().grad().norm())[0]).as(entry.getKey())
                        .isCloseTo(norms[i], within(1e-4 * norms[i++] + 1e-6));
            }
        }
    }

    /// The oracle can see each of the differences: without it the logits are others.
    @ParameterizedTest
    @CsvSource({"mistral, sliding_window, 8", "qwen2, sliding_window, 6", "qwen2, max_window_layers, 3",
            "llama2, rope_theta, 9000.0", "llama2, rms_norm_eps, 0.01"})
    void anotherSettingGivesOtherLogits(String name, String field, double value) throws IOException {
        Object number = value == Math.rint(value) && value < 1000 ? (Object) (int) value : (Object) value;
        try (var _ = Scope.open();
                var pico = Pico.open(name);
                var other = Pico.with(name, Map.of(field, number), folder)) {
            var logits = pico.logits(other.architecture().build(pico.weights()));
            assertThat(Pico.apart(logits, pico.expected().get("logits"))).isGreaterThan(1e-3);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void inBfloat16ItRunsAndIsNear(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            try (var weights = inBfloat16(pico.weights())) {
                var logits = pico.logits(pico.file().architecture().build(weights));
                assertThat(logits.scalar_type().intern()).isEqualTo(ScalarType.BFloat16);
                assertThat(relative(logits, pico.expected().get("logits"))).isBetween(1e-6, 0.05);
            }
        }
    }

    /// Short texts in bfloat16 are multiplied, long ones go through libtorch's kernel: both see the same positions.
    @ParameterizedTest
    @ValueSource(strings = {"llama3", "mistral"})
    void aLongTextInBfloat16IsNearFloat32Too(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            var layer = pico.model().layers().getFirst();
            var x = Seed.of(4).normal("x", 1, 1, 3000, 16);
            var exact = Autograd.off(() -> layer.forward(x, Pass.evaluation()));
            try (var weights = inBfloat16(pico.weights())) {
                var small = pico.file().architecture().build(weights).layers().getFirst();
                var y = Autograd.off(() -> small.forward(x.to(ScalarType.BFloat16), Pass.evaluation()));
                assertThat(relative(y, exact)).isBetween(1e-6, 0.02);
                assertThat(relative(y.narrow(1, 2900, 100), exact.narrow(1, 2900, 100))).isBetween(1e-6, 0.02);
            }
        }
    }

    private static Weights inBfloat16(Weights weights) {
        var small = new LinkedHashMap<String, Tensor>();
        weights.all().forEach((n, t) -> small.put(n, t.to(ScalarType.BFloat16)));
        return Weights.of("bf16", small);
    }

    private static double relative(Tensor got, Tensor exact) {
        return Tensors.toDoubles(got.to(ScalarType.Float).sub(exact).norm().div(exact.norm()))[0];
    }

    @Test
    void aTiedMatrixIsCountedOnce() throws IOException {
        try (var _ = Scope.open(); var tied = Pico.open("llama3"); var untied = Pico.open("llama2")) {
            assertThat(tied.model().parameters()).containsKey("model.embed_tokens.weight")
                    .doesNotContainKey("lm_head.weight");
            assertThat(tied.model().parameterCount()).isEqualTo(tied.file().architecture().parameters());
            assertThat(tied.model().head().parameters().values()).anyMatch(t -> Tensors.identity(t) == Tensors
                    .identity(tied.model().stem().parameters().firstEntry().getValue()));
            assertThat(untied.model().parameters()).containsKey("lm_head.weight");
        }
    }

    /// Counted by hand: 4 layers of 16 wide, 2 heads and 2 key-value heads of 8, MLP of 24, vocabulary 48, context 64.
    @Test
    void theHeaderSaysWhatItCosts() throws IOException {
        try (var pico = Pico.open("llama2")) {
            var a = pico.file().architecture();
            long weights = 4 * 16 * 16 + 3 * 16 * 24;
            assertThat(a.description())
                    .isEqualTo("Llama (4 layers, hidden 16, 2 heads, 2 key-value heads, vocabulary 48)");
            assertThat(a.parameters()).isEqualTo(4 * (weights + 32) + 2 * 48 * 16 + 16);
            assertThat(a.bytes()).isEqualTo(4 * a.parameters());
            assertThat(a.macs()).isEqualTo(4 * (weights + 2 * 16 * 65 / 2) + 48 * 16);
            assertThat(pico.model().cacheBytesPerToken()).isEqualTo(2 * 16 * 2 * 4);
            assertThat(a.input()).isEqualTo(new Architecture.Input.Text(48, 64));
            assertThat(a.classes()).isEqualTo(48);
            assertThatThrownBy(() -> a.input().image()).hasMessageContaining("reads text");
        }
    }

    @Test
    void aSlidingWindowCostsLess() throws IOException {
        try (var pico = Pico.open("qwen2")) {
            var layers = pico.file().architecture().layers();
            assertThat(layers.get(0).cost().macs() - layers.get(2).cost().macs())
                    .isEqualTo(2 * 16 * 65 / 2 - 2 * 16 * (15 + 59 * 5) / 64);
        }
    }

    @ParameterizedTest
    @FieldSource("NAMES")
    void reinitialisedWeightsAreNormalBiasesZeroAndNormsOne(String name) throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open(name)) {
            var layer = (Block) pico.model().layers().get(2);
            var fresh = layer.reinitialised(Seed.of(5));
            fresh.parameters().forEach((n, t) -> {
                double[] values = Tensors.toDoubles(t);
                if (n.contains("norm")) {
                    assertThat(values).as(n).containsOnly(1);
                } else if (n.endsWith("bias")) {
                    assertThat(values).as(n).containsOnly(0);
                } else {
                    double square = java.util.Arrays.stream(values).map(v -> v * v).average().orElseThrow();
                    assertThat(Math.sqrt(square)).as(n).isCloseTo(0.02, within(0.004));
                }
            });
            assertThat(fresh.name()).isEqualTo("model.layers.2");
            assertThat(layer.removable()).isTrue();
        }
    }

    @Test
    void theHeadWorksOnSingleRows() throws IOException {
        try (var _ = Scope.open(); var pico = Pico.open("qwen3")) {
            var rows = Seed.of(1).normal("rows", 1, 5, 16);
            var head = pico.model().head();
            var logits = Autograd.off(() -> head.forward(rows, Pass.evaluation()));
            var whole = Autograd.off(() -> head.forward(rows.view(1, 5, 16), Pass.evaluation()));
            assertThat(Tensors.shape(logits)).containsExactly(5L, 48L);
            assertThat(Pico.apart(logits, whole.view(5, 48))).isLessThan(1e-6);
        }
    }
}
