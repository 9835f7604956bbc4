package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.checkpoint.mapped.MappedFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Ending;
import dev.sglp.model.LinearHead;
import dev.sglp.model.work.MemorySize;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.GradientNorms;
import dev.sglp.tensor.NativeHeap;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/// How a network is run within a memory that does not hold it: some layers at a time, the rest of the memory for activations.
///
/// @param file   the network
/// @param layers how many are in memory at a time
/// @param room   bytes that activations between layers may take
/// @param spare  bytes that layers and ends leave: activations inside a layer, logits and fits take them
public record Streaming(ModelFile file, int layers, long room, long spare) {
    private static final int FLOAT = 4;
    private static final int BFLOAT = 2;
    private static final int STREAMS = 4; // of a forward pass' tokens, at the least
    private static final long LOGITS = 4 * FLOAT * LinearHead.LOGITS; // bytes of some rows' logits and what is made of them

    /// Empty where all of it fits into the file's memory, or it is of a kind that is not read layer by layer.
    ///
    /// @throws UsageException where even some layers at a time do not fit; says what would
    public static Optional<Streaming> of(ModelFile file) {
        var architecture = file.architecture();
        if (!architecture.streams() || file.memory() == Long.MAX_VALUE) {
            return Optional.empty();
        }
        var needs = Needs.of(file);
        if (FLOAT * architecture.parameters() + needs.whole() + file.beside() <= file.memory()) {
            return Optional.empty();
        }
        if (!file.device().isCpu()) {
            throw new UsageException(
                    "[%s] does not fit into the memory (%s), and layers that are read as they are needed run on the cpu alone. Raise --memory, or leave --device out"
                            .formatted(file.checkpoint().path(), MemorySize.typed(file.memory())));
        }
        long left = file.memory() - needs.least();
        if (left < 0) {
            throw new UsageException(
                    "--memory %s does not hold two layers of %s at a time with what is computed between them, %,d tokens a pass. The least that works: %s"
                            .formatted(MemorySize.typed(file.memory()), file.checkpoint().path(), file.tokens(),
                                    MemorySize.words(needs.least())));
        }
        long room = needs.streams + Math.max(0, left - file.spared()) / 2;
        int most = architecture.layers().size();
        int more = needs.layer == 0 ? most : (int) Math.min(most, (left - left / 2) / needs.layer);
        int spared = needs.layer == 0
                ? most
                : Math.clamp((file.memory() - needs.ends - file.spared()) / needs.layer, needs.two, most);
        int layers = Math.min(spared, Math.min(most, 2 + more));
        return Optional.of(new Streaming(file, layers, room, file.memory() - needs.ends - layers * needs.layer));
    }

    /// Whether the weights in bfloat16 have room beside those in float32: all of them, or what is no layer where layers are read as they
    /// are needed, in one of the two types at a time.
    ///
    /// @param scores bytes that scores take besides where layers are read as they are needed
    public static boolean holdsNarrow(ModelFile file, long scores) {
        if (!file.architecture().streams() || file.memory() == Long.MAX_VALUE) {
            return true;
        }
        var needs = Needs.of(file);
        long bytes = of(file).isPresent()
                ? needs.least() + narrowEnds(file, needs) + scores
                : FLOAT * file.architecture().parameters() / 2 * 3 + needs.whole() + file.beside();
        return bytes <= file.memory();
    }

    /// The least with which the network can be run layer by layer.
    public static long least(ModelFile file) {
        return Needs.of(file).least();
    }

    /// @param ends    bytes of what is no layer
    /// @param layer   of the largest one
    /// @param inside  of what layers compute at a time
    /// @param streams of a few activations between layers
    private record Needs(long ends, long layer, long inside, long streams, int two) {
        static Needs of(ModelFile file) {
            var architecture = file.architecture();
            long width = architecture.layers().stream().mapToLong(l -> l.output().getLast()).max().orElse(1);
            long layer = FLOAT * architecture.layers().stream().mapToLong(l -> l.cost().parameters()).max().orElse(0);
            long ends = FLOAT * (architecture.ends().stream().mapToLong(Architecture.Cost::parameters).sum()
                    - lookedUp(file));
            long active = FLOAT * architecture.layers().stream()
                    .mapToLong(l -> Math.min(l.cost().parameters(), l.cost().macs())).max().orElse(0); // of experts, those that are asked
            long inside = lanes() * file.tokens() * (active / width + 4 * width * FLOAT);
            return new Needs(ends, layer, inside,
                    STREAMS * file.tokens() * width * FLOAT, Math.min(2, architecture.layers().size()));
        }

        /// Logits are made when everything is through the layers.
        long least() {
            return ends + two * layer + Math.max(LOGITS, inside) + streams;
        }

        /// Besides the weights, where all of them are in memory: one lane makes logits while another is inside a layer.
        long whole() {
            return 2 * LOGITS + inside + streams;
        }
    }

    private static long lanes() {
        return Math.max(1,
                Runtime.getRuntime().availableProcessors() <= 4 ? Runtime.getRuntime().availableProcessors() : 1);
    }

    /// Numbers of tables that stay in the file: of blocks, and where another machine may cut the file, they are copied.
    private static long lookedUp(ModelFile file) {
        return lookedUp(file, _ -> true);
    }

    private static long lookedUp(ModelFile file, Predicate<DType> types) {
        boolean local = file.checkpoint().mapped().stream().allMatch(MappedFile::local);
        return !local
                ? 0
                : file.architecture().lookedUp().stream()
                        .filter(name -> file.checkpoint().blocks(name).isEmpty()
                                && types.test(file.checkpoint().tensors().get(name).dtype()))
                        .mapToLong(
                                name -> file.checkpoint().tensors().get(name).shape().stream().reduce(1L,
                                        Math::multiplyExact))
                        .sum();
    }

    /// Bytes of what is no layer once more, in bfloat16: scoring in that type takes them.
    public long narrowEnds() {
        return narrowEnds(file, Needs.of(file));
    }

    /// Tables that stay in the file are copied unless they are bfloat16 there.
    private static long narrowEnds(ModelFile file, Needs needs) {
        return needs.ends / 2 + BFLOAT * lookedUp(file, type -> type != DType.BF16);
    }

    /// Bytes of the head's gradient and of the logits that it is made of: going back takes them. Where all goes back at once, the logits of a
    /// head of its own stand for the gradient.
    public long gradients() {
        var architecture = file.architecture();
        long head = architecture.ends().stream().mapToLong(Architecture.Cost::parameters).max().orElse(0);
        long width = architecture.layers().stream().mapToLong(l -> l.output().getLast()).max().orElse(1);
        if (architecture.tables().size() > 1 && file.together() > 0
                && Ending.standsForGradient(file.together(), width, head / width)) {
            return 2 * FLOAT * file.together() * (head / width) + FLOAT * GradientNorms.ROWS * width; // logits, bent ones
        }
        return FLOAT * head + Math.min(LOGITS, FLOAT * file.tokens() * head / width);
    }

    /// What the user is told.
    public String words() {
        return "%d of %d layers are in memory at a time, the others are read from the file when they are needed: within %s."
                .formatted(layers, file.architecture().layers().size(), MemorySize.typed(file.memory()));
    }

    /// Bytes of layers that were read so far, each time they were; 0 where all are in memory.
    public static long read(Weights weights) {
        return weights.attached(FileLayers.class).map(FileLayers::read).orElse(0L);
    }

    /// What was read so far; empty where all layers are in memory.
    public static Optional<String> told(ModelFile file, Weights weights) {
        long all = file.architecture().layers().stream().mapToLong(layer -> layer.cost().bytes()).sum();
        return weights.stream().map(_ -> String.format(Locale.ROOT,
                "All layers were read %.1f times from the file.", (double) read(weights) / all));
    }

    /// @throws IOException as {@link ModelFile#forReading}
    Weights weights() throws IOException {
        NativeHeap.mapLarge(); // holes between tensors would count as well
        return weights(file, new Weights.Stream(file.checkpoint(), DType.F32, layers, room, spare),
                file.architecture().lookedUp());
    }

    /// The weights with one layer's in memory at a time, and none read but when it runs; tables and the head's matrix are as the file has
    /// them.
    ///
    /// @param whole whether these too are float32, so that their numbers can be rounded
    /// @throws IOException where the file contradicts its header, or a weight is not a finite number
    public static Weights layerByLayer(ModelFile file, boolean whole) throws IOException {
        return weights(file, new Weights.Stream(file.checkpoint(), DType.F32, 1, 0, 0),
                whole ? Set.of() : file.architecture().tables());
    }

    /// The weights to look at part by part: one layer's in memory at a time where the network is of a kind that is read so, what is
    /// no layer where the file has it.
    ///
    /// @throws IOException as {@link ModelFile#forReading}
    public static Weights toCompare(ModelFile file) throws IOException {
        if (!file.architecture().streams()) {
            return file.forReading();
        }
        file.architecture().check(file.checkpoint());
        return weights(file, new Weights.Stream(file.checkpoint(), DType.F32, 1, 0, 0), file.needed());
    }

    private static Weights weights(ModelFile file, Weights.Stream how, Set<String> stored) throws IOException {
        return Weights.streamed(how, file.needed(), file.ofLayers(), stored);
    }
}
