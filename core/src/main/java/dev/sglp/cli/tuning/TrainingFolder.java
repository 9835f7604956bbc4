package dev.sglp.cli.tuning;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.Weights;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Journal;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingRecord.Epoch;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// Where a training leaves what it has: `best/` and `last/`, each a network of its own, and `training.safetensors`, from
/// which it goes on. That one file holds everything, so a killed run always finds an epoch's end.
final class TrainingFolder implements Journal, AutoCloseable {
    static final String STATE = "training.safetensors";
    private static final String BEST = "best";
    private static final String LAST = "last";
    private static final String WEIGHTS = "weights.";
    private static final String MOMENTS = "moments.";
    private static final String EPOCHS = "epochs";
    private static final int COLUMNS = 6;

    private final Path directory;
    private final OutputFormat format;
    private final Weights weights;
    private final byte[] config;
    private final String settings;
    private final List<Weights> loaded = new ArrayList<>();

    /// @param weights  the network's, changed by the training
    /// @param config   the content of the `config.json` beside each network
    /// @param settings everything the training depends on, to compare with
    TrainingFolder(OutputOptions.Place place, Weights weights, byte[] config, String settings) {
        this.directory = place.directory();
        this.format = place.format();
        this.weights = weights;
        this.config = config.clone();
        this.settings = settings;
    }

    /// @throws IOException where a training lies there and is not to be resumed, or none does and one is
    static void check(OutputOptions.Place place, boolean resume) throws IOException {
        var directory = place.directory();
        for (var network : List.of(BEST, LAST)) {
            place.format().checkDirectory(directory.resolve(network));
        }
        boolean there = Files.exists(directory.resolve(STATE));
        if (there && !resume) {
            throw new IOException("[%s] holds a training. --resume goes on with it; or choose another --out"
                    .formatted(directory));
        }
        if (!there && resume) {
            throw new IOException("[%s] holds no %s to resume from. Maybe leave out --resume".formatted(directory,
                    STATE));
        }
    }

    Path best() {
        return directory.resolve(BEST);
    }

    Path last() {
        return directory.resolve(LAST);
    }

    @Override
    public void keep(State state) {
        try {
            var all = new LinkedHashMap<String, Tensor>();
            weights.all().forEach((name, tensor) -> all.put(WEIGHTS + name, tensor));
            state.moments().forEach((name, tensor) -> all.put(MOMENTS + name, tensor));
            var epochs = state.record().epochs();
            if (epochs.isEmpty()) {
                write(all, 0);
            } else {
                try (var _ = dev.sglp.tensor.Scope.open()) {
                    all.put(EPOCHS, Tensors.doubles(flat(epochs), epochs.size(), COLUMNS));
                    write(all, state.steps());
                }
            }
            NewCheckpoint.write(weights, last(), config, format);
            if (state.best()) {
                NewCheckpoint.write(weights, best(), config, format);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(SequencedMap<String, Tensor> all, long steps) throws IOException {
        NewCheckpoint.write(all, directory.resolve(STATE),
                Map.of("settings", settings, "steps", String.valueOf(steps)));
    }

    private static double[] flat(List<Epoch> epochs) {
        return epochs.stream().flatMapToDouble(e -> java.util.stream.DoubleStream.of(e.number(), e.learningRate(),
                e.trainingLoss(), e.validationLoss(), e.validationAccuracy(), e.seconds())).toArray();
    }

    @Override
    public Optional<State> resume() {
        var file = directory.resolve(STATE);
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (var checkpoint = SafeTensors.open(file)) {
            var before = checkpoint.metadata().getOrDefault("settings", "nothing known");
            if (!before.equals(settings)) {
                throw new IOException("[%s] is of another training: %s; expected %s. Choose another --out"
                        .formatted(file, before, settings));
            }
            var saved = Weights.load(checkpoint);
            loaded.add(saved);
            return Optional.of(restored(file, saved.all(), checkpoint.metadata().getOrDefault("steps", "")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private State restored(Path file, SequencedMap<String, Tensor> saved, String steps) throws IOException {
        var own = part(saved, WEIGHTS);
        if (!own.keySet().equals(weights.all().keySet()) || !steps.matches("\\d{1,18}")) {
            throw new IOException("[%s] is of another network, or damaged. Choose another --out".formatted(file));
        }
        Autograd.recording(false, () -> {
            weights.all().forEach((name, tensor) -> tensor.copy_(own.get(name)));
            return file;
        });
        return new State(record(saved), Long.parseLong(steps), part(saved, MOMENTS));
    }

    private static TrainingRecord record(SequencedMap<String, Tensor> saved) {
        var epochs = new ArrayList<Epoch>();
        var flat = saved.containsKey(EPOCHS) ? Tensors.toDoubles(saved.get(EPOCHS)) : new double[0];
        for (int i = 0; i + COLUMNS <= flat.length; i += COLUMNS) {
            epochs.add(new Epoch((int) flat[i], flat[i + 1], flat[i + 2], flat[i + 3], flat[i + 4], flat[i + 5]));
        }
        return new TrainingRecord(epochs);
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
        loaded.forEach(Weights::close);
    }
}
