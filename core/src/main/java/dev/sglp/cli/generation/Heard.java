package dev.sglp.cli.generation;

import dev.sglp.data.DataRoles;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.training.Healing;
import dev.sglp.training.TrainingRecord;
import java.io.IOException;
import java.io.UncheckedIOException;

/// A healing before which the network goes on with some prompts as it is.
///
/// @param state what it is until then: `pruned`
public record Heard(Healing healing, SideBySide samples, String state) implements Healing {
    @Override
    public String name() {
        return healing.name();
    }

    @Override
    public Pass verification() {
        return healing.verification();
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        try {
            samples.hear(state, pruned);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return healing.heal(pruned, data, batchSize, progress);
    }
}
