package dev.sglp.cli.typed;

import dev.sglp.fault.UsageException;
import picocli.CommandLine.Model.CommandSpec;

/// Which flags the user typed. One that plays no part in what was asked for is refused: who types it expects something of it.
///
/// @param command the command that runs, after its line was read
public record Given(CommandSpec command) {

    private boolean has(String flag) {
        return command.commandLine().getParseResult().hasMatchedOption(flag);
    }

    /// @param why what the flags are for, or why they have no effect here: stands after the flag
    /// @throws UsageException where one of them was typed
    public void refuse(String why, String... flags) {
        for (var flag : flags) {
            if (has(flag)) {
                throw new UsageException("%s %s. Leave it out".formatted(flag, why));
            }
        }
    }
}
