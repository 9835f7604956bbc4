package dev.sglp.training.blockwise;

import dev.sglp.data.Dataset;
import dev.sglp.data.Stretch;
import dev.sglp.evaluation.Memory;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.FineTuning;
import dev.sglp.training.Journal;
import dev.sglp.training.Journal.Part;
import dev.sglp.training.Journal.State;
import dev.sglp.training.TrainingRecord;
import dev.sglp.training.TrainingRecord.Epoch;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.gradient.LossGradients.Measured;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Optional;

/// Each layer from the one before the first gap on is fitted to the dense network's stream at its successor's input, front to back, by
/// gradient: no network is differentiated, and the optimizer remembers one layer. Two streams of all windows are in memory, beside the
/// weights of both networks. A layer that comes no nearer to the stream on the verification data stays as it was.
///
/// @param settings the schedule is each layer's
/// @param teaching the dense network, on weights of its own
/// @param type     what is computed in: float32, or bfloat16 on rounded copies of the weights, which stay float32
/// @param gaps     finds which layers of the dense network the smaller one lacks
public record BlockwiseLesson(TrainingSettings settings, Teaching teaching, DType type, Gaps gaps)
        implements
            FineTuning.Lesson {
    private static final int CHECKS = 8;
    private static final double BESIDE = 0.4; // of a pass of steps, what a layer takes besides: streams, and looking how far it came

    /// Finds the layers that are missing.
    public interface Gaps {
        LayerSet of(LayeredModel dense, LayeredModel smaller);
    }

    /// An epoch of its record is a layer.
    @Override
    public TrainingRecord train(LayeredModel network, Dataset items, Dataset validation, Journal journal,
            Progress progress) {
        network.checkWritable();
        var dense = teaching.teacher();
        var missing = gaps.of(dense, network);
        if (items.size() < 1 || missing.size() == 0) {
            throw new InputException("[%s] has no windows to fit on, or no layer is missing".formatted(items.name()));
        }
        checkRoom(network, items, checks(items, validation));
        try (var _ = Scope.open()) {
            return new Run(network, missing, items, validation, journal, progress).record();
        } finally {
            journal.over();
        }
    }

    /// What tells whether a layer is nearer than it was: where there are no verification data some of what it is fitted to.
    private static Dataset checks(Dataset items, Dataset validation) {
        return validation.size() > 0 ? validation : new Stretch(items, 0, Math.min(CHECKS, items.size()));
    }

    /// Two streams of all windows, and as much again where a layer is gone through.
    private static void checkRoom(LayeredModel network, Dataset items, Dataset checks) {
        long tokens = items.places(0, items.size()) + checks.places(0, checks.size());
        long needed = 2 * tokens * width(network, items) * Float.BYTES;
        long free = Memory.availableBytes();
        if (needed > free / 2) {
            long fits = tokens * (free / 2) / needed - checks.places(0, checks.size());
            throw new UsageException(
                    "--train blockwise keeps the streams of all %,d tokens, %,d bytes, and %,d are free: half of that is taken at most. %s"
                            .formatted(tokens, needed, free, fits < 1
                                    ? "Verify on fewer: --verify-samples"
                                    : "Train on fewer: --train-tokens " + fits));
        }
    }

    private static long width(LayeredModel network, Dataset items) {
        try (var _ = Scope.open()) {
            return Autograd.recording(false,
                    () -> network.stem().forward(items.batch(0, 1).inputs(), Pass.evaluation()).size(-1));
        }
    }

    @Override
    public Pass verification() {
        return Pass.evaluation();
    }

    /// One training.
    private final class Run {
        private final LayeredModel network;
        private final LayeredModel dense;
        private final LayerSet missing;
        private final Dataset items;
        private final Dataset validation;
        private final Journal journal;
        private final Progress progress;
        private final Teaching compared;
        private final TrainingSettings each; // of a layer
        private State state;

        Run(LayeredModel network, LayerSet missing, Dataset items, Dataset validation, Journal journal,
                Progress progress) {
            this.network = network;
            this.dense = teaching.teacher();
            this.missing = missing;
            this.items = items;
            this.validation = validation;
            this.journal = journal;
            this.progress = progress;
            this.compared = teaching.remembering(validation);
            var stopped = journal.resume();
            this.each = settings.ending(stopped.map(at -> Math.toIntExact(at.record().steps() / fitted()))
                    .orElseGet(this::stepsOfEach));
            this.state = stopped.orElseGet(() -> {
                var came = measured(Epoch.untrained(), System.nanoTime());
                if (validation.size() > 0) {
                    progress.say("  as it came: validation %.4f".formatted(came.validationLoss()));
                }
                var begin = new State(TrainingRecord.on(items.name(), each.maxSteps() * fitted(), "layer", came),
                        Part.none(), 0, new LinkedHashMap<>());
                journal.keep(begin);
                return begin;
            });
        }

        /// As many as its passes have, or as all layers can have within the minutes that were given, by what those of the first layer take.
        private int stepsOfEach() {
            var fit = fit(network.layers().get(Math.max(0, missing.indices().getFirst() - 1)), settings);
            int all = fit.steps(items.size());
            if (settings.minutes() == 0) {
                return all;
            }
            int some = Math.min(items.size(), settings.batchSize());
            try (var few = Streams.of(dense, network, new Stretch(items, 0, some))) {
                double seconds = fit.secondsAStep(few);
                double passes = BESIDE * items.size() / settings.batchSize(); // in steps
                int steps = (int) Math.clamp(60 * settings.minutes() / seconds / fitted() - passes, 1, all);
                progress.say(String.format(Locale.ROOT,
                        "a step of a layer takes about %.1f s here: %s minutes are %,d of %,d steps of each of %d layers",
                        seconds, settings.minutes(), steps, all, fitted()));
                return steps;
            }
        }

        /// How many layers are fitted.
        private long fitted() {
            int first = missing.indices().getFirst();
            return missing.others(dense.layers().size()).stream().filter(kept -> kept >= first - 1).count();
        }

        TrainingRecord record() {
            var kept = missing.others(dense.layers().size());
            int first = missing.indices().getFirst();
            int number = 0;
            try (var fitted = Streams.of(dense, network, items);
                    var checks = Streams.of(dense, network, checks(items, validation))) {
                int at = 0; // the layer that the dense stream enters
                for (int place = 0; place < kept.size(); place++) {
                    int next = place + 1 < kept.size() ? kept.get(place + 1) : dense.layers().size();
                    for (; at < next; at++) {
                        fitted.whole().through(dense.layers().get(at));
                        checks.whole().through(dense.layers().get(at));
                    }
                    var layer = network.layers().get(place);
                    if (next >= first) {
                        number++;
                        if (number > state.record().epochs().size()) {
                            fit(fit(layer, each), fitted, checks, number);
                        }
                    }
                    fitted.smaller().through(layer);
                    checks.smaller().through(layer);
                }
            }
            return state.record();
        }

        private LayerFit fit(Layer layer, TrainingSettings of) {
            return new LayerFit(layer, of, type, new Meter(network, 1));
        }

        private void fit(LayerFit fit, Streams fitted, Streams checks, int number) {
            long start = System.nanoTime();
            double before = fit.distance(checks);
            double after;
            double loss;
            try (var _ = Scope.open();
                    var step = progress.step("fitting layer %d of %d".formatted(number, fitted()),
                            fit.steps(items.size()), "steps")) {
                var was = Tensors.copies(fit.tensors());
                loss = fit.train(fitted, step, () -> stop(number));
                after = fit.distance(checks);
                if (!(after < before)) {
                    Tensors.restore(fit.tensors(), was);
                }
            }
            var done = measured(Epoch.unmeasured(number, settings.schedule().peak(), loss), start);
            progress.say("  %s: distance from the dense stream %.4f, was %.4f%s; validation %.4f, %.0f s".formatted(
                    fit.name(), after, before, after < before ? "" : ", left as it was", done.validationLoss(),
                    done.seconds()));
            state = new State(state.record().and(done), Part.none(), (long) number * each.maxSteps(),
                    new LinkedHashMap<>());
            journal.keep(state);
        }

        /// A layer that was begun is fitted again.
        private void stop(int number) {
            if (journal.wish() == Journal.Wish.STOP) {
                throw FineTuning.stopped("layer %d of %d".formatted(number, fitted()), journal);
            }
        }

        /// With what the verification data say of the whole network, the layers behind as they were, where there are some.
        private Epoch measured(Epoch of, long start) {
            try (var _ = Scope.open()) {
                var found = validation.size() == 0
                        ? new Measured(Double.NaN, Double.NaN)
                        : new TextGradients(network, Optional.of(compared), DType.F32).measured(validation);
                return of.measured(found.loss(), found.kl(), (System.nanoTime() - start) / 1e9);
            }
        }
    }
}
