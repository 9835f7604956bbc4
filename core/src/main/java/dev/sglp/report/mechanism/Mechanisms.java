package dev.sglp.report.mechanism;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/// What a run says of the ideas that the method rests on. All losses are of the calibration data, in nats, by stored statistics, before
/// anything is healed.
///
/// @param premise     whether layers that resemble the one before them are missed least
/// @param interaction whether segments can be chosen apart; absent where none gives layers
/// @param critical    whether a layer went that is missed far more than others; absent where none went
/// @param repaired    whether networks without layers were looked at as they would be repaired, gap by gap, or else as they are; absent in
///                    records of earlier versions
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Mechanisms(Premise premise, @Nullable Interaction interaction, @Nullable Critical critical,
        @Nullable Boolean repaired) {
    /// Nobody says how networks were looked at.
    public Mechanisms(Premise premise, @Nullable Interaction interaction, @Nullable Critical critical) {
        this(premise, interaction, critical, null);
    }

    /// Whether its losses are those of repaired networks.
    public boolean ofRepaired() {
        return Boolean.TRUE.equals(repaired);
    }

    /// One for each that is known, in this order.
    ///
    /// @param names of layers
    public List<Finding> findings(IntFunction<String> names) {
        return Stream.of(premise.finding(), interaction == null ? null : interaction.finding(),
                critical == null ? null : critical.finding(names)).filter(Objects::nonNull)
                .map(finding -> ofRepaired() ? finding.repaired() : finding).toList();
    }
}
