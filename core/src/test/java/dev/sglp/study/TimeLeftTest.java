package dev.sglp.study;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.study.TimeLeft.Kind;
import org.junit.jupiter.api.Test;

final class TimeLeftTest {
    private final TimeLeft time = new TimeLeft();

    TimeLeftTest() {
        time.expect(Kind.CHOICE, 2);
        time.expect(Kind.NETWORK, 3);
    }

    @Test
    void beforeAnythingIsDoneItSaysNothing() {
        assertThat(time.text()).isEmpty();
        assertThat(time.open()).isEqualTo(5);
    }

    @Test
    void whatIsOpenTakesAsLongAsWhatIsDone() {
        time.done(Kind.CHOICE, 1, 60);
        assertThat(time.text()).isEqualTo(", about 1 min left and 3 parts not yet estimated");
        time.done(Kind.NETWORK, 1, 100);
        assertThat(time.text()).isEqualTo(", about 4 min left");
    }

    @Test
    void whereNothingThatIsOpenWasTimedItNamesNoTime() {
        time.done(Kind.CHOICE, 2, 60);
        assertThat(time.text()).isEqualTo(", 3 parts not yet estimated");
    }
}
