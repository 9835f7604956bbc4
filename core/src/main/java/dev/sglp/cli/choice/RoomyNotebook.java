package dev.sglp.cli.choice;

import dev.sglp.Analysis;
import dev.sglp.Notebook;
import dev.sglp.Stopwatch;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.repair.RepairTask;
import java.util.function.Supplier;

/// Looks before a precision is measured whether the memory has room for it, and remembers that with it: how much is free is another
/// number each time.
///
/// @param file the network, within its memory
public record RoomyNotebook(Notebook notebook, ModelFile file) implements Notebook {
    @Override
    public PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
            Supplier<PrecisionChoice> measured) {
        return notebook.precision(wish, criterion, data,
                () -> PrecisionChoice.within(() -> Streaming.holdsNarrow(file), wish, measured));
    }

    @Override
    public Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
        return notebook.analysis(clock, work);
    }

    @Override
    public Criterion remembering(Criterion criterion) {
        return notebook.remembering(criterion);
    }

    @Override
    public RepairTask.Memory repair(String question) {
        return notebook.repair(question);
    }

    @Override
    public double saved() {
        return notebook.saved();
    }
}
