package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import java.util.Optional;
import java.util.function.Supplier;

/// Trains the whole network again, with or without a teacher. After every epoch it is measured on the verification data.
///
/// @param settings how
/// @param items    the training items, asked for only when they are needed; none of them may be verification or report data
/// @param teacher  the dense network, on weights of its own; empty for none
/// @param journal  what is kept of it while it runs
public record FineTuning(TrainingSettings settings, Supplier<? extends Dataset> items, Optional<Distillation> teacher,
        Journal journal)
        implements
            Healing {
    public static final String FULL = "full";
    public static final String DISTIL = "distil";

    /// The same, kept in a journal.
    public FineTuning with(Journal other) {
        return new FineTuning(settings, items, teacher, other);
    }

    @Override
    public String name() {
        return teacher.isPresent() ? DISTIL : FULL;
    }

    /// Training estimates the statistics of batch norm anew.
    @Override
    public Pass verification() {
        return Pass.batchStatistics();
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        var task = new TrainingTask(pruned, items.get(), data.verification(), settings, teacher);
        return Trainer.train(task, journal, progress);
    }
}
