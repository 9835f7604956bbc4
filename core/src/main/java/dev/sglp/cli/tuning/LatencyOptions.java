package dev.sglp.cli.tuning;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Whether and how long forward passes are timed.
@Under(Heading.OUTPUT)
public final class LatencyOptions {
    private static final String BUDGET = "--latency-budget";
    private static final String NONE = "--no-latency";

    @Option(names = NONE, description = "do not time forward passes")
    private boolean none;

    @Option(names = BUDGET, paramLabel = "SECONDS", description = "time forward passes for at most so long; networks run in turn until the interval of their ratio is within 3 %% (default: a tenth of the run so far, 10 to 60; evaluate: 60)")
    private @Nullable Double seconds;

    public LatencyOptions() {}

    /// @param usual where nobody says otherwise
    /// @throws UsageException where it is no time, or nothing is timed
    public Budget budget(Budget usual, Given given) {
        if (none) {
            given.refuse("plays no part in " + NONE, BUDGET);
            return Budget.NONE;
        }
        if (seconds == null) {
            return usual;
        }
        if (!(seconds > 0)) {
            throw new UsageException("%s is a number of seconds above 0, got %s. %s times nothing"
                    .formatted(BUDGET, seconds, NONE));
        }
        return new Budget(seconds);
    }

    /// The same of one network: nothing is timed where its layers are read from the file, which nobody waits for later.
    ///
    /// @throws UsageException as {@link #budget(Budget, Given)}
    public Budget budget(ModelFile file, Budget usual, Given given) {
        var asked = budget(usual, given);
        if (Streaming.of(file).isEmpty()) {
            return asked;
        }
        without("plays no part where layers are read from the file as they are needed", given);
        return Budget.NONE;
    }

    /// @param why nothing is timed: stands after the flag
    public static void without(String why, Given given) {
        given.ignore(why, NONE);
        given.refuse(why, BUDGET);
    }
}
