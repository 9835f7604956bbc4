package dev.sglp.cli.choice;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.fault.UsageException;
import picocli.CommandLine.Option;

/// Whether the loss with each layer absent is measured.
@Under(Heading.CHOICE)
final class DiagnosisOptions {
    @Option(names = "--diagnosis", description = "measure the loss with each layer absent, which tells how far the scores can be trusted (default: as the preset does, all but fast)")
    private boolean asked;

    @Option(names = "--no-diagnosis", description = "do not measure the loss with each layer absent; the report says so")
    private boolean spared;

    /// @throws UsageException where both were typed
    boolean measures(Preset preset) {
        if (asked && spared) {
            throw new UsageException("--diagnosis and --no-diagnosis exclude each other. Leave one of them out");
        }
        return asked || preset.diagnosis() && !spared;
    }
}
