package dev.sglp.training;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.tensor.DType;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import dev.sglp.training.gradient.Trained;
import java.util.Optional;

/// How a language model is trained, layer by layer.
///
/// @param settings how
/// @param teaching whose answers are learned beside the next token; its network computes in float32, on weights of its own
/// @param type     what is computed in: float32, or bfloat16
/// @param what     is learned
public record TextLesson(TrainingSettings settings, Optional<Teaching> teaching, DType type, Trained.Of what)
        implements
            FineTuning.Lesson {
    /// In the current scope.
    @Override
    public TrainingTask task(LayeredModel network, Dataset items, Dataset validation) {
        var trained = what.network(network);
        var known = teaching.map(t -> type == DType.F32 ? t : t.in(type));
        return TrainingTask.ofText(new TextGradients(network, known, type, trained.lowRank()), items, validation,
                settings, trained.tensors());
    }

    @Override
    public Pass verification() {
        return Pass.evaluation();
    }
}
