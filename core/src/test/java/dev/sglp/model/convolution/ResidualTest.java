package dev.sglp.model.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Pico;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// The fast ways of stem and blocks against the plain ones.
final class ResidualTest {
    private Pico pico;

    @BeforeEach
    void open() {
        pico = Pico.open();
    }

    @AfterEach
    void close() {
        pico.close();
    }

    @ParameterizedTest
    @EnumSource(names = {"STORED", "BATCH"})
    void theDerivativeByHandIsAutogradsForEveryPart(Pass.Statistics statistics) {
        var pass = new Pass(statistics, 0);
        Tensor x = pico.items().batch(0, 8).inputs();
        int checked = 0;
        for (var part : pico.model().parts()) {
            Tensor in = x.detach();
            var own = Autograd.off(() -> part.forward(in, pass));
            if (part.recorded(in, pass).isPresent()) {
                check(part, in, pass);
                checked++;
            }
            x = own;
        }
        assertThat(checked).as("the stem and every block").isEqualTo(7);
    }

    private static void check(Part part, Tensor x, Pass pass) {
        var in = x.detach().set_requires_grad(true);
        var inputs = new ArrayList<>(part.parameters().values());
        inputs.forEach(p -> p.set_requires_grad(true));
        inputs.add(in);
        var out = Autograd.recording(true, () -> part.forward(in, pass));
        var vector = Seed.of(7).normal("vector", 1, out.shape());
        var expected = Autograd.product(out, vector, inputs, false);
        Autograd.recording(false, () -> {
            var recording = part.recorded(x.detach(), pass).orElseThrow();
            near(recording.output(), out);
            var found = recording.backward(vector.clone(), true, true);
            assertThat(found.weights()).hasSize(expected.length - 1);
            for (int i = 0; i < expected.length - 1; i++) {
                near(found.weights().get(i).whole(), expected[i]);
            }
            near(Objects.requireNonNull(found.input()), expected[expected.length - 1]);
            var alone = recording.backward(vector.clone(), false, true);
            assertThat(alone.weights()).isEmpty();
            near(Objects.requireNonNull(alone.input()), expected[expected.length - 1]);
            assertThat(recording.backward(vector.clone(), true, false).input()).isNull();
            recording.free();
            return 0;
        });
    }

    private static void near(Tensor found, Tensor expected) {
        assertThat(Tensors.shape(found)).isEqualTo(Tensors.shape(expected));
        double[] a = Tensors.toDoubles(found);
        double[] b = Tensors.toDoubles(expected);
        double largest = Arrays.stream(b).map(Math::abs).max().orElseThrow();
        for (int i = 0; i < a.length; i++) {
            assertThat(a[i]).isCloseTo(b[i], within(1e-5 * Math.max(1, largest)));
        }
    }

    @Test
    void aFrozenNetworkLeavesItsInputsAsTheyAre() {
        Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var inputs = pico.items().batch(0, 8).inputs().contiguous(MemoryFormat.ChannelsLast);
                var before = inputs.clone();
                pico.model().frozen().forward(inputs);
                assertThat(torch.equal(inputs, before)).isTrue();
                return null;
            }
        });
    }

    @Test
    void foldedNormsGiveTheSameAnswers() {
        Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var inputs = pico.items().batch(0, 8).inputs();
                near(pico.model().frozen().forward(inputs), pico.model().forward(inputs, Pass.evaluation()));
                return 0;
            }
        });
    }

    @Test
    void foldingTakesTheWeightsOfNow() {
        Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var inputs = pico.items().batch(0, 8).inputs();
                double[] before = Tensors.toDoubles(pico.model().frozen().forward(inputs));
                pico.model().parameters().get("bn1.bias").add_(torch.ones(1));
                double[] after = Tensors.toDoubles(pico.model().frozen().forward(inputs));
                assertThat(after).isNotEqualTo(before);
                near(pico.model().frozen().forward(inputs), pico.model().forward(inputs, Pass.evaluation()));
                return 0;
            }
        });
    }

    @ParameterizedTest
    @EnumSource(names = {"STORED", "BATCH"})
    void channelsLastIsContiguous(Pass.Statistics statistics) {
        Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var pass = new Pass(statistics, 0);
                Tensor last = pico.model().stem().forward(pico.items().batch(0, 8).inputs(), pass);
                Tensor plain = last.contiguous();
                for (var layer : pico.model().layers()) {
                    last = layer.forward(last, pass);
                    assertThat(last.is_contiguous(MemoryFormat.ChannelsLast)).as(layer.name()).isTrue();
                    plain = layer.forward(plain, pass);
                    near(last, plain);
                }
                return 0;
            }
        });
    }

    /// 131,072 pixels a channel whose mean is ten deviations from zero: libtorch's own sums over channels last are 1e-5 off.
    @Test
    void statisticsOfManyPixelsAreExact() {
        Autograd.recording(false, () -> {
            try (var _ = Scope.open()) {
                var norm = BatchNorm.fresh("bn", 4, 1e-5, Device.CPU);
                var x = Seed.of(3).normal("x", 1, 32, 4, 64, 64).add_(torch.full(new long[]{1},
                        new org.bytedeco.pytorch.Scalar(10.0))).contiguous(MemoryFormat.ChannelsLast);
                var mean = norm.normalised(x, Pass.batchStatistics()).mean();
                var exact = x.to(torch.ScalarType.Double).mean(0, 2, 3);
                for (int c = 0; c < 4; c++) {
                    assertThat(Tensors.toDoubles(mean)[c]).isCloseTo(Tensors.toDoubles(exact)[c], within(2e-6));
                }
                return List.of();
            }
        });
    }
}
