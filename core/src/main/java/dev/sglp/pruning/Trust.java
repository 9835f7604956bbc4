package dev.sglp.pruning;

import com.fasterxml.jackson.annotation.JsonInclude;
import dev.sglp.model.LayerSet;
import dev.sglp.pruning.PruningPlan.Scored;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How far a choice can be trusted, as far as it was looked at a second time.
///
/// @param halves  the same choice on two halves of the calibration data; absent where it was not made
/// @param rivals  for each segment that gives layers, its set that goes and the nearest other, both drawn again; empty where nothing is
///                drawn, or several draws were scored anyway
/// @param unknown what was not looked at and why, one sentence each
public record Trust(@JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Halves halves, List<Rivals> rivals,
        List<String> unknown) {
    /// Nothing was chosen.
    public static Trust none() {
        return new Trust(null, List.of(), List.of());
    }

    public Trust {
        rivals = List.copyOf(rivals);
        unknown = List.copyOf(unknown);
    }

    /// @param plans   the layers that go by each half
    /// @param shared  how many layers go by both
    /// @param seconds that took
    public record Halves(List<LayerSet> plans, int shared, double seconds) {
        public Halves {
            plans = List.copyOf(plans);
        }

        public static Halves of(LayerSet first, LayerSet second, double seconds) {
            return new Halves(List.of(first, second),
                    first.only(second::contains).size(), seconds);
        }

        /// How many layers go by each.
        public int removed() {
            return plans.getFirst().size();
        }
    }

    /// Two sets of a segment over several draws.
    ///
    /// @param removed the set that goes
    /// @param rival   of the others the one with the lowest score
    public record Rivals(int segment, int draws, Scored removed, Scored rival) {
        /// Whether their scores lie nearer to each other than one of them spreads.
        public boolean closeCall() {
            return Math.abs(rival.score() - removed.score()) < Math.max(removed.spread(), rival.spread());
        }
    }
}
