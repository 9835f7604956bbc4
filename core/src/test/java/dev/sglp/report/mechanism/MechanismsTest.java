package dev.sglp.report.mechanism;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import dev.sglp.report.mechanism.Critical.Rise;
import dev.sglp.report.mechanism.Interaction.Own;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Numbers worked out by hand; quartiles are those of `numpy.quantile`.
final class MechanismsTest {
    private static final IntFunction<String> NAMES = layer -> "block" + layer;

    private static Interaction interaction(double joint, double... own) {
        return Interaction.of(joint, IntStream.range(0, own.length)
                .mapToObj(s -> new Own(s, LayerSet.of(s), own[s])).toList());
    }

    private static List<Rise> rises(double... increases) {
        return IntStream.range(0, increases.length).mapToObj(i -> new Rise(i, increases[i])).toList();
    }

    @Test
    void theInteractionIsTheJointRiseLessTheSumOfTheSegmentsOwn() {
        var found = interaction(0.5, 0.2, 0.1, 0.05);
        assertThat(found.excess()).isCloseTo(0.15, within(1e-12));
        assertThat(found.share()).isCloseTo(0.3, within(1e-12));
        assertThat(interaction(0.2, 0.15, 0.15).share()).isCloseTo(-0.5, within(1e-12));
        assertThat(interaction(-0.1, 0.02, 0.03).share()).as("there is no rise to take a share of").isNull();
        assertThat(interaction(-0.1, 0.02, 0.03).excess()).isCloseTo(-0.15, within(1e-12));
    }

    @ParameterizedTest
    @CsvSource({"0.50, 0.30, 0.16, 'No, they about add up: '", "0.50, 0.30, 0.25, 'No, they about add up: '",
            "0.50, 0.30, 0.10, 'Yes, they make each other worse: '", "0.50, 0.40, 0.30, 'Yes, they overlap: '",
            "-0.10, 0.02, 0.03, 'Yes, they overlap: '", "-0.10, -0.2, -0.1, 'Yes, they make each other worse: '",
            "0.0, 0.0, 0.0, 'No, they about add up: '",
            "NaN, 0.1, 0.1, 'Cannot be told: '", "Infinity, 0.1, 0.1, 'Cannot be told: '"})
    void moreThanATenthOfTheRiseIsAnInteraction(double joint, double first, double second, String answer) {
        assertThat(interaction(joint, first, second).finding().answer()).startsWith(answer);
    }

    @Test
    void theInteractionIsToldWithItsNumbers() {
        assertThat(interaction(0.5, 0.2, 0.1).finding().line()).isEqualTo(
                "Do the segments interact? Yes, they make each other worse: without all 2 removed layers the loss on the "
                        + "calibration data changes by +0.5000 nats, without those of one segment at a time by +0.3000 in "
                        + "sum (+0.2000, +0.1000); the difference is +0.2000 nats, 40 % of the joint rise. Removing in one "
                        + "segment makes removals in the others cost more, to which a choice segment by segment is blind.");
        assertThat(interaction(0.2, 0.15, 0.15).finding().answer()).contains("−0.1000 nats, −50 % of the joint rise");
        assertThat(interaction(-0.1, 0.02, 0.03).finding().answer())
                .contains("changes by −0.1000 nats", "difference is −0.1500 nats. ").doesNotContain("%");
    }

    @Test
    void oneSegmentInteractsWithNone() {
        assertThat(Interaction.of(0.3, List.of(new Own(1, LayerSet.of(7, 8), 0.3))).finding().answer())
                .isEqualTo("Does not arise: all that goes is of segment 2.");
    }

    /// `np.quantile([.1, .2, .3, .4, .5, .6, .7, .8, 2], [.25, .75])` is .3 and .7.
    @Test
    void aLayerStandsOutFromOneAndAHalfInterquartileRangesAboveTheThirdQuartileOn() {
        var all = rises(.8, .1, .5, .3, 2, .4, .7, .2, .6);
        var found = Critical.of(all, LayerSet.of(0, 4, 5));
        assertThat(found.layers()).isEqualTo(9);
        assertThat(found.threshold()).isCloseTo(0.7 + 1.5 * 0.4, within(1e-12));
        assertThat(found.removed()).containsExactly(new Rise(4, 2));
        assertThat(found.finding(NAMES).answer()).isEqualTo(
                "Yes: without layer 4 (block4) alone the loss changes by +2.0000 nats. Of the 9 removable layers one "
                        + "stands out above +1.3000. --protect 4 keeps it.");
        var harmless = Critical.of(all, LayerSet.of(0, 5));
        assertThat(harmless.removed()).isEmpty();
        assertThat(harmless.highest()).isEqualTo(new Rise(0, .8));
        assertThat(harmless.finding(NAMES).answer()).isEqualTo(
                "No: of the 9 removable layers one stands out without which alone the loss changes by more than +1.3000 "
                        + "nats; of those removed, layer 0 (block0) comes nearest with +0.8000.");
    }

    /// `np.quantile([0, 1, 2, 10], [.25, .75])` is .75 and 4; what lies on the fence is not above it.
    @Test
    void aFenceBetweenTheValuesIsInterpolated() {
        var found = Critical.of(rises(0, 1, 2, 10), LayerSet.of(3));
        assertThat(found.threshold()).isCloseTo(4 + 1.5 * 3.25, within(1e-12));
        assertThat(found.removed()).containsExactly(new Rise(3, 10));
        assertThat(Critical.of(rises(0, 0, 0, 0, 0), LayerSet.of(3)).removed()).isEmpty();
    }

    /// `np.quantile([-.02, -.02, -.01, 0, .03], [.25, .75])` is −.02 and 0.
    @Test
    void whatCostsNextToNothingStandsOutInNameOnly() {
        var found = Critical.of(rises(0, -.02, -.01, .03 + 1e-9, -.02), LayerSet.of(1, 3));
        assertThat(found.threshold()).isCloseTo(.03, within(1e-12));
        assertThat(found.removed()).extracting(Rise::layer).containsExactly(3);
        assertThat(found.finding(NAMES).answer()).startsWith("In name only: without layer 3 (block3) ")
                .contains("changes by +0.0300 nats", "Less than 0.1 nats is little").doesNotContain("--protect");
        assertThat(Critical.of(rises(-.4, -.4, -.4, -.4, -.3), LayerSet.of(4)).finding(NAMES).answer())
                .startsWith("In name only: ").contains("changes by −0.3000 nats", "stands out above −0.4000");
    }

    @Test
    void aLossThatIsNoNumberIsCriticalAndSpoilsNoQuartile() {
        var all = rises(.8, .1, .5, .3, 2, .4, .7, .2, .6, Double.NaN);
        var found = Critical.of(all, LayerSet.of(9));
        assertThat(found.threshold()).isCloseTo(1.3, within(1e-12));
        assertThat(found.unknown()).isEqualTo(LayerSet.of(9));
        assertThat(found.removed()).extracting(Rise::layer).containsExactly(9);
        assertThat(found.finding(NAMES).answer())
                .startsWith("Yes: without layer 9 (block9) alone the loss is no finite number. ")
                .contains("above +1.3000 (left out: layer 9, without which the loss is no finite number)");
        assertThat(Critical.of(all, LayerSet.of(0)).finding(NAMES).answer()).startsWith("No: ")
                .contains("(left out: layer 9, ");
        assertThat(Critical.of(rises(Double.NaN, Double.NaN), LayerSet.of(0)).finding(NAMES).answer())
                .isEqualTo("Cannot be told: without any one of the 2 removable layers the loss is no finite number.");
    }

    @Test
    void amongThreeLayersNoneCanStandOut() {
        var found = Critical.of(rises(0, 0, 9), LayerSet.of(2));
        assertThat(found.threshold()).isNull();
        assertThat(found.removed()).isEmpty();
        assertThat(found.finding(NAMES).answer()).startsWith("Cannot be told: ").contains("3 removable layers");
    }

    private static Premise premise(int layers, @Nullable Double spearman) {
        return new Premise(layers, false, LayerSet.EMPTY, spearman);
    }

    @ParameterizedTest
    @CsvSource({"-0.82, 24, 'Yes: ', holds here", "-0.70, 24, 'Yes: ', holds here", "-0.5, 24, 'In part: ', a hint",
            "-0.29, 24, 'Undecided: ', neither holds here nor is turned round", "0.0, 24, 'Undecided: ', says little",
            "0.29, 24, 'Undecided: ', says little", "0.30, 60, 'No: ', rather the reverse",
            "0.9, 60, 'No: ', rather the reverse"})
    void theCorrelationIsSaidInWords(double spearman, int layers, String answer, String meaning) {
        var finding = premise(layers, spearman).finding();
        assertThat(finding.question()).isEqualTo("Does high similarity mean that a layer can go?");
        assertThat(finding.answer()).startsWith(answer).contains(meaning, "%d layers".formatted(layers),
                "is %.2f ".formatted(spearman).replace('-', '−')).doesNotContain("chance", "left out");
    }

    @Test
    void whatIsNotRankedIsSaid() {
        assertThat(new Premise(24, true, LayerSet.EMPTY, -0.8).finding().answer())
                .contains("is lost); layer 0, which has none before it, is left out. The method’s premise holds");
        assertThat(new Premise(24, true, LayerSet.of(3), -0.8).finding().answer()).contains(
                "is left out; left out too: layer 3, where loss or similarity is no finite number. The method’s");
        assertThat(new Premise(24, false, LayerSet.of(1, 2, 3, 4, 5, 6, 7, 8, 9), -0.8).finding().answer())
                .contains("; left out: layers 1, 2, 3, 4, 5, 6, 7, 8 and 1 more, where loss");
    }

    /// Two-sided, 5 %: |r| of at least .648 on 10 values and .398 on 25 (tables of Spearman's coefficient).
    @ParameterizedTest
    @CsvSource({"-0.64, 10, true", "-0.67, 10, false", "-0.38, 25, true", "-0.41, 25, false", "0.35, 10, true",
            "-1, 4, true", "0.1, 5, false"})
    void whatChanceMayGiveIsSaid(double spearman, int layers, boolean chance) {
        assertThat(premise(layers, spearman).finding().answer().contains("chance")).isEqualTo(chance);
    }

    @Test
    void whatCannotBeRankedIsSaid() {
        assertThat(premise(2, null).finding().answer())
                .isEqualTo("Cannot be told: of the removable layers 2 can be ranked, and it takes 3.");
        assertThat(new Premise(2, true, LayerSet.of(4), null).finding().answer())
                .contains("it takes 3; layer 0, which has none before it, is left out; left out too: layer 4, where");
        assertThat(premise(5, null).finding().answer()).startsWith("Cannot be told: ").contains("5 layers");
    }

    @Test
    void theFindingsComeInOrderAndWhatIsNotKnownIsLeftOut() {
        var critical = Critical.of(rises(0, 1, 2, 10), LayerSet.of(3));
        var all = new Mechanisms(premise(4, -0.8), interaction(0.5, 0.2, 0.1), critical);
        assertThat(all.findings(NAMES)).extracting(Finding::question).containsExactly(
                "Does high similarity mean that a layer can go?", "Do the segments interact?",
                "Was a critical layer removed?");
        assertThat(new Mechanisms(premise(4, -0.8), null, null).findings(NAMES)).hasSize(1);
    }

    /// A healing that goes on reads it again.
    @Test
    void theyReadBack() throws IOException {
        var all = new Mechanisms(premise(4, -0.8), interaction(0.5, 0.2, 0.1),
                Critical.of(rises(0, 1, 2, 10), LayerSet.of(3)));
        var json = Json.pretty(all);
        assertThat(Json.read(Path.of("mechanisms.json"), json, Mechanisms.class)).isEqualTo(all);
        assertThat(json).contains("\"spearman\" : -0.8", "\"joint_increase\" : 0.5", "\"loss_increase\" : 0.2",
                "\"excess\" : ", "\"share\" : ", "\"threshold\" : 8.875", "\"highest\" : {");
        var one = new Mechanisms(premise(1, null), null, null);
        assertThat(Json.compact(one)).isEqualTo("{\"premise\":{\"layers\":1,\"first\":false,\"unknown\":[]}}");
        assertThat(Json.read(Path.of("mechanisms.json"), Json.pretty(one), Mechanisms.class)).isEqualTo(one);
    }

    @Test
    void whatIsNoNumberIsNullInTheFile() throws IOException {
        var all = new Mechanisms(new Premise(4, true, LayerSet.of(1), -0.8),
                interaction(Double.NaN, 0.2, Double.POSITIVE_INFINITY),
                Critical.of(rises(0, 1, 2, 10, Double.NaN), LayerSet.of(4)));
        var json = Json.pretty(all);
        assertThat(json).doesNotContain("NaN", "Infinity").contains("\"loss_increase\" : null");
        var read = Json.read(Path.of("mechanisms.json"), json, Mechanisms.class);
        assertThat(read.findings(NAMES)).isEqualTo(all.findings(NAMES));
    }
}
