package dev.sglp.method.decision;

import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.evaluation.task.TaskScores;
import dev.sglp.importance.Criterion;
import dev.sglp.importance.ScoringTask;
import dev.sglp.progress.Progress;
import java.util.Arrays;
import java.util.List;

/// The mean cross-entropy over the choices of multiple-choice questions, in nats: a choice is as likely as its continuation. It orders
/// networks with far fewer questions than the count of right answers does.
///
/// @param task      the questions
/// @param evaluator asks them
public record ChoiceLoss(MultipleChoice task, TaskEvaluator evaluator) implements Criterion {
    @Override
    public String name() {
        return "task:" + task.kind().label();
    }

    @Override
    public String source() {
        return "the questions of lm-evaluation-harness";
    }

    @Override
    public boolean runsRemainders() {
        return true;
    }

    @Override
    public List<Score> scores(ScoringTask asked) {
        double passes = tokens() / (double) asked.data().examples().answers(0, asked.data().examples().size());
        return asked.candidates().stream().map(set -> {
            var network = asked.remainder().without(set);
            var score = Score.of(mean(evaluator.score(network, task, Progress.silent())));
            asked.work().add(passes * network.layers().size() / asked.model().layers().size());
            asked.progress().advance(1);
            return score;
        }).toList();
    }

    private long tokens() {
        return task.items().stream().flatMap(item -> item.requests().stream())
                .mapToLong(request -> request.context().length + (long) request.continuation().length).sum();
    }

    static double mean(TaskScores scores) {
        var items = scores.task().items();
        double sum = 0;
        for (int i = 0; i < items.size(); i++) {
            double[] own = scores.logLikelihoods()[i];
            double most = Arrays.stream(own).max().orElseThrow();
            double all = Arrays.stream(own).map(x -> Math.exp(x - most)).sum();
            sum += most + Math.log(all) - own[items.get(i).right()];
        }
        return sum / items.size();
    }

    /// What its scores depend on.
    @Override
    public String toString() {
        return "%s, %s".formatted(name(), task.digest());
    }
}
