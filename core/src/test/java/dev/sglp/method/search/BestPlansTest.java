package dev.sglp.method.search;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.importance.CandidateSearch.ScoredSet;
import dev.sglp.importance.Criterion.Score;
import dev.sglp.method.search.BestPlans.Plan;
import dev.sglp.model.LayerSet;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class BestPlansTest {
    /// `sizes[s]` sets in segment `s`, lowest score first. Scores are sixteenths, so that sums are exact and many are equal.
    private static List<List<ScoredSet>> segments(long seed, int... sizes) {
        var random = new Random(seed);
        var all = new ArrayList<List<ScoredSet>>();
        for (int s = 0; s < sizes.length; s++) {
            int first = 100 * s;
            all.add(IntStream.range(0, sizes[s])
                    .mapToObj(i -> new ScoredSet(LayerSet.of(first + i), Score.of(random.nextInt(12) / 16.0)))
                    .sorted(Comparator.comparingDouble((ScoredSet x) -> x.score().value())
                            .thenComparing(ScoredSet::layers))
                    .toList());
        }
        return all;
    }

    private static List<Plan> everyPlan(List<List<ScoredSet>> segments) {
        var plans = List.of(new Plan(LayerSet.EMPTY, 0));
        for (var sets : segments) {
            plans = plans.stream().flatMap(p -> sets.stream()
                    .map(s -> new Plan(p.removed().union(s.layers()), p.total() + s.score().value()))).toList();
        }
        return plans.stream().sorted(Comparator.comparingDouble(Plan::total).thenComparing(Plan::removed)).toList();
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void theyAreTheBestOfAllPlans(long seed) {
        var segments = segments(seed, 6, 9, 4, 5);
        var all = everyPlan(segments);
        for (int count : new int[]{1, 2, 3, 8, 20, all.size(), all.size() + 1}) {
            assertThat(BestPlans.of(segments, 4, count)).isEqualTo(all.subList(0, Math.min(count, all.size())));
        }
    }

    /// Segments that offer sets of every size: of all plans those of the right size, checked one by one.
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6})
    void segmentsThatOfferManySizesShareTheRemoval(long seed) {
        var random = new Random(seed);
        var segments = IntStream.range(0, 3).mapToObj(s -> IntStream.range(0, 16).mapToObj(bits -> new ScoredSet(
                new LayerSet(
                        IntStream.range(0, 4).filter(i -> (bits >> i & 1) == 1).mapToObj(i -> 10 * s + i).toList()),
                Score.of(random.nextInt(12) / 16.0)))
                .sorted(Comparator.comparingInt((ScoredSet x) -> x.layers().size())
                        .thenComparingDouble(x -> x.score().value()).thenComparing(ScoredSet::layers))
                .toList()).toList();
        for (int remove = 0; remove <= 12; remove++) {
            int wanted = remove;
            var all = everyPlan(segments).stream().filter(p -> p.removed().size() == wanted).toList();
            for (int count : new int[]{1, 2, 8}) {
                assertThat(BestPlans.of(segments, remove, count))
                        .isEqualTo(all.subList(0, Math.min(count, all.size())));
            }
        }
    }

    @Test
    void oneSegmentGivesItsOwnOrder() {
        var segments = segments(1, 7);
        assertThat(BestPlans.of(segments, 1, 3)).extracting(Plan::removed)
                .containsExactlyElementsOf(segments.getFirst().subList(0, 3).stream().map(ScoredSet::layers).toList());
    }
}
