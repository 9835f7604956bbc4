package dev.sglp.family.transformer;

import dev.sglp.model.repair.RepairNeed;
import dev.sglp.model.transformer.Block;
import dev.sglp.model.transformer.Sublayer;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A block of sublayers.
public record BlockSpec(List<SublayerSpec> sublayers, Block.Order order) {
    public BlockSpec {
        sublayers = List.copyOf(sublayers);
    }

    /// One sublayer after the other.
    public static BlockSpec of(SublayerSpec... sublayers) {
        return new BlockSpec(List.of(sublayers), Block.Order.SEQUENTIAL);
    }

    /// All of them on the block's input.
    public static BlockSpec sideBySide(SublayerSpec... sublayers) {
        return new BlockSpec(List.of(sublayers), Block.Order.PARALLEL);
    }

    /// The same sublayers, all of them on the block's input.
    public BlockSpec parallel() {
        return new BlockSpec(sublayers, Block.Order.PARALLEL);
    }

    /// What is added to the residual stream: `behind(x + scale · inside(mixer(before(x))))`.
    public record SublayerSpec(NormSpec before, MixerSpec mixer, NormSpec inside, double scale, NormSpec behind) {
        public SublayerSpec(NormSpec before, MixerSpec mixer) {
            this(before, mixer, NormSpec.NONE, 1, NormSpec.NONE);
        }

        /// The same with a norm of what the mixer gives.
        public SublayerSpec inside(NormSpec norm) {
            return new SublayerSpec(before, mixer, norm, scale, behind);
        }

        /// The same with a norm of the sum.
        public SublayerSpec behind(NormSpec norm) {
            return new SublayerSpec(before, mixer, inside, scale, norm);
        }

        /// Whether the mixer's output is added as it is.
        private boolean plain() {
            return inside.equals(NormSpec.NONE) && scale == 1 && behind.equals(NormSpec.NONE);
        }

        /// Whether it ends in one map, and what that gives is added as it is, and nothing besides.
        private boolean endsPlain() {
            return mixer.lastMapAlone() && inside.equals(NormSpec.NONE) && scale == 1;
        }

        private Sublayer on(Assembly assembly, String at) {
            return new Sublayer(before.on(assembly, at), mixer.on(assembly, at), inside.on(assembly, at), scale,
                    behind.on(assembly, at));
        }

        private SequencedMap<String, List<Long>> shapes(String at) {
            var all = before.shapes(at);
            all.putAll(mixer.shapes(at));
            all.putAll(inside.shapes(at));
            all.putAll(behind.shapes(at));
            return all;
        }
    }

    /// Whether it has what a repair needs of layers.
    boolean has(RepairNeed need) {
        return switch (need) {
            case LAST_MAP -> refits();
            case NORMED_STREAM -> scales();
            case TOKEN_STREAM -> true;
            case PLAIN_MATRIX -> order != Block.Order.PARALLEL && sublayers.getLast().endsPlain();
        };
    }

    /// Whether its end can be fitted anew: one map, the weights of a norm behind it, or experts' maps.
    private boolean refits() {
        var ending = order == Block.Order.PARALLEL ? sublayers : List.of(sublayers.getLast());
        return ending.stream().allMatch(s -> (ending.size() == 1 || s.behind.equals(NormSpec.NONE))
                && ((s.mixer.oneLastMap() || ending.size() == 1 && s.plain()) && s.inside.equals(NormSpec.NONE)
                        || ending.size() == 1 && !s.inside.equals(NormSpec.NONE)));
    }

    /// Whether it reads the stream through norms alone, so that a divided stream stays divided.
    private boolean scales() {
        return sublayers.stream().allMatch(s -> !s.before.equals(NormSpec.NONE) && s.behind.equals(NormSpec.NONE));
    }

    /// Its attention.
    public Optional<AttentionSpec> attention() {
        return mixer(AttentionSpec.class);
    }

    /// Its experts.
    public Optional<ExpertsSpec> experts() {
        return mixer(ExpertsSpec.class);
    }

    private <M extends MixerSpec> Optional<M> mixer(Class<M> kind) {
        return sublayers.stream().map(SublayerSpec::mixer).filter(kind::isInstance).map(kind::cast).findFirst();
    }

    /// @param at what stands before the names of its tensors, for instance `model.layers.7.`
    public SequencedMap<String, List<Long>> shapes(String at) {
        return Shapes.all(sublayers.stream().map(s -> s.shapes(at)).toList());
    }

    /// Multiply-accumulate operations a token of a text of so many.
    public long macs(long length) {
        return sublayers.stream().mapToLong(s -> s.mixer.macs(length)).sum();
    }

    /// The block on weights.
    public Block on(Assembly assembly, String name, Block.Constant constant) {
        return new Block(name, sublayers.stream().map(s -> s.on(assembly, name + ".")).toList(), order, constant);
    }
}
