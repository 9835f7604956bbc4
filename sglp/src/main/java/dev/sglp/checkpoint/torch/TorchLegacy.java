package dev.sglp.checkpoint.torch;

import dev.sglp.checkpoint.torch.TorchTensor.Storage;
import dev.sglp.pickle.Unpickler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The format of `torch.save` before 1.6: five pickles (magic number, protocol, system, object, storage keys), then each
/// storage as its number of elements and its bytes.
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private TorchLegacy() {}

    static TorchFile.Contents read(String file, MemorySegment bytes) throws IOException {
        var known = new HashMap<String, Storage>();
        var pickles = new Unpickler(file, bytes, 0, new TorchGlobals(), id -> {
            var storage = TorchGlobals.storage(file, id);
            known.put(storage.key(), storage);
            return storage;
        });
        if (!MAGIC.equals(pickles.next())) {
            throw new IOException(
                    "[%s] is a pickle, but not one of torch.save. Expected a PyTorch checkpoint".formatted(file));
        }
        if (!Long.valueOf(PROTOCOL).equals(pickles.next())) {
            throw new IOException(
                    "[%s] is of another version of torch.save's old format than %d".formatted(file, PROTOCOL));
        }
        if (pickles.next() instanceof Map<?, ?> system && Boolean.FALSE.equals(system.get("little_endian"))) {
            throw new IOException("[%s] was written on a big-endian machine, which is not read".formatted(file));
        }
        var root = pickles.next();
        if (!(pickles.next() instanceof List<?> keys)) {
            throw new IOException(
                    "[%s] has no list of storages after its object. Maybe the file was cut".formatted(file));
        }
        return new TorchFile.Contents(root, storages(file, new Tail(bytes, pickles.position()), keys, known));
    }

    /// @param at where the first storage begins
    private record Tail(MemorySegment bytes, long at) {}

    private static Map<String, MemorySegment> storages(String file, Tail tail, List<?> keys, Map<String, Storage> known)
            throws IOException {
        var storages = new HashMap<String, MemorySegment>();
        long at = tail.at;
        long end = tail.bytes.byteSize();
        for (var key : keys) {
            var storage = known.get(String.valueOf(key));
            if (storage == null || end - at < Long.BYTES) {
                throw new IOException("[%s] storage '%s' %s".formatted(file, key,
                        storage == null
                                ? "is not one that its tensors use"
                                : "begins after the end of the file. Maybe the file was cut"));
            }
            long elements = tail.bytes.get(COUNT, at);
            at += Long.BYTES;
            if (elements < 0 || elements > (end - at) / storage.dtype().bytes()) {
                throw new IOException(
                        "[%s] storage '%s' says it has %d elements of %s, but %d bytes are left at byte %d. Maybe the file was cut"
                                .formatted(file, key, elements, storage.dtype(), end - at, at));
            }
            storages.put(storage.key(), tail.bytes.asSlice(at, elements * storage.dtype().bytes()));
            at += elements * storage.dtype().bytes();
        }
        return storages;
    }
}
