package dev.sglp.model.past;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import java.util.IdentityHashMap;
import java.util.Map;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;

/// A pass that reads the next tokens of texts: where they stand, and what its blocks share of that, which goes when the pass is over.
public final class Step {
    private final Places places;
    private final Map<Object, Tensor> shared = new IdentityHashMap<>();

    Step(Places places) {
        this.places = places;
    }

    public Places places() {
        return places;
    }

    /// What is made once for all blocks.
    ///
    /// @param owner by whom it is asked for again
    public Tensor once(Object owner, Supplier<Tensor> made) {
        return shared.computeIfAbsent(owner, _ -> Autograd.recording(false, () -> Scope.yieldOwned(made)));
    }

    void over() {
        shared.values().forEach(Scope::free);
        shared.clear();
    }
}
