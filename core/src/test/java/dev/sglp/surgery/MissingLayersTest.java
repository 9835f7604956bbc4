package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Pico;
import dev.sglp.fault.InputException;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class MissingLayersTest {
    private static LayerSet set(String layers) {
        return new LayerSet(layers.chars().map(c -> c - '0').boxed().toList());
    }

    @ParameterizedTest
    @ValueSource(strings = {"0", "1", "5", "01", "135"})
    void theyAreFoundByTheirWeights(String removed) {
        try (var pico = Pico.open()) {
            var found = MissingLayers.of(pico.model(), pico.model().without(set(removed)));
            assertThat(found.removed()).isEqualTo(set(removed));
            assertThat(found.changed()).isEmpty();
        }
    }

    @Test
    void roundingToBfloat16ChangesNoLayer() {
        try (var pico = Pico.open()) {
            var less = pico.model().without(LayerSet.of(1, 3));
            var rounded = changed(less, -1, 0);
            assertThat(MissingLayers.of(pico.model(), rounded)).isEqualTo(MissingLayers.of(pico.model(), less));
        }
    }

    @Test
    void aLayerWithAnotherMapIsFoundAndSaid() {
        try (var pico = Pico.open()) {
            var less = pico.model().without(LayerSet.of(1));
            var found = MissingLayers.of(pico.model(), changed(less, 3, 1));
            assertThat(found.removed()).isEqualTo(LayerSet.of(1));
            assertThat(found.changed()).containsExactly(less.layers().get(3).name());
        }
    }

    /// Rounded to bfloat16, and half of the tensors of a layer moved, as a repair does.
    private static LayeredModel changed(LayeredModel model, int layer, double by) {
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < model.layers().size(); i++) {
            var own = model.layers().get(i);
            var all = List.copyOf(own.parameters().values());
            var half = all.subList(0, all.size() / 2);
            boolean moves = i == layer;
            layers.add(own.mapped(tensor -> moves && half.stream().anyMatch(tensor::equals)
                    ? tensor.add(new Scalar(by))
                    : tensor.is_floating_point() ? tensor.to(ScalarType.BFloat16).to(ScalarType.Float) : tensor));
        }
        return model.with(layers);
    }

    @Test
    void anotherNetworkIsNone() {
        try (var pico = Pico.open()) {
            var model = pico.model();
            assertThatThrownBy(() -> MissingLayers.of(model, model)).isInstanceOf(InputException.class)
                    .hasMessageContaining("nothing is missing");
            var turned = new ArrayList<>(model.without(LayerSet.of(5)).layers());
            Collections.swap(turned, 0, 1);
            assertThatThrownBy(() -> MissingLayers.of(model, model.with(List.copyOf(turned))))
                    .isInstanceOf(InputException.class).hasMessageContaining("layer 1");
        }
    }
}
