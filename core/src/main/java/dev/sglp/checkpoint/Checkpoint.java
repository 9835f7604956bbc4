package dev.sglp.checkpoint;

import dev.sglp.checkpoint.huggingface.SideFiles;
import dev.sglp.checkpoint.mapped.MappedFile;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;

/// An open file of named tensors. It owns the mapping: segments from {@link #read} are valid until {@link #close}.
public sealed interface Checkpoint extends AutoCloseable
        permits SafeTensors, TorchPickle, Gguf, HuggingFaceDirectory, CheckpointPart {
    /// The most bytes {@link #stream} hands over at a time.
    int CHUNK = 1 << 19;

    /// Takes the bytes of a tensor, piece by piece.
    @FunctionalInterface
    interface Chunks {
        /// @param chunk to be used up before the call returns
        void accept(ByteBuffer chunk) throws IOException;
    }

    /// The file or directory it was opened from.
    Path path();

    /// The files that hold the weights, in order.
    default List<Path> weightFiles() {
        return List.of(path());
    }

    /// The one of them that holds a tensor.
    ///
    /// @throws IllegalArgumentException where there is no such tensor
    default Path file(String name) {
        return path();
    }

    /// What people call the format, for instance `safetensors` or `PyTorch (zip)`.
    String format();

    /// Every tensor, in the order of the file.
    SequencedMap<String, TensorInfo> tensors();

    /// The same file with every tensor it holds, by its whole path: a file of PyTorch may have several dictionaries of them,
    /// of which {@link #tensors} is one. Closing one closes both.
    default Checkpoint whole() {
        return this;
    }

    /// Asked before these tensors are used together.
    ///
    /// @throws IOException where they would take much more memory than the file has bytes
    default void checkGrowth(Collection<String> names) throws IOException {}

    /// Which part of the file this is, where somebody had to choose; else empty.
    default Optional<String> chosen() {
        return Optional.empty();
    }

    /// What the user should know of how names were read; empty where they stand in the file as they are.
    default List<String> notes() {
        return List.of();
    }

    /// What people call the blocks of small whole numbers in which the file holds this tensor, for instance `Q4_K`; empty where it
    /// holds plain numbers, as all formats but GGUF do.
    default Optional<String> blocks(String name) {
        return Optional.empty();
    }

    /// Strings beside the tensors (safetensors `__metadata__`; scalars such as `best_prec1` of a PyTorch file).
    Map<String, String> metadata();

    /// The bytes of a tensor: contiguous in row-major order, little-endian, aligned to its element. A read-only view of the
    /// mapping where the file allows it, else a copy: whoever wants to change them copies first.
    ///
    /// @throws IOException              where the file contradicts its header
    /// @throws IllegalArgumentException where there is no such tensor
    MemorySegment read(String name) throws IOException;

    /// As {@link #read(String)}, but where a copy is needed it lives in memory of `copies`, and goes with it. Views are still
    /// valid until {@link #close} only.
    ///
    /// @param copies shared between threads ({@link Arena#ofShared})
    MemorySegment read(String name, Arena copies) throws IOException;

    /// The bytes of a tensor in pieces, without keeping more than one tensor in memory.
    ///
    /// @throws IOException              where the file contradicts its header, or `to` fails
    /// @throws IllegalArgumentException where there is no such tensor
    default void stream(String name, Chunks to) throws IOException {
        try (var arena = Arena.ofShared()) {
            var bytes = read(name, arena);
            for (long at = 0; at < bytes.byteSize(); at += CHUNK) {
                to.accept(bytes.asSlice(at, Math.min(CHUNK, bytes.byteSize() - at)).asByteBuffer());
            }
        }
    }

    /// Gives back the memory that touched pages of its mapping take; whoever reads them again finds them in the file.
    default void unload() {
        mapped().forEach(MappedFile::unload);
    }

    /// The folder whose `config.json`, where it has one, belongs to it; empty where the file says everything itself.
    default Optional<Path> home() {
        return Optional.of(path().toAbsolutePath().getParent());
    }

    /// The content of the `config.json` that belongs to it, or empty where there is none.
    ///
    /// @throws IOException where there is one that is not a JSON object
    default SequencedMap<String, Object> config() throws IOException {
        return ConfigJson.in(path().toAbsolutePath().getParent());
    }

    /// The content of another JSON object beside its `config.json`, or empty where there is none.
    ///
    /// @throws IOException where there is one that is not a JSON object
    default SequencedMap<String, Object> document(String name) throws IOException {
        return home().isPresent() ? ConfigJson.in(home().get(), name) : new LinkedHashMap<>();
    }

    /// The files of its home that go with its weights to a smaller network: tokenizer, chat template, how to
    /// generate, how images are prepared, licence, code.
    ///
    /// @throws IOException where its home cannot be read
    default List<Path> files() throws IOException {
        return home().isPresent() ? SideFiles.of(home().get(), config().containsKey("auto_map")) : List.of();
    }

    /// The files that views from {@link #read} lie in.
    List<MappedFile> mapped();

    @Override
    void close();
}
