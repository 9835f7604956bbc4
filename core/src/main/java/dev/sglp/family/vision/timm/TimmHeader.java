package dev.sglp.family.vision.timm;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.AttentionSpec.Norms;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.HeaderCheck;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Grid;
import dev.sglp.model.vision.Positions.Kernel;
import dev.sglp.preparation.Extent.Size;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/// A network of timm by the shapes of its tensors and its configuration.
///
/// @param file for errors
record TimmHeader(String file, Map<String, TensorInfo> tensors, TimmConfig config) {
    private static final String PATCHES = "patch_embed.proj";
    private static final String BLOCKS = "blocks.";
    private static final String TABLE = "pos_embed";
    private static final String ALONE = "vit_base_patch16_224"; // what a file without a configuration is taken for
    private static final List<Double> MEAN = List.of(.485, .456, .406);
    private static final List<Double> STD = List.of(.229, .224, .225);

    VisionSpec spec() throws IOException {
        var cut = cut();
        var traits = TimmTraits.of(config.architecture().orElse(ALONE), config.args(), config.all(),
                Math.toIntExact(cut.width()));
        return new VisionSpec(stem(cut, traits), BLOCKS, Collections.nCopies(depth(), block(cut, traits)),
                head(cut, traits), 0.02);
    }

    private boolean has(String name) {
        return tensors.containsKey(name);
    }

    private List<Long> shape(String name, int dimensions) throws IOException {
        return HeaderCheck.shape(file, tensors, name, dimensions);
    }

    private int depth() {
        return (int) IntStream.iterate(0, i -> has(BLOCKS + i + ".attn.qkv.weight"), i -> i + 1).count();
    }

    private Cut cut() throws IOException {
        var shape = shape(PATCHES + ".weight", 4);
        return new Cut(PATCHES, shape.get(0), shape.get(1), shape.get(2), shape.get(3), has(PATCHES + ".bias"));
    }

    private VisionSpec.Stem stem(Cut cut, TimmTraits traits) throws IOException {
        var tokens = new ArrayList<Token>();
        for (var name : List.of("cls_token", "dist_token", "reg_token")) {
            if (has(name)) {
                tokens.add(new Token(name, shape(name, 3).get(1).intValue(), true));
            }
        }
        int ahead = tokens.stream().mapToInt(Token::count).sum();
        var size = config.size();
        var grid = size.isPresent() ? Optional.of(cut.grid(size.get()[0], size.get()[1])) : Optional.<Grid>empty();
        var norm = has("norm_pre.weight") ? norm("norm_pre", cut.width(), traits) : NormSpec.NONE;
        if (!has(TABLE)) {
            return new VisionSpec.Stem(cut, grid.orElseThrow(() -> unsized(0)), placed(tokens, false),
                    Optional.empty(), norm);
        }
        int rows = shape(TABLE, 3).get(1).intValue();
        boolean placed = positioned(rows, ahead, grid);
        var own = own(placed ? rows - ahead : rows, grid);
        return new VisionSpec.Stem(cut, grid.orElse(own), placed(tokens, placed),
                Optional.of(new Table(TABLE, own, Kernel.CUBIC_ANTIALIASED)), norm);
    }

    private static List<Token> placed(List<Token> tokens, boolean positioned) {
        return tokens.stream().map(t -> new Token(t.name(), t.count(), positioned)).toList();
    }

    /// Whether the table has rows for the tokens too.
    private boolean positioned(int rows, int ahead, Optional<Grid> grid) throws IOException {
        if (config.args().value("no_embed_class").isPresent()) {
            return !config.args().flag("no_embed_class", false);
        }
        int patches = grid.map(Grid::patches).orElse(0);
        return rows == patches + ahead || rows != patches && square(rows - ahead).isPresent();
    }

    /// What the table was made for: the images, or squares where it has another number of rows.
    private Grid own(int patches, Optional<Grid> grid) throws IOException {
        if (grid.isPresent() && grid.get().patches() == patches) {
            return grid.get();
        }
        return square(patches).orElseThrow(() -> unsized(patches));
    }

    private static Optional<Grid> square(int patches) {
        int side = (int) Math.round(Math.sqrt(Math.max(0, patches)));
        return side > 0 && side * side == patches ? Optional.of(new Grid(side, side)) : Optional.empty();
    }

    private IOException unsized(int patches) {
        return new IOException(
                "[%s] has positions for %d patches, which is no square, and no config.json says how large images are (pretrained_cfg.input_size)"
                        .formatted(file, patches));
    }

    private static NormSpec norm(String name, long width, TimmTraits traits) {
        return NormSpec.of(name, NormSpec.Kind.LAYER, width, traits.epsilon());
    }

    /// All blocks are like the first.
    private BlockSpec block(Cut cut, TimmTraits traits) throws IOException {
        var at = BLOCKS + "0.";
        long width = cut.width();
        int size = Math.toIntExact(width / traits.heads());
        long inner = depth() == 0 ? width : shape(at + "mlp.fc1.weight", 2).getFirst();
        var attention = new AttentionSpec(new Heads(traits.heads(), traits.heads(), size),
                new Maps.Fused(new LinearSpec("attn.qkv", 3 * width, width, has(at + "attn.qkv.bias")), Order.KINDS),
                new LinearSpec("attn.proj", width, width, has(at + "attn.proj.bias"))).seeing(Mask.Sight.all());
        var normed = has(at + "attn.q_norm.weight")
                ? attention.normedBy(
                        new Norms(norm("attn.q_norm", size, traits), norm("attn.k_norm", size, traits), true))
                : attention;
        var mlp = new MlpSpec(
                new MlpSpec.Entry.Plain(new LinearSpec("mlp.fc1", inner, width, has(at + "mlp.fc1.bias"))),
                new LinearSpec("mlp.fc2", width, inner, has(at + "mlp.fc2.bias")), traits.activation());
        return BlockSpec.of(
                new SublayerSpec(norm("norm1", width, traits), normed, scale("ls1", width), 1, NormSpec.NONE),
                new SublayerSpec(norm("norm2", width, traits), mlp, scale("ls2", width), 1, NormSpec.NONE));
    }

    private NormSpec scale(String name, long width) throws IOException {
        return has(BLOCKS + "0." + name + ".gamma")
                ? NormSpec.of(name + ".gamma", NormSpec.Kind.SCALING, width,
                        config.args().positive("init_values", 1e-5))
                : NormSpec.NONE;
    }

    private VisionSpec.Head head(Cut cut, TimmTraits traits) throws IOException {
        var classifiers = new ArrayList<LinearSpec>();
        for (var name : Stream.of("head", "head_dist").filter(n -> has(n + ".weight")).toList()) {
            var shape = shape(name + ".weight", 2);
            classifiers.add(new LinearSpec(name, shape.getFirst(), cut.width(), has(name + ".bias")));
        }
        return new VisionSpec.Head(has("norm.weight") ? norm("norm", cut.width(), traits) : NormSpec.NONE, pooling(),
                has("fc_norm.weight") ? norm("fc_norm", cut.width(), traits) : NormSpec.NONE, classifiers);
    }

    private Pooling pooling() throws IOException {
        var usual = has("fc_norm.weight") || !has("cls_token") ? "avg" : "token";
        return switch (config.pooling().orElse(usual)) {
            case "token" -> Pooling.CLASS_TOKEN;
            case "avg" -> config.args().flag("pool_include_prefix", false) ? Pooling.ALL : Pooling.PATCHES;
            case String other -> throw config.all().wrong("global_pool", "'token' or 'avg'", other);
        };
    }

    /// What its images are.
    Images images() throws IOException {
        var spec = spec();
        var cut = spec.stem().patches();
        int channels = Math.toIntExact(cut.channels());
        var grid = spec.stem().grid();
        var size = config.size().orElse(
                new int[]{(int) (grid.rows() * cut.high()), (int) (grid.columns() * cut.wide())});
        boolean said = !config.images().list("mean").isEmpty();
        var mean = config.images().numbers("mean", channels == 3 ? MEAN : Collections.nCopies(channels, .5));
        var std = config.images().numbers("std", channels == 3 ? STD : Collections.nCopies(channels, .5));
        if (mean.size() != channels || std.size() != channels || std.stream().anyMatch(s -> !(s > 0 && s < 1e6))) {
            throw config.images().wrong("mean", "a mean and a positive std for each of %d channels"
                    .formatted(channels), List.of(mean, std));
        }
        var preparation = TimmPreparation.of(config.images(), new Size(size[0], size[1]));
        return new Images(new Image(channels, size[0], size[1], mean, std, preparation),
                said ? Said.CHECKPOINT : Said.NOBODY,
                config.images().value(TimmPreparation.SHARE).isPresent() ? Said.CHECKPOINT : Said.NOBODY);
    }

    /// What a file alone does not say.
    List<String> notes() throws IOException {
        return config.architecture().isPresent()
                ? List.of()
                : List.of(
                        "No config.json of timm lies beside it: %d heads, norms with an epsilon of 1e-6 and GELU are taken, as most of its vision transformers have them."
                                .formatted(spec().blocks().isEmpty()
                                        ? 0
                                        : spec().blocks().getFirst().attention().orElseThrow().heads().query()));
    }
}
