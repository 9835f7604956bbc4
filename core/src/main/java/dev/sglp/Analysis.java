package dev.sglp;

import dev.sglp.method.Choice;
import dev.sglp.pruning.Trust;
import dev.sglp.report.mechanism.Mechanisms;
import dev.sglp.segmentation.Segmentation;
import dev.sglp.similarity.SimilarityMatrix;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/// What was found out about a network before anything was removed.
///
/// @param similarity     between the outputs of its layers
/// @param segmentation   of its layers
/// @param choice         the layers to go, and every score on the way
/// @param denseLoss      loss of the whole network on the calibration data; NaN where it was not measured
/// @param lossWhenAbsent loss without each of `choice.singles()`, in their order; empty where it was not measured
/// @param precision      why layers were scored in the precision they were; empty for float32
/// @param view           which sets were looked at otherwise than a repair in view would mend them, one sentence each
/// @param trust          what a second look at the choice came to
/// @param mechanisms     what these losses say of the ideas the method rests on; absent where they were not measured
public record Analysis(SimilarityMatrix similarity, Segmentation segmentation, Choice choice, double denseLoss,
        List<Double> lossWhenAbsent, String precision, @Nullable List<String> view, Trust trust,
        @Nullable Mechanisms mechanisms) {
    public Analysis {
        lossWhenAbsent = lossWhenAbsent.stream().map(loss -> Objects.requireNonNullElse(loss, Double.NaN)).toList(); // JSON has no NaN
        view = view == null ? List.of() : List.copyOf(view); // absent in what was remembered before
    }
}
