package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.Unpickler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.lang.foreign.ValueLayout;
import java.util.HashMap;
import java.util.Map;

/// The format of `torch.save` since 1.6: a zip archive of stored entries, `NAME/data.pkl` with the object and `NAME/data/KEY`
/// with the bytes of each storage.
final class TorchZip {
    private static final String PICKLE = "/data.pkl";

    private TorchZip() {}

    static TorchFile.Contents read(String file, MemorySegment bytes) throws IOException {
        var entries = ZipEntries.read(file, bytes);
        var pickle = entries.keySet().stream().filter(name -> name.endsWith(PICKLE)).findFirst()
                .orElseThrow(() -> new IOException(
                        "[%s] is a zip archive without data.pkl, so not a file of torch.save".formatted(file)));
        var folder = pickle.substring(0, pickle.length() - PICKLE.length());
        if (entries.containsKey(folder + "/constants.pkl")) {
            throw new IOException(
                    "[%s] is a TorchScript program, which holds code. Save model.state_dict() instead".formatted(file));
        }
        var order = entries.get(folder + "/byteorder");
        if (order != null && !new String(order.toArray(ValueLayout.JAVA_BYTE), StandardCharsets.US_ASCII).strip()
                .equals("little")) {
            throw new IOException("[%s] was written on a big-endian machine, which is not read".formatted(file));
        }
        var storages = new HashMap<String, MemorySegment>();
        var root = new Unpickler(file, entries.get(pickle), 0, new TorchGlobals(), id -> {
            var storage = TorchGlobals.storage(file, id);
            storages.put(storage.key(), bytes(file, entries, folder + "/data/" + storage.key()));
            return storage;
        }).next();
        return new TorchFile.Contents(root, storages);
    }

    private static MemorySegment bytes(String file, Map<String, MemorySegment> entries, String name)
            throws IOException {
        var entry = entries.get(name);
        if (entry == null) {
            throw new IOException(
                    "[%s] has no entry '%s', which its tensors need. Maybe the file is damaged".formatted(file, name));
        }
        return entry;
    }
}
