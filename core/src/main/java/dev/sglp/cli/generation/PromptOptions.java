package dev.sglp.cli.generation;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.data.DataSpec;
import dev.sglp.data.text.Prompts;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What is continued.
@Under(Heading.DATA)
final class PromptOptions {
    @Option(names = "--prompt", paramLabel = "TEXT", description = "a text to go on with; may be given several times")
    private List<String> prompts = List.of();

    @Option(names = "--prompts", paramLabel = "SPEC", description = "texts to go on with: jsonl:FILE#FIELD, a document each, or text:FILE, a line each")
    private @Nullable String file;

    @SuppressWarnings("NullAway") // picocli fills the fields
    PromptOptions() {}

    /// In the order they were given; none where nothing was.
    List<String> texts() throws IOException {
        var all = new ArrayList<>(prompts);
        if (file != null) {
            all.addAll(Prompts.of(DataSpec.parse(file)));
        }
        return all;
    }
}
