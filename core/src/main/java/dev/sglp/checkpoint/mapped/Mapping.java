package dev.sglp.checkpoint.mapped;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Path;

/// The bytes of a file as memory.
sealed interface Mapping extends AutoCloseable permits Mapping.ReadOnly, PrivateMapping {
    MemorySegment bytes();

    /// Touched pages are given back.
    void unload();

    @Override
    void close();

    /// A private one where the system has them, else one that must not be written to.
    static Mapping of(Path path, FileChannel channel, long size) throws IOException {
        var own = PrivateMapping.of(path, size);
        return own.isPresent() ? own.get() : ReadOnly.of(channel, size);
    }

    /// Writing to it ends the program.
    record ReadOnly(MemorySegment bytes, Arena arena) implements Mapping {
        static ReadOnly of(FileChannel channel, long size) throws IOException {
            var arena = Arena.ofShared();
            try {
                return new ReadOnly(channel.map(MapMode.READ_ONLY, 0, size, arena), arena);
            } catch (IOException | RuntimeException e) {
                arena.close();
                throw e;
            }
        }

        @Override
        public void unload() {
            if (bytes.isMapped()) {
                bytes.unload();
            }
        }

        @Override
        public void close() {
            arena.close();
        }
    }
}
