package dev.sglp.checkpoint.torch;

import dev.sglp.pickle.Unpickler;
import dev.sglp.zip.ZipEntries;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;

/// The format since PyTorch 1.6: a zip of stored entries, `NAME/data.pkl` and `NAME/data/KEY` for each storage.
final class TorchZip {
    private static final String OBJECT = "data.pkl";

    private final Path file;
    private final ZipEntries entries;
    private final String prefix;

    private TorchZip(Path file, ZipEntries entries) throws IOException {
        this.file = file;
        this.entries = entries;
        this.prefix = prefix();
    }

    static TorchFile read(Path file, MemorySegment bytes) throws IOException {
        return new TorchZip(file, new ZipEntries(file, bytes)).read();
    }

    private TorchFile read() throws IOException {
        refuseScripts();
        checkByteOrder();
        var globals = new TorchGlobals();
        var root = new Unpickler(file, entries.get(prefix + OBJECT), globals.rules()).load();
        var storages = new HashMap<String, MemorySegment>();
        for (var storage : globals.storages().values()) {
            storages.put(storage.key(), bytesOf(storage));
        }
        return new TorchFile("PyTorch (zip)", root, storages);
    }

    private MemorySegment bytesOf(TorchStorage storage) throws IOException {
        var bytes = entries.get(prefix + "data/" + storage.key());
        if (bytes.byteSize() != storage.bytes()) {
            throw new IOException("[%s] storage '%s' has %d bytes, expected %d from its header"
                    .formatted(file, storage.key(), bytes.byteSize(), storage.bytes()));
        }
        return bytes;
    }

    private String prefix() throws IOException {
        for (var name : entries.names()) {
            if (name.equals(OBJECT) || name.endsWith("/" + OBJECT) && name.indexOf('/') == name.lastIndexOf('/')) {
                return name.substring(0, name.length() - OBJECT.length());
            }
        }
        throw new IOException(
                "[%s] is a zip file without a %s, so it is not a PyTorch checkpoint".formatted(file, OBJECT));
    }

    private void refuseScripts() throws IOException {
        for (var name : entries.names()) {
            if (name.equals(prefix + "constants.pkl") || name.startsWith(prefix + "code/")) {
                throw new IOException(
                        "[%s] is a TorchScript program, expected a state dict. Load it in PyTorch and save torch.save(model.state_dict(), path)"
                                .formatted(file));
            }
        }
    }

    private void checkByteOrder() throws IOException {
        var name = prefix + "byteorder";
        if (!entries.has(name)) {
            return;
        }
        var bytes = entries.get(name);
        var order = new String(bytes.asSlice(0, Math.min(16, bytes.byteSize())).toArray(ValueLayout.JAVA_BYTE),
                StandardCharsets.ISO_8859_1).strip();
        if (!order.equals("little")) {
            throw new IOException("[%s] has byte order '%s', expected 'little'. Save it again on the usual machine"
                    .formatted(file, order));
        }
    }
}
