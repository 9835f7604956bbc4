package dev.sglp.repair;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.Objects;
import java.util.Optional;
import java.util.function.IntConsumer;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// The data of a repair in batches, in two halves that are worked off side by side. It owns the masks; close it.
final class Batches implements AutoCloseable {
    private static final int HALVES = 2;

    private final RepairTask task;
    private final @Nullable Tensor[] padding;

    Batches(RepairTask task) {
        this.task = task;
        this.padding = new Tensor[Math.ceilDiv(task.data().size(), task.batchSize())];
    }

    int count() {
        return padding.length;
    }

    /// Does something with each batch, nothing recorded, in a scope of its own: even and odd ones side by side, each in order, so
    /// that sums do not depend on the number of threads.
    void each(IntConsumer work) {
        Threads.each(HALVES, half -> {
            for (int b = half; b < count(); b += HALVES) {
                int batch = b;
                Autograd.recording(false, () -> {
                    try (var _ = Scope.open()) {
                        work.accept(batch);
                        return batch;
                    }
                });
            }
        });
    }

    /// Number of its first item.
    int first(int batch) {
        return batch * task.batchSize();
    }

    /// Which half a batch belongs to; the first is never empty.
    static int half(int batch) {
        return batch % HALVES;
    }

    /// What goes into the stem, in the current scope.
    Tensor inputs(int batch) {
        int size = task.batchSize();
        var items = task.data().batch(first(batch), Math.min(task.data().size(), first(batch) + size));
        if (padding[batch] == null) {
            items.padding().ifPresent(mask -> padding[batch] = Scope.own(mask));
        }
        return items.inputs();
    }

    /// Where a batch has no token, `[B, T]`; known once its inputs were asked for.
    Optional<Tensor> padding(int batch) {
        return Optional.ofNullable(padding[batch]);
    }

    @Override
    public void close() {
        Arrays.stream(padding).filter(Objects::nonNull).forEach(Scope::free);
    }
}
