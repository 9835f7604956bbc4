package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class DifferenceTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', textBlock = """
            full, Settings[epochs=3, seed=0]   | full, Settings[epochs=13, seed=0] | epochs=3          | epochs=13
            Settings[epochs=3, seed=0]         | Settings[epochs=4, seed=1]        | epochs=3, seed=0  | epochs=4, seed=1
            S[epochs=3, rate=1, seed=0]        | S[epochs=4, rate=1, seed=1]       | epochs=3, seed=0  | epochs=4, seed=1
            full of abcdef on images           | full of abcxef on images          | abcdef            | abcxef
            nothing known                      | full                              | nothing known     | full
            full                               | full and more                     | full              | full and more
            """)
    void onlyTheWordsThatDifferAreNamed(String kept, String asked, String there, String wanted) {
        assertThat(Difference.of(kept, asked)).isEqualTo(new Difference(there, wanted));
        assertThat(Difference.of(asked, kept)).isEqualTo(new Difference(wanted, there));
    }
}
