package dev.sglp.checkpoint.torch;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Map;

/// The checked contents of a mapped file of `torch.save`: every tensor lies in its storage.
public final class TorchFile {
    private final boolean zip;
    private final StateDict dict;
    private final Map<String, MemorySegment> storages;

    private TorchFile(boolean zip, StateDict dict, Map<String, MemorySegment> storages) {
        this.zip = zip;
        this.dict = dict;
        this.storages = storages;
    }

    /// The pickled object, and the bytes of each storage by its key.
    record Contents(Object root, Map<String, MemorySegment> storages) {}

    /// @param file  its name, for errors
    /// @param bytes all of it
    public static TorchFile read(String file, MemorySegment bytes) throws IOException {
        boolean zip = bytes.byteSize() > 1 && bytes.get(ValueLayout.JAVA_BYTE, 0) == 'P';
        var contents = zip ? TorchZip.read(file, bytes) : TorchLegacy.read(file, bytes);
        var dict = StateDict.of(file, contents.root());
        for (var tensor : dict.tensors().entrySet()) {
            tensor.getValue().check(file, tensor.getKey(), contents.storages(), bytes.byteSize());
        }
        return new TorchFile(zip, dict, contents.storages());
    }

    /// `PyTorch (zip)` or `PyTorch (legacy)`.
    public String format() {
        return zip ? "PyTorch (zip)" : "PyTorch (legacy)";
    }

    /// The tensors, by name.
    public Map<String, TorchTensor> tensors() {
        return dict.tensors();
    }

    /// Numbers and strings beside the tensors.
    public Map<String, String> metadata() {
        return dict.metadata();
    }

    /// A tensor's bytes: contiguous, aligned, copied into `arena` where the file has them otherwise.
    public MemorySegment bytes(TorchTensor tensor, Arena arena) {
        return tensor.bytes(storages.get(tensor.storage().key()), arena);
    }
}
