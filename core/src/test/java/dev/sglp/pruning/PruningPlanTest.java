package dev.sglp.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.Provenance;
import dev.sglp.segmentation.Segmentation;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

final class PruningPlanTest {
    private static PruningPlan plan(LayerSet removed, List<String> names, int layers) {
        return new PruningPlan(removed, names, "sglp", "gradnorm", layers,
                new Segmentation(List.of(0, layers), List.of(), "given"), List.of(removed.size()),
                new Candidates(3, 3, "all"), List.of(), List.of(),
                new Provenance("m.th", "00", "data", 0, "0.1", null));
    }

    @Test
    void aLayerThatIsNotThereIsRefused() {
        assertThatThrownBy(() -> plan(LayerSet.of(1, 6), List.of("a", "b"), 6))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("layer 6")
                .hasMessageContaining("6 layers (0 to 5)");
        assertThat(plan(LayerSet.of(1, 5), List.of("a", "b"), 6).removed()).isEqualTo(LayerSet.of(1, 5));
    }

    @Test
    void itKeepsItsOwnCopies() {
        var names = new ArrayList<>(List.of("layer1.0"));
        var plan = plan(LayerSet.of(0), names, 6);
        names.add("another");
        assertThat(plan.names()).containsExactly("layer1.0");
    }
}
