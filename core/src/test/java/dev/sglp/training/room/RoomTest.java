package dev.sglp.training.room;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.training.gradient.Passes;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

final class RoomTest {
    private static final long M = 1 << 20;
    /// 100 MiB that last; of a token 1 MiB where all is kept, 0.25 MiB where layers run again; 8 windows of 128 tokens; logits 8 MiB.
    private static final StepMemory STEP = new StepMemory(new LinkedHashMap<>(Map.of("weights", 100 * M)),
            new StepMemory.Activations(M, M / 4, 0), new StepMemory.Logits(M / 16, 128), 128, 8);

    private static Passes within(long megabytes) {
        return new Room(false, OptionalLong.of(megabytes * M)).of(STEP, Progress.silent());
    }

    @Test
    void whatFitsIsLeftAsItIs() {
        assertThat(STEP.bytes(Passes.USUAL)).isEqualTo((100 + 8 * 128 + 8) * M);
        assertThat(within(1132)).isEqualTo(Passes.USUAL);
    }

    @Test
    void firstLayersAreRunAgainAndThenFewerWindowsGoTogether() {
        assertThat(within(1131)).isEqualTo(new Passes(true, Passes.USUAL.tokens()));
        assertThat(within(100 + 256 + 8)).isEqualTo(new Passes(true, Passes.USUAL.tokens()));
        assertThat(within(100 + 255 + 8)).isEqualTo(new Passes(true, 7 * 128));
        assertThat(within(100 + 32 + 8)).isEqualTo(new Passes(true, 128));
    }

    @Test
    void aPassIsAsWideAsItsLongestWindow() {
        long[] lengths = {100, 60, 900, 50, 50, 1024, 40};
        var ends = new ArrayList<Integer>();
        for (int from = 0; from < lengths.length; from = ends.getLast()) {
            ends.add(new Passes(false, 1024).end(from, lengths.length, i -> lengths[i]));
        }
        assertThat(ends).containsExactly(2, 3, 5, 6, 7);
        assertThat(Passes.USUAL.end(0, 40, _ -> 512)).isEqualTo(4);
        assertThat(Passes.USUAL.end(3, 40, _ -> 5000)).isEqualTo(4);
    }

    @Test
    void lessThanOneWindowNeedsIsRefusedWithTheLeast() {
        assertThatThrownBy(() -> within(139)).isInstanceOf(UsageException.class)
                .hasMessageContaining("--memory 139m does not hold a step")
                .hasMessageContaining("The least that works: 140m");
    }

    /// Else a run that goes on where less is free would sum in another order.
    @Test
    void whereNobodySaysNoFewerWindowsGoTogether() {
        var huge = new StepMemory(STEP.lasting(), new StepMemory.Activations(1L << 50, 1L << 49, 0), STEP.logits(), 128,
                8);
        assertThat(new Room(false, OptionalLong.empty()).of(huge, Progress.silent()).tokens())
                .isEqualTo(Passes.USUAL.tokens());
    }
}
