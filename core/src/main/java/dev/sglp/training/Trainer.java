package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Predictions;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective;
import dev.sglp.model.Pass;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;

/// Trains a network in place. It owns what the optimizer remembers; close it.
public final class Trainer implements AutoCloseable {
    private static final double MOMENTUM_OF_STATISTICS = 0.1; // PyTorch's default

    private final LayeredModel model;
    private final Dataset training;
    private final TrainingSettings settings;
    private final Objective objective;
    private final List<Tensor> weights;
    private final List<List<Tensor>> memory;
    private final int stepsAnEpoch;
    private int step;

    public Trainer(LayeredModel model, Dataset training, TrainingSettings settings) {
        this.model = model;
        this.training = training;
        this.settings = settings;
        objective = settings.labelSmoothing() > 0
                ? Objective.smoothedCrossEntropy(settings.labelSmoothing())
                : model.objective();
        weights = List.copyOf(model.parameters().values());
        memory = weights.stream().map(w -> IntStream.range(0, settings.optimizer().memories())
                .mapToObj(i -> Scope.yieldOwned(() -> torch.zeros_like(w))).toList()).toList();
        stepsAnEpoch = training.size() / settings.batchSize(); // a rest is left to the next epoch's order
        if (stepsAnEpoch == 0) {
            throw new IllegalArgumentException("--batch-size %d is more than the %d training images"
                    .formatted(settings.batchSize(), training.size()));
        }
    }

    /// All epochs.
    ///
    /// @param validation measured after each epoch
    public TrainingRecord train(Dataset validation, Progress progress) {
        var epochs = new ArrayList<TrainingRecord.Epoch>();
        for (int epoch = 0; epoch < settings.epochs(); epoch++) {
            long start = System.nanoTime();
            double loss = epoch(epoch, progress);
            try (var predictions = Predictions.of(model, validation, settings.batchSize(), Progress.silent())) {
                double accuracy = predictions.right(1) / (double) predictions.size();
                epochs.add(new TrainingRecord.Epoch(epoch + 1, loss, predictions.loss(), accuracy, rate(step - 1),
                        (System.nanoTime() - start) / 1e9));
            }
            var last = epochs.getLast();
            progress.say(String.format(Locale.ROOT,
                    "  epoch %d of %d: training loss %.4f, validation loss %.4f, accuracy %.2f %%, %.0f s", epoch + 1,
                    settings.epochs(), loss, last.validationLoss(), 100 * last.validationAccuracy(), last.seconds()));
        }
        return new TrainingRecord(epochs);
    }

    /// One pass over the training data in a new order.
    ///
    /// @return the mean training loss
    private double epoch(int epoch, Progress progress) {
        int[] order = order(epoch);
        double sum = 0;
        try (var bar = progress.step("training, epoch %d of %d".formatted(epoch + 1, settings.epochs()),
                (long) stepsAnEpoch * settings.batchSize(), "images")) {
            for (int i = 0; i < stepsAnEpoch; i++) {
                double loss = step(Arrays.copyOfRange(order, i * settings.batchSize(), (i + 1) * settings.batchSize()),
                        epoch);
                if (!Double.isFinite(loss)) {
                    throw new IllegalArgumentException(
                            "the training loss is %s after %d steps. Lower --learning-rate, or set --clip 1"
                                    .formatted(loss, step));
                }
                sum += loss;
                bar.advance(settings.batchSize());
                bar.note(String.format(Locale.ROOT, "loss %.3f", loss));
            }
        }
        return sum / stepsAnEpoch;
    }

    private int[] order(int epoch) {
        var random = Seed.of(settings.seed()).generator("order " + epoch);
        int[] order = IntStream.range(0, training.size()).toArray();
        for (int i = order.length - 1; i > 0; i--) {
            int j = random.nextInt(i + 1);
            int kept = order[i];
            order[i] = order[j];
            order[j] = kept;
        }
        return order;
    }

    /// Forward, backward, update.
    ///
    /// @return the loss before the update
    private double step(int[] items, int epoch) {
        try (var _ = Scope.open()) {
            var batch = training.batch(items);
            var images = settings.augment()
                    ? Augmentation.apply(batch.inputs(), items, Seed.of(settings.seed()), epoch)
                    : batch.inputs();
            weights.forEach(w -> w.set_requires_grad(true));
            var loss = Autograd.recording(true, () -> objective
                    .loss(model.forward(images, Pass.training(MOMENTUM_OF_STATISTICS)), batch.targets()));
            var gradients = Autograd.product(loss, torch.ones_like(loss), weights, false);
            Autograd.recording(false, () -> {
                clip(gradients);
                update(gradients);
                return step;
            });
            return Tensors.toDoubles(loss)[0];
        }
    }

    private void clip(Tensor[] gradients) {
        if (settings.clip() > 0) {
            var norms = Arrays.stream(gradients).map(Tensor::norm).toArray(Tensor[]::new);
            var total = torch.stack(new TensorVector(norms)).norm().add_(new Scalar(1e-6));
            var factor = total.reciprocal().mul_(new Scalar(settings.clip())).clamp_max_(new Scalar(1.0));
            Arrays.stream(gradients).forEach(g -> g.mul_(factor));
        }
    }

    private void update(Tensor[] gradients) {
        double rate = rate(step++);
        for (int i = 0; i < gradients.length; i++) {
            var w = weights.get(i);
            double decay = w.dim() > 1 ? settings.weightDecay() : 0;
            settings.optimizer().step(w, gradients[i], memory.get(i), new Optimizer.Rates(rate, decay, step));
        }
    }

    private double rate(int at) {
        return settings.schedule().rate(at, stepsAnEpoch * settings.epochs());
    }

    @Override
    public void close() {
        memory.forEach(tensors -> tensors.forEach(Scope::free));
    }
}
