package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective;
import dev.sglp.training.gradient.LossGradients;
import dev.sglp.training.gradient.TextGradients;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// What is trained on what.
///
/// @param model      its weights change in place
/// @param items      the training items
/// @param validation measured before the first epoch and after every one; never trained on; may be empty
/// @param settings   how
/// @param teacher    a network whose answers are learned as well; empty for none
/// @param own        how gradients come about otherwise than by autograd over whole images; empty for that
/// @param trained    the tensors that change, by name
/// @param stretches  into how many stretches a pass over the items is cut, each followed by a measurement as an epoch is; `>= 1`
public record TrainingTask(LayeredModel model, Dataset items, Dataset validation, TrainingSettings settings,
        Optional<Distillation> teacher, Optional<LossGradients> own, SequencedMap<String, Tensor> trained,
        int stretches) {
    private static final int MOST_STRETCHES = 10;
    /// A measurement takes about a quarter of the time that training on as many tokens takes.
    private static final int TRAINED_FOR_MEASURED = 3;

    public TrainingTask {
        if (items.size() < 1) {
            throw new InputException("[%s] holds no items to train on".formatted(items.name()));
        }
    }

    public TrainingTask(LayeredModel model, Dataset items, Dataset validation, TrainingSettings settings) {
        this(model, items, validation, settings, Optional.empty());
    }

    /// All tensors change.
    public TrainingTask(LayeredModel model, Dataset items, Dataset validation, TrainingSettings settings,
            Optional<Distillation> teacher) {
        this(model, items, validation, settings, teacher, Optional.empty(), model.parameters(), 1);
    }

    /// Some tensors of a language model change; it is measured so often that the measurements take a tenth of the time or less.
    public static TrainingTask ofText(TextGradients gradients, Dataset items, Dataset validation,
            TrainingSettings settings, SequencedMap<String, Tensor> trained) {
        return new TrainingTask(gradients.model(), items, validation, settings, Optional.empty(),
                Optional.of(gradients), trained, stretches(items, validation, settings));
    }

    /// The same with another end.
    TrainingTask ending(long steps) {
        var other = settings.ending(Math.toIntExact(steps));
        return new TrainingTask(model, items, validation, other, teacher, own, trained,
                own.isPresent() ? stretches(items, validation, other) : 1);
    }

    /// Into how many stretches a pass over a text is cut.
    private static int stretches(Dataset items, Dataset validation, TrainingSettings settings) {
        long places = validation.places(0, validation.size());
        long steps = Math.max(1, items.size() / settings.batchSize());
        long taken = settings.maxSteps() == 0 ? steps : Math.min(steps, settings.maxSteps());
        long trained = items.places(0, items.size()) * taken / steps;
        long wanted = places == 0 ? 1 : Math.clamp(trained / (TRAINED_FOR_MEASURED * places), 1, MOST_STRETCHES);
        return Math.toIntExact(Math.min(wanted, taken) * steps / taken);
    }

    /// Batches of a whole pass. A rest smaller than half a batch is left out, unless there is nothing else: its statistics would
    /// be poor.
    int batches() {
        int whole = items.size() / settings.batchSize();
        int rest = items.size() % settings.batchSize();
        return whole + (2 * rest >= settings.batchSize() || whole == 0 ? 1 : 0);
    }

    /// Steps of the whole training.
    long steps() {
        long all = (long) batches() * settings.epochs();
        return settings.maxSteps() == 0 ? all : Math.min(all, settings.maxSteps());
    }

    /// Epochs that are begun: stretches of a pass, where it is cut into several.
    int epochs() {
        int epochs = 0;
        while (begin(epochs) < steps()) {
            epochs++;
        }
        return epochs;
    }

    /// Which pass an epoch belongs to, from 0.
    int passOf(int epoch) {
        return epoch / stretches;
    }

    /// Batches of its pass before an epoch.
    int before(int epoch) {
        return Math.toIntExact((long) batches() * (epoch % stretches) / stretches);
    }

    /// Steps before an epoch.
    long begin(int epoch) {
        return (long) batches() * passOf(epoch) + before(epoch);
    }

    /// Batches of an epoch, from 0: the last may end early.
    int batches(int epoch) {
        return Math.toIntExact(Math.min(begin(epoch + 1), steps()) - begin(epoch));
    }

    Objective objective() {
        double smoothing = settings.regularisation().labelSmoothing();
        return smoothing == 0 ? model.objective() : Objective.smoothedCrossEntropy(smoothing);
    }
}
