package dev.sglp.family.vision;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.transformer.Assembly;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.Shapes;
import dev.sglp.family.transformer.TransformerSpec;
import dev.sglp.model.Layer;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.Objective;
import dev.sglp.model.transformer.Block;
import dev.sglp.model.transformer.norm.LayerNorm.Named;
import dev.sglp.model.vision.ImageHead;
import dev.sglp.model.vision.ImageStem;
import dev.sglp.model.vision.Patches;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Grid;
import dev.sglp.model.vision.Positions;
import dev.sglp.model.vision.Reading;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// A vision transformer: everything its forward pass depends on but the numbers.
///
/// @param prefix  what stands before a layer's number in the names of its tensors, for instance `vit.encoder.layer.`
/// @param initStd standard deviation of freshly drawn weights
public record VisionSpec(Stem stem, String prefix, List<BlockSpec> blocks, Head head, double initStd)
        implements
            TransformerSpec {
    private static final long GIVEN = 2; // a map's output, and what a norm, a sum or an activation makes of it

    /// From an image to tokens.
    ///
    /// @param patches   how an image is cut
    /// @param grid      how many patches it has
    /// @param tokens    that stand before the patches
    /// @param positions learned positions; empty for none
    /// @param norm      of the sum
    public record Stem(Cut patches, Grid grid, List<Token> tokens, Optional<Table> positions, NormSpec norm) {
        public Stem {
            tokens = List.copyOf(tokens);
        }

        /// How many tokens stand before the patches.
        public int ahead() {
            return tokens.stream().mapToInt(Token::count).sum();
        }

        /// Rows of the table of positions, before those of the patches.
        long positioned() {
            return tokens.stream().filter(Token::positioned).mapToLong(Token::count).sum();
        }

        /// All tokens of an image.
        public int length() {
            return ahead() + grid.patches();
        }

        /// Tokens before the patches, then positions for all that have one.
        public static Stem of(Cut patches, Grid grid, List<Token> tokens, Table positions) {
            return new Stem(patches, grid, tokens, Optional.of(positions), NormSpec.NONE);
        }

        /// The same for images of another size.
        public Stem looking(Grid other) {
            return new Stem(patches, other, tokens, positions, norm);
        }
    }

    /// A convolution whose stride is its size.
    ///
    /// @param name   its tensors are `name.weight`, `[width, channels, high, wide]`, and `name.bias`
    /// @param high  pixels of a patch from top to bottom
    /// @param wide  pixels of a patch from left to right
    public record Cut(String name, long width, long channels, long high, long wide, boolean bias) {
        public List<Long> shape() {
            return List.of(width, channels, high, wide);
        }

        /// An image of so many patches, made of pixels that are normalised so.
        public Image image(Grid grid, NormalisationFields pixels) {
            return new Image(Math.toIntExact(channels), (int) (grid.rows() * high), (int) (grid.columns() * wide),
                    pixels.mean(), pixels.std());
        }

        /// Of an image of this size.
        public Grid grid(int imageHeight, int imageWidth) {
            return new Grid((int) (imageHeight / high), (int) (imageWidth / wide));
        }
    }

    /// Learned tokens, the same for all images.
    ///
    /// @param name       of the tensor `[1, count, D]`
    /// @param positioned whether the table of positions has rows for them
    /// @param bare       whether the tensor is `[D]`
    public record Token(String name, int count, boolean positioned, boolean bare) {
        public Token(String name, int count, boolean positioned) {
            this(name, count, positioned, false);
        }

        List<Long> shape(long width) {
            return bare ? List.of(width) : List.of(1L, (long) count, width);
        }
    }

    /// Learned positions.
    ///
    /// @param name   of the tensor `[1, P + N, D]`
    /// @param grid   the patches it was made for
    /// @param kernel how it becomes one for another grid
    /// @param bare   whether the tensor is `[P + N, D]`
    public record Table(String name, Grid grid, Positions.Kernel kernel, boolean bare) {
        public Table(String name, Grid grid, Positions.Kernel kernel) {
            this(name, grid, kernel, false);
        }

        List<Long> shape(long ahead, long width) {
            long rows = ahead + grid.patches();
            return bare ? List.of(rows, width) : List.of(1L, rows, width);
        }
    }

    /// What follows the last layer.
    ///
    /// @param norm        of all tokens
    /// @param reading     what the classifier reads
    /// @param pooledNorm  of what it reads
    /// @param classifiers one, or two of which the second reads the second token; of embeddings one or none
    /// @param answer      what comes out
    public record Head(NormSpec norm, Read reading, NormSpec pooledNorm, List<LinearSpec> classifiers,
            Answer answer) {
        public Head {
            classifiers = List.copyOf(classifiers);
        }

        /// Of classes.
        public Head(NormSpec norm, Pooling pooling, NormSpec pooledNorm, List<LinearSpec> classifiers) {
            this(norm, new Read.Of(pooling), pooledNorm, classifiers, Answer.CLASS);
        }
    }

    /// What is read of the last layer's tokens.
    public sealed interface Read {
        /// Some of them, or a mean.
        record Of(Pooling pooling) implements Read {}

        /// What a learned vector finds in them.
        record By(ProbeSpec probe) implements Read {}

        /// A map of the first token, through a hyperbolic tangent.
        record Bent(LinearSpec map) implements Read {}
    }

    public VisionSpec {
        blocks = List.copyOf(blocks);
    }

    /// The same without some layers.
    public VisionSpec without(LayerSet removed) {
        return new VisionSpec(stem, prefix, removed.others(blocks.size()).stream().map(blocks::get).toList(), head,
                initStd);
    }

    /// The same, re-initialised with weights of another spread.
    public VisionSpec initialisedBy(double std) {
        return new VisionSpec(stem, prefix, blocks, head, std);
    }

    /// The same for images of another size: positions are resized.
    public VisionSpec looking(int height, int width) {
        return new VisionSpec(stem.looking(stem.patches.grid(height, width)), prefix, blocks, head, initStd);
    }

    /// Classes, or numbers of an embedding.
    public int classes() {
        long read = head.reading instanceof Read.Bent(var map) ? map.out() : stem.patches.width;
        return Math.toIntExact(head.classifiers.isEmpty() ? read : head.classifiers.getFirst().out());
    }

    @Override
    public SequencedMap<String, List<Long>> stemShapes() {
        var cut = stem.patches;
        var all = Shapes.of(cut.name + ".weight", cut.shape());
        if (cut.bias) {
            all.put(cut.name + ".bias", List.of(cut.width));
        }
        stem.tokens.forEach(t -> all.put(t.name, t.shape(cut.width)));
        stem.positions.ifPresent(p -> all.put(p.name, p.shape(stem.positioned(), cut.width)));
        all.putAll(stem.norm.shapes(""));
        return all;
    }

    @Override
    public SequencedMap<String, List<Long>> headShapes() {
        var all = head.norm.shapes("");
        all.putAll(switch (head.reading) {
            case Read.By(var probe) -> probe.shapes();
            case Read.Bent(var map) -> map.shapes("");
            case Read.Of _ -> Collections.<String, List<Long>>emptyMap();
        });
        all.putAll(head.pooledNorm.shapes(""));
        head.classifiers.forEach(c -> all.putAll(c.shapes("")));
        return all;
    }

    /// Multiply-accumulate operations of the stem for an image.
    public long stemMacs() {
        return stem.patches.shape().stream().reduce(1L, Math::multiplyExact) * stem.grid.patches();
    }

    /// Multiply-accumulate operations of a layer for an image.
    public long layerMacs(int index) {
        return blocks.get(index).macs(stem.length()) * stem.length();
    }

    /// Multiply-accumulate operations of the head for an image.
    public long headMacs() {
        long read = switch (head.reading) {
            case Read.By(var probe) -> probe.macs(stem.length());
            case Read.Bent(var map) -> map.macs();
            case Read.Of _ -> 0;
        };
        return read + head.classifiers.stream().mapToLong(LinearSpec::macs).sum();
    }

    /// Numbers that a pass over one image keeps for the way back: of every map what it gives and what is made of that, of
    /// every attention its scores.
    public long activations() {
        long tokens = stem.length();
        long all = stem.patches.channels * stem.patches.high * stem.patches.wide * stem.grid.patches();
        for (int i = 0; i < blocks.size(); i++) {
            long given = layerShapes(i).values().stream().filter(shape -> shape.size() == 2).mapToLong(List::getFirst)
                    .sum();
            all += tokens * (GIVEN * given
                    + blocks.get(i).attention().map(a -> tokens * a.heads().query()).orElse(0L));
        }
        return all;
    }

    /// The network on these weights.
    ///
    /// @param family its name
    public LayeredModel on(Weights weights, String family) {
        var assembly = new Assembly(weights);
        var layers = new ArrayList<Layer>();
        for (int i = 0; i < blocks.size(); i++) {
            layers.add(blocks.get(i).on(assembly, prefix + i, new Block.Constant(initStd, layerMacs(i))));
        }
        var end = new ImageHead(head.norm.on(assembly, ""), read(assembly),
                head.pooledNorm.on(assembly, ""), head.classifiers.stream().map(c -> c.on(assembly, "")).toList(),
                initStd);
        return new LayeredModel(family, first(assembly), layers, end,
                head.answer == Answer.EMBEDDING ? Objective.agreement() : Objective.crossEntropy(), Layout.PATCHES);
    }

    private Reading read(Assembly assembly) {
        return switch (head.reading) {
            case Read.Of(var pooling) -> new Reading.Pooled(pooling, stem.ahead());
            case Read.By(var probe) -> probe.on(assembly, stem.length());
            case Read.Bent(var map) -> new Reading.Bent(map.on(assembly, ""));
        };
    }

    private ImageStem first(Assembly assembly) {
        var cut = stem.patches;
        var bias = cut.bias
                ? Optional.of(new Named(cut.name + ".bias", assembly.tensor(cut.name + ".bias")))
                : Optional.<Named>empty();
        return new ImageStem(new Patches(cut.name + ".weight", assembly.tensor(cut.name + ".weight"), bias),
                stem.tokens.stream()
                        .map(t -> new ImageStem.Token(t.name, assembly.tensor(t.name), t.positioned)).toList(),
                stem.positions.map(
                        p -> new Positions(p.name, assembly.tensor(p.name), p.grid, stem.grid, p.kernel)),
                stem.norm.on(assembly, ""), new ImageStem.Constant(initStd, stemMacs()));
    }
}
