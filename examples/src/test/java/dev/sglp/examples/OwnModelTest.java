package dev.sglp.examples;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import org.junit.jupiter.api.Test;

final class OwnModelTest {
    @Test
    void theMethodTakesANetworkAndACriterionFromOutside() throws IOException {
        var outcome = OwnModel.prune();
        var removed = outcome.analysis().choice().removed();
        assertThat(removed.size()).isEqualTo(2);
        // the criterion prefers late layers: each removed layer is the last of its segment
        for (int layer : removed.indices()) {
            assertThat(outcome.analysis().segmentation().boundaries()).contains(layer + 1);
        }
        assertThat(outcome.after().parameters()).isEqualTo(outcome.before().parameters() - 2 * 64 * 64);
    }
}
