package dev.sglp.family;

import dev.sglp.checkpoint.Weights;
import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.repair.LastMap;
import dev.sglp.model.residual.BatchNorm;
import dev.sglp.model.residual.Convolution;
import dev.sglp.model.residual.FoldedConvolution;
import dev.sglp.model.residual.ResidualEnd;
import dev.sglp.model.residual.ResidualRecording;
import dev.sglp.model.residual.ResidualRecording.Branch;
import dev.sglp.model.residual.Shortcut;
import dev.sglp.model.residual.StemRecording;
import dev.sglp.tensor.Seed;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;

/// The forward passes of a CIFAR ResNet's parts over its weights.
final class CifarResNetModel {
    static final String CHANGES_SHAPE = "changes the shape (stride 2, twice the channels)";
    private final Weights weights;

    CifarResNetModel(Weights weights) {
        this.weights = weights;
    }

    Stem stem(long macs) {
        return new Stem(convolution("conv1.weight", 1), norm("bn1"), macs);
    }

    Block block(Architecture.LayerCost cost, long in) {
        var name = cost.name();
        long stride = cost.removable() ? 1 : 2;
        return new Block(name, convolution(name + ".conv1.weight", stride), norm(name + ".bn1"),
                convolution(name + ".conv2.weight", 1), norm(name + ".bn2"), cost.output().getFirst() - in,
                cost.cost().macs());
    }

    Head head(long macs) {
        return new Head(weights.get("linear.weight"), weights.get("linear.bias"), macs);
    }

    private Convolution convolution(String name, long stride) {
        return new Convolution(name, weights.get(name), stride);
    }

    private BatchNorm norm(String prefix) {
        return new BatchNorm(prefix, weights.get(prefix + ".weight"), weights.get(prefix + ".bias"),
                weights.get(prefix + ".running_mean"), weights.get(prefix + ".running_var"));
    }

    /// `relu(bn(conv(image)))`
    record Stem(Convolution conv, BatchNorm norm, long macs) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return norm.forward(conv.forward(Convolution.prepared(x, pass)), pass).relu_();
        }

        @Override
        public Optional<Recording> recorded(Tensor x, Pass pass) {
            return pass.statistics() == Pass.Statistics.UPDATED
                    ? Optional.empty()
                    : Optional.of(new StemRecording(conv, norm, x, pass));
        }

        @Override
        public Part frozen() {
            return new FrozenStem(FoldedConvolution.of(conv, norm));
        }

        @Override
        public Stem reinitialised(Seed seed) {
            return new Stem(conv.reinitialised(seed), BatchNorm.fresh(norm.prefix(), norm.weight().numel()), macs);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            all.put(conv.name(), conv.weight());
            all.putAll(norm.parameters());
            return all;
        }

        @Override
        public SequencedMap<String, Tensor> buffers() {
            return norm.buffers();
        }
    }

    /// `relu(conv(image))` with the norm folded into the convolution.
    record FrozenStem(FoldedConvolution convolution) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return convolution.rectified(Convolution.prepared(x, pass));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    /// `relu(conv(relu(conv(x))) + shortcut(x))` with the norms folded into the convolutions; in the place of `x` where the
    /// shortcut is the identity.
    record FrozenBlock(FoldedConvolution first, FoldedConvolution second, Shortcut shortcut) implements Part {
        @Override
        public Tensor forward(Tensor x, Pass pass) {
            return second.addedAndRectified(first.rectified(x), shortcut.forward(x));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return Collections.emptySortedMap();
        }
    }

    /// A basic block, `relu(bn(conv(relu(bn(conv(x))))) + shortcut(x))`.
    ///
    /// @param padding channels the shortcut pads with zeros, half before and half after; 0 for the identity
    record Block(String name, Convolution conv1, BatchNorm norm1, Convolution conv2, BatchNorm norm2, long padding,
            long macs) implements Layer {
        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, in, H, W] → [B, out, H/stride, W/stride]
            var h = norm1.forward(conv1.forward(x), pass).relu_();
            return norm2.forward(conv2.forward(h), pass).add_(shortcut().forward(x)).relu_();
        }

        @Override
        public Optional<Recording> recorded(Tensor x, Pass pass) {
            return pass.statistics() == Pass.Statistics.UPDATED
                    ? Optional.empty()
                    : Optional.of(new ResidualRecording(new Branch(conv1, norm1, conv2, norm2), shortcut(), x, pass));
        }

        @Override
        public Part frozen() {
            return new FrozenBlock(FoldedConvolution.of(conv1, norm1), FoldedConvolution.of(conv2, norm2), shortcut());
        }

        @Override
        public Optional<LastMap> lastMap() {
            return Optional.of(new ResidualEnd(
                    (x, pass) -> norm1.forward(conv1.forward(Convolution.prepared(x, pass)), pass).relu_(), conv2,
                    norm2,
                    shortcut(),
                    (conv, norm) -> new Block(name, conv1, norm1, conv, norm, padding, macs)));
        }

        private Shortcut shortcut() {
            return new Shortcut(conv1.stride(), padding);
        }

        @Override
        public Optional<String> fixed() {
            return conv1.stride() == 1 && padding == 0 ? Optional.empty() : Optional.of(CHANGES_SHAPE);
        }

        @Override
        public Block mapped(UnaryOperator<Tensor> other) {
            return new Block(name, conv1.mapped(other), norm1.mapped(other), conv2.mapped(other), norm2.mapped(other),
                    padding, macs);
        }

        @Override
        public Block reinitialised(Seed seed) {
            long channels = norm1.weight().numel();
            return new Block(name, conv1.reinitialised(seed), BatchNorm.fresh(norm1.prefix(), channels),
                    conv2.reinitialised(seed), BatchNorm.fresh(norm2.prefix(), channels), padding, macs);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            all.put(conv1.name(), conv1.weight());
            all.putAll(norm1.parameters());
            all.put(conv2.name(), conv2.weight());
            all.putAll(norm2.parameters());
            return all;
        }

        @Override
        public SequencedMap<String, Tensor> buffers() {
            var all = new LinkedHashMap<>(norm1.buffers());
            all.putAll(norm2.buffers());
            return all;
        }
    }

    /// Average over space, then a linear map to the logits `[B, classes]`.
    ///
    /// @param weight `[classes, C]`
    /// @param bias   `[classes]`
    record Head(Tensor weight, Tensor bias, long macs) implements Part {
        private static final String WEIGHT = "linear.weight";

        @Override
        public Tensor forward(Tensor x, Pass pass) { // [B, C, H, W] → [B, classes]
            return torch.linear(x.to(weight.scalar_type()).mean(2, 3), weight, new TensorOptional(bias));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<String, Tensor>();
            all.put(WEIGHT, weight);
            all.put("linear.bias", bias);
            return all;
        }

        @Override
        public Head reinitialised(Seed seed) {
            return new Head(Convolution.kaiming(WEIGHT, seed, weight.shape()), torch.zeros_like(bias), macs);
        }

        @Override
        public Head mapped(UnaryOperator<Tensor> other) {
            return new Head(other.apply(weight), other.apply(bias), macs);
        }
    }
}
