package dev.sglp.zip;

import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/// Bytes packed by RFC 1951. Nothing is believed about how many they unpack to.
///
/// @param packed where they lie
record Deflated(MemorySegment packed) {
    private static final long CHUNK = 1 << 26; // bytes a direct buffer may have: far below 2 GB

    /// The first bytes, or as many as there are.
    byte[] head(int count) {
        var head = new byte[count];
        try (var inflater = new Inflater(true)) {
            int filled = 0;
            inflater.setInput(packed.asSlice(0, Math.min(CHUNK, packed.byteSize())).asByteBuffer());
            while (filled < count) {
                int more = inflater.inflate(head, filled, count - filled);
                if (more == 0) {
                    break;
                }
                filled += more;
            }
            return Arrays.copyOf(head, filled);
        } catch (DataFormatException _) {
            return new byte[0];
        }
    }

    /// All bytes, or `null` where they are not exactly `size`.
    @Nullable
    MemorySegment all(long size) {
        var target = Arena.ofAuto().allocate(Math.max(1, size), 64).asSlice(0, size);
        try (var inflater = new Inflater(true)) {
            long from = 0;
            long to = 0;
            while (!inflater.finished()) {
                if (inflater.needsInput()) {
                    long length = Math.min(CHUNK, packed.byteSize() - from);
                    if (length == 0) {
                        return null;
                    }
                    inflater.setInput(packed.asSlice(from, length).asByteBuffer());
                    from += length;
                }
                var room = to < size ? target.asSlice(to, Math.min(CHUNK, size - to)) : Arena.ofAuto().allocate(1);
                int more = inflater.inflate(room.asByteBuffer());
                if (more == 0 && !inflater.needsInput() && !inflater.finished() || (to += more) > size) {
                    return null;
                }
            }
            return to == size ? target : null;
        } catch (DataFormatException _) {
            return null;
        }
    }

    /// The checksum that zip files hold.
    static int crc(MemorySegment bytes) {
        var crc = new CRC32();
        for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
            crc.update(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
        }
        return (int) crc.getValue();
    }
}
