package dev.sglp.family.vision.torchvision;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture.Input.Image;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.config.PreparationFields;
import dev.sglp.family.transformer.AttentionSpec.Heads;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec.SublayerSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.HeaderCheck;
import dev.sglp.family.transformer.LinearSpec;
import dev.sglp.family.transformer.MlpSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.vision.VisionArchitecture.Images;
import dev.sglp.family.vision.VisionArchitecture.Said;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.vision.VisionSpec.Cut;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Grid;
import dev.sglp.model.vision.Positions.Kernel;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;

/// torchvision's `VisionTransformer` (Dosovitskiy 2020, arXiv 2010.11929): `vit_b_16` and its like, mostly a `.pth` file alone.
public final class TorchvisionVit implements Family {
    static final String NAME = "torchvision-vit";
    private static final String LAYER = "encoder.layers.encoder_layer_";
    private static final String PATCHES = "conv_proj";
    private static final String TABLE = "encoder.pos_embedding";
    private static final double EPSILON = 1e-6;
    private static final Map<Long, Integer> HEADS = Map.of(768L, 12, 1024L, 16, 1280L, 16);
    private static final List<Double> MEAN = List.of(.485, .456, .406);
    private static final List<Double> STD = List.of(.229, .224, .225);

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public String source() {
        return "Dosovitskiy et al. 2020, arXiv 2010.11929; torchvision";
    }

    @Override
    public List<NetworkPlace> places(Set<String> names, Map<String, Object> config) {
        return NetworkPlace.prefixes(TABLE, names).stream().filter(at -> isOne(at, names))
                .map(at -> NetworkPlace.behind(at, names)).toList();
    }

    private static boolean isOne(String at, Set<String> names) {
        return names.contains(at + TABLE) && names.contains(at + PATCHES + ".weight")
                && names.contains(at + "class_token") && names.contains(at + "heads.head.weight");
    }

    @Override
    public Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!isOne("", tensors.keySet())) {
            return Optional.empty();
        }
        var read = new Header(file, tensors, new ConfigFields(file, config));
        var spec = read.spec();
        var kind = new VisionArchitecture.Kind(NAME, "ViT of torchvision", Set.of(), List.of());
        return Optional.of(new VisionArchitecture(kind, spec, read.images(spec), read.labels(spec.classes()),
                new TorchvisionForm(spec), tensors).checked(file));
    }

    private record Header(String file, Map<String, TensorInfo> tensors, ConfigFields config) {
        VisionSpec spec() throws IOException {
            var patch = HeaderCheck.shape(file, tensors, PATCHES + ".weight", 4);
            long width = patch.getFirst();
            var cut = new Cut(PATCHES, width, patch.get(1), patch.get(2), patch.get(3), true);
            int patches = HeaderCheck.shape(file, tensors, TABLE, 3).get(1).intValue() - 1;
            int side = (int) Math.round(Math.sqrt(Math.max(1, patches)));
            if (side * side != patches) {
                throw new IOException("[%s] tensor '%s' has positions for %d patches, expected a square".formatted(file,
                        TABLE, patches));
            }
            var grid = new Grid(side, side);
            int depth = (int) IntStream
                    .iterate(0, i -> tensors.containsKey(LAYER + i + ".ln_1.weight"), i -> i + 1).count();
            long classes = HeaderCheck.shape(file, tensors, "heads.head.weight", 2).getFirst();
            return new VisionSpec(
                    new VisionSpec.Stem(cut, grid, List.of(new Token("class_token", 1, true)),
                            Optional.of(new Table(TABLE, grid, Kernel.CUBIC)), NormSpec.NONE),
                    LAYER, Collections.nCopies(depth, block(width, depth)),
                    new VisionSpec.Head(norm("encoder.ln", width), Pooling.CLASS_TOKEN, NormSpec.NONE,
                            List.of(new LinearSpec("heads.head", classes, width, true))),
                    0.02);
        }

        private static NormSpec norm(String name, long width) {
            return NormSpec.of(name, NormSpec.Kind.LAYER, width, EPSILON);
        }

        /// Perceptrons of files before version 0.13 are named otherwise.
        private BlockSpec block(long width, int depth) throws IOException {
            boolean old = tensors.containsKey(LAYER + "0.mlp.linear_1.weight");
            var up = old ? "mlp.linear_1" : "mlp.0";
            long inner = depth == 0
                    ? width
                    : HeaderCheck.shape(file, tensors, LAYER + "0." + up + ".weight", 2).getFirst();
            int heads = heads(width);
            var attention = new AttentionSpec(new Heads(heads, heads, Math.toIntExact(width / heads)),
                    new Maps.Fused(new LinearSpec("self_attention.in_proj", 3 * width, width, true).underscored(),
                            Order.KINDS),
                    new LinearSpec("self_attention.out_proj", width, width, true)).seeing(Mask.Sight.all());
            var mlp = new MlpSpec(new MlpSpec.Entry.Plain(new LinearSpec(up, inner, width, true)),
                    new LinearSpec(old ? "mlp.linear_2" : "mlp.3", width, inner, true), Activation.GELU);
            return BlockSpec.of(new SublayerSpec(norm("ln_1", width), attention),
                    new SublayerSpec(norm("ln_2", width), mlp));
        }

        /// The tensors do not show them: those of torchvision's own sizes, else the configuration has to say it.
        private int heads(long width) throws IOException {
            int heads = HEADS.containsKey(width)
                    ? config.count("num_heads", HEADS.get(width))
                    : config.count("num_heads");
            if (width % heads != 0) {
                throw config.wrong("num_heads", "a divisor of the width %d".formatted(width), heads);
            }
            return heads;
        }

        Images images(VisionSpec spec) throws IOException {
            var cut = spec.stem().patches();
            var grid = spec.stem().grid();
            var said = config.object(TorchvisionForm.NORMALISATION);
            var mean = said.isPresent() ? said.get().numbers("mean", MEAN) : MEAN;
            var std = said.isPresent() ? said.get().numbers("std", STD) : STD;
            if (mean.size() != cut.channels() || std.size() != cut.channels()
                    || std.stream().anyMatch(s -> !(s > 0 && s < 1e6))) {
                throw config.wrong(TorchvisionForm.NORMALISATION,
                        "a mean and a positive std for each of %d channels".formatted(cut.channels()),
                        List.of(mean, std));
            }
            var input = new Image(Math.toIntExact(cut.channels()), (int) (grid.rows() * cut.high()),
                    (int) (grid.columns() * cut.wide()), mean, std);
            var prepared = PreparationFields.of(config);
            return new Images(input.preparedAs(prepared.orElseGet(() -> usual(input.height()))),
                    said.isPresent() ? Said.CHECKPOINT : Said.NOBODY,
                    prepared.isPresent() ? Said.CHECKPOINT : Said.NOBODY);
        }

        /// As most of torchvision's weights were tested: seven eighths of the shorter side.
        private static Preparation usual(int side) {
            return Preparation.of(side * 8 / 7, Interpolation.BILINEAR, side);
        }

        List<String> labels(int classes) throws IOException {
            var names = config.list("class_names");
            return names.size() == classes ? names.stream().map(String::valueOf).toList() : List.of();
        }
    }
}
