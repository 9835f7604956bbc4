package dev.sglp.report.study;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.evaluation.task.TaskResult;
import org.jspecify.annotations.Nullable;

/// What a language model is worth on further data than the study's own: a text, or questions.
///
/// @param data       as people call them, for instance `task:piqa`
/// @param perplexity of the text; absent for questions
/// @param kl         KL(dense ‖ this) a token of the text, in nats; absent for questions and for the dense network itself
/// @param task       the questions' figures; absent for a text
@JsonInclude(JsonInclude.Include.NON_NULL)
public record Also(String data, @Nullable Double perplexity,
        @JsonProperty("kl_divergence") @Nullable Double kl, @Nullable TaskResult task) {
    /// What rows are compared by: the text's perplexity, or the fraction of right answers.
    double value() {
        return task != null ? task.acc() : perplexity == null ? Double.NaN : perplexity;
    }
}
