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
            "-0.10, 0.02, 0.03, 'Yes, they overlap: '", "0.0, 0.0, 0.0, 'No, they about add up: '",
            "NaN, 0.1, 0.1, 'Cannot be told: '", "Infinity, 0.1, 0.1, 'Cannot be told: '"})
    void moreThanATenthOfTheRiseIsAnInteraction(double joint, double first, double second, String answer) {
        assertThat(interaction(joint, first, second).finding().answer()).startsWith(answer);
    }

    @Test
    void theInteractionIsToldWithItsNumbers() {
        assertThat(interaction(0.5, 0.2, 0.1).finding().line()).isEqualTo(
                "Do the segments interact? Yes, they make each other worse: without all 2 removed layers the loss on the "
                        + "calibration data rises by 0.5000 nats, without those of one segment at a time by 0.3000 in sum "
                        + "(0.2000 + 0.1000); the difference is +0.2000 nats, 40 % of the joint rise. Removing in one segment "
                        + "makes removals in the others cost more, to which a choice segment by segment is blind.");
        assertThat(interaction(0.2, 0.15, 0.15).finding().answer()).contains("−0.1000 nats, −50 % of the joint rise");
        assertThat(interaction(-0.1, 0.02, 0.03).finding().answer()).contains("difference is −0.1500 nats. ")
                .doesNotContain("%");
    }

    /// `np.quantile([.1, .2, .3, .4, .5, .6, .7, .8, 2], [.25, .75])` is .3 and .7.
    @Test
    void aLayerStandsOutFromOneAndAHalfInterquartileRangesAboveTheThirdQuartileOn() {
        var all = rises(.8, .1, .5, .3, 2, .4, .7, .2, .6);
        var found = Critical.of(all, LayerSet.of(0, 4, 5));
        assertThat(found.layers()).isEqualTo(9);
        assertThat(found.threshold()).isCloseTo(0.7 + 1.5 * 0.4, within(1e-12));
        assertThat(found.removed()).containsExactly(new Rise(4, 2));
        assertThat(found.finding(NAMES).answer()).startsWith(
                "Yes: without layer 4 (block4) alone the loss rises by 2.0000 nats. ")
                .contains("9 removable layers", "more than 1.3000", "--protect 4 keeps it.");
        var harmless = Critical.of(all, LayerSet.of(0, 5));
        assertThat(harmless.removed()).isEmpty();
        assertThat(harmless.highest()).isEqualTo(new Rise(0, .8));
        assertThat(harmless.finding(NAMES).answer()).startsWith("No: ").contains("layer 0 (block0)", "0.8000",
                "1.3000 nats");
    }

    /// `np.quantile([0, 1, 2, 10], [.25, .75])` is .75 and 4; of ten times less than the floor nothing is critical.
    @Test
    void whatCostsNextToNothingIsNotCriticalHoweverFarItLiesFromTheOthers() {
        assertThat(Critical.of(rises(0, 1, 2, 10), LayerSet.of(3)).threshold()).isCloseTo(4 + 1.5 * 3.25,
                within(1e-12));
        var small = Critical.of(rises(0, .001, .002, .01, .001, .0, .09), LayerSet.of(6));
        assertThat(small.threshold()).isCloseTo(Math.log(1.1), within(1e-12));
        assertThat(small.removed()).isEmpty();
        assertThat(Critical.of(rises(0, .001, .002, .01, .001, .0, .1), LayerSet.of(6)).removed())
                .containsExactly(new Rise(6, .1));
    }

    @Test
    void aLossThatIsNoNumberIsCriticalAndSpoilsNoQuartile() {
        var found = Critical.of(rises(.8, .1, .5, .3, 2, .4, .7, .2, .6, Double.NaN), LayerSet.of(9));
        assertThat(found.threshold()).isCloseTo(1.3, within(1e-12));
        assertThat(found.removed()).extracting(Rise::layer).containsExactly(9);
        assertThat(found.finding(NAMES).answer())
                .startsWith("Yes: without layer 9 (block9) alone the loss is no number. ");
    }

    @Test
    void amongThreeLayersNoneCanStandOut() {
        var found = Critical.of(rises(0, 0, 9), LayerSet.of(2));
        assertThat(found.threshold()).isNull();
        assertThat(found.removed()).isEmpty();
        assertThat(found.finding(NAMES).answer()).startsWith("Cannot be told: ").contains("3 removable layers");
    }

    @ParameterizedTest
    @CsvSource({"-0.82, 24, 'Yes: ', holds here", "-0.70, 24, 'Yes: ', holds here", "-0.5, 24, 'In part: ', a hint",
            "-0.29, 24, 'No: ', does not hold here", "0.2, 24, 'No: ', does not hold here",
            "0.30, 60, 'No: ', rather the reverse"})
    void theCorrelationIsSaidInWords(double spearman, int layers, String answer, String meaning) {
        var finding = new Premise(layers, spearman).finding();
        assertThat(finding.question()).isEqualTo("Does high similarity mean that a layer can go?");
        assertThat(finding.answer()).startsWith(answer).contains(meaning, "%d layers".formatted(layers),
                "is %.2f ".formatted(spearman).replace('-', '−')).doesNotContain("chance");
    }

    /// Two-sided, 5 %: |r| of at least .648 on 10 values and .398 on 25 (tables of Spearman's coefficient).
    @ParameterizedTest
    @CsvSource({"-0.64, 10, true", "-0.67, 10, false", "-0.38, 25, true", "-0.41, 25, false", "0.35, 10, true",
            "-1, 4, true", "0.1, 5, false"})
    void whatChanceMayGiveIsSaid(double spearman, int layers, boolean chance) {
        assertThat(new Premise(layers, spearman).finding().answer().contains("chance")).isEqualTo(chance);
    }

    @Test
    void whatCannotBeRankedIsSaid() {
        assertThat(new Premise(1, null).finding().answer()).startsWith("Cannot be told: ").contains("fewer than two");
        assertThat(new Premise(5, null).finding().answer()).startsWith("Cannot be told: ").contains("5 layers");
    }

    @Test
    void theFindingsComeInOrderAndWhatIsNotKnownIsLeftOut() {
        var critical = Critical.of(rises(0, 1, 2, 10), LayerSet.of(3));
        var all = new Mechanisms(new Premise(4, -0.8), interaction(0.5, 0.2, 0.1), critical);
        assertThat(all.findings(NAMES)).extracting(Finding::question).containsExactly(
                "Does high similarity mean that a layer can go?", "Do the segments interact?",
                "Was a critical layer removed?");
        assertThat(new Mechanisms(new Premise(4, -0.8), null, null).findings(NAMES)).hasSize(1);
    }

    /// A healing that goes on reads it again.
    @Test
    void theyReadBack() throws IOException {
        var all = new Mechanisms(new Premise(4, -0.8), interaction(0.5, 0.2, 0.1),
                Critical.of(rises(0, 1, 2, 10), LayerSet.of(3)));
        var json = Json.pretty(all);
        assertThat(Json.read(Path.of("mechanisms.json"), json, Mechanisms.class)).isEqualTo(all);
        assertThat(json).contains("\"spearman\" : -0.8", "\"joint_increase\" : 0.5", "\"loss_increase\" : 0.2",
                "\"excess\" : ", "\"share\" : ", "\"threshold\" : 8.875", "\"highest\" : {");
        var one = new Mechanisms(new Premise(1, null), null, null);
        assertThat(Json.compact(one)).isEqualTo("{\"premise\":{\"layers\":1}}");
        assertThat(Json.read(Path.of("mechanisms.json"), Json.pretty(one), Mechanisms.class)).isEqualTo(one);
    }
}
