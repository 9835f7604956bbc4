package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import java.io.IOException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A checkpoint whose architecture is known from its header: no weights are read and libtorch is not loaded. It owns the
/// open checkpoint.
///
/// @param checkpoint   the open file
/// @param architecture what it holds
/// @param memory       bytes that weights, activations and scratch may take
/// @param tokens       most of a forward pass of a language model
/// @param together     those of all calibration data where they go in one pass; 0 where they do not
/// @param beside       bytes that work keeps beside weights that are all in memory; what it keeps of streamed ones waits on disk
/// @param spared       bytes that layers leave free at the least where they are read as they are needed, if that leaves two of them
/// @param device       where its weights are to lie
public record ModelFile(Checkpoint checkpoint, Architecture architecture, long memory, long tokens, long together,
        long beside, long spared, Device device) implements AutoCloseable {
    private static final long TOKENS = 2048; // that go together where nobody asks for more

    /// All of it in this machine's memory.
    public ModelFile(Checkpoint checkpoint, Architecture architecture) {
        this(checkpoint, architecture, Long.MAX_VALUE, TOKENS, 0, 0, 0, Device.CPU);
    }

    /// The same file within so many bytes.
    public ModelFile within(long bytes) {
        return new ModelFile(checkpoint, architecture, bytes, tokens, together, beside, spared, device);
    }

    /// The same file, of which passes over so many tokens will be asked.
    ///
    /// @param all those of all calibration data where they go in one pass; 0 where they do not
    public ModelFile asking(long most, long all) {
        return new ModelFile(checkpoint, architecture, memory, Math.max(TOKENS, most), all, beside, spared, device);
    }

    /// The same file, beside which so many bytes will be kept where all of it is in memory.
    public ModelFile keeping(long bytes) {
        return new ModelFile(checkpoint, architecture, memory, tokens, together, bytes, spared, device);
    }

    /// The same file, of which fewer layers are in memory at a time where more would leave less than this.
    public ModelFile sparing(long bytes) {
        return new ModelFile(checkpoint, architecture, memory, tokens, together, beside, bytes, device);
    }

    /// The same file, whose network is to compute there.
    public ModelFile on(Device other) {
        return new ModelFile(checkpoint, architecture, memory, tokens, together, beside, spared, other);
    }

    /// The same file, whose network is to be looked at as another architecture.
    public ModelFile as(Architecture other) {
        return new ModelFile(checkpoint, other, memory, tokens, together, beside, spared, device);
    }

    /// @throws IOException where the file cannot be read, no family knows it, or it holds several networks
    public static ModelFile open(Path path) throws IOException {
        return open(path, Optional.empty());
    }

    /// The same of a file that may hold several networks, such as a model and its average.
    ///
    /// @param key which of them, for instance `model_ema`
    /// @throws IllegalArgumentException where there is none of this key
    public static ModelFile open(Path path, Optional<String> key) throws IOException {
        var checkpoint = Checkpoints.open(path);
        try {
            var config = checkpoint.config();
            var plain = Networks.plain(checkpoint, config, key);
            return new ModelFile(plain, Families.of(plain, config));
        } catch (IOException | RuntimeException e) {
            checkpoint.close();
            throw e;
        }
    }

    /// What the user should know of how it was read; empty where there is nothing unusual.
    public List<String> notes() {
        return Stream.concat(checkpoint.notes().stream(), architecture.notes().stream()).toList();
    }

    /// The weights in float32, to compute with: they may be views of the file, which may be closed before them. Where they do not fit
    /// into the memory, layers are read as they are needed. The caller closes them.
    ///
    /// @throws IOException where the file contradicts its header or its configuration, or a weight is not a finite number
    public Weights forReading() throws IOException {
        architecture.check(checkpoint);
        var streaming = Streaming.of(this);
        return streaming.isPresent()
                ? streaming.get().weights()
                : Weights.forReading(checkpoint, DType.F32, needed()).on(device);
    }

    /// A copy of the weights in float32, which may be changed. The caller closes it.
    ///
    /// @throws IOException as {@link #forReading}
    public Weights forTraining() throws IOException {
        architecture.check(checkpoint);
        return Weights.forTraining(checkpoint, needed()).on(device);
    }

    /// What the file holds twice is not read.
    Set<String> needed() {
        return architecture.renamed(LayerSet.EMPTY).keySet();
    }

    /// The names of all tensors that belong to a layer, or that nothing is computed with.
    public Set<String> ofLayers() {
        var all = new LayerSet(IntStream.range(0, architecture.layers().size()).boxed().toList());
        var names = new HashSet<>(checkpoint.tensors().keySet());
        names.removeAll(architecture.renamed(all).keySet());
        return names;
    }

    /// How many numbers the largest tensors of these layers, one of each, hold together.
    public long largest(LayerSet layers) {
        var all = needed();
        return layers.indices().stream().mapToLong(layer -> {
            var others = architecture.renamed(LayerSet.of(layer)).keySet();
            return all.stream().filter(name -> !others.contains(name)).mapToLong(
                    name -> checkpoint.tensors().get(name).shape().stream().reduce(1L, Math::multiplyExact)).max()
                    .orElse(0);
        }).sum();
    }

    /// How many numbers all tensors of these layers hold together.
    public long numbers(LayerSet layers) {
        var others = architecture.renamed(layers).keySet();
        return needed().stream().filter(name -> !others.contains(name)).mapToLong(
                name -> checkpoint.tensors().get(name).shape().stream().reduce(1L, Math::multiplyExact)).sum();
    }

    /// What tells this network from every other: a hash of its weights, and its configuration. What is kept to go on from, or
    /// to be taken again, belongs to it.
    public String identity() throws IOException {
        return "weights %s; config %s%s".formatted(Checkpoints.sha256(checkpoint), checkpoint.config(),
                device.isCpu() ? "" : "; computed on " + device); // which rounds otherwise
    }

    @Override
    public void close() {
        checkpoint.close();
    }
}
