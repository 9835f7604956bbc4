package dev.sglp.importance;

import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.work.Meter;
import java.util.List;
import java.util.Set;

/// Block Influence (ShortGPT, arXiv 2403.03853, eq. 1): `1 − E[cos(input, output)]` of a layer over all vectors; a set
/// scores the sum of its layers. Where outputs are tokens, these are the real ones; else an example's flattened activation is one.
public record BlockInfluence() implements Criterion {
    @Override
    public String name() {
        return "block-influence";
    }

    @Override
    public String source() {
        return "ShortGPT, arXiv 2403.03853";
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        return prepared(task.model(), task.data(), task.work()).scores(task);
    }

    @Override
    public Set<Hearing> hears() {
        return Set.of(Hearing.INFLUENCE);
    }

    /// One forward pass tells the influence of every layer.
    @Override
    public Criterion prepared(LayeredModel model, Calibration data, Meter work) {
        var influence = data.reading(model, Hearing.INFLUENCE).influence(work);
        return Criterion.of(name(), set -> set.indices().stream().mapToDouble(i -> influence[i]).sum());
    }
}
