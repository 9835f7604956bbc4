package dev.sglp.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class NormalisationTest {
    @Test
    void numbersAreReadFromTheCommandLine() {
        assertThat(Normalisation.parse(".485, .456,.406", ".229,.224,.225")).isEqualTo(Normalisation.IMAGENET);
        assertThat(Normalisation.named("cifar10").mean()).isEqualTo(List.of(.4914, .4822, .4465));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"1,2|1,1,1|three numbers", "0,0,0|1,0,1|positive",
            "a,b,c|1,1,1|--mean 'a,b,c'",
            "NaN,0,0|1,1,1|finite"})
    void wrongNumbersAreRefusedWithTheReason(String mean, String std, String reason) {
        assertThatThrownBy(() -> Normalisation.parse(mean, std)).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(reason);
    }

    @Test
    void anUnknownPresetIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> Normalisation.named("mnist"))
                .hasMessageContaining("cifar10, cifar100, imagenet, none");
    }
}
