package dev.sglp.tensor;

import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.ValueLayout;

/// C's heap, where libtorch's tensors lie.
public final class NativeHeap {
    private NativeHeap() {}

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
