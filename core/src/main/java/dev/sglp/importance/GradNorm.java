package dev.sglp.importance;

import dev.sglp.fault.UsageException;
import dev.sglp.importance.wave.GradientWave;
import dev.sglp.model.Pass;
import dev.sglp.model.Pass.Precision;
import dev.sglp.model.Tape;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;

/// GradNorm (arXiv 2410.14720; the proxy of arXiv 2101.08134): make a set `S` of layers absent, keep every other weight, one
/// forward and one backward over the calibration data, no update: `G(S) = Σ_p ‖∂L/∂θ_p‖₂` over the distinct parameter
/// tensors. A large `G(S)` means that the network badly misses `S`.
///
/// @param absence how a layer is made absent
/// @param reading which way round a large norm is read
/// @param norm    how the tensors' norms become one number
/// @param scope   over which tensors
/// @param draws   independent random initialisations, averaged; 1 for `identity`
/// @param precision what the passes compute in; gradients of weights and their norms are float32 and float64
public record GradNorm(Absence absence, Reading reading, Norm norm, Range scope, int draws, Precision precision)
        implements
            Criterion {
    /// How a layer is made absent.
    public enum Absence {
        /// Random weights by the family's own initialisation; batch norm by the batch's own statistics.
        REINIT,
        /// Left out; batch norm by its stored statistics.
        IDENTITY
    }

    /// Which way round a large norm is read.
    public enum Reading {
        /// The set with the smallest norm is removed.
        ABSENT,
        /// The set with the largest norm is removed, as if the kept layers were rated.
        KEPT
    }

    /// How the tensors' norms become one number.
    public enum Norm {
        /// Their sum.
        SUM,
        /// One Euclidean norm of all gradients together.
        GLOBAL
    }

    /// Over which tensors.
    public enum Range {
        /// The whole network's.
        ALL,
        /// The segment's: nothing before it is differentiated.
        SEGMENT
    }

    public GradNorm {
        if (draws < 1) {
            throw new UsageException("--draws is at least 1, got " + draws);
        }
        if (absence == Absence.IDENTITY && draws > 1) {
            throw new UsageException("--draws is 1 for gradnorm-skip, where nothing is drawn; got " + draws);
        }
        if (absence == Absence.IDENTITY && scope == Range.SEGMENT) {
            throw new UsageException("gradnorm-skip cannot sum over the segment alone (--scope segment): the norm runs over tensors that every candidate keeps, and the segment's layers are the candidates. Use --criterion gradnorm, or --scope all");
        }
    }

    /// In float32.
    public GradNorm(Absence absence, Reading reading, Norm norm, Range scope, int draws) {
        this(absence, reading, norm, scope, draws, Precision.FLOAT32);
    }

    @Override
    public GradNorm in(Precision other) {
        return new GradNorm(absence, reading, norm, scope, draws, other);
    }

    /// The paper's: layers re-initialised, one draw.
    public static GradNorm standard() {
        return new GradNorm(Absence.REINIT, Reading.ABSENT, Norm.SUM, Range.ALL, 1);
    }

    /// The paper's, the mean of so many random initialisations.
    public static GradNorm over(int draws) {
        return new GradNorm(Absence.REINIT, Reading.ABSENT, Norm.SUM, Range.ALL, draws);
    }

    /// Layers left out.
    public static GradNorm skipping() {
        return new GradNorm(Absence.IDENTITY, Reading.ABSENT, Norm.SUM, Range.ALL, 1);
    }

    @Override
    public String name() {
        return absence == Absence.REINIT ? "gradnorm" : "gradnorm-skip";
    }

    @Override
    public boolean drawsWeights() {
        return absence == Absence.REINIT;
    }

    @Override
    public String source() {
        return "SGLP, arXiv 2410.14720; GradNorm proxy, arXiv 2101.08134";
    }

    @Override
    public List<Score> scores(ScoringTask task) {
        return inItsPrecision(task, own -> scored(own, List.of()));
    }

    private List<Score> inItsPrecision(ScoringTask task, Function<ScoringTask, List<Score>> scores) {
        if (precision == Precision.FLOAT32 || !task.model().layout().stream()) {
            try {
                return scores.apply(task);
            } finally {
                LayerSource.of(task.model()).ifPresent(source -> source.drawn().release());
            }
        }
        try (var _ = Scope.open()) { // a transformer in bfloat16 computes on weights of that type
            var narrow = task.on(task.model().in(DType.BF16));
            try {
                return scores.apply(narrow);
            } finally {
                LayerSource.of(narrow.model()).ifPresent(LayerSource::release);
            }
        }
    }

    /// The scores over so many draws where those of the first draw are known.
    ///
    /// @param first scores by this criterion with one draw, in the order of the candidates
    public List<Score> goOn(ScoringTask task, List<Score> first, int all) {
        var more = new GradNorm(absence, reading, norm, scope, all, precision);
        return more.inItsPrecision(task, own -> more.scored(own, first));
    }

    /// @param first the scores of the first draw; empty where none is made yet
    private List<Score> scored(ScoringTask task, List<Score> first) {
        var pass = (absence == Absence.REINIT ? Pass.batchStatistics() : Pass.evaluation()).in(precision);
        var values = new double[task.candidates().size()][draws];
        for (int c = 0; c < first.size(); c++) {
            values[c][0] = reading == Reading.ABSENT ? first.get(c).value() : -first.get(c).value();
        }
        for (int i = first.isEmpty() ? 0 : 1; i < draws; i++) {
            try (var _ = Scope.open()) {
                int draw = i;
                var paths = new CandidatePaths(task, this, Seed.of(task.data().seed()).draw(draw));
                task.sideBySide(CandidateGradients.lanes(task), places -> walk(task, pass, draw, Tape.turns(places, paths::of), (place, found) -> {
                    values[place][draw] = found;
                    if (draw == draws - 1) {
                        task.scored(place, score(values[place]));
                    }
                }));
            }
        }
        return Arrays.stream(values).map(this::score).toList();
    }

    private void walk(ScoringTask task, Pass pass, int draw, List<Tape.Turn> turns, GradientWave.Found found) {
        var source = LayerSource.of(task.model());
        if (source.isPresent()) {
            boolean alone = Math.min(CandidateGradients.lanes(task), turns.size()) > 1 && Threads.lanes() > 1;
            new GradientWave(task, pass, norm, source.get(), draw, alone).walk(turns, found);
            return;
        }
        try (var gradients = CandidateGradients.of(task, pass)) {
            for (var turn : turns) {
                found.norm(turn.which(), gradients.norm(turn.path(), turn.keep(), norm));
            }
        }
    }

    private Score score(double[] draws) {
        double mean = Arrays.stream(draws).average().orElseThrow();
        double variance = Arrays.stream(draws).map(d -> (d - mean) * (d - mean)).sum() / Math.max(1, draws.length - 1);
        return new Score(reading == Reading.ABSENT ? mean : -mean, Math.sqrt(variance));
    }
}
