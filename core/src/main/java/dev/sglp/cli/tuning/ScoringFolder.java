package dev.sglp.cli.tuning;

import dev.sglp.Analysis;
import dev.sglp.Notebook;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.ledger.Ledger;
import dev.sglp.ledger.SharedScores;
import dev.sglp.model.wave.Resume;
import dev.sglp.output.AtomicFile;
import dev.sglp.progress.Progress;
import dev.sglp.repair.RepairTask;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.Consumer;
import java.util.function.Supplier;

/// What a run keeps of its scores, and of the layers that it has repaired, until it is done: `DIR/scoring/`. The same command
/// started again goes on with them by itself; another one finds only those that would come out the same.
public final class ScoringFolder implements Notebook {
    private static final String SIMILARITY = "similarity";

    private final Path folder;
    private final String context;
    private final Ledger ledger;
    private final SharedScores scores;
    private double saved; // seconds, beside those of scores

    /// @param directory where the folder is made when there is something to keep
    /// @param network   everything about the network that scores depend on, in words
    public ScoringFolder(Path directory, String network) {
        folder = directory.resolve("scoring");
        context = Version.build() + "; " + network;
        ledger = new Ledger(folder, context);
        scores = new SharedScores(ledger);
    }

    /// Tells where something is there.
    public void explain(Progress progress) {
        if (Files.isDirectory(folder)) {
            progress.say("[%s] holds what a run that was stopped has found: what fits is taken".formatted(folder));
        }
    }

    /// Keeps what is known, and says so: the process is about to end.
    public String lastWords() {
        scores.keep();
        return Files.isDirectory(folder)
                ? "stopped; what was found so far is kept in [%s]. The same command goes on with it".formatted(folder)
                : "stopped, before there was anything to keep";
    }

    @Override
    public Analysis analysis(Stopwatch clock, Supplier<Analysis> work) {
        return work.get();
    }

    @Override
    public Criterion remembering(Criterion criterion) {
        return scores.of(criterion);
    }

    @Override
    public PrecisionChoice precision(Wish wish, Criterion criterion, Calibration data,
            Supplier<PrecisionChoice> measured) {
        return scores.precision(wish, criterion, data, measured);
    }

    @Override
    public SimilarityPass similarity(String question, Supplier<SimilarityPass> work) {
        try {
            var known = ledger.find(SIMILARITY, question, SimilarityPass.class);
            if (known.isPresent()) {
                saved += known.get().seconds();
                return known.get();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        var found = work.get();
        try {
            ledger.keep(SIMILARITY, question, found);
        } catch (IOException _) {
            // the run needs it no more
        }
        return found;
    }

    /// Where the disk has room for them and for as much again.
    @Override
    public Resume states(String question, long bytes, Consumer<String> say) {
        long free = free();
        if (free / 2 < bytes) {
            say.accept(
                    "[%s] has %,d bytes left: repairs of gaps, up to %,d bytes, are not kept for a run that is stopped"
                            .formatted(folder, free, bytes));
            return Resume.NEVER;
        }
        say.accept(
                "Up to %,d bytes are kept in [%s] until the run is through: repairs of gaps, for a run that is stopped."
                        .formatted(bytes, folder));
        return scores.states(question);
    }

    private long free() {
        var there = folder.toAbsolutePath();
        while (there.getParent() != null && !Files.exists(there)) {
            there = there.getParent();
        }
        long kept = 0; // by a run that was stopped
        try (var states = Files.newDirectoryStream(folder, "state-*")) {
            for (var state : states) {
                kept += Files.size(state);
            }
        } catch (IOException _) {
            // none
        }
        return there.toFile().getUsableSpace() + 2 * kept;
    }

    @Override
    public RepairTask.Memory repair(String question) {
        return new RepairFolder(folder, context + "; " + question);
    }

    @Override
    public boolean begun() {
        try (var found = Files.newDirectoryStream(folder, "{scores,begun}-*")) {
            return found.iterator().hasNext();
        } catch (IOException _) {
            return false; // nothing was kept
        }
    }

    @Override
    public double saved() {
        double seconds = saved + scores.saved();
        saved = 0;
        return seconds;
    }

    /// Removes what was kept: all is done. Whatever else lies in the folder stays.
    public void clear() throws IOException {
        RepairFolder.clear(folder);
        AtomicFile.removeAll(folder, SIMILARITY + "-*.json", "scores-*.json", "begun-*.json", "precision-*.json",
                "state-*.safetensors");
    }
}
