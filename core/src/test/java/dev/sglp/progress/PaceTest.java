package dev.sglp.progress;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What is told of the time that work of so many units will take.
final class PaceTest {
    private static final long SECOND = 1_000_000_000L;

    /// What is told while one unit takes so long, with the second it is told at.
    private static List<String> told(int units, double secondsEach) {
        var pace = new Pace(units, "sets", 0);
        var all = new ArrayList<String>();
        for (int i = 1; i <= units; i++) {
            long now = (long) (i * secondsEach * SECOND);
            pace.advance(1, now).ifPresent(line -> all.add("%.0f s: %s".formatted(now / 1e9, line)));
        }
        return all;
    }

    @Test
    void theFirstUnitsTellWhatAllWillTakeAndEveryMinuteRefinesIt() {
        assertThat(told(96, 7.5).subList(0, 3)).containsExactly("15 s: about 12 min for 96 sets",
                "75 s: 10 of 96 sets, about 11 min left", "135 s: 18 of 96 sets, about 9 min 50 s left");
        assertThat(told(96, 400).getFirst()).isEqualTo("800 s: about 10 h 40 min for 96 sets");
    }

    @Test
    void shortWorkIsNotEstimated() {
        assertThat(told(96, 0.1)).isEmpty();
        assertThat(told(3, 4)).isEmpty();
    }

    /// As candidates are that pass each layer together.
    @Test
    void unitsThatAreDoneAtOnceSayNothingOfTheRate() {
        var pace = new Pace(30, "layers", 0);
        for (int i = 0; i < 15; i++) {
            assertThat(pace.advance(1, 500 * SECOND + i)).isEmpty();
        }
        assertThat(pace.advance(15, 1000 * SECOND)).isEmpty();
        var groups = new Pace(60, "layers", 0);
        groups.advance(15, 500 * SECOND);
        assertThat(groups.advance(15, 1000 * SECOND)).contains("about 33 min for 60 layers");
    }

    /// Found in the first second: by a run before.
    @Test
    void whatWasKnownSaysNothingOfTheRate() {
        var pace = new Pace(96, "sets", 0);
        assertThat(pace.advance(50, SECOND / 10)).isEmpty();
        assertThat(pace.advance(1, 8 * SECOND)).isEmpty();
        assertThat(pace.advance(1, 16 * SECOND)).contains("about 6 min 10 s for the 46 sets that are left");
    }

    @Test
    void aRateThatChangesIsThatOfTheLastMinute() {
        var pace = new Pace(100, "sets", 0);
        for (int i = 1; i <= 10; i++) {
            pace.advance(1, i * 2 * SECOND);
        }
        assertThat(pace.advance(4, 80 * SECOND)).contains("14 of 100 sets, about 9 min left");
    }

    @ParameterizedTest
    @CsvSource({"44, 40 s", "95, 1 min 40 s", "599, 10 min", "740, 12 min", "7100, 1 h 58 min", "9000, 2 h 30 min"})
    void aboutIsSaidRoughly(long seconds, String words) {
        assertThat(Pace.roughly(Duration.ofSeconds(seconds))).isEqualTo(words);
    }
}
