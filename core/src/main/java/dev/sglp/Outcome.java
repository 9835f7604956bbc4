package dev.sglp;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.model.LayeredModel;
import dev.sglp.training.TrainingRecord;
import java.util.SequencedMap;

/// What one run found and made.
///
/// @param analysis     what was found out before
/// @param pruned       the network without the layers: a view on the dense network's weights, healed in place
/// @param before       the dense network on the report data
/// @param afterRemoval right after the removal
/// @param after        after healing; equal to `afterRemoval` in quality where nothing was healed
/// @param training     how healing by training went; without epochs where there was none
/// @param seconds      each step's
public record Outcome(Analysis analysis, LayeredModel pruned, Evaluation before, Evaluation afterRemoval,
        Evaluation after, TrainingRecord training, SequencedMap<String, Double> seconds) {}
