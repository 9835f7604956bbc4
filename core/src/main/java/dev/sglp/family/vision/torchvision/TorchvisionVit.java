package dev.sglp.family.vision.torchvision;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Family;
import dev.sglp.family.NetworkPlace;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.family.transformer.AttentionSpec.Maps;
import dev.sglp.family.transformer.AttentionSpec;
import dev.sglp.family.transformer.BlockSpec;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.family.transformer.StreamSpec;
import dev.sglp.family.vision.VisionArchitecture;
import dev.sglp.family.vision.VisionHeader;
import dev.sglp.family.vision.VisionSpec.Stem;
import dev.sglp.family.vision.VisionSpec.Table;
import dev.sglp.family.vision.VisionSpec.Token;
import dev.sglp.family.vision.VisionSpec;
import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask.Sight;
import dev.sglp.model.vision.Pooling;
import dev.sglp.model.vision.Positions.Kernel;
import java.io.IOException;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/// torchvision's `VisionTransformer` (Dosovitskiy 2020, arXiv 2010.11929): `vit_b_16` and its like, mostly a `.pth` file alone.
public final class TorchvisionVit implements Family {
    static final String NAME = "torchvision-vit";
    private static final String LAYER = "encoder.layers.encoder_layer_";
    private static final String PATCHES = "conv_proj";
    private static final String TABLE = "encoder.pos_embedding";
    private static final double EPSILON = 1e-6;
    private static final Map<Integer, Integer> HEADS = Map.of(768, 12, 1024, 16, 1280, 16);

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
        return Stream.of(TABLE, PATCHES + ".weight", "class_token", "heads.head.weight")
                .allMatch(name -> names.contains(at + name));
    }

    @Override
    public Optional<Architecture> detect(String file, Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        if (!isOne("", tensors.keySet())) {
            return Optional.empty();
        }
        var fields = new ConfigFields(file, config);
        var spec = spec(new VisionHeader(file, tensors), fields);
        var kind = new VisionArchitecture.Kind(NAME, "ViT of torchvision", Set.of(), List.of());
        return Optional.of(new VisionArchitecture(kind, spec, TorchvisionForm.images(fields, spec),
                TorchvisionForm.labels(fields, spec.classes()), new TorchvisionForm(spec), tensors).checked(file));
    }

    private static VisionSpec spec(VisionHeader header, ConfigFields config) throws IOException {
        var cut = header.cut(PATCHES, true);
        var stream = new StreamSpec(Math.toIntExact(cut.width()), NormSpec.Kind.LAYER, EPSILON);
        int patches = header.shape(TABLE, 3).get(1).intValue() - 1;
        var grid = VisionHeader.square(patches).orElseThrow(() -> new IOException(
                "[%s] tensor '%s' has positions for %d patches, expected a square".formatted(header.file(), TABLE,
                        patches)));
        int depth = header.depth(LAYER, ".ln_1.weight");
        return new VisionSpec(
                Stem.of(cut, grid, List.of(new Token("class_token", 1, true)), new Table(TABLE, grid, Kernel.CUBIC)),
                LAYER, Collections.nCopies(depth, block(header, config, stream)),
                new VisionSpec.Head(stream.norm("encoder.ln"), Pooling.CLASS_TOKEN, NormSpec.NONE,
                        List.of(stream.map("heads.head", header.shape("heads.head.weight", 2).getFirst(),
                                stream.width(), true))),
                0.02);
    }

    /// Perceptrons of files before version 0.13 are named otherwise. The tensors do not show the heads: those of torchvision's own
    /// sizes, else the configuration has to say them.
    private static BlockSpec block(VisionHeader header, ConfigFields config, StreamSpec stream) throws IOException {
        int usual = HEADS.getOrDefault(stream.width(), 0);
        var heads = stream.heads(config, "num_heads",
                usual == 0 ? config.count("num_heads") : config.count("num_heads", usual));
        var attention = new AttentionSpec(heads,
                new Maps.Fused(stream.map("self_attention.in_proj", 3L * stream.width(), stream.width(), true)
                        .underscored(), Order.KINDS),
                stream.map("self_attention.out_proj", stream.width(), stream.width(), true)).seeing(Sight.all());
        var names = header.has(LAYER + "0.mlp.linear_1.weight")
                ? List.of("mlp.linear_1", "mlp.linear_2")
                : List.of("mlp.0", "mlp.3");
        long inner = header.has(LAYER + "0.ln_1.weight")
                ? header.shape(LAYER + "0." + names.getFirst() + ".weight", 2).getFirst()
                : stream.width();
        return BlockSpec.of(stream.normed("ln_1", attention),
                stream.normed("ln_2", stream.plain(names, inner, true, Activation.GELU)));
    }
}
