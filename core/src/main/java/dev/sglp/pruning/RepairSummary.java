package dev.sglp.pruning;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.List;
import org.jspecify.annotations.Nullable;

/// How what a removal left was repaired.
///
/// @param name        of the repair, for instance `refit`
/// @param settings    in words, for instance `λ 1, all later layers`
/// @param data        what it was fitted on, and a hash of it
/// @param check       what told which of its changes help; absent where there was nothing to check with
/// @param lossBefore  mean loss on `check` after the removal alone
/// @param lossAfter   the same with what was kept of the repair
/// @param tried       layers that were changed
/// @param layers      those whose change was kept, first to last: the longest beginning of those tried that lowers the loss
/// @param notes       sentences for the user
@JsonInclude(JsonInclude.Include.NON_NULL)
public record RepairSummary(String name, String settings, String data, @Nullable String check,
        @JsonProperty("loss_before") @Nullable Double lossBefore,
        @JsonProperty("loss_after") @Nullable Double lossAfter, int tried, List<Layer> layers,
        List<String> notes) {
    public RepairSummary {
        layers = List.copyOf(layers);
        notes = List.copyOf(notes);
    }

    /// A changed layer.
    ///
    /// @param layer  its index in the dense network
    /// @param lambda ridge of the fit; 0 where nothing was fitted
    /// @param before mean squared distance of its output to the stream it aims at, as a share of that stream's mean square; absent
    ///               where nothing was fitted
    /// @param after  the same after the change
    @JsonInclude(JsonInclude.Include.NON_NULL)
    public record Layer(int layer, String name, double lambda, @Nullable Double before, @Nullable Double after) {}

    /// Whether anything was changed.
    public boolean kept() {
        return !layers.isEmpty();
    }
}
