package dev.sglp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Arrays;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class SamplingTest {
    private static final int[] LABELS = IntStream.range(0, 100).map(i -> i < 90 ? i % 9 : 9).toArray();

    @Test
    void everyBeginningOfTheOrderIsEvenOverTheClasses() {
        int[] order = Sampling.order(LABELS, 7);
        assertThat(Arrays.stream(order).sorted().toArray()).containsExactly(IntStream.range(0, 100).toArray());
        for (int length = 0; length <= 100; length++) {
            int[] counts = new int[10];
            Arrays.stream(order, 0, length).forEach(i -> counts[LABELS[i]]++);
            int most = Arrays.stream(counts).max().orElseThrow();
            int least = Arrays.stream(counts).min().orElseThrow();
            assertThat(most - least).isLessThanOrEqualTo(1); // ten items in every class here
        }
    }

    @Test
    void aClassThatRunsOutLeavesItsTurnToTheOthers() {
        int[] drawn = Sampling.stratified(new int[]{0, 1, 1, 1, 1, 1}, 4, 3);
        assertThat(drawn).contains(0).doesNotHaveDuplicates().hasSize(4);
    }

    @Test
    void theSeedDecidesTheSample() {
        assertThat(Sampling.stratified(LABELS, 20, 1)).isEqualTo(Sampling.stratified(LABELS, 20, 1))
                .isNotEqualTo(Sampling.stratified(LABELS, 20, 2));
        assertThat(Sampling.stratified(LABELS, 5, 0)).containsExactly(53, 94, 24, 14, 83);
    }

    @Test
    void moreThanThereIsCannotBeDrawn() {
        assertThatThrownBy(() -> Sampling.stratified(LABELS, 101, 0)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("101 of 100");
    }

    @Test
    void theCutIsSeventyTenTwentyInEveryClass() {
        var parts = Sampling.cut(LABELS, 5);
        for (int part = 0; part < 3; part++) {
            int[] counts = new int[10];
            Arrays.stream(parts.get(part)).forEach(i -> counts[LABELS[i]]++);
            assertThat(counts).containsOnly(new int[]{7, 1, 2}[part]);
        }
        assertThat(parts.stream().flatMapToInt(Arrays::stream).sorted().toArray())
                .containsExactly(IntStream.range(0, 100).toArray());
    }

    @Test
    void aSmallClassIsReportedFirstOfAll() {
        var parts = Sampling.cut(new int[]{0, 1, 1, 1, 1}, 5);
        assertThat(parts.get(2)).contains(0).hasSize(2);
        assertThat(parts.get(0)).hasSize(2);
    }

    /// One picture a class, as in samples of ImageNet.
    @Test
    void whereClassesAreTooSmallAllItemsAreCut() {
        var parts = Sampling.cut(IntStream.range(0, 100).toArray(), 5);
        assertThat(parts.stream().map(part -> part.length)).containsExactly(70, 10, 20);
    }
}
