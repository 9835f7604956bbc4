package dev.sglp.training;

import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import java.util.Optional;
import java.util.function.Supplier;

/// Trains a network after a removal, with or without a teacher. After every epoch it is measured on the verification data; where an earlier
/// one was better than the last and the journal kept it, the network is given its weights back.
///
/// @param name    {@link #FULL} or {@link #DISTIL}
/// @param lesson  how it is trained
/// @param items   the training items, asked for only when they are needed; none of them may be verification or report data
/// @param journal what is kept of it while it runs
public record FineTuning(String name, Lesson lesson, Supplier<? extends Dataset> items, Journal journal)
        implements
            Healing {
    public static final String FULL = "full";
    public static final String DISTIL = "distil";

    /// How a network is trained.
    public interface Lesson {
        /// @param items      to train on
        /// @param validation measured on before the first epoch and after every one
        TrainingRecord train(LayeredModel network, Dataset items, Dataset validation, Journal journal,
                Progress progress);

        /// How plans are compared before they are trained.
        Pass verification();
    }

    /// The whole of an image network.
    ///
    /// @param teacher the dense network, on weights of its own; empty for none
    public record Images(TrainingSettings settings, Optional<Distillation> teacher) implements Lesson {
        @Override
        public TrainingRecord train(LayeredModel network, Dataset items, Dataset validation, Journal journal,
                Progress progress) {
            return Trainer.train(new TrainingTask(network, items, validation, settings, teacher), journal, progress);
        }

        /// Training estimates the statistics of batch norm anew.
        @Override
        public Pass verification() {
            return Pass.batchStatistics();
        }
    }

    /// Told where a training was stopped.
    ///
    /// @param where `epoch 3 of 10 after 5 of 8 batches`
    public static TrainingStopped stopped(String where, Journal journal) {
        return new TrainingStopped(
                "stopped in %s; all of it is kept in [%s]. The same command with --resume goes on there"
                        .formatted(where, journal.place()));
    }

    /// The whole of an image network, with nothing kept.
    public static FineTuning of(TrainingSettings settings, Supplier<? extends Dataset> items) {
        return new FineTuning(FULL, new Images(settings, Optional.empty()), items, Journal.none());
    }

    /// The same, kept in a journal.
    public FineTuning with(Journal other) {
        return new FineTuning(name, lesson, items, other);
    }

    @Override
    public Pass verification() {
        return lesson.verification();
    }

    @Override
    public TrainingRecord heal(LayeredModel pruned, DataRoles data, int batchSize, Progress progress) {
        var record = lesson.train(pruned, items.get(), data.verification(), journal, progress);
        return !record.endsAtItsBest() && journal.takeBest() ? record.takenBack() : record;
    }
}
