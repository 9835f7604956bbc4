package dev.sglp.cli.tuning;

import dev.sglp.Version;
import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.output.AtomicFile;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.surgery.OutputFolder;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Threads;
import dev.sglp.training.Journal;
import dev.sglp.training.TrainingRecord;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Where a training leaves what it has: `best/` and `last/`, each a network of its own, and `training.safetensors`, from
/// which it goes on. That one file holds everything and is written last, so a killed run always finds a whole state, and
/// what it does again it does in the same way. Until it is there for the first time `training.begun` says whose the networks are.
final class TrainingFolder implements Journal, AutoCloseable {
    static final String STATE = "training.safetensors";
    /// Of the state alone: the weights of the best epoch before the last.
    static final String BEST_STATE = "best.safetensors";
    static final String BEGUN = "training.begun";
    static final String RECORD = "finetune.json";
    private static final String BEST = "best";
    private static final String LAST = "last";
    private static final String WEIGHTS = "weights.";
    private static final String MOMENTS = "moments.";
    private static final Duration PAUSE = Duration.ofMinutes(2);

    private final Path directory;
    private final OutputFormat format;
    private final Content content;
    private final int saveEvery;
    private final List<Weights> loaded = new ArrayList<>();
    private int steps;
    private long kept = System.nanoTime();

    /// What is trained.
    ///
    /// @param weights  the network's, changed by the training
    /// @param config   what stands beside each network; empty: no network is written, the state alone
    /// @param settings everything the training depends on, to compare with
    /// @param types    in which the network is written
    /// @param beside   files that go with the weights, for instance a tokenizer's
    /// @param further  written into each network's folder besides
    record Content(Weights weights, Optional<Documents> config, String settings, Types types, List<Path> beside,
            Further further) {
        Content {
            beside = List.copyOf(beside);
        }

        /// Written in the types it has in memory, with nothing beside it.
        Content(Weights weights, Optional<Documents> config, String settings) {
            this(weights, config, settings, Map::of, List.of(), (_, _) -> {});
        }
    }

    /// Writes into a network's folder.
    interface Further {
        /// @param kept what is kept of the training beside the network's tensors
        void write(Path network, SequencedMap<String, Tensor> kept) throws IOException;
    }

    /// The documents beside a network by their names, with its `config.json`, as its weights are now.
    interface Documents {
        Map<String, byte[]> of() throws IOException;
    }

    /// The element types of a network's tensors by their names, as its weights are now.
    interface Types {
        Map<String, DType> of() throws IOException;
    }

    /// Beside the weights and the optimizer's tensors.
    private record Progress(TrainingRecord record, Part part, long steps) {}

    /// @throws UsageException where it is no number of steps
    static void checkSaveEvery(int saveEvery) {
        if (saveEvery < 0) {
            throw new UsageException(
                    "--save-every is a number of steps, at least 1 (0: every two minutes), got " + saveEvery);
        }
    }

    /// @param saveEvery steps after which the state is written within an epoch; 0: when two minutes have passed
    TrainingFolder(OutputOptions.Place place, Content content, int saveEvery) {
        checkSaveEvery(saveEvery);
        this.directory = place.directory();
        this.format = place.format();
        this.content = content;
        this.saveEvery = saveEvery;
    }

    /// What gives a training other bytes and is no setting of it, to compare with.
    static String here() {
        return ", threads=%d, version=%s".formatted(Threads.count(), Version.current());
    }

    /// Keeps the state alone, no networks.
    static TrainingFolder ofState(Path directory, Weights weights, String settings, int saveEvery) {
        return new TrainingFolder(OutputOptions.Place.of(directory), new Content(weights, Optional.empty(), settings),
                saveEvery);
    }

    /// @throws IOException where a training lies there that is not to be resumed
    /// @return whether there is one to go on with
    static boolean check(OutputOptions.Place place, boolean resume) throws IOException {
        var directory = place.directory();
        boolean there = Files.exists(directory.resolve(STATE));
        boolean own = there || Files.exists(directory.resolve(BEGUN));
        for (var network : List.of(BEST, LAST)) {
            place.format().checkDirectory(directory.resolve(network));
            var weights = OutputFolder.entry(directory.resolve(network));
            if (!own && weights.isPresent()) {
                throw new IOException(
                        "[%s] is there, but no %s it belongs to: it is not overwritten. Choose another --out, or move it away"
                                .formatted(weights.get(), STATE));
            }
        }
        if (there && !resume) {
            boolean finished = Files.exists(directory.resolve(RECORD)) && isFinished(directory.resolve(STATE));
            throw new IOException("[%s] %s".formatted(directory, finished
                    ? "holds a training that is finished. " + trainingOn(directory)
                    : "holds a training. --resume goes on with it; or choose another --out"));
        }
        return there;
    }

    private static String trainingOn(Path directory) {
        return "To train on, give %s as MODEL and another --out".formatted(directory.resolve(LAST));
    }

    /// What cannot be read is told where it is resumed.
    private static boolean isFinished(Path state) {
        try (var checkpoint = SafeTensors.open(state)) {
            return isFinished(checkpoint);
        } catch (IOException e) {
            return false;
        }
    }

    private static boolean isFinished(Checkpoint checkpoint) throws IOException {
        var progress = progress(checkpoint);
        var steps = progress.record().steps();
        return steps != null && progress.steps() >= steps;
    }

    private static String settings(Checkpoint checkpoint) {
        return checkpoint.metadata().getOrDefault("settings", "nothing known");
    }

    private static Progress progress(Checkpoint checkpoint) throws IOException {
        return Json.read(checkpoint.path(), checkpoint.metadata().getOrDefault("progress", ""), Progress.class);
    }

    /// @throws IOException where the network that is read would be overwritten
    static void checkInput(OutputOptions.Place place, ModelFile file) throws IOException {
        for (var network : List.of(BEST, LAST)) {
            Surgeon.checkInput(file, place.directory().resolve(network), place.format());
        }
    }

    Path best() {
        return directory.resolve(BEST);
    }

    Path last() {
        return directory.resolve(LAST);
    }

    @Override
    public String place() {
        return directory.toString();
    }

    /// Networks first, the state last: a run killed between them goes on from the state before and writes them again; where there is
    /// none yet, it begins again.
    @Override
    public void keep(State state) {
        try {
            if (content.config.isPresent()) {
                if (!Files.exists(directory.resolve(STATE))) {
                    AtomicFile.write(directory.resolve(BEGUN), content.settings.getBytes(StandardCharsets.UTF_8));
                }
                writeNetworks(state, content.config.get().of());
            } else if (state.best() && !isLast(state)) {
                NewCheckpoint.write(weights(), directory.resolve(BEST_STATE), Map.of("settings", content.settings));
            }
            var all = weights();
            state.moments().forEach((name, tensor) -> all.put(MOMENTS + name, tensor));
            var progress = new Progress(state.record(), state.part(), state.steps());
            NewCheckpoint.write(all, directory.resolve(STATE),
                    Map.of("settings", content.settings, "progress", Json.compact(progress)));
            Files.deleteIfExists(directory.resolve(BEGUN));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        steps = 0;
        kept = System.nanoTime();
    }

    /// Whether no step comes behind it.
    private static boolean isLast(State state) {
        return state.record().steps() != null && state.steps() >= state.record().steps();
    }

    private SequencedMap<String, Tensor> weights() {
        var all = new LinkedHashMap<String, Tensor>();
        content.weights.all().forEach((name, tensor) -> all.put(WEIGHTS + name, tensor));
        return all;
    }

    /// Where the state alone is kept; else the best network lies in `best/`.
    @Override
    public boolean takeBest() {
        var file = directory.resolve(BEST_STATE);
        if (!Files.exists(file)) {
            return false;
        }
        try (var checkpoint = SafeTensors.open(file); var saved = Weights.forTraining(checkpoint)) {
            checkSettings(checkpoint);
            take(file, saved.all());
            return true;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void writeNetworks(State state, Map<String, byte[]> documents) throws IOException {
        var types = content.types.of();
        for (var place : state.best() ? List.of(best(), last()) : List.of(last())) {
            Files.createDirectories(place);
            for (var file : content.beside) {
                Files.copy(file, place.resolve(file.getFileName()), StandardCopyOption.REPLACE_EXISTING);
            }
            for (var document : documents.entrySet()) {
                if (!document.getKey().equals(Surgeon.CONFIG)) { // which goes with the weights
                    AtomicFile.write(place.resolve(document.getKey()), document.getValue());
                }
            }
            content.further.write(place, state.moments());
            NewCheckpoint.write(content.weights, place, documents.get(Surgeon.CONFIG), format, types);
        }
    }

    @Override
    public Wish wish() {
        steps++;
        if (Interruption.ofProcess().requested()) {
            return Wish.STOP;
        }
        boolean due = saveEvery > 0 ? steps >= saveEvery : System.nanoTime() - kept > PAUSE.toNanos();
        return due ? Wish.KEEP : Wish.GO_ON;
    }

    /// Asked before any work, where a training lies there that is to be resumed.
    ///
    /// @throws IOException where it is another one
    void checkSettings() throws IOException {
        var file = directory.resolve(STATE);
        var begun = directory.resolve(BEGUN);
        if (Files.exists(file)) {
            try (var checkpoint = SafeTensors.open(file)) {
                checkSettings(checkpoint);
            }
        } else if (Files.exists(begun) && !Files.readString(begun).equals(content.settings)) {
            throw new IOException(
                    "[%s] is of another training, which was killed as it began: %s. Choose another --out, or delete [%s]"
                            .formatted(begun, Difference.of(Files.readString(begun), content.settings), directory));
        }
    }

    private void checkSettings(Checkpoint checkpoint) throws IOException {
        var before = settings(checkpoint);
        if (!before.equals(content.settings)) {
            boolean finished = content.config.isPresent() && isFinished(checkpoint);
            throw new IOException("[%s] is of another training%s: %s. %s".formatted(checkpoint.path(),
                    finished ? ", which is finished" : "", Difference.of(before, content.settings),
                    finished ? trainingOn(directory) : "Choose another --out, or delete it"));
        }
    }

    @Override
    public Optional<State> resume() {
        Interruption.ofProcess().listen();
        var file = directory.resolve(STATE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (var checkpoint = SafeTensors.open(file)) {
            checkSettings(checkpoint);
            var progress = progress(checkpoint);
            var saved = Weights.forTraining(checkpoint);
            loaded.add(saved);
            return Optional.of(restored(file, saved.all(), progress));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private State restored(Path file, SequencedMap<String, Tensor> saved, Progress progress) throws IOException {
        take(file, saved);
        return new State(progress.record, progress.part, progress.steps, part(saved, MOMENTS));
    }

    private void take(Path file, SequencedMap<String, Tensor> saved) throws IOException {
        var own = part(saved, WEIGHTS);
        if (!own.keySet().equals(content.weights.all().keySet())) {
            throw new IOException("[%s] is of another network, or damaged. Choose another --out".formatted(file));
        }
        Autograd.recording(false, () -> {
            content.weights.all().forEach((name, tensor) -> tensor.copy_(own.get(name)));
            return file;
        });
    }

    @Override
    public void restored() {
        loaded.forEach(Weights::close);
        loaded.clear();
    }

    @Override
    public void over() {
        Interruption.ofProcess().leave();
    }

    private static SequencedMap<String, Tensor> part(SequencedMap<String, Tensor> saved, String prefix) {
        var part = new LinkedHashMap<String, Tensor>();
        saved.forEach((name, tensor) -> {
            if (name.startsWith(prefix)) {
                part.put(name.substring(prefix.length()), tensor);
            }
        });
        return part;
    }

    @Override
    public void close() {
        restored();
    }
}
