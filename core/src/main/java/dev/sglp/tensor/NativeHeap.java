package dev.sglp.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/// C's heap, where libtorch's tensors lie.
public final class NativeHeap {
    private static final long PAUSE_NANOS = 60_000_000_000L;
    private static final AtomicLong TRIMMED = new AtomicLong(System.nanoTime());

    private NativeHeap() {}

    /// The same in a loop of long steps, at most once a minute: where large tensors of different lives follow each other, holes between
    /// them that nothing fits in come to take as much memory as the tensors.
    public static void trimNowAndThen() {
        long last = TRIMMED.get();
        long now = System.nanoTime();
        if (now - last >= PAUSE_NANOS && TRIMMED.compareAndSet(last, now)) {
            trim();
        }
    }

    /// Gives freed memory that the heap still holds back to the system: glibc keeps hundreds of megabytes of freed activations.
    /// For the end of long steps; it does nothing where C has no `malloc_trim`.
    @SuppressWarnings("restricted") // the launcher allows native access: all of libtorch needs it
    public static void trim() {
        var linker = Linker.nativeLinker();
        var trim = linker.defaultLookup().find("malloc_trim").map(at -> linker.downcallHandle(at,
                FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG)));
        if (trim.isPresent()) {
            try {
                int _ = (int) trim.get().invokeExact(0L);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
