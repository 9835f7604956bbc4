package dev.sglp.cli.tuning;

import dev.sglp.Analysis;
import dev.sglp.Notebook;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.checkpoint.Weights;
import dev.sglp.output.AtomicFile;
import dev.sglp.report.Json;
import dev.sglp.training.Journal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.SequencedMap;
import java.util.function.Supplier;

/// What a `prune` that trains keeps until it is done: which layers go and why, and the training so far. It lies in
/// `DIR/healing/` and goes when the pruned network is written.
public final class HealingFolder implements Notebook.Over, AutoCloseable {
    private static final String ANALYSIS = "analysis.json";

    private final Path directory;
    private final String settings;
    private final TrainingFolder training;
    private final ScoringFolder scoring;

    /// @param weights   changed by the training
    /// @param choice    everything the choice depends on, to compare with
    /// @param lesson    everything the training depends on besides
    /// @param saveEvery steps after which the state is written; 0: by the clock
    /// @throws IOException where a training lies there that is another one
    HealingFolder(Path out, Weights weights, String choice, String lesson, int saveEvery) throws IOException {
        this.directory = in(out);
        this.settings = "%s, version=%s".formatted(choice, Version.current());
        this.scoring = new ScoringFolder(directory, choice);
        this.training = TrainingFolder.ofState(directory, weights, choice + ", " + lesson, saveEvery);
        training.checkSettings();
    }

    private static Path in(Path out) {
        return out.resolve("healing");
    }

    /// @throws IOException where unfinished work lies there that is not to be resumed
    /// @return whether there is some to go on with
    static boolean check(Path out, boolean resume) throws IOException {
        boolean there = Files.exists(in(out).resolve(ANALYSIS));
        if (there && !resume) {
            throw new IOException(
                    "[%s] holds a run that was stopped. --resume goes on with it; or choose another --out, or delete it"
                            .formatted(in(out)));
        }
        return there;
    }

    /// Keeps what is known, and says so: the process is about to end.
    public String lastWords() {
        return Files.exists(directory.resolve(ANALYSIS))
                ? "stopped; what was chosen is kept in [%s]. The same command with --resume goes on there"
                        .formatted(directory)
                : scoring.lastWords();
    }

    public Journal journal() {
        return training;
    }

    private record Kept(String settings, Analysis analysis, Map<String, Double> seconds) {}

    @Override
    public Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
        var file = directory.resolve(ANALYSIS);
        try {
            if (!Files.exists(file)) {
                var before = clock.seconds();
                var analysis = work.get();
                Json.write(new Kept(settings, analysis, since(before, clock.seconds())), file);
                return analysis;
            }
            var kept = Json.read(file, Kept.class, "an analysis");
            if (!kept.settings.equals(settings)) {
                throw new IOException("[%s] is of another run: %s. Choose another --out, or delete it"
                        .formatted(file, Difference.of(kept.settings, settings)));
            }
            clock.add(kept.seconds);
            return kept.analysis;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public Notebook notebook() {
        return scoring;
    }

    private static SequencedMap<String, Double> since(SequencedMap<String, Double> before,
            SequencedMap<String, Double> after) {
        var own = new LinkedHashMap<>(after);
        own.keySet().removeAll(before.keySet());
        return own;
    }

    /// Removes the folder: all is done.
    public void clear() throws IOException {
        scoring.clear();
        AtomicFile.removeAll(directory, ANALYSIS, TrainingFolder.STATE, TrainingFolder.BEST_STATE);
    }

    @Override
    public void close() {
        training.close();
    }
}
