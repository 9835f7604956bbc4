package dev.sglp.cli.evaluation;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.data.DataSpec;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.evaluation.task.MatchResult;
import dev.sglp.evaluation.task.TaskResult;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/// What a network is worth on one data set.
public sealed interface Measured {
    /// What was asked for.
    DataSpec spec();

    /// The data, as people call them.
    String name();

    /// What is written of it as JSON.
    Object json();

    /// Sentences for the user.
    List<String> notes();

    /// What the checkpoint says of itself, beside this.
    default Optional<ClaimedAccuracy> claim() {
        return Optional.empty();
    }

    /// Images or text.
    ///
    /// @param classes how many there are to tell apart
    /// @param claimed what the checkpoint says of itself; absent where it says nothing
    record OnData(DataSpec spec, String name, int classes, Evaluation evaluation, @Nullable ClaimedAccuracy claimed,
            List<String> notes) implements Measured {
        @Override
        public Object json() {
            return evaluation;
        }

        @Override
        public Optional<ClaimedAccuracy> claim() {
            return Optional.ofNullable(claimed);
        }
    }

    /// Pairs of sentences.
    ///
    /// @param spearman   rank correlation of the cosines between a pair's embeddings with its scores; absent where it cannot be told
    /// @param parameters of the network
    /// @param bytes      of its tensors
    record OnPairs(DataSpec spec, String name, int pairs, @Nullable Double spearman, long parameters, long bytes,
            List<String> notes) implements Measured {
        private record Found(@JsonProperty("pairs") int pairs, @Nullable Double spearman, long parameters,
                long bytes) {}

        @Override
        public Object json() {
            return new Found(pairs, spearman, parameters, bytes);
        }
    }

    /// How the result of a task is written, whatever its kind.
    ///
    /// @param tasks by name
    record Tasks(Map<String, Object> tasks, long parameters, long bytes) {}

    /// Multiple-choice questions.
    ///
    /// @param parameters of the network
    /// @param bytes      of its tensors
    record OnTask(DataSpec spec, TaskResult result, long parameters, long bytes,
            List<String> notes) implements Measured {
        @Override
        public String name() {
            return spec.toString();
        }

        @Override
        public Object json() {
            return new Tasks(Map.of(result.name(), result), parameters, bytes);
        }
    }

    /// Questions whose answers are written.
    ///
    /// @param parameters of the network
    /// @param bytes      of its tensors
    record OnText(DataSpec spec, MatchResult result, long parameters, long bytes,
            List<String> notes) implements Measured {
        @Override
        public String name() {
            return spec.toString();
        }

        @Override
        public Object json() {
            return new Tasks(Map.of(result.name(), result), parameters, bytes);
        }
    }
}
