package dev.sglp.tensor;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import java.util.function.Supplier;
import org.bytedeco.pytorch.global.torch;

/// The threads that libtorch and its matrix library compute with: together on each operation, or side by side, each on
/// operations of its own.
public final class Threads {
    /// Each lane holds activations of its own.
    private static final int MOST_LANES = 4;
    /// What the first of this thread's lanes to fail threw.
    private static final ScopedValue<AtomicReference<Throwable>> FAILURE = ScopedValue.newInstance();
    private static final String MATRICES = System.mapLibraryName("openblas") + ".0";

    private Threads() {}

    /// From here on this thread and the matrix library compute with so many; it loads libtorch.
    public static void use(int count) {
        torch.set_num_threads(count);
        matrices(count);
    }

    /// How many compute together on an operation of this thread.
    public static int count() {
        return torch.get_num_threads();
    }

    /// Computes on one thread.
    public static <T> T alone(Supplier<T> body) {
        int threads = count();
        use(1);
        try {
            return body.get();
        } finally {
            use(threads);
        }
    }

    /// How many lanes are worth having: as many as threads while these are few. Two threads that share every matrix product of
    /// a language model wait for each other a sixth of the time.
    public static int lanes() {
        int threads = count();
        return threads <= MOST_LANES ? threads : 1;
    }

    /// Does `work` for each of `0 … count − 1`, side by side where lanes are worth having.
    public static void each(int count, IntConsumer work) {
        int lanes = Math.clamp(count, 1, lanes());
        sideBySide(lanes, lane -> {
            for (int i = lane; i < count; i += lanes) {
                goOn();
                work.accept(i);
            }
        });
    }

    /// Runs `body` for the lanes `0 … lanes − 1` at the same time, each computing on a thread of its own. What a lane makes
    /// belongs to the scopes it opens itself. What the first lane to fail throws is thrown as soon as the others have stopped: they
    /// do at their next {@link #goOn}.
    public static void sideBySide(int lanes, IntConsumer body) {
        if (lanes == 1) {
            body.accept(0);
            return;
        }
        int threads = count();
        matrices(1);
        var failure = new AtomicReference<Throwable>();
        try (var pool = Executors.newFixedThreadPool(lanes)) { // closing waits: lanes use what the caller frees
            for (int i = 0; i < lanes; i++) {
                int lane = i;
                pool.execute(() -> ScopedValue.where(FAILURE, failure).run(() -> run(lane, body)));
            }
            await(pool, failure);
        } finally {
            use(threads);
        }
        switch (failure.get()) {
            case null -> {
            }
            case RuntimeException first -> throw first;
            case Error first -> throw first;
            case Throwable first -> throw new IllegalStateException(first);
        }
    }

    private static void await(ExecutorService pool, AtomicReference<Throwable> failure) {
        pool.shutdown();
        try {
            pool.awaitTermination(Long.MAX_VALUE, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            failure.compareAndSet(null, new IllegalStateException("interrupted while others compute", e));
            Thread.currentThread().interrupt();
        }
    }

    private static void run(int lane, IntConsumer body) {
        torch.set_num_threads(1);
        try {
            body.accept(lane);
        } catch (Throwable e) {
            FAILURE.get().compareAndSet(null, e);
        }
    }

    /// Asked by a lane before each unit of its work, some seconds at most: returns unless another lane has failed.
    public static void goOn() {
        if (FAILURE.isBound() && FAILURE.get().get() != null) {
            throw new CancellationException("another lane failed");
        }
    }

    private static void matrices(int count) {
        OpenBlas.SET.ifPresent(set -> {
            try {
                set.invokeExact(count);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        });
    }

    /// OpenBLAS keeps threads of its own, which libtorch does not count. Looked up once, after libtorch has loaded it; absent where
    /// libtorch came with another library.
    private static final class OpenBlas {
        static final Optional<MethodHandle> SET = find();

        @SuppressWarnings("restricted") // the launcher allows native access: all of libtorch needs it
        private static Optional<MethodHandle> find() {
            try {
                return SymbolLookup.libraryLookup(MATRICES, Arena.global()).find("openblas_set_num_threads")
                        .map(at -> Linker.nativeLinker().downcallHandle(at,
                                FunctionDescriptor.ofVoid(ValueLayout.JAVA_INT)));
            } catch (IllegalArgumentException _) {
                return Optional.empty();
            }
        }
    }
}
