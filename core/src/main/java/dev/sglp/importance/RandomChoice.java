package dev.sglp.importance;

import dev.sglp.tensor.Seed;
import java.util.List;

/// A score out of nowhere: what any other criterion has to beat. It depends on the seed and the set alone.
public record RandomChoice() implements Criterion {
    @Override
    public String name() {
        return "random";
    }

    @Override
    public String source() {
        return "control";
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        var seed = Seed.of(task.data().seed());
        task.progress().advance(task.candidates().size());
        return task.candidates().stream().map(c -> Score.of(seed.generator("random " + c).nextDouble())).toList();
    }
}
