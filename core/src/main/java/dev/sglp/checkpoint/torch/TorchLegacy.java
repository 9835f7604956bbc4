package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.PickleRules;
import dev.sglp.pickle.PlainGlobals;
import dev.sglp.pickle.Unpickler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/// The format before PyTorch 1.6: pickles in a row (magic number, protocol, facts of the machine, the object, the storages' keys),
/// then for each key its number of elements in 8 bytes and the elements.
final class TorchLegacy {
    private static final BigInteger MAGIC = new BigInteger("1950a86a20f9469cfc6c", 16);
    private static final long PROTOCOL = 1001;
    private static final ValueLayout.OfLong COUNT = ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

    private final Path file;
    private final MemorySegment bytes;
    private long position;

    private TorchLegacy(Path file, MemorySegment bytes) {
        this.file = file;
        this.bytes = bytes;
    }

    static TorchFile read(Path file, MemorySegment bytes) throws IOException {
        return new TorchLegacy(file, bytes).read();
    }

    private TorchFile read() throws IOException {
        var plain = PickleRules.of(PlainGlobals.all(), "");
        if (!MAGIC.equals(load(plain))) {
            throw new IOException("[%s] is a pickle, but not of PyTorch: its magic number is missing".formatted(file));
        }
        if (!(load(plain) instanceof Long version && version == PROTOCOL)) {
            throw new IOException("[%s] has an unknown protocol version, expected %d".formatted(file, PROTOCOL));
        }
        if (!(load(plain) instanceof Map<?, ?> facts) || Boolean.FALSE.equals(facts.get("little_endian"))) {
            throw new IOException("[%s] was written by a big-endian machine, expected little-endian".formatted(file));
        }
        var globals = new TorchGlobals();
        var root = load(globals.rules());
        if (!(load(plain) instanceof List<?> keys)) {
            throw new IOException("[%s] has no list of storages".formatted(file));
        }
        return new TorchFile("PyTorch (legacy)", root, storages(keys, globals.storages()));
    }

    private Object load(PickleRules rules) throws IOException {
        var unpickler = new Unpickler(file, bytes, rules).seek(position);
        var value = unpickler.load();
        position = unpickler.position();
        return value;
    }

    private Map<String, MemorySegment> storages(List<?> keys, Map<String, TorchStorage> named) throws IOException {
        var found = new HashMap<String, MemorySegment>();
        for (var key : keys) {
            var storage = key instanceof String || key instanceof Long ? named.get(key.toString()) : null;
            if (storage == null) {
                throw new IOException("[%s] lists a storage that no tensor names".formatted(file));
            }
            found.put(storage.key(), next(storage));
        }
        if (!found.keySet().containsAll(named.keySet())) {
            throw new IOException(
                    "[%s] lists %d storages, but its tensors name %d".formatted(file, found.size(), named.size()));
        }
        return found;
    }

    private MemorySegment next(TorchStorage storage) throws IOException {
        long left = bytes.byteSize() - position - COUNT.byteSize();
        if (left < 0 || storage.bytes() > left) {
            throw new IOException(
                    "[%s] ends inside storage '%s', which needs %d bytes where %d are left. Maybe the file was cut"
                            .formatted(file, storage.key(), storage.bytes(), Math.max(0, left)));
        }
        long elements = bytes.get(COUNT, position);
        if (elements != storage.elements()) {
            throw new IOException("[%s] storage '%s' has %d elements, expected %d from its header"
                    .formatted(file, storage.key(), elements, storage.elements()));
        }
        var data = bytes.asSlice(position + COUNT.byteSize(), storage.bytes());
        position += COUNT.byteSize() + storage.bytes();
        return data;
    }
}
