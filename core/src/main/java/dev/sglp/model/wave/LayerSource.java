package dev.sglp.model.wave;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.io.UncheckedIOException;
import java.util.Optional;
import java.util.function.Consumer;
import org.bytedeco.pytorch.Tensor;

/// Where a network's layers come from that does not fit into memory.
public interface LayerSource {
    /// A layer with its weights in memory until it is let go. Several threads may hold one at the same time, each of them one at a time.
    Held hold(int layer);

    /// What their weights are read in.
    DType type();

    /// The same layers in another element type: those of this one that nobody holds go out of memory.
    LayerSource in(DType type);

    /// Sends every layer away that nobody holds: something else needs the memory.
    void release();

    /// How many there are.
    int layers();

    /// Bytes of all of them where they are read.
    long bytes();

    /// Bytes that activations may take.
    long room();

    /// Bytes of the memory that neither layers nor ends take: with them everything is computed.
    long spare();

    /// What the whole network's layers gave.
    DenseStates states();

    /// Layers with random weights in the place of this one's.
    DrawnLayers drawn();

    /// What outputs of layers that are compared may take at the most: 1 GiB.
    long OUTPUTS = 1L << 30;

    /// Bytes that outputs of layers may take that are compared: half of what is spare at the most.
    default long outputs() {
        return Math.min(OUTPUTS, spare() / 2);
    }

    /// Bytes that activations may take of passes that are compared side by side.
    default long streams() {
        return room() / 4;
    }

    /// A tensor for later, out of memory: a view of its copy on disk, which belongs to the source. The tensor stays the caller's.
    Tensor keep(Tensor tensor);

    /// A copy of a tensor on disk, until it is read back. The tensor stays the caller's.
    ///
    /// @throws UncheckedIOException where the disk takes no more
    Aside aside(Tensor tensor);

    /// A place of its own for what waits: what it takes of the disk comes back when it is closed.
    default Place place() {
        var source = this;
        return new Place() {
            @Override
            public Aside aside(Tensor tensor) {
                return source.aside(tensor);
            }

            @Override
            public void close() {
                // the source's own
            }
        };
    }

    /// Where tensors wait. Close it when nobody reads them any more.
    interface Place extends AutoCloseable {
        /// As {@link LayerSource#aside}.
        Aside aside(Tensor tensor);

        @Override
        void close();
    }

    /// Bytes that the disk takes of tensors that are put aside: places of earlier ones of the same size are used again.
    ///
    /// @param each bytes of a tensor
    long disk(long each);

    /// Whether what is put aside lies on a disk, and not in memory after all.
    default boolean onDisk() {
        return true;
    }

    /// Makes sure that there is room on disk for so many bytes that are to be kept.
    ///
    /// @param what they are, for instance `activations`
    /// @return what the user is told
    /// @throws UncheckedIOException where there is not
    default String reserve(String what, long bytes) {
        return reserve(what, bytes, 0);
    }

    /// The same for what is put aside.
    ///
    /// @param each as {@link #disk}
    /// @throws UncheckedIOException as {@link #reserve}
    String reserve(String what, long bytes, long each);

    /// The same for activations of a wave, of which the next may be as large: told where they are more than ever before.
    ///
    /// @throws UncheckedIOException as {@link #reserve}
    void reserveWave(long bytes, long each, Consumer<String> say);

    /// A tensor on disk.
    interface Aside {
        /// One that stays in memory, and is the caller's own until it is freed.
        static Aside here(Tensor owned) {
            return new Aside() {
                @Override
                public Tensor read() {
                    return owned.detach();
                }

                @Override
                public void free() {
                    Scope.free(owned);
                }
            };
        }

        /// In the scope that is open; not to be changed.
        Tensor read();

        /// It is not read any more.
        void free();
    }

    /// A layer in memory.
    interface Held extends AutoCloseable {
        Layer layer();

        @Override
        void close();
    }

    /// Of a network; empty where all of it is in memory.
    static Optional<LayerSource> of(LayeredModel model) {
        return model.layers().stream().map(Layer::watched).filter(StreamedLayer.class::isInstance)
                .map(layer -> ((StreamedLayer) layer).source()).findFirst();
    }
}
