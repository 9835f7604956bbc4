package dev.sglp.evaluation.task;

import dev.sglp.data.task.AnswerFilter;
import dev.sglp.data.task.ExactMatch;
import dev.sglp.evaluation.task.MatchResult.Share;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.stream.IntStream;

/// What a network wrote to each question.
///
/// @param task  the questions
/// @param texts by item
public record MatchScores(ExactMatch task, List<String> texts) {
    public MatchScores {
        texts = List.copyOf(texts);
    }

    /// Whether what a filter takes for an item's answer is right.
    public boolean right(int item, AnswerFilter filter) {
        return task.kind().right(filter.taken(texts.get(item)), task.items().get(item).answer());
    }

    /// The figures.
    public MatchResult result() {
        int n = texts.size();
        var shares = new LinkedHashMap<String, Share>();
        for (var filter : task.kind().filters()) {
            double value = IntStream.range(0, n).filter(i -> right(i, filter)).count() / (double) n;
            shares.put(filter.name(), new Share(value, TaskScores.stderr(value, n)));
        }
        return new MatchResult(task.kind().label(), n, task.shots(), shares);
    }
}
