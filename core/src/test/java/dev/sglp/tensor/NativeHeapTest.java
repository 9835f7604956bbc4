package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.evaluation.Memory;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;

/// What was freed between things that live leaves this program's memory.
final class NativeHeapTest {
    private static final int TENSORS = 2000;
    private static final int FLOATS = 1 << 14; // 64 kB: below what C maps for itself
    private static final long HALF = (long) TENSORS * FLOATS * Float.BYTES / 2;

    @Test
    void trimmingGivesFreedMemoryBack() {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system says how much memory is resident");
        try (var _ = Scope.open()) {
            var kept = new ArrayList<Tensor>();
            var freed = new ArrayList<Tensor>();
            for (int i = 0; i < TENSORS; i++) {
                var into = i % 2 == 0 ? kept : freed;
                into.add(Scope.yieldOwned(() -> Tensors.ones(DType.F32, FLOATS)));
            }
            freed.forEach(Scope::free);
            long before = Memory.residentBytes();
            NativeHeap.trim();
            assertThat(before - Memory.residentBytes()).isGreaterThan(HALF / 2);
            assertThat(List.copyOf(kept)).allMatch(t -> Tensors.toDoubles(t.sum())[0] == FLOATS);
            kept.forEach(Scope::free);
        }
    }
}
