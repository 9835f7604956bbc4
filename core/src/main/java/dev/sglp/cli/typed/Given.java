package dev.sglp.cli.typed;

import dev.sglp.fault.UsageException;
import java.util.function.Consumer;
import picocli.CommandLine.Model.CommandSpec;

/// Which flags the user typed. One that plays no part in what was asked for is refused where it asks for another result, since
/// who types it expects one; it is ignored with a note where it only spares work, allows something, or says how work is done.
///
/// @param command the command that runs, after its line was read
/// @param notes   told of what is ignored
public record Given(CommandSpec command, Consumer<String> notes) {

    public boolean has(String flag) {
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

    /// @param why as for {@link #refuse}
    public void ignore(String why, String... flags) {
        for (var flag : flags) {
            if (has(flag)) {
                notes.accept("note: %s %s; it is ignored".formatted(flag, why));
            }
        }
    }
}
