package dev.sglp.training.descent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.Oracle;
import dev.sglp.Scoped;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;
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
