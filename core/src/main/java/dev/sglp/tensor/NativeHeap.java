package dev.sglp.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;
import java.util.concurrent.atomic.AtomicLong;

/// C's heap, where libtorch's tensors lie.
public final class NativeHeap {
    /// Bytes from which on a tensor is a mapping of its own after {@link #mapLarge}.
    public static final int LARGE = 1 << 23;
    private static final int MMAP_THRESHOLD = -3; // M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of glibc's malloc.h
    private static final int TRIM_THRESHOLD = -1;
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
    public static void trim() {
        call("malloc_trim", FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_LONG), 0L);
    }

    /// From here on tensors of {@link #LARGE} bytes are the system's own mappings, which go when they are freed, and as much
    /// that is free at the heap's end goes too: tensors of different sizes that follow each other leave no holes. Pages are cleared anew each
    /// time, which is little beside reading layers. For the whole process; it does nothing where C has no `mallopt`.
    public static void mapLarge() {
        var kind = FunctionDescriptor.of(ValueLayout.JAVA_INT, ValueLayout.JAVA_INT, ValueLayout.JAVA_INT);
        call("mallopt", kind, MMAP_THRESHOLD, LARGE);
        call("mallopt", kind, TRIM_THRESHOLD, LARGE);
    }

    @SuppressWarnings("restricted") // the launcher allows native access: all of libtorch needs it
    private static void call(String function, FunctionDescriptor kind, Object... arguments) {
        var linker = Linker.nativeLinker();
        var found = linker.defaultLookup().find(function).map(at -> linker.downcallHandle(at, kind));
        if (found.isPresent()) {
            try {
                found.get().invokeWithArguments(arguments);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
