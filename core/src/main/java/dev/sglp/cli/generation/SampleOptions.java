package dev.sglp.cli.generation;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/// Texts that networks continue side by side.
@Under(Heading.OUTPUT)
public final class SampleOptions {
    private static final String PROMPT = "--prompt";
    private static final String NONE = "--no-samples";
    private static final List<String> USUAL = List.of("Once upon a time", "The capital of France is",
            "Water boils at", "In 1914 the", "A good way to learn a language is");

    @Option(names = PROMPT, paramLabel = "TEXT", description = "language models: continue TEXT by the dense, the pruned, the repaired and the healed network, side by side in the report and the model card; may be given several times (default: five short texts, none where layers are read from the file as they are needed)")
    private List<String> prompts = List.of();

    @Option(names = NONE, description = "language models: continue no text")
    private boolean none;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public SampleOptions() {}

    /// Before anything is loaded.
    ///
    /// @throws UsageException where texts are given that cannot be continued
    public void check(ModelFile file, Given given) {
        if (none) {
            given.refuse("plays no part in " + NONE, PROMPT);
        }
        if (!prompts.isEmpty()) {
            Speaker.check(file);
        } else if (!Speaker.writes(file)) {
            given.ignore("is for language models that write text", NONE);
        } else if (Streaming.of(file).isPresent()) {
            given.ignore("plays no part where layers are read from the file as they are needed", NONE);
        }
    }

    /// What continues them; empty where nobody asks for it, and the network does not write text or is read from its file as it runs.
    ///
    /// @throws IOException where texts are given and there is no tokenizer
    /// @throws UsageException where one of them cannot be continued
    public Optional<SideBySide> of(ModelFile file, Progress progress) throws IOException {
        if (none) {
            return Optional.empty();
        }
        if (!prompts.isEmpty()) {
            return Optional.of(SideBySide.of(file, prompts, true, progress));
        }
        if (!Speaker.writes(file) || Streaming.of(file).isPresent()) {
            return Optional.empty();
        }
        try {
            return Optional.of(SideBySide.of(file, USUAL, false, progress));
        } catch (IOException | UsageException _) { // no tokenizer, or too few positions
            return Optional.empty();
        }
    }
}
