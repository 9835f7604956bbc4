package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.fault.InputException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective;
import dev.sglp.training.course.Course;
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
/// @param course     which items stand together in its steps, and after which it is measured
public record TrainingTask(LayeredModel model, Dataset items, Dataset validation, TrainingSettings settings,
        Optional<Distillation> teacher, Optional<LossGradients> own, SequencedMap<String, Tensor> trained,
        Course course) {
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
        this(model, items, validation, settings, teacher, Optional.empty(), model.parameters(),
                Course.ofPasses(items, settings));
    }

    /// Some tensors of a language model change; it is measured so often that the measurements take a tenth of the time or less.
    public static TrainingTask ofText(TextGradients gradients, Dataset items, Dataset validation,
            TrainingSettings settings, SequencedMap<String, Tensor> trained) {
        return new TrainingTask(gradients.model(), items, validation, settings, Optional.empty(),
                Optional.of(gradients), trained, Course.ofText(items, validation, settings));
    }

    /// The same with another end.
    TrainingTask ending(long steps) {
        var other = settings.ending(Math.toIntExact(steps));
        return new TrainingTask(model, items, validation, other, teacher, own, trained,
                own.isPresent() ? Course.ofText(items, validation, other) : Course.ofPasses(items, other));
    }

    Objective objective() {
        double smoothing = settings.regularisation().labelSmoothing();
        return smoothing == 0 ? model.objective() : Objective.smoothedCrossEntropy(smoothing);
    }
}
