package dev.sglp.family.convolution.network.residual;

import dev.sglp.family.convolution.BlockSpec;
import dev.sglp.family.convolution.Blueprint;
import dev.sglp.family.convolution.ConvolutionHeader;
import dev.sglp.family.convolution.Name.Place;
import dev.sglp.family.convolution.ShortcutSpec;
import dev.sglp.family.convolution.Steps;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Draw;
import dev.sglp.model.convolution.step.Sliding;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;

/// Stages of residual blocks, `layer1`, `layer2` and so on, of two or three convolutions (He 2015, arXiv 1512.03385). The first
/// block of each stage but the first halves the image.
///
/// @param shortcut      name of a block's own shortcut
/// @param subsampling   whether a block without one subsamples and pads where it changes the shape
/// @param preactivation whether norm and rectifier stand before a convolution (He 2016, arXiv 1603.05027), and where the shortcut begins
/// @param draw          of untrained convolutions
record ResidualStages(String shortcut, boolean subsampling, Preactivation preactivation, Draw draw) {
    private static final int MOST = 4;
    private static final Set<List<Integer>> USUAL = Set.of(List.of(2, 2, 2, 2), List.of(3, 4, 6, 3),
            List.of(3, 4, 23, 3), List.of(3, 8, 36, 3));

    /// Whether norms stand before convolutions.
    enum Preactivation {
        /// They stand behind.
        NONE,
        /// A block's own shortcut begins with the block.
        SHORTCUT_BEFORE,
        /// A block's own shortcut begins behind the first norm and rectifier.
        SHORTCUT_BEHIND
    }

    static String stage(int stage) {
        return "layer" + stage + ".";
    }

    /// How many there are.
    static int count(ConvolutionHeader header) {
        return (int) IntStream.rangeClosed(1, MOST).filter(s -> s <= 3 || header.has(stage(s) + "0.conv1.weight"))
                .count();
    }

    /// Blocks in each.
    static List<Integer> depths(Blueprint network, int stages) {
        return IntStream.rangeClosed(1, stages).mapToObj(s -> network.count(stage(s))).toList();
    }

    /// Channels behind them all.
    static long last(List<BlockSpec> blocks, long channels) {
        long out = channels;
        for (var block : blocks) {
            out = block.convolutions().getLast().out();
        }
        return out;
    }

    /// What people call it: by the number of its layers, where its depths are of the usual ones.
    ///
    /// @param kind  with a number
    /// @param other without
    static String title(String kind, String other, Blueprint network, List<Integer> depths) {
        boolean regular = depths.size() == 3 ? depths.stream().distinct().count() == 1 : USUAL.contains(depths);
        long each = network.blocks().isEmpty()
                ? 0
                : network.blocks().getLast().convolutions().size();
        return regular
                ? kind + "-" + (each * depths.stream().mapToInt(i -> i).sum() + 2)
                : other;
    }

    /// @param channels that come in
    List<BlockSpec> read(ConvolutionHeader header, long channels) throws IOException {
        var blocks = new ArrayList<BlockSpec>();
        long in = channels;
        for (int stage = 1; stage <= count(header); stage++) {
            int depth = header.depth(stage(stage), 0, ".conv1.weight");
            if (depth == 0 && stage > 1) { // the first stage may have been removed whole
                throw new IOException("[%s] has no tensor '%s0.conv1.weight'. A %s has at least three stages"
                        .formatted(header.file(), stage(stage), header.title()));
            }
            for (int i = 0; i < depth; i++) {
                var block = new Reading(header, Place.in(stage(stage)), stage(stage) + i + ".", in,
                        stage > 1 && i == 0 ? 2 : 1);
                blocks.add(block.spec(this));
                in = block.out();
            }
        }
        return blocks;
    }

    /// One block.
    ///
    /// @param prefix of its tensors in this file
    private record Reading(ConvolutionHeader header, Place place, String prefix, long in, long stride) {
        private boolean bottleneck() {
            return header.has(prefix + "conv3.weight");
        }

        long out() throws IOException {
            return header.window(prefix + (bottleneck() ? "conv3" : "conv2")).getFirst();
        }

        BlockSpec spec(ResidualStages style) throws IOException {
            boolean before = style.preactivation != Preactivation.NONE;
            int count = bottleneck() ? 3 : 2;
            var branch = Steps.in(header, place, prefix, in, style.draw);
            for (int i = 1; i <= count; i++) {
                if (before) {
                    branch.norm("bn" + i).bend(Activation.RELU);
                }
                convolve(branch, i);
                if (!before) {
                    branch.norm("bn" + i);
                }
                if (!before && i < count) {
                    branch.bend(Activation.RELU);
                }
            }
            return BlockSpec.at(place, branch.all(), shortcut(style, branch.channels()),
                    before ? Activation.NONE : Activation.RELU);
        }

        /// The one that looks around has the stride, and groups in a bottleneck.
        private void convolve(Steps branch, int number) throws IOException {
            boolean around = number == (bottleneck() ? 2 : 1);
            if (around && bottleneck()) {
                branch.grouped("conv" + number, stride);
            } else {
                branch.window("conv" + number, around ? stride : 1);
            }
        }

        private ShortcutSpec shortcut(ResidualStages style, long out) throws IOException {
            var own = prefix + style.shortcut + ".0";
            boolean same = in == out && stride == 1;
            if (!header.has(own + ".weight") && (same || style.subsampling && out >= in)) {
                return same ? new ShortcutSpec.Identity() : new ShortcutSpec.Subsample(stride, out - in);
            }
            var steps = Steps.in(header, place, prefix, in, style.draw).convolve(style.shortcut + ".0", 1,
                    Sliding.by(stride, 0), false);
            if (steps.channels() != out) {
                throw new IOException(
                        "[%s] tensor '%s.weight' has shape %s, expected %d channels out, as many as its block's last convolution gives"
                                .formatted(header.file(), own, header.window(own), out));
            }
            if (style.preactivation == Preactivation.NONE) {
                steps.norm(style.shortcut + ".1");
            }
            return new ShortcutSpec.Projection(steps.all(), style.preactivation == Preactivation.SHORTCUT_BEHIND ? 2 : 0);
        }
    }
}
