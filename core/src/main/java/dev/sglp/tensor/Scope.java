package dev.sglp.tensor;

import java.util.function.Supplier;
import org.bytedeco.javacpp.Pointer;
import org.bytedeco.javacpp.PointerScope;
import org.bytedeco.pytorch.Tensor;

/// Owns every tensor made on this thread while it is the innermost open scope, and frees them when it closes.
///
/// Open one a batch: the garbage collector does not see native memory. A tensor that has to outlive its scope is handed
/// to the enclosing one ({@link #yield}) or taken out of all scopes ({@link #own}, then {@link #free}).
public final class Scope implements AutoCloseable {
    private final PointerScope pointers = new PointerScope();

    private Scope() {}

    public static Scope open() {
        return new Scope();
    }

    /// Runs `body` in a scope of its own and hands its result to the scope that is open around the call.
    ///
    /// @return the body's result, alive in the enclosing scope (or owned by the caller where there is none)
    public static <T extends Pointer> T yield(Supplier<T> body) {
        T result = yieldOwned(body);
        return PointerScope.getInnerScope() == null ? result : lend(result);
    }

    /// Runs `body` in a scope of its own and hands its result to the caller, who owns it until {@link #free}.
    public static <T extends Pointer> T yieldOwned(Supplier<T> body) {
        try (var _ = open()) {
            return own(body.get());
        }
    }

    /// Runs `body` in a scope of its own; nothing of it survives.
    public static void run(Runnable body) {
        try (var _ = open()) {
            body.run();
        }
    }

    /// Takes a tensor out of the open scopes. The caller owns it until {@link #free}.
    ///
    /// @throws IllegalStateException where the handle is an alias that frees nothing: the static in-place operators
    ///                               (`torch.relu_(x)`) return one, the tensor's own (`x.relu_()`) return `x`
    public static <T extends Pointer> T own(T tensor) {
        if (tensor.referenceCount() < 0) {
            throw new IllegalStateException("this handle is an alias of another tensor's and cannot be owned");
        }
        return tensor.retainReference();
    }

    /// Hands a tensor taken by {@link #own} to the scope that is open: it is freed with it.
    public static <T extends Pointer> T lend(T tensor) {
        PointerScope.getInnerScope().attach(tensor);
        tensor.releaseReference();
        return tensor;
    }

    /// Frees a tensor taken by {@link #own}.
    public static void free(Tensor tensor) {
        tensor.releaseReference();
    }

    @Override
    public void close() {
        pointers.close();
    }
}
