package dev.sglp.importance.letter;

import dev.sglp.importance.CandidateGradients;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.GradNorm.Norm;
import dev.sglp.importance.ScoringTask;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tape;
import dev.sglp.model.Tape.Node;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// How candidates of one segment are scored by {@link Letter}.
///
/// @param random the random network of each draw, made in the scope that is open; layers that are read from a file are drawn when they run
record LetterScores(ScoringTask task, Letter letter, IntFunction<LayeredModel> random) {
    private static final Pass PASS = Pass.batchStatistics();

    List<Score> scores() {
        try {
            return drawn();
        } finally {
            LayerSource.of(task.model()).ifPresent(source -> source.drawn().release());
        }
    }

    private List<Score> drawn() {
        var norms = new double[task.candidates().size()][letter.draws()];
        for (int i = 0; i < letter.draws(); i++) {
            int draw = i;
            try (var _ = Scope.open()) {
                var network = random.apply(draw);
                switch (letter.form()) {
                    case RESET -> task.sideBySide(Integer.MAX_VALUE, places -> reset(network, places, (place, norm) -> {
                        norms[place][draw] = norm;
                        if (draw == letter.draws() - 1) {
                            task.scored(place, score(norms[place]));
                        }
                    }));
                    case ACCUMULATED -> accumulated(network, (place, norm) -> {
                        norms[place][draw] = norm;
                        if (draw == letter.draws() - 1) {
                            task.progress().advance(1); // it depends on those before, so it is not told alone
                        }
                    });
                }
            }
        }
        return Arrays.stream(norms).map(LetterScores::score).toList();
    }

    private interface Found {
        void norm(int candidate, double value);
    }

    private void reset(LayeredModel network, List<Integer> places, Found found) {
        int batches = Math.min(letter.batches().count(), available());
        try (var gradients = new OnBatches(IntStream.range(0, batches).mapToObj(this::on).toList())) {
            for (var turn : Tape.turns(places, place -> path(network, stays(place)))) {
                found.norm(turn.which(), gradients.norm(turn));
            }
        }
    }

    private void accumulated(LayeredModel network, Found found) {
        var order = IntStream.range(0, task.candidates().size()).boxed().sorted(Comparator.comparing(this::stays))
                .toList();
        var pretrained = LayerSet.EMPTY;
        int next = 0;
        boolean one = letter.batches().isOne(task.data().examples(), task.model().layout());
        Map<LayerSet, Double> known = new HashMap<>(); // on the one batch
        for (int place : order) {
            pretrained = pretrained.union(stays(place));
            double sum = 0;
            for (int i = 0; i < letter.batches().count(); i++) {
                sum += one
                        ? known.computeIfAbsent(pretrained, now -> norm(path(network, now), 0))
                        : norm(path(network, pretrained), next++);
            }
            found.norm(place, sum / letter.batches().count());
        }
    }

    private double norm(List<Node> path, int batch) {
        try (var gradients = new OnBatches(List.of(on(batch)))) {
            return gradients.norm(new Tape.Turn(0, path, 0));
        }
    }

    /// The combination that stays where this candidate goes.
    private LayerSet stays(int place) {
        var gone = task.candidates().get(place);
        return new LayerSet(task.model().removable().indices().stream()
                .filter(i -> task.segment().contains(i) && !gone.contains(i)).toList());
    }

    /// The random network with these layers of the dense one.
    private List<Node> path(LayeredModel network, LayerSet pretrained) {
        var path = new ArrayList<Node>();
        path.add(new Node(network.stem(), true));
        for (int i = 0; i < network.layers().size(); i++) {
            path.add(new Node((pretrained.contains(i) ? task.model() : network).layers().get(i), true));
        }
        path.add(new Node(network.head(), true));
        return path;
    }

    private int available() {
        return letter.batches().available(task.data().examples(), task.model().layout());
    }

    private ScoringTask on(int batch) {
        var items = letter.batches().batch(batch, task.data().examples(), task.model().layout(), task.data().seed());
        return task.on(new Calibration(items, items.size(), task.data().seed()));
    }

    /// Gradients on several batches, opened one after the other and closed in the opposite order.
    private record OnBatches(List<CandidateGradients> open, List<ScoringTask> tasks) implements AutoCloseable {
        OnBatches(List<ScoringTask> tasks) {
            this(new ArrayList<>(), tasks);
            try {
                tasks.forEach(task -> open.add(CandidateGradients.of(task, PASS)));
            } catch (RuntimeException | Error e) {
                close(); // a batch could not be read
                throw e;
            }
        }

        /// The mean of the global norm on each.
        double norm(Tape.Turn turn) {
            return open.stream().mapToDouble(g -> g.norm(turn.path(), turn.keep(), Norm.GLOBAL)).sum() / open.size();
        }

        @Override
        public void close() {
            open.reversed().forEach(CandidateGradients::close);
        }
    }

    /// The largest norm is kept: what goes beside it scores lowest.
    private static Score score(double[] norms) {
        double mean = Arrays.stream(norms).average().orElseThrow();
        double variance = Arrays.stream(norms).map(d -> (d - mean) * (d - mean)).sum() / Math.max(1, norms.length - 1);
        return new Score(-mean, Math.sqrt(variance));
    }
}
