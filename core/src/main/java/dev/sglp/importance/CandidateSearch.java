package dev.sglp.importance;

import dev.sglp.fault.InputException;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.repair.Remainder;
import dev.sglp.model.work.Meter;
import dev.sglp.progress.Progress;
import dev.sglp.segmentation.Segmentation.Segment;
import dev.sglp.tensor.Seed;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// Looks for the sets of layers of one segment with the lowest score: all of them while they are few, else by beam search, or some that are drawn.
/// It remembers every score, so that no set is scored twice.
public final class CandidateSearch {
    private static final int TOGETHER = 8; // sets of a round that share their beginnings
    private static final double MARGIN = 1.1;

    private final LayeredModel model;
    private final Segment segment;
    private final LayerSet kept;
    private final Criterion criterion;
    private final Calibration data;
    private final Map<LayerSet, Score> scores = new HashMap<>();
    private final Meter work;
    private final Remainder remainder;

    /// @param kept layers of the segment that stay, whatever is removed
    public CandidateSearch(LayeredModel model, Segment segment, LayerSet kept, Criterion criterion,
            Calibration data) {
        this(model, segment, kept, criterion, data, Remainder.plain(model));
    }

    private CandidateSearch(LayeredModel model, Segment segment, LayerSet kept, Criterion criterion,
            Calibration data, Remainder remainder) {
        this.remainder = remainder;
        this.model = model;
        this.segment = segment;
        this.kept = kept;
        this.criterion = criterion;
        this.data = data;
        work = data.meter(model);
    }

    /// The same of the network as a remainder leaves it.
    public CandidateSearch seen(Remainder other) {
        return new CandidateSearch(model, segment, kept, criterion, data, other);
    }

    /// A set with its score.
    public record ScoredSet(LayerSet layers, Score score) {}

    /// What is looked for in one segment.
    ///
    /// @param layers the layers that may be removed
    /// @param remove how many of them; with `fewer`, at most
    /// @param width  beam width; 0 scores every set
    /// @param fewer  whether smaller sets are wanted as well, the empty one among them
    /// @param tries  with how many more layers each set of the beam is tried: those with the lowest scores alone
    /// @param drawn  where `width` is 0 and there are more sets: so many of them are drawn uniformly without replacement
    public record Question(List<Integer> layers, int remove, int width, boolean fewer, int tries, int drawn) {
        /// A beam that tries every layer.
        public Question(List<Integer> layers, int remove, int width, boolean fewer) {
            this(layers, remove, width, fewer, Integer.MAX_VALUE);
        }

        /// No set is drawn.
        public Question(List<Integer> layers, int remove, int width, boolean fewer, int tries) {
            this(layers, remove, width, fewer, tries, Integer.MAX_VALUE);
        }

        /// Of this size alone, at most so many.
        public static Question drawing(List<Integer> layers, int remove, int most) {
            return new Question(layers, remove, 0, false, Integer.MAX_VALUE, most);
        }

        /// Of this size alone.
        public Question(List<Integer> layers, int remove, int width) {
            this(layers, remove, width, false);
        }

        /// The same, trying fewer layers.
        public Question trying(int most) {
            return new Question(layers, remove, width, fewer, most, drawn);
        }

        public Question {
            layers = List.copyOf(layers);
        }

        /// How many layers the wanted sets have.
        private IntStream sizes() {
            return IntStream.rangeClosed(fewer ? 0 : remove, remove);
        }

        /// Whether nothing goes and nothing else is wanted: then there is nothing to score.
        private boolean isEmpty() {
            return remove == 0 && !fewer;
        }

        /// Whether each layer alone is among the wanted sets.
        public boolean wantsSingles() {
            return sizes().anyMatch(size -> size == 1);
        }

        /// How many sets there are to score; at most `Long.MAX_VALUE`.
        public long possible() {
            return isEmpty()
                    ? 0
                    : sizes().mapToLong(r -> choose(layers.size(), r)).reduce(0, CandidateSearch::saturated);
        }

        /// At most how many sets will be scored.
        public long toScore() {
            if (width == 0 || remove == 0) {
                return Math.min(possible(), drawn);
            }
            return (fewer ? 1 : 0) + layers.size() + IntStream.rangeClosed(2, remove)
                    .mapToLong(size -> (long) width * Math.min(tries, layers.size() - size + 1)).sum();
        }
    }

    /// Every scored set of the asked sizes, smaller sets first, lowest score first, ties to the earlier layers; last those whose score
    /// is not finite, of which a beam makes no larger ones.
    ///
    /// @throws InputException where a beam finds nothing to go on with
    public List<ScoredSet> search(Question question, Progress.Step progress) {
        if (question.isEmpty()) {
            return List.of(new ScoredSet(LayerSet.EMPTY, Score.of(0)));
        }
        if (question.width > 0) {
            return beam(question, progress);
        }
        if (question.possible() > question.drawn) {
            return sorted(score(drawn(question), progress));
        }
        return question.sizes().mapToObj(size -> sorted(score(subsets(question.layers, size), progress)))
                .flatMap(List::stream).toList();
    }

    private List<ScoredSet> beam(Question question, Progress.Step progress) {
        var found = new ArrayList<ScoredSet>();
        if (question.fewer) {
            found.addAll(score(List.of(LayerSet.EMPTY), progress));
        }
        var level = sorted(score(subsets(question.layers, 1), progress));
        var order = level.stream().map(single -> single.layers.indices().getFirst()).toList();
        for (int size = 2; size <= question.remove; size++) {
            if (question.fewer) {
                found.addAll(level);
            }
            var next = new TreeSet<LayerSet>();
            var finite = level.stream().filter(set -> set.score.finite()).toList();
            if (finite.isEmpty()) {
                throw nothingFinite(criterion, level.size());
            }
            for (var best : finite.subList(0, Math.min(question.width, finite.size()))) {
                order.stream().filter(l -> !best.layers.contains(l)).limit(question.tries)
                        .map(l -> best.layers.union(LayerSet.of(l))).forEach(next::add);
            }
            level = sorted(score(List.copyOf(next), progress));
        }
        found.addAll(level);
        return found;
    }

    /// As many layers, one after the other, each time the one with the lowest score given those that are gone: a beam of width 1. Scores
    /// rise as more layers go, so that a layer whose last score is higher than the best of a round need not be asked again; those that are
    /// higher by little are.
    ///
    /// @throws InputException where a round finds nothing to go on with
    public ScoredSet greedy(List<Integer> layers, int remove, Progress.Step progress) {
        var known = new HashMap<Integer, Double>();
        var best = finite(lowest(Optional.empty(), round(layers, LayerSet.EMPTY, known, progress)), layers.size());
        while (best.layers.size() < remove) {
            var gone = best.layers;
            var order = layers.stream().filter(layer -> !gone.contains(layer))
                    .sorted(Comparator.comparingDouble(known::get)).toList();
            var found = Optional.<ScoredSet>empty();
            int asked = 0;
            while (asked < order.size() && isWithinReach(known.get(order.get(asked)), found)) {
                var some = order.subList(asked, Math.min(order.size(), asked + TOGETHER));
                found = Optional.of(lowest(found, round(some, gone, known, progress)));
                asked += some.size();
            }
            progress.advance(order.size() - asked);
            best = finite(found.orElseThrow(), asked);
        }
        return best;
    }

    /// Whether a layer whose last score is known may be better than what a round has found; any may where that is nothing that is finite.
    private static boolean isWithinReach(double last, Optional<ScoredSet> found) {
        return found.map(lowest -> !lowest.score.finite() || last <= MARGIN * lowest.score.value()).orElse(true);
    }

    /// What is left without these layers, and one of some others.
    ///
    /// @param known told each one's score
    private List<ScoredSet> round(List<Integer> some, LayerSet gone, Map<Integer, Double> known,
            Progress.Step progress) {
        var sets = score(some.stream().sorted().map(layer -> gone.union(LayerSet.of(layer))).toList(), progress);
        sets.forEach(set -> known.put(set.layers.only(layer -> !gone.contains(layer)).indices().getFirst(),
                set.score.value()));
        return sets;
    }

    private ScoredSet lowest(Optional<ScoredSet> soFar, List<ScoredSet> sets) {
        return sorted(Stream.concat(soFar.stream(), sets.stream()).toList()).getFirst();
    }

    private ScoredSet finite(ScoredSet lowest, int asked) {
        if (!lowest.score.finite()) {
            throw nothingFinite(criterion, asked);
        }
        return lowest;
    }

    /// Scores each layer alone.
    public List<ScoredSet> singles(List<Integer> layers, Progress.Step progress) {
        return score(subsets(layers, 1), progress);
    }

    /// What scoring them took, in forward equivalents.
    public double forwardEquivalents() {
        return work.forwardEquivalents();
    }

    /// How many sets were scored so far.
    public int scored() {
        return scores.size();
    }

    private List<ScoredSet> score(List<LayerSet> sets, Progress.Step progress) {
        var fresh = sets.stream().filter(s -> !scores.containsKey(s)).toList();
        if (!fresh.isEmpty()) {
            var values = criterion.scores(
                    new ScoringTask(model, segment, kept, fresh, data, progress, work).seen(remainder));
            check(fresh, values);
            for (int i = 0; i < fresh.size(); i++) {
                scores.put(fresh.get(i), values.get(i).finite() ? values.get(i) : Score.NONE); // NaN is sorted last
            }
        }
        return sets.stream().map(s -> new ScoredSet(s, scores.get(s))).toList();
    }

    private void check(List<LayerSet> sets, List<Score> values) {
        if (values.size() != sets.size()) {
            throw new IllegalStateException("criterion '%s' gave %d scores for %d candidates"
                    .formatted(criterion.name(), values.size(), sets.size()));
        }
    }

    /// Scored sets that leave a network whose score is no finite number, in order.
    public List<LayerSet> notFinite() {
        return scores.entrySet().stream().filter(e -> !e.getValue().finite()).map(Map.Entry::getKey).sorted().toList();
    }

    /// What is wrong where nothing can be chosen.
    ///
    /// @param sets how many scores are not finite
    public static InputException nothingFinite(Criterion criterion, int sets) {
        return new InputException(
                "there is no plan: %d sets of layers have no finite score by '%s'. Maybe the network itself says nothing finite (evaluate tells); else remove fewer layers, or take another --criterion or other --data"
                        .formatted(sets, criterion.name()));
    }

    private static List<ScoredSet> sorted(List<ScoredSet> sets) {
        return sets.stream()
                .sorted(Comparator.comparingDouble((ScoredSet s) -> s.score.value()).thenComparing(ScoredSet::layers))
                .toList();
    }

    /// Every set of `size` of these layers, in lexicographic order.
    static List<LayerSet> subsets(List<Integer> layers, int size) {
        if (size == 0) {
            return List.of(LayerSet.EMPTY);
        }
        var all = new ArrayList<LayerSet>();
        for (int i = 0; i <= layers.size() - size; i++) {
            var first = LayerSet.of(layers.get(i));
            subsets(layers.subList(i + 1, layers.size()), size - 1).forEach(rest -> all.add(first.union(rest)));
        }
        return all;
    }

    /// As many different sets as are wanted, each set as likely as any other, in lexicographic order. The same for the same seed, segment
    /// and layers.
    private List<LayerSet> drawn(Question question) {
        var generator = Seed.of(data.seed()).generator("sets of %d of %s".formatted(question.remove, question.layers));
        var layers = question.layers.stream().mapToInt(Integer::intValue).toArray();
        var sets = new TreeSet<LayerSet>();
        while (sets.size() < question.drawn) { // fewer than there are
            generator.shuffle(layers);
            sets.add(new LayerSet(Arrays.stream(layers).limit(question.remove).sorted().boxed().toList()));
        }
        return List.copyOf(sets);
    }

    /// The sum of two counts, saturating at `Long.MAX_VALUE`.
    public static long saturated(long a, long b) {
        return a + b < 0 ? Long.MAX_VALUE : a + b;
    }

    /// Binomial coefficient, saturating at `Long.MAX_VALUE`.
    public static long choose(int n, int k) {
        var c = java.math.BigInteger.ONE;
        for (int i = 0; i < Math.min(k, n - k); i++) {
            c = c.multiply(java.math.BigInteger.valueOf(n - i)).divide(java.math.BigInteger.valueOf(i + 1));
        }
        return k > n ? 0 : c.min(java.math.BigInteger.valueOf(Long.MAX_VALUE)).longValue();
    }
}
