package dev.sglp.training;

import dev.sglp.data.SplitMix;
import dev.sglp.evaluation.Predictions;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.TrainingRecord.Epoch;
import dev.sglp.training.descent.Moments;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.MemoryFormat;

/// Trains a network by gradient descent. The same task with the same number of threads gives the same weights, bit for bit.
public final class Trainer {
    private static final double NORM_MOMENTUM = 0.1; // PyTorch's default
    private final TrainingTask task;
    private final TrainingSettings settings;
    private final List<Tensor> parameters;

    private Trainer(TrainingTask task) {
        this.task = task;
        this.settings = task.settings();
        this.parameters = List.copyOf(task.model().parameters().sequencedValues());
    }

    /// @throws IllegalArgumentException where the loss is no longer a number: names the epoch
    public static TrainingRecord train(TrainingTask task, Progress progress) {
        return train(task, Journal.none(), progress);
    }

    /// The same, kept in a journal after every epoch. A training that goes on from a journal ends with the same weights as
    /// one that was never stopped.
    public static TrainingRecord train(TrainingTask task, Journal journal, Progress progress) {
        return new Trainer(task).run(journal, progress);
    }

    private TrainingRecord run(Journal journal, Progress progress) {
        try (var moments = new Moments(settings.optimizer(), task.model().parameters())) {
            var record = begin(journal, moments);
            parameters.forEach(p -> p.set_requires_grad(true));
            while (record.epochs().size() < settings.epochs()) {
                record = record.and(epoch(record.epochs().size(), moments, progress));
                journal.keep(new Journal.State(record, moments.steps(), moments.tensors()));
            }
            return record;
        } finally {
            parameters.forEach(p -> p.set_requires_grad(false));
        }
    }

    private static TrainingRecord begin(Journal journal, Moments moments) {
        var from = journal.resume();
        from.ifPresent(state -> moments.restore(state.moments(), state.steps()));
        if (from.isEmpty()) {
            journal.keep(new Journal.State(new TrainingRecord(List.of()), 0, moments.tensors()));
        }
        return from.map(Journal.State::record).orElseGet(() -> new TrainingRecord(List.of()));
    }

    private Epoch epoch(int epoch, Moments moments, Progress progress) {
        long start = System.nanoTime();
        var name = "epoch %d of %d".formatted(epoch + 1, settings.epochs());
        double loss;
        try (var step = progress.step(name, task.batches(), "batches")) {
            loss = pass(epoch, moments, step);
        }
        if (!Double.isFinite(loss)) {
            throw new IllegalArgumentException(
                    "the training loss is %s in epoch %d: it diverged. Maybe --learning-rate %s is too high, or --clip-norm helps"
                            .formatted(loss, epoch + 1, settings.schedule().peak()));
        }
        double rate = settings.schedule().at((epoch + 1L) * task.batches() - 1, task.steps());
        return validated(new Epoch(epoch + 1, rate, loss, Double.NaN, Double.NaN, 0), start, progress);
    }

    /// One pass over the items in a new order.
    ///
    /// @return the mean loss
    private double pass(int epoch, Moments moments, Progress.Step progress) {
        long seed = SplitMix.mix(settings.seed(), epoch);
        int[] order = IntStream.range(0, task.items().size()).toArray();
        new SplitMix(seed).shuffle(order);
        try (var _ = Scope.open()) {
            var total = Tensors.zeros(DType.F64, 1); // stays a tensor, so that no step waits for a number
            int seen = 0;
            for (int batch = 0; batch < task.batches(); batch++) {
                int from = batch * settings.batchSize();
                int[] items = Arrays.copyOfRange(order, from, Math.min(order.length, from + settings.batchSize()));
                double rate = settings.schedule().at((long) epoch * task.batches() + batch, task.steps());
                Scope.run(() -> total.add_(step(items, seed, rate, moments), new Scalar((double) items.length)));
                seen += items.length;
                progress.advance(1);
            }
            return Tensors.toDoubles(total)[0] / seen;
        }
    }

    /// Forward, backward, update.
    ///
    /// @return the mean loss of the batch
    private Tensor step(int[] items, long seed, double learningRate, Moments moments) {
        var batch = task.items().pick(items);
        var inputs = channelsLast(settings.regularisation().augmentation().apply(batch.inputs(), items, seed));
        var loss = Autograd.recording(true, () -> {
            var logits = task.model().forward(inputs, Pass.training(NORM_MOMENTUM));
            var plain = task.objective().loss(logits, batch.targets());
            return task.teacher().map(t -> t.with(plain, logits, inputs)).orElse(plain);
        });
        var gradients = Autograd.product(loss, Tensors.ones(DType.F32), parameters, false);
        var by = settings.regularisation();
        moments.step(gradients, new Moments.Rates(learningRate, by.weightDecay(), by.clipNorm()));
        return loss.detach();
    }

    /// Images with their channels together: convolutions need a quarter less time that way.
    private static Tensor channelsLast(Tensor inputs) {
        return inputs.dim() == 4 ? inputs.contiguous(MemoryFormat.ChannelsLast) : inputs;
    }

    private Epoch validated(Epoch e, long start, Progress progress) {
        double loss = Double.NaN;
        double accuracy = Double.NaN;
        if (task.validation().size() > 0) {
            try (var p = Predictions.of(task.model(), task.validation(), settings.batchSize(), Progress.silent())) {
                loss = p.loss();
                accuracy = p.right(1) / (double) p.size();
            }
        }
        var done = new Epoch(e.number(), e.learningRate(), e.trainingLoss(), loss, accuracy,
                (System.nanoTime() - start) / 1e9);
        progress.say(String.format(Locale.ROOT, "  epoch %d: loss %.4f, validation %.4f, accuracy %.2f %%, %.0f s",
                done.number(), done.trainingLoss(), loss, 100 * accuracy, done.seconds()));
        return done;
    }
}
