package dev.sglp.evaluation.task;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.util.SequencedMap;

/// How a network did on a task whose answers are written, in lm-evaluation-harness 0.4.13's terms.
///
/// @param name       the task
/// @param items      how many questions
/// @param shots      worked examples before each
/// @param exactMatch by filter
public record MatchResult(String name, int items, int shots,
        @JsonProperty("exact_match") SequencedMap<String, Share> exactMatch) {
    /// @param value  fraction of questions whose answer, as the filter takes it, is the right one
    /// @param stderr standard error of it
    public record Share(double value, double stderr) {}
}
