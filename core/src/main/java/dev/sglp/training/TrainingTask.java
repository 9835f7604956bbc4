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
/// @param validation measured after every epoch; never trained on; may be empty
/// @param settings   how
/// @param teacher    a network whose answers are learned as well; empty for none
/// @param own        how gradients come about otherwise than by autograd over whole images; empty for that
/// @param trained    the tensors that change, by name
public record TrainingTask(LayeredModel model, Dataset items, Dataset validation, TrainingSettings settings,
        Optional<Distillation> teacher, Optional<LossGradients> own, SequencedMap<String, Tensor> trained) {
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
        this(model, items, validation, settings, teacher, Optional.empty(), model.parameters());
    }

    /// Some tensors of a language model change.
    public static TrainingTask ofText(TextGradients gradients, Dataset items, Dataset validation,
            TrainingSettings settings, SequencedMap<String, Tensor> trained) {
        return new TrainingTask(gradients.model(), items, validation, settings, Optional.empty(),
                Optional.of(gradients), trained);
    }

    /// Batches of a whole epoch. A rest smaller than half a batch is left out, unless there is nothing else: its statistics would
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

    /// Epochs that are begun.
    int epochs() {
        return Math.toIntExact(Math.ceilDiv(steps(), batches()));
    }

    /// Batches of an epoch, from 0: the last may end early.
    int batches(int epoch) {
        return Math.toIntExact(Math.min(batches(), steps() - (long) epoch * batches()));
    }

    Objective objective() {
        double smoothing = settings.regularisation().labelSmoothing();
        return smoothing == 0 ? model.objective() : Objective.smoothedCrossEntropy(smoothing);
    }
}
