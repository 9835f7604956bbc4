package dev.sglp.cli.choice;

import dev.sglp.Notebook;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import java.util.function.Supplier;

/// Looks before a precision is measured whether the memory has room for it, and remembers that with it: how much is free is another
/// number each time.
///
/// @param file the network, within its memory
public record RoomyNotebook(Notebook notebook, ModelFile file) implements Notebook.Over {
    @Override
    public PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
            Supplier<PrecisionChoice> measured) {
        return notebook.precision(wish, criterion, data,
                () -> PrecisionChoice.within(() -> MemoryOption.holdsNarrow(file, criterion), wish, measured));
    }
}
