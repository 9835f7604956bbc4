package dev.sglp.training.descent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;

/// Steps against PyTorch's own optimizers (`tools/training_oracle.py`).
@ExtendWith(Scoped.class)
final class OptimizerTest {
    private final JsonNode oracle = Oracle.json("optimizer_steps.json");

    @Test
    void momentumStepsArePyTorchs() {
        check(new Optimizer.Sgd(0.9, false), "sgd");
    }

    @Test
    void nesterovStepsArePyTorchs() {
        check(new Optimizer.Sgd(0.9, true), "nesterov");
    }

    @Test
    void adamStepsArePyTorchs() {
        check(Optimizer.AdamW.standard(), "adamw");
    }

    /// The oracle decays the matrix and not the scale, so this fails too where a norm decays.
    private void check(Optimizer optimizer, String name) {
        var parameters = tensors(oracle.get("start"));
        double decay = oracle.get("weight_decay").asDouble();
        try (var moments = new Moments(optimizer, parameters)) {
            for (int step = 0; step < oracle.get("rates").size(); step++) {
                var gradients = tensors(oracle.get("gradients").get(step)).values().toArray(Tensor[]::new);
                moments.step(gradients, new Moments.Rates(oracle.get("rates").get(step).asDouble(), decay, 0));
                same(parameters, oracle.get(name).get(step));
            }
        }
    }

    @Test
    void gradientsAreClippedByTheirCommonNormAsPyTorchDoes() {
        var gradients = tensors(oracle.get("gradients").get(0));
        var rates = new Moments.Rates(0.1, 0, oracle.get("clipped_to").asDouble());
        try (var moments = new Moments(Optimizer.Sgd.standard(), tensors(oracle.get("start")))) {
            moments.step(gradients.values().toArray(Tensor[]::new), rates);
        }
        same(gradients, oracle.get("clipped"));
    }

    /// A tensor that is moved piece by piece, clipped and decaying, beside one that is not: its transpose does not lie in a row.
    @Test
    void piecesOfATensorAreMovedAsTheWhole() {
        long rows = 3;
        long columns = 131_072 + 7;
        var w = Seed.of(1).normal("w", 1, rows, columns);
        var gradients = IntStream.range(0, 3).mapToObj(i -> Seed.of(2).normal("g" + i, 1, rows, columns)).toList();
        var pieces = w.clone();
        var whole = w.t().contiguous().t();
        assertThat(whole.is_contiguous()).isFalse();
        for (var moved : List.of(pieces, whole)) {
            try (var moments = new Moments(Optimizer.AdamW.standard(), parameters(moved))) {
                gradients.forEach(g -> moments.step(new Tensor[]{g.clone()}, new Moments.Rates(0.01, 0.1, 1)));
            }
        }
        assertThat(torch.allclose(pieces, whole, 1e-6, 1e-7, false)).isTrue();
        assertThat(torch.allclose(pieces, w, 1e-3, 1e-3, false)).isFalse();
    }

    private static SequencedMap<String, Tensor> parameters(Tensor w) {
        var all = new LinkedHashMap<String, Tensor>();
        all.put("w", w);
        return all;
    }

    /// 40 million equal numbers, of which a float32 sum number by number would be too small.
    @Test
    void manyGradientsAreClippedByTheirNorm() {
        long many = 40_000_000;
        var gradient = Tensors.zeros(DType.F32, many).fill_(new Scalar(1e-3));
        var w = Tensors.zeros(DType.F32, many);
        try (var moments = new Moments(Optimizer.Sgd.standard(), parameters(w))) {
            moments.step(new Tensor[]{gradient}, new Moments.Rates(0.1, 0, 1));
        }
        double norm = 1e-3 * Math.sqrt(many);
        assertThat(Tensors.toDoubles(gradient.narrow(0, many - 1, 1))[0]).isCloseTo(1e-3 / norm, within(1e-9));
    }

    @Test
    void aMomentumOfOneIsRefusedByItsFlag() {
        assertThatThrownBy(() -> new Optimizer.Sgd(1, false)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--momentum").hasMessageContaining("1.0");
    }

    private static SequencedMap<String, Tensor> tensors(JsonNode values) {
        var all = new LinkedHashMap<String, Tensor>();
        for (var name : List.of("scale", "matrix")) {
            var numbers = Oracle.doubles(values.get(name));
            var floats = new float[numbers.length];
            for (int i = 0; i < floats.length; i++) {
                floats[i] = (float) numbers[i];
            }
            all.put(name, name.equals("matrix") ? Tensors.floats(floats, 2, 3) : Tensors.floats(floats, 3));
        }
        return all;
    }

    private static void same(SequencedMap<String, Tensor> got, JsonNode expected) {
        got.forEach((name, tensor) -> assertThat(Tensors.toDoubles(tensor)).as(name)
                .containsExactly(Oracle.doubles(expected.get(name)), within(1e-6)));
    }
}
