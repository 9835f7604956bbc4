package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers;
import dev.sglp.Scoped;
import dev.sglp.family.Both;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import java.io.IOException;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Weights as a criterion by gradients leaves them.
@ExtendWith(Scoped.class)
final class UnrecordedRepairTest {
    private static final Numbers.Counted ITEMS = new Numbers.Counted(8, 9, 0, i -> i * i % 40);
    private static final LayerSet PLAN = LayerSet.of(1);

    /// What is written, or trained after, has no history.
    @ParameterizedTest
    @ValueSource(strings = {"refit", "scale-refit", "scale", "replaceme", "blockwise"})
    void nothingIsRecorded(String name) throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var model = both.whole();
            model.layers().forEach(layer -> layer.parameters().values().forEach(w -> Autograd.want(w, true)));
            var task = new RepairTask(model, PLAN, ITEMS, 2);
            try (var found = Repairs.named(name).repair(task, Progress.silent());
                    var maps = GapMaps.of(task, 1, Refit.OWN, Progress.silent())) {
                assertThat(found.tensors()).isNotEmpty();
                assertThat(found.tensors().values()).noneMatch(Tensor::requires_grad);
                var before = maps.without(PLAN).layers().getFirst();
                assertThat(before.parameters().get("model.layers.0.mlp.down_proj.weight").requires_grad()).isFalse();
            }
        }
    }
}
