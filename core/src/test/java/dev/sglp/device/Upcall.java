package dev.sglp.device;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.invoke.MethodHandles;
import java.util.Arrays;
import org.bytedeco.javacpp.Pointer;

/// Java that libtorch calls.
final class Upcall {
    private Upcall() {}

    /// An address that somebody else owns.
    static final class At extends Pointer {
        At(long address) {
            this.address = address;
        }
    }

    /// The address of a static method, for as long as the process lives.
    @SuppressWarnings("restricted") // tests run with native access
    static MemorySegment of(Class<?> owner, String method, FunctionDescriptor type) {
        try {
            var found = Arrays.stream(owner.getDeclaredMethods()).filter(m -> m.getName().equals(method)).findFirst()
                    .orElseThrow();
            found.setAccessible(true);
            return Linker.nativeLinker().upcallStub(MethodHandles.lookup().unreflect(found), type, Arena.global());
        } catch (IllegalAccessException e) {
            throw new IllegalStateException(e);
        }
    }

    /// Nothing may be thrown into C++: the process would end without a word.
    static void guarded(Runnable body) {
        try {
            body.run();
        } catch (Throwable e) {
            e.printStackTrace();
            Runtime.getRuntime().halt(1);
        }
    }
}
