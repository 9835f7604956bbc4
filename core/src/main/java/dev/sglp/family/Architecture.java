package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.SequencedMap;
import java.util.Set;

/// What is known of one network from headers alone: no weights are needed and libtorch is not loaded, except by
/// {@link #build}.
public interface Architecture {
    /// Name of the family, for instance `cifar-resnet`.
    String family();

    /// For people, for instance `ResNet-56 (9-9-9, 10 classes)`.
    String description();

    /// The parts around the layers, for the totals: stem and head.
    List<Cost> ends();

    /// The layers in order.
    List<LayerCost> layers();

    /// What the network expects as input.
    Input input();

    /// What its head says.
    default Answer answer() {
        return input() instanceof Input.Text text ? text.answer() : Answer.CLASS;
    }

    /// What its layers' outputs mean.
    Layout layout();

    /// Whether it is kept as a Hugging Face directory, of any size: read and written tensor by tensor, with whatever lies beside the
    /// weights. Else it is small, one file of weights and a `config.json` of ours.
    boolean directory();

    /// Whether it may be run layer by layer where the memory does not hold it.
    default boolean streams() {
        return directory() && input() instanceof Input.Text;
    }

    /// Whether it has what a repair needs.
    default boolean has(RepairNeed need) {
        return need == RepairNeed.LAST_MAP;
    }

    /// Names of the classes in label order; empty where the checkpoint does not say, and for text.
    List<String> classNames();

    /// Outputs of the head: classes, or the vocabulary.
    int classes();

    /// The same network, whose layers are re-initialised with weights of another spread.
    ///
    /// @param std standard deviation of a freshly drawn weight
    /// @throws UsageException where the family's own initialisation has no such number
    default Architecture initialisedBy(double std) {
        throw new UsageException(
                "--init-std is for language models; a %s is initialised by the size of each layer".formatted(
                        description()));
    }

    /// The same network, whose images are normalised otherwise than its checkpoint says.
    ///
    /// @throws UsageException where it does not look at images
    default Architecture normalisedBy(List<Double> mean, List<Double> std) {
        throw new UsageException("a %s looks at no images".formatted(description()));
    }

    /// The same network, whose images are prepared otherwise than its checkpoint says.
    ///
    /// @throws UsageException where it does not look at images of that size
    default Architecture preparedAs(Preparation preparation) {
        throw new UsageException("a %s looks at no images".formatted(description()));
    }

    /// Beside the `config.json` of a network that looks at images: how they are prepared.
    String PREPARATION = "preprocessor_config.json";

    /// The same network, whose images are prepared as the file beside its configuration says.
    ///
    /// @param preparation the content of that file; empty where there is none
    /// @throws IOException where it says what is not known here
    default Architecture preparedBy(Map<String, Object> preparation) throws IOException {
        return this;
    }

    /// What {@link #PREPARATION} has to say of this network where the user typed something else than it said; empty where it may stay as
    /// it is, or there is none.
    default SequencedMap<String, Object> preparation() {
        return Collections.emptyNavigableMap();
    }

    /// Whether the checkpoint says how its images are normalised, besides a `normalisation` in its configuration.
    default boolean saysNormalisation() {
        return false;
    }

    /// The standard deviation of freshly drawn weights where the checkpoint does not say it and it is taken for granted.
    default OptionalDouble assumedStd() {
        return OptionalDouble.empty();
    }

    /// What the user should know of how it was read; empty where there is nothing unusual.
    default List<String> notes() {
        return List.of();
    }

    /// Asked before the weights are used or written: what headers cannot show.
    ///
    /// @throws IOException where the weights contradict the configuration
    default void check(Checkpoint checkpoint) throws IOException {}

    /// Whether what was written describes this network without some layers. Logits of some tokens do not show everything: a
    /// window is longer than they are.
    default boolean remains(LayerSet removed, Architecture written) {
        return written.layers().size() == layers().size() - removed.size();
    }

    /// The network on these weights; they stay their owner's. Where they may not be changed, it refuses to be trained, and looks
    /// whether their file is unchanged before each part reads them. Where they are streamed, it reads each layer when it runs.
    default LayeredModel build(Weights weights) {
        var network = assembled(weights);
        if (weights.stream().isPresent()) {
            return FileLayers.of(network, weights, weights.stream().get());
        }
        return weights.writable() ? network : network.readOnly(weights::checkUnchanged);
    }

    /// A view on the weights.
    LayeredModel assembled(Weights weights);

    /// Tensors of which rows are looked up and nothing else is computed with: they may stay in the file's type.
    default Set<String> lookedUp() {
        return Set.of();
    }

    /// These, and the matrix that gives the logits: who works the head off in parts may leave both in the file's type.
    default Set<String> tables() {
        return lookedUp();
    }

    /// Whether the matrix that gives the logits is a table of the stem.
    default boolean tied() {
        return tables().size() == 1;
    }

    /// The names that remain after a removal: old name → new name, in the order they are written.
    SequencedMap<String, String> renamed(LayerSet removed);

    /// The `config.json` of the network after a removal.
    ///
    /// @param classNames written where the checkpoint does not carry them
    SequencedMap<String, Object> config(LayerSet removed, List<String> classNames);

    /// The lines of Python that open the network after a removal.
    String openWith(LayerSet removed);

    /// Cost of a part for one example of the network's own input size; for text, for one token of a window of default length.
    ///
    /// @param parameters number of trainable scalars
    /// @param bytes      bytes of all its tensors in the checkpoint
    /// @param macs       multiply-accumulate operations
    record Cost(String name, long parameters, long bytes, long macs) {
        /// Of a part whose tensors all are trainable.
        ///
        /// @param shapes  of its tensors by name
        /// @param tensors the header of the checkpoint
        public static Cost of(String name, Map<String, List<Long>> shapes, Map<String, TensorInfo> tensors, long macs) {
            return new Cost(name,
                    shapes.values().stream().mapToLong(s -> s.stream().reduce(1L, Math::multiplyExact)).sum(),
                    shapes.keySet().stream().mapToLong(n -> tensors.get(n).bytes()).sum(), macs);
        }
    }

    /// A layer from headers alone.
    ///
    /// @param fixed  why it cannot be removed; empty where it can
    /// @param output shape of its output for one example, for instance `[16, 32, 32]`; for text, for one token
    record LayerCost(Cost cost, String fixed, List<Long> output) {
        public String name() {
            return cost.name();
        }

        public boolean removable() {
            return fixed.isEmpty();
        }
    }

    /// What goes into the stem.
    sealed interface Input {
        /// What people count costs by: `an example`, `a token`.
        String unit();

        /// Whether what is given to the one may be given to the other, however pictures came to be so.
        default boolean fits(Input other) {
            return equals(other);
        }

        /// Images, float `[B, channels, height, width]`.
        ///
        /// @param mean        a channel's mean of the training images, of values in [0, 1]
        /// @param std         a channel's standard deviation
        /// @param preparation what is done to a picture before
        record Image(int channels, int height, int width, List<Double> mean, List<Double> std,
                Preparation preparation) implements Input {
            public Image {
                mean = List.copyOf(mean);
                std = List.copyOf(std);
            }

            /// Of pictures that have the right size already.
            public Image(int channels, int height, int width, List<Double> mean, List<Double> std) {
                this(channels, height, width, mean, std, Preparation.NONE);
            }

            public Size size() {
                return new Size(height, width);
            }

            @Override
            public boolean fits(Input other) {
                return other instanceof Image image && preparedAs(image.preparation).equals(image);
            }

            /// The same, of pictures normalised otherwise.
            public Image normalisedBy(List<Double> otherMean, List<Double> otherStd) {
                return new Image(channels, height, width, otherMean, otherStd, preparation);
            }

            /// The same, of pictures prepared otherwise.
            public Image preparedAs(Preparation other) {
                return new Image(channels, height, width, mean, std, other);
            }

            /// The same of another size.
            public Image sized(Size size) {
                return new Image(channels, size.height(), size.width(), mean, std, preparation);
            }

            /// @throws UsageException where pictures that are prepared so have another size
            public void checkMade(Preparation other) {
                var made = other.size();
                if (made.isPresent() && !made.get().equals(size())) {
                    throw new UsageException(
                            "pictures %s do not fit a network that looks at %d×%d. --crop %d".formatted(
                                    other, width, height, height));
                }
            }

            @Override
            public String unit() {
                return "an example";
            }
        }

        /// Signals, float `[B, channels, length]`, taken as they are.
        record Signal(int channels, int length) implements Input {
            @Override
            public String unit() {
                return "an example";
            }
        }

        /// Token ids, int64 `[B, T]`, each at least 0 and below `vocabulary`.
        ///
        /// @param context tokens the network was made for
        /// @param finite  whether it can read no more: its positions are learned
        /// @param answer  what it says of them
        record Text(int vocabulary, int context, boolean finite, Answer answer) implements Input {
            private static final int MOST_BY_DEFAULT = 2048;

            /// Of a network that says which token comes next.
            public Text(int vocabulary, int context, boolean finite) {
                this(vocabulary, context, finite, Answer.NEXT_TOKEN);
            }

            /// The same, which may read more.
            public Text(int vocabulary, int context) {
                this(vocabulary, context, false);
            }

            /// Whether it says which token comes next.
            public boolean predicts() {
                return answer == Answer.NEXT_TOKEN;
            }

            @Override
            public String unit() {
                return "a token";
            }

            /// Tokens of a window where nobody says otherwise: the context, at most 2,048.
            public int window() {
                return Math.min(context, MOST_BY_DEFAULT);
            }
        }

        /// @throws UsageException where it is not images
        default Image image() {
            return switch (this) {
                case Image image -> image;
                case Signal _,Text _ -> throw new UsageException(
                        "the network reads %s, but images are asked for. Maybe the data is for another network"
                                .formatted(this instanceof Text ? "text" : "signals"));
            };
        }
    }

    /// Numbers that a pass over one example makes room for where all of them are kept for the way back; 0 where nobody knows.
    default long activations() {
        return 0;
    }

    default long parameters() {
        return total(Cost::parameters);
    }

    default long bytes() {
        return total(Cost::bytes);
    }

    default long macs() {
        return total(Cost::macs);
    }

    private long total(java.util.function.ToLongFunction<Cost> field) {
        return ends().stream().mapToLong(field).sum() + layers().stream().map(LayerCost::cost).mapToLong(field).sum();
    }

}
