package dev.sglp.evaluation.task;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import org.jspecify.annotations.Nullable;

/// How a network did on a multiple-choice task, in lm-evaluation-harness 0.4.13's terms.
///
/// @param name    the task
/// @param items   how many questions
/// @param acc     fraction of questions whose right choice has the largest log-likelihood
/// @param accNorm the same with each log-likelihood divided by the choice's characters; absent where the choices
///                themselves are not scored
/// @param stderr  standard error of `acc`
public record TaskResult(String name, int items, double acc,
        @JsonProperty("acc_norm") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double accNorm, double stderr) {}
