package dev.sglp.checkpoint.mapped;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.file.Path;
import java.util.Optional;

/// A private mapping by the system's own `mmap`: whoever writes to it changes a copy of the page and never the file. Java's needs
/// permission to write the file.
record PrivateMapping(MemorySegment bytes, Arena arena) implements Mapping {
    private static final int READ_AND_WRITE = 3; // PROT_READ | PROT_WRITE
    private static final int PRIVATE = 2; // MAP_PRIVATE
    private static final int DONT_NEED = 4; // MADV_DONTNEED
    private static final long FAILED = -1;

    /// The system's functions; absent where it has others or they may not be called.
    private static final Optional<Calls> CALLS = Calls.find();

    /// Empty where the system has none, or has no room for it.
    static Optional<PrivateMapping> of(Path path, long size) {
        return size == 0 ? Optional.empty() : CALLS.flatMap(calls -> calls.map(path, size));
    }

    @Override
    public void unload() {
        CALLS.orElseThrow().unload(bytes);
    }

    /// Waits for threads that read it.
    @Override
    public void close() {
        arena.close();
    }

    /// @param noReserve flag of a mapping that counts as memory only where it is written to
    private record Calls(MethodHandle open, MethodHandle close, MethodHandle mmap, MethodHandle munmap,
            MethodHandle madvise, int noReserve) {
        @SuppressWarnings("restricted") // the launcher allows native access: all of libtorch needs it
        static Optional<Calls> find() {
            var system = System.getProperty("os.name");
            boolean linux = system.startsWith("Linux");
            if (ValueLayout.ADDRESS.byteSize() != Long.BYTES || !linux && !system.startsWith("Mac")) {
                return Optional.empty();
            }
            try {
                AddressLayout pointer = ValueLayout.ADDRESS;
                var whole = ValueLayout.JAVA_INT;
                var size = ValueLayout.JAVA_LONG;
                return Optional.of(new Calls(call("open", whole, pointer, whole), call("close", whole, whole),
                        call("mmap", pointer, pointer, size, whole, whole, whole, size),
                        call("munmap", whole, pointer, size), call("madvise", whole, pointer, size, whole),
                        linux ? 0x4000 : 0x40));
            } catch (RuntimeException _) {
                return Optional.empty();
            }
        }

        @SuppressWarnings("restricted")
        private static MethodHandle call(String name, MemoryLayout result, MemoryLayout... arguments) {
            var linker = Linker.nativeLinker();
            var at = linker.defaultLookup().find(name).orElseThrow();
            var shape = FunctionDescriptor.of(result, arguments);
            return name.equals("open")
                    ? linker.downcallHandle(at, shape, Linker.Option.firstVariadicArg(arguments.length))
                    : linker.downcallHandle(at, shape);
        }

        @SuppressWarnings("restricted")
        Optional<PrivateMapping> map(Path path, long size) {
            try (var words = Arena.ofConfined()) {
                int file = (int) open.invokeExact(words.allocateFrom(path.toString()), 0);
                if (file < 0) {
                    return Optional.empty();
                }
                var found = (MemorySegment) mmap.invokeExact(MemorySegment.NULL, size, READ_AND_WRITE,
                        PRIVATE | noReserve, file, 0L);
                int closed = (int) close.invokeExact(file);
                if (found.address() == FAILED || closed != 0) {
                    return Optional.empty();
                }
                var arena = Arena.ofShared();
                return Optional.of(new PrivateMapping(found.reinterpret(size, arena, this::unmap), arena));
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        private void unmap(MemorySegment bytes) {
            try {
                int _ = (int) munmap.invokeExact(bytes, bytes.byteSize());
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }

        void unload(MemorySegment bytes) {
            try {
                int _ = (int) madvise.invokeExact(bytes, bytes.byteSize(), DONT_NEED);
            } catch (Throwable e) {
                throw new IllegalStateException(e);
            }
        }
    }
}
