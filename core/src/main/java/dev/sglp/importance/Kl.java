package dev.sglp.importance;

import dev.sglp.importance.NetworkLosses.Measure;
import dev.sglp.importance.stream.Hearing;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/// How far the network's answers move when the layers go: the mean KL(dense ‖ candidate) in nats over the calibration examples, or their
/// tokens with a target. No labels are asked, and it is less noisy than the loss on as many tokens.
///
/// @param pass what batch norm normalises by, the stored statistics unless said, and what the networks compute in
public record Kl(Pass pass) implements Criterion {
    /// By the stored statistics.
    public static Kl standard() {
        return new Kl(Pass.evaluation());
    }

    @Override
    public String name() {
        return "kl";
    }

    @Override
    public String source() {
        return "divergence of the answers; as in Shortened-LLaMA, arXiv 2402.02834, but without labels";
    }

    @Override
    public boolean runsRemainders() {
        return true;
    }

    @Override
    public Criterion by(Pass other) {
        return new Kl(other.in(pass.precision()));
    }

    @Override
    public Criterion in(Precision other) {
        return new Kl(pass.in(other));
    }

    /// Of the stored statistics, in float32.
    @Override
    public Set<Hearing> hears() {
        return pass.equals(Pass.evaluation()) ? Set.of(Hearing.DIVERGENCES) : Set.of();
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        return Arrays.stream(task.losses(new NetworkLosses(Measure.KL, pass))).mapToObj(Score::of).toList();
    }
}
