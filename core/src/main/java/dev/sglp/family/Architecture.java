package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;

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

    /// Names of the classes in label order; empty where the checkpoint does not say.
    List<String> classNames();

    int classes();

    /// A view on the weights; they stay their owner's.
    LayeredModel build(Weights weights);

    /// The names that remain after a removal: old name → new name, in the order they are written.
    SequencedMap<String, String> renamed(LayerSet removed);

    /// The `config.json` of the network after a removal.
    ///
    /// @param classNames written where the checkpoint does not carry them
    SequencedMap<String, Object> config(LayerSet removed, List<String> classNames);

    /// The lines of Python that open the network after a removal.
    String openWith(LayerSet removed);

    /// Cost of a part for one example of the network's own input size.
    ///
    /// @param parameters number of trainable scalars
    /// @param bytes      bytes of all its tensors in the checkpoint
    /// @param macs       multiply-accumulate operations
    record Cost(String name, long parameters, long bytes, long macs) {}

    /// A layer from headers alone.
    ///
    /// @param fixed  why it cannot be removed; empty where it can
    /// @param output shape of its output for one example, for instance `[16, 32, 32]`
    record LayerCost(Cost cost, String fixed, List<Long> output) {
        public String name() {
            return cost.name();
        }

        public boolean removable() {
            return fixed.isEmpty();
        }
    }

    /// @param mean a channel's mean of the training images, of values in [0, 1]
    /// @param std  a channel's standard deviation
    record Input(int channels, int height, int width, List<Double> mean, List<Double> std) {
        public Input {
            mean = List.copyOf(mean);
            std = List.copyOf(std);
        }
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
