package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.fault.UsageException;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;

/// How a network is run within a memory that does not hold it: some layers at a time, the rest of the memory for activations.
///
/// @param file   the network
/// @param layers how many are in memory at a time
/// @param room   bytes that activations between layers may take
/// @param least  bytes with which it can be run at all
public record Streaming(ModelFile file, int layers, long room, long least) {
    private static final int FLOAT = 4;
    private static final long TOKENS = 2048; // of a forward pass
    private static final int STREAMS = 4; // of so many tokens, at the least
    private static final long LOGITS = 1L << 28; // bytes of some hundred tokens' logits and what is made of them

    /// Empty where all of it fits into the file's memory, or it is of a kind that is small.
    ///
    /// @throws UsageException where even some layers at a time do not fit; says what would
    public static Optional<Streaming> of(ModelFile file) {
        var architecture = file.architecture();
        if (!architecture.directory() || file.memory() == Long.MAX_VALUE) {
            return Optional.empty();
        }
        long width = architecture.layers().stream().mapToLong(l -> l.output().getLast()).max().orElse(1);
        long layer = FLOAT * architecture.layers().stream().mapToLong(l -> l.cost().parameters()).max().orElse(0);
        long streams = STREAMS * TOKENS * width * FLOAT;
        long scratch = LOGITS + lanes() * TOKENS * (layer / width + 4 * width * FLOAT);
        if (FLOAT * architecture.parameters() + scratch + streams <= file.memory()) {
            return Optional.empty();
        }
        long ends = FLOAT * architecture.ends().stream().mapToLong(Architecture.Cost::parameters).sum()
                - FLOAT * lookedUp(file);
        int most = architecture.layers().size();
        long least = ends + scratch + Math.min(2, most) * layer + streams;
        long left = file.memory() - least;
        if (left < 0) {
            throw new UsageException(
                    "--memory %s does not hold two layers of %s at a time with what is computed between them. The least that works: %s"
                            .formatted(megabytes(file.memory()), file.checkpoint().path(), megabytes(least)));
        }
        long room = streams + left / 2;
        int more = layer == 0 ? most : (int) Math.min(most, (left - left / 2) / layer);
        return Optional.of(new Streaming(file, Math.min(most, 2 + more), room, least));
    }

    private static long lanes() {
        return Math.max(1,
                Runtime.getRuntime().availableProcessors() <= 4 ? Runtime.getRuntime().availableProcessors() : 1);
    }

    private static long lookedUp(ModelFile file) {
        return file.architecture().lookedUp().stream()
                .mapToLong(
                        name -> file.checkpoint().tensors().get(name).shape().stream().reduce(1L, Math::multiplyExact))
                .sum();
    }

    /// `6144m`: as it is typed.
    private static String megabytes(long bytes) {
        return Math.ceilDiv(bytes, 1L << 20) + "m";
    }

    /// What the user is told.
    public String words() {
        return "%d of %d layers are in memory at a time, the others are read from the file when they are needed: within %s."
                .formatted(layers, file.architecture().layers().size(), megabytes(file.memory()));
    }

    /// Bytes of layers that were read so far, each time they were; 0 where all are in memory.
    public static long read(Weights weights) {
        return weights.attached(FileLayers.class).map(FileLayers::read).orElse(0L);
    }

    /// What was read so far; empty where all layers are in memory.
    public static Optional<String> told(ModelFile file, Weights weights) {
        long all = file.architecture().layers().stream().mapToLong(layer -> layer.cost().bytes()).sum();
        return weights.stream().map(_ -> String.format(Locale.ROOT,
                "Layers of %,d bytes were read from the file, %.1f times all of them.", read(weights),
                (double) read(weights) / all));
    }

    /// @throws IOException as {@link ModelFile#forReading}
    Weights weights() throws IOException {
        var how = new Weights.Stream(file.checkpoint(), DType.F32, layers, room);
        return Weights.streamed(how, file.needed(), file.ofLayers(), file.architecture().lookedUp());
    }
}
