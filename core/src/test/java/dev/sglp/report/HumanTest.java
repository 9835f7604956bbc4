package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class HumanTest {
    @Test
    void countsTakeDecimalPrefixes() {
        assertThat(Human.parameters(853_018)).isEqualTo("853.0 K");
        assertThat(Human.parameters(6_738_415_616L)).isEqualTo("6.7 B");
        assertThat(Human.parameters(12)).isEqualTo("12");
        assertThat(Human.parameters(999_960)).isEqualTo("1.0 M");
        assertThat(Human.macs(125_485_696)).isEqualTo("125.5 MMACs");
        assertThat(Human.bytes(3_441_000)).isEqualTo("3.4 MB");
    }

    @Test
    void timesChangeTheirUnitWithTheirSize() {
        assertThat(Human.millis(12.34)).isEqualTo("12.3 ms");
        assertThat(Human.millis(0.4217)).isEqualTo("0.422 ms");
        assertThat(Human.seconds(0.414)).isEqualTo("0.41 s");
        assertThat(Human.seconds(0.003)).isEqualTo("3 ms");
        assertThat(Human.seconds(59.96)).isEqualTo("1 min 00 s");
        assertThat(Human.seconds(125)).isEqualTo("2 min 05 s");
        assertThat(Human.seconds(3780)).isEqualTo("1 h 03 min");
    }

    @Test
    void aSpreadHasTheUnitAndTheDigitsOfItsLongestTime() {
        assertThat(Human.spread(997, 931.4, 1344.2)).isEqualTo("931 to 1344");
        assertThat(Human.spread(12.3, 11.91, 13.04)).isEqualTo("11.9 to 13.0");
        assertThat(Human.spread(0.42, 0.41, 0.5)).isEqualTo("0.410 to 0.500");
        assertThat(Human.spread(1200, 997, 1660)).isEqualTo("1.00 to 1.66");
        assertThat(List.of(Human.unit(999.9), Human.unit(1000))).containsExactly("ms", "s");
    }

    @Test
    void changesSayPercentAndFactor() {
        assertThat(Human.change(125, 97.5)).isEqualTo("−22.0 % · 1.28×");
        assertThat(Human.change(2, 2)).isEqualTo("same");
        assertThat(Human.change(0, 2)).isEmpty();
        assertThat(Human.share(50, 3e10)).isEqualTo("+6.0e+10 %");
        assertThat(Human.points(0.832, 0.819)).isEqualTo("−1.30 points");
        assertThat(Human.difference(0.5, 0.5421)).isEqualTo("+0.0421");
    }

    @Test
    void whatIsNotFiniteIsADash() {
        assertThat(Human.percent(Double.NaN)).isEqualTo("–");
        assertThat(Human.number(Double.POSITIVE_INFINITY)).isEqualTo("–");
        assertThat(Human.difference(Double.NaN, 1)).isEmpty();
    }
}
