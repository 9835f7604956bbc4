package dev.sglp.family.vision.timm;

import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.config.NormalisationFields;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionHeader;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Read;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.Objective.Answer;
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
import java.util.Optional;

/// A network of timm by the shapes of its tensors and its configuration.
record TimmHeader(VisionHeader header, TimmConfig config) {
    private static final String PATCHES = "patch_embed.proj";
    private static final String BLOCKS = "blocks.";
    private static final String TABLE = "pos_embed";
    private static final String ALONE = "vit_base_patch16_224"; // what a file without a configuration is taken for

    VisionSpec spec() throws IOException {
        var cut = header.cut(PATCHES, has(PATCHES + ".bias"));
        if (config.architecture().isPresent()) {
            TimmTraits.checkWidth(config.architecture().get(), config.args(), Math.toIntExact(cut.width()));
        }
        var traits = TimmTraits.of(config.architecture().orElse(ALONE), config.args(), config.all(),
                Math.toIntExact(cut.width()));
        return new VisionSpec(stem(cut, traits), BLOCKS, Collections.nCopies(depth(), block(cut, traits)),
                head(cut, traits), 0.02);
    }

    private boolean has(String name) {
        return header.has(name);
    }

    private List<Long> shape(String name, int dimensions) throws IOException {
        return header.shape(name, dimensions);
    }

    private int depth() {
        return header.depth(BLOCKS, ".attn.qkv.weight");
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
        var norm = norm("norm_pre", stream(cut, traits));
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
        return rows == patches + ahead || rows != patches && VisionHeader.square(rows - ahead).isPresent();
    }

    /// What the table was made for: the images, or squares where it has another number of rows.
    private Grid own(int patches, Optional<Grid> grid) throws IOException {
        if (grid.isPresent() && grid.get().patches() == patches) {
            return grid.get();
        }
        return VisionHeader.square(patches).orElseThrow(() -> unsized(patches));
    }

    private IOException unsized(int patches) {
        return new IOException(
                "[%s] has positions for %d patches, which is no square, and no config.json says how large images are (pretrained_cfg.input_size)"
                        .formatted(header.file(), patches));
    }

    private static StreamSpec stream(Cut cut, TimmTraits traits) {
        return new StreamSpec(Math.toIntExact(cut.width()), NormSpec.Kind.LAYER, traits.epsilon());
    }

    /// Where there is one.
    private NormSpec norm(String name, StreamSpec stream) {
        return has(name + ".weight") ? stream.norm(name) : NormSpec.NONE;
    }

    /// All blocks are like the first.
    private BlockSpec block(Cut cut, TimmTraits traits) throws IOException {
        var at = BLOCKS + "0.";
        long width = cut.width();
        var stream = stream(cut, traits);
        var heads = stream.heads(config.args(), "num_heads", traits.heads());
        long inner = depth() == 0 ? width : shape(at + "mlp.fc1.weight", 2).getFirst();
        var attention = new AttentionSpec(heads, new Maps.Fused(map("attn.qkv", 3 * width, width), Order.KINDS),
                map("attn.proj", width, width)).seeing(Mask.Sight.all());
        var normed = has(at + "attn.q_norm.weight")
                ? attention.normedBy(stream.eachHead(heads, "attn.q_norm", "attn.k_norm"))
                : attention;
        var mlp = MlpSpec.plain(map("mlp.fc1", inner, width), map("mlp.fc2", width, inner), traits.activation());
        return BlockSpec.of(stream.normed("norm1", normed).inside(scale(stream, "ls1")),
                stream.normed("norm2", mlp).inside(scale(stream, "ls2")));
    }

    private LinearSpec map(String name, long out, long in) {
        return new LinearSpec(name, out, in, has(BLOCKS + "0." + name + ".bias"));
    }

    private NormSpec scale(StreamSpec stream, String name) throws IOException {
        return has(BLOCKS + "0." + name + ".gamma")
                ? stream.scaling(name + ".gamma", config.args().positive("init_values", 1e-5))
                : NormSpec.NONE;
    }

    private VisionSpec.Head head(Cut cut, TimmTraits traits) throws IOException {
        var classifiers = new ArrayList<LinearSpec>();
        for (var name : classifiers()) {
            var shape = shape(name + ".weight", 2);
            classifiers.add(new LinearSpec(name, shape.getFirst(), cut.width(), has(name + ".bias")));
        }
        var stream = stream(cut, traits);
        if (classifiers.isEmpty()) {
            config.checkUnclassified(has("dist_token"));
        }
        return new VisionSpec.Head(norm("norm", stream), new Read.Of(pooling()), norm("fc_norm", stream), classifiers,
                classifiers.isEmpty() ? Answer.EMBEDDING : Answer.CLASS);
    }

    /// Of a network with a token for a teacher two, of which neither answers alone; of a tower none.
    private List<String> classifiers() {
        var all = has("dist_token") ? List.of("head", "head_dist") : List.of("head");
        return all.stream().anyMatch(n -> has(n + ".weight")) ? all : List.of();
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
        var pixels = NormalisationFields.of(config.images(), NormalisationFields.usual(channels), channels);
        var preparation = TimmPreparation.of(config.images(), new Size(size[0], size[1]));
        return new Images(new Image(channels, size[0], size[1], pixels.mean(), pixels.std(), preparation),
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
