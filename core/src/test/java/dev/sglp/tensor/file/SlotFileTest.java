package dev.sglp.tensor.file;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import org.junit.jupiter.api.Test;

final class SlotFileTest {
    /// What is asked of the disk need not hold what the file has room for already.
    @Test
    void placesThatAreFreeAreToldUntilTheyAreUsedAgain() throws IOException {
        try (var file = new SlotFile(); var _ = Scope.open()) {
            var two = Tensors.floats(new float[]{1, 2}, 2);
            var slots = new SlotFile.Slot[]{file.write(two), file.write(two)};
            assertThat(file.idle(8)).isZero();
            file.free(slots[0]);
            file.free(slots[1]);
            assertThat(file.idle(8)).isEqualTo(16);
            assertThat(file.idle(12)).as("of another size").isZero();
            file.write(two);
            assertThat(file.idle(8)).isEqualTo(8);
            assertThat(file.bytes()).isEqualTo(16);
        }
    }
}
