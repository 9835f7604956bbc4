package dev.sglp.importance.wave;

import dev.sglp.importance.GradNorm;
import dev.sglp.importance.ScoringTask;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape.Turn;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Resume;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import java.util.List;

/// Gradient norms of candidates where layers are read from a file: forward, each layer is in memory once for all of them, and what it is
/// given waits; back, once more, and its gradients are reduced to norms as they arise. What waits and does not fit into memory lies
/// on disk. Each norm is that of {@link dev.sglp.importance.CandidateGradients}.
///
/// @param task the network and the data
/// @param pass what batch norm normalises by
/// @param norm how the tensors' norms become one number
/// @param draw  which one of several
/// @param alone whether one thread computes each operation, as where candidates go side by side: sums of several threads are others
public record GradientWave(ScoringTask task, Pass pass, GradNorm.Norm norm, LayerSource source, int draw,
        boolean alone) {
    private static final long LEFT = 1L << 28; // bytes of the disk that are others'

    /// Told the norm of each candidate.
    @FunctionalInterface
    public interface Found {
        void norm(int candidate, double value);
    }

    /// All candidates together, or as many as memory and disk have room for.
    public void walk(List<Turn> turns, Found found) {
        long each = Wave.bytes(task.model(), task.data().batches(),
                b -> task.data().batch(b).inputs());
        long state = task.data().batches() * each;
        for (int from = 0; from < turns.size();) {
            int to = together(turns, from, (source.room() + Math.max(0, source.disk(each) - LEFT)) / state);
            var some = turns.subList(from, to);
            long beyond = state * states(some) - source.room();
            if (beyond > 0) {
                task.progress().say("%s%s".formatted(
                        source.reserve("activations of %d candidates".formatted(some.size()), beyond, each),
                        task.listener().resume() == Resume.NEVER
                                ? ""
                                : " Up to %,d more are kept beside the scores, to go on after a stop.".formatted(
                                        some.size() * state)));
            }
            try (var waiting = new Waiting(source, source.room());
                    var round = new GradientRound(this, CandidatePath.all(some), waiting, words(some))) {
                var norms = round.norms();
                for (int i = 0; i < norms.length; i++) {
                    found.norm(some.get(i).which(), norms[i]);
                }
            }
            from = to;
        }
    }

    private String words(List<Turn> some) {
        return "draw %d of %s".formatted(draw, some.stream().map(turn -> task.candidates().get(turn.which())).toList());
    }

    private static int together(List<Turn> turns, int from, long most) {
        int to = from + 1;
        while (to < turns.size() && states(turns.subList(from, to + 1)) <= most) {
            to++;
        }
        return to;
    }

    /// Activations that wait at the most: what each part on the paths gives, beginnings shared, and a gradient for each path.
    static long states(List<Turn> turns) {
        long states = turns.size();
        for (int i = 0; i < turns.size(); i++) {
            states += turns.get(i).path().size() - 1 - (i == 0 ? 0 : turns.get(i - 1).keep());
        }
        return states;
    }
}
