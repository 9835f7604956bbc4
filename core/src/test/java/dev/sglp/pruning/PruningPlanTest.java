package dev.sglp.pruning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Candidates;
import dev.sglp.pruning.PruningPlan.Provenance;
import dev.sglp.pruning.UsedPreset.Instead;
import dev.sglp.segmentation.Segmentation;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
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

    /// What was asked for stays told, as what is not there.
    @Test
    void aNetworkThatNothingRepairedClaimsNoRepair() {
        var repaired = plan(LayerSet.of(0), List.of("a"), 6)
                .with(new RepairSummary("scale", "", "data", null, null, null, 1, List.of(), List.of()))
                .by(new UsedPreset("best", List.of(new Instead("--verify", "8", "4"),
                        new Instead("--repair", "refit", "scale"), new Instead("--heal", "auto", "distil"))));
        var plain = repaired.under(Map.of("--repair", "scale", "--repair-gaps", "true", "--heal", "distil"))
                .unrepaired();
        assertThat(plain.repair()).isNull();
        assertThat(plain.preset()).hasToString(
                "preset best with --verify 4 instead of 8, --repair none instead of refit, --heal none instead of auto");
        assertThat(plain.settings()).containsOnly(Map.entry("--repair", "none"), Map.entry("--heal", "none"));
        assertThat(plain.unrepaired()).isEqualTo(plain);
        var older = repaired.by(new UsedPreset("fast", List.of()));
        assertThat(older.unrepaired().preset()).hasToString("preset fast with --repair none instead of scale");
        assertThat(older.unrepaired().settings()).isNull();
        assertThat(older.with(null).unrepaired().preset()).as("what the preset repairs by is not known").isNull();
    }
}
