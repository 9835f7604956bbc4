package dev.sglp.training.blockwise;

import dev.sglp.data.Dataset;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import org.bytedeco.pytorch.Tensor;

/// A residual stream at some layer, window by window, none of them padded. It owns the tensors; close it.
final class Stream implements AutoCloseable {
    private final Tensor[] windows;

    /// Behind the stem.
    Stream(Part stem, Dataset items) {
        windows = new Tensor[items.size()];
        for (int i = 0; i < windows.length; i++) {
            int window = i;
            windows[i] = Autograd.recording(false, () -> Scope.yieldOwned(
                    () -> stem.forward(items.batch(window, window + 1).inputs(), Pass.evaluation())));
        }
    }

    /// Through one more layer.
    void through(Part layer) {
        for (int i = 0; i < windows.length; i++) {
            var before = windows[i];
            windows[i] = Autograd.recording(false,
                    () -> Scope.yieldOwned(() -> layer.forward(before, Pass.evaluation())));
            Scope.free(before);
        }
    }

    int windows() {
        return windows.length;
    }

    /// `[1, T, D]`
    Tensor window(int index) {
        return windows[index];
    }

    @Override
    public void close() {
        for (var window : windows) {
            Scope.free(window);
        }
    }
}
