package dev.sglp.training;

import dev.sglp.evaluation.Predictions;
import dev.sglp.model.Layout;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.Journal.Part;
import dev.sglp.training.Journal.State;
import dev.sglp.training.TrainingRecord.Epoch;
import dev.sglp.training.descent.Moments;
import dev.sglp.training.gradient.LossGradients;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/// Trains a network by gradient descent. The same task with the same number of threads gives the same weights, bit for bit.
public final class Trainer {
    private static final int LOOK = 16; // batches after which a training that diverged is told as one
    private static final int TIMED = 3; // steps whose time says how many go into some minutes
    private static final double MEASURING = 0.1; // of a training's time, at most, for text
    private static final double NORM_MOMENTUM = 0.1; // PyTorch's default
    private TrainingTask task; // its end is known when it begins
    private final TrainingSettings settings;
    private final List<Tensor> parameters;
    private final Journal journal;
    private final Progress progress;

    private Trainer(TrainingTask task, Journal journal, Progress progress) {
        task.model().checkWritable();
        this.task = task;
        this.settings = task.settings();
        this.parameters = List.copyOf(task.trained().sequencedValues());
        this.journal = journal;
        this.progress = progress;
    }

    /// @throws IllegalArgumentException where the loss is no longer a number: names the epoch
    public static TrainingRecord train(TrainingTask task, Progress progress) {
        return train(task, Journal.none(), progress);
    }

    /// The same, kept in a journal after every epoch and whenever the journal wishes. A training that goes on from a journal
    /// ends with the same weights as one that was never stopped.
    ///
    /// @throws TrainingStopped where the journal wished for an end; everything done is kept
    public static TrainingRecord train(TrainingTask task, Journal journal, Progress progress) {
        return new Trainer(task, journal, progress).run();
    }

    private TrainingRecord run() {
        try (var moments = new Moments(settings.optimizer(), task.trained())) {
            parameters.forEach(p -> p.set_requires_grad(true));
            var state = begin(moments);
            return state.record().epochs().size() < task.course().epochs() ? epochs(state, moments) : state.record();
        } finally {
            parameters.forEach(p -> p.set_requires_grad(false));
            journal.over();
        }
    }

    /// One step of progress for all that is left: its time is the training's.
    private TrainingRecord epochs(State from, Moments moments) {
        var state = from;
        long done = task.course().begin(state.record().epochs().size()) + state.part().batches();
        try (var step = progress.step(done == 0 ? "training" : "training, the first %,d steps are done".formatted(done),
                task.course().steps() - done, "steps")) {
            while (state.record().epochs().size() < task.course().epochs()) {
                step.note(task.course().words(state.record().epochs().size()));
                state = epoch(state, moments, step);
                journal.keep(state);
            }
        }
        return state.record();
    }

    private State begin(Moments moments) {
        var from = journal.resume();
        if (from.isPresent()) {
            var state = from.get();
            Optional.ofNullable(state.record().steps()).ifPresent(steps -> task = task.ending(steps));
            restore(state, moments);
            journal.restored();
            return new State(state.record(), state.part(), state.steps(), moments.tensors());
        }
        if (settings.minutes() > 0) {
            task = task.ending(Math.min(task.course().steps(), stepsIn(settings.minutes())));
        }
        long start = System.nanoTime();
        var untrained = measured(Epoch.untrained(), start);
        if (!Double.isNaN(untrained.validationLoss())) {
            progress.say(String.format(Locale.ROOT, "  as it came: validation %.4f, %s", untrained.validationLoss(),
                    quality(untrained)));
        }
        var state = state(
                TrainingRecord.on(task.items().name(), task.course().steps(), task.course().word(), untrained),
                Part.none(),
                moments);
        journal.keep(state);
        return state;
    }

    /// By what the gradients of some steps take, which change nothing.
    private long stepsIn(double minutes) {
        int[] items = task.course().batches(0).getFirst();
        double[] seconds = new double[TIMED];
        try (var _ = Scope.open()) {
            var statistics = Tensors.copies(task.model().buffers().values());
            for (int i = 0; i < TIMED; i++) {
                long start = System.nanoTime();
                Scope.run(() -> Tensors.toDoubles(gradients(items, settings.seed()).loss()));
                seconds[i] = (System.nanoTime() - start) / 1e9;
            }
            Tensors.restore(task.model().buffers().values(), statistics);
        }
        Arrays.sort(seconds);
        double each = (1 + MEASURING) * seconds[TIMED / 2];
        long steps = Math.max(1, (long) (60 * minutes / each));
        progress.say(String.format(Locale.ROOT, "a step takes about %.1f s here: %s minutes are %,d of %,d steps", each,
                minutes, Math.min(steps, task.course().steps()), task.course().steps()));
        return steps;
    }

    private void restore(State state, Moments moments) {
        var beside = beside();
        var kept = new LinkedHashMap<>(state.moments());
        if (!kept.keySet().containsAll(beside.keySet())) {
            throw new IllegalArgumentException("what was kept is of another training");
        }
        Autograd.recording(false, () -> {
            beside.forEach((name, tensor) -> tensor.copy_(kept.remove(name)));
            return beside;
        });
        moments.restore(kept, state.steps());
        task.own().ifPresent(LossGradients::stepped);
    }

    private SequencedMap<String, Tensor> beside() {
        return task.own().map(LossGradients::beside).orElseGet(Collections::emptySortedMap);
    }

    private State state(TrainingRecord record, Part part, Moments moments) {
        var kept = new LinkedHashMap<>(moments.tensors());
        kept.putAll(beside());
        return new State(record, part, moments.steps(), kept);
    }

    private State epoch(State from, Moments moments, Progress.Step step) {
        int epoch = from.record().epochs().size();
        long start = System.nanoTime() - (long) (from.part().seconds() * 1e9);
        var passed = pass(from, start, moments, step);
        long last = task.course().begin(epoch) + task.course().steps(epoch) - 1;
        double rate = settings.schedule().at(last, task.course().steps());
        var trained = Epoch.unmeasured(epoch + 1, rate, passed.loss);
        var done = validated(task.own().isPresent() ? trained.trainedOn(passed.places, passed.seconds) : trained,
                start);
        return state(from.record().and(done), Part.none(), moments);
    }

    /// @param loss    mean
    /// @param places  of all items that were seen: of text tokens
    /// @param seconds the pass took
    private record Passed(double loss, long places, double seconds) {}

    /// One epoch, or what is left of it.
    private Passed pass(State from, long begun, Moments moments, Progress.Step progress) {
        int epoch = from.record().epochs().size();
        var batches = task.course().batches(epoch);
        task.items().expect(batches.subList(from.part().batches(), batches.size()));
        try (var _ = Scope.open()) {
            var total = task.model().device().doubles(new double[]{from.part().lossSum()}, 1); // a tensor: not every step waits for a number
            for (int batch = from.part().batches(); batch < batches.size(); batch++) {
                int[] items = batches.get(batch);
                double rate = settings.schedule().at(task.course().begin(epoch) + batch, task.course().steps());
                Scope.run(() -> total.add_(step(items, task.course().seed(epoch), rate, moments),
                        new Scalar((double) items.length)));
                progress.advance(1);
                if (batch % LOOK == 0) {
                    finite(total, epoch);
                }
                var wish = journal.wish();
                if (wish != Journal.Wish.GO_ON) {
                    var part = new Part(batch + 1, finite(total, epoch), (System.nanoTime() - begun) / 1e9);
                    pause(wish, state(from.record(), part, moments));
                }
            }
            int[] seen = batches.stream().flatMapToInt(Arrays::stream).toArray();
            return new Passed(finite(total, epoch) / seen.length,
                    Arrays.stream(seen).mapToLong(i -> task.items().places(i, i + 1)).sum(),
                    (System.nanoTime() - begun) / 1e9);
        }
    }

    /// Keeps what is done of an epoch, and ends there if that is wished.
    private void pause(Journal.Wish wish, State state) {
        journal.keep(state);
        if (wish == Journal.Wish.STOP) {
            int epoch = state.record().epochs().size();
            throw FineTuning.stopped("%s after %d of %d batches".formatted(task.course().words(epoch),
                    state.part().batches(), task.course().steps(epoch)), journal);
        }
    }

    private double finite(Tensor total, int epoch) {
        return finite(Tensors.toDoubles(total)[0], "training loss", epoch + 1);
    }

    private double finite(double loss, String of, int epoch) {
        if (!Double.isFinite(loss)) {
            throw diverged("the %s is %s".formatted(of, loss), epoch);
        }
        return loss;
    }

    private TrainingDiverged diverged(String how, int epoch) {
        return new TrainingDiverged(
                "%s in epoch %d: it diverged. Maybe --learning-rate %s is too high, or --clip-norm helps".formatted(how,
                        epoch, settings.schedule().peak()));
    }

    /// Forward, backward, update.
    ///
    /// @return the mean loss of the batch
    private Tensor step(int[] items, long seed, double learningRate, Moments moments) {
        var found = gradients(items, seed);
        var by = settings.regularisation();
        moments.step(found.gradients(), new Moments.Rates(learningRate, by.weightDecay(), by.clipNorm()));
        task.own().ifPresent(LossGradients::stepped);
        return found.loss();
    }

    private LossGradients.Found gradients(int[] items, long seed) {
        return task.own().map(own -> own.of(task.items(), items, seed, task.trained()))
                .orElseGet(() -> wholeImages(items, seed));
    }

    private LossGradients.Found wholeImages(int[] items, long seed) {
        var batch = task.items().pick(items);
        var inputs = channelsLast(settings.regularisation().augmentation().apply(batch.inputs(), items, seed));
        var loss = Autograd.recording(true, () -> {
            var logits = task.model().forward(inputs, Pass.training(NORM_MOMENTUM));
            var plain = task.objective().loss(logits, batch.targets());
            return task.teacher().map(t -> t.with(plain, logits, inputs)).orElse(plain);
        });
        return new LossGradients.Found(loss.detach(),
                Autograd.product(loss, Device.of(loss).ones(DType.F32), parameters, false));
    }

    /// Images with their channels together: convolutions need a quarter less time that way.
    private Tensor channelsLast(Tensor inputs) {
        return task.model().layout() == Layout.MAPS ? inputs.contiguous(MemoryFormat.ChannelsLast) : inputs;
    }

    private void checkTensors(int epoch) {
        for (var part : task.model().parts()) {
            Stream.of(part.parameters(), part.buffers()).flatMap(tensors -> tensors.entrySet().stream())
                    .filter(e -> !Tensors.allFinite(e.getValue())).findFirst().ifPresent(e -> {
                        throw diverged("'%s' holds values that are not finite".formatted(e.getKey()), epoch);
                    });
        }
    }

    private Epoch validated(Epoch e, long start) {
        checkTensors(e.number());
        var done = measured(e, start);
        if (task.validation().size() > 0) {
            finite(done.validationLoss(), "validation loss", e.number());
        }
        progress.say(String.format(Locale.ROOT, "  %s: loss %.4f, validation %.4f, %s, %.0f s%s",
                task.course().words(e.number() - 1), e.trainingLoss(), done.validationLoss(), quality(done),
                done.seconds(),
                done.tokensPerSecond() == null
                        ? ""
                        : String.format(Locale.ROOT, ", %,.0f tokens a second", done.tokensPerSecond())));
        return done;
    }

    /// With what the verification data say of the network as it is, where there are some.
    private Epoch measured(Epoch e, long start) {
        if (task.validation().size() > 0 && task.own().isPresent()) {
            var measured = task.own().get().measured(task.validation());
            return e.measured(measured.loss(), measured.kl(), (System.nanoTime() - start) / 1e9);
        }
        double loss = Double.NaN;
        double accuracy = Double.NaN;
        if (task.validation().size() > 0) {
            try (var p = Predictions.of(task.model(), task.validation(), settings.batchSize(), Progress.silent())) {
                loss = p.loss();
                accuracy = p.right(1) / (double) p.size();
            }
        }
        return e.classified(loss, accuracy, (System.nanoTime() - start) / 1e9);
    }

    private String quality(Epoch e) {
        var quality = task.own().isPresent()
                ? String.format(Locale.ROOT, "perplexity %.4f", Math.exp(e.validationLoss()))
                : String.format(Locale.ROOT, "accuracy %.2f %%", 100 * e.validationAccuracy());
        return quality + (e.validationKl() == null ? "" : String.format(Locale.ROOT, ", KL %.4f", e.validationKl()));
    }
}
