package dev.sglp.repair;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Pico;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.progress.Progress;
import java.util.ArrayList;
import org.junit.jupiter.api.Test;

/// What a repair keeps of images: three activations of each, the largest of which has 4 × 16 × 16 numbers of 4 bytes here.
final class RepairMemoryTest {
    private static final long EACH = 3 * 4 * 4 * 16 * 16;

    @Test
    void whatTheActivationsTakeIsSaid() {
        try (var pico = Pico.open()) {
            var told = new ArrayList<String>();
            var task = new RepairTask(pico.model(), LayerSet.EMPTY, pico.items(), 4);
            task.checkFit(8 * EACH, new Progress() {
                @Override
                public Step step(String what, long total, String unit) {
                    return Silent.INSTANCE;
                }

                @Override
                public void say(String line) {
                    told.add(line);
                }
            });
            assertThat(told).containsExactly(
                    "Fitting a layer on 8 items keeps up to 1m of their activations besides the network.");
        }
    }

    @Test
    void moreThanIsFreeIsRefusedWithWhatFits() {
        try (var pico = Pico.open()) {
            var task = new RepairTask(pico.model(), LayerSet.EMPTY, pico.items(), 4);
            assertThatThrownBy(() -> task.checkFit(8 * EACH - 1, Progress.silent())).isInstanceOf(UsageException.class)
                    .hasMessage(
                            "a repair on 8 items keeps %,d bytes of their activations, and %,d are free. --repair-samples 7 fits",
                            8 * EACH, 8 * EACH - 1);
            assertThatThrownBy(() -> task.checkFit(EACH - 1, Progress.silent()))
                    .hasMessageEndingWith("are free. Use --repair none");
        }
    }
}
