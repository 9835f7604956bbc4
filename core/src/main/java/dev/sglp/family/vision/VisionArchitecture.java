package dev.sglp.family.vision;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.Architecture;
import dev.sglp.family.transformer.HeaderCheck;
import dev.sglp.family.transformer.NormSpec;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.repair.RepairNeed;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;
import java.util.stream.IntStream;

/// One vision transformer.
///
/// @param kind    what it is called
/// @param spec    what it computes
/// @param images  what it looks at
/// @param labels  names of the classes; empty where unknown
/// @param form    what stands beside its weights
/// @param tensors the header of its checkpoint
public record VisionArchitecture(Kind kind, VisionSpec spec, Images images, List<String> labels, VisionForm form,
        Map<String, TensorInfo> tensors) implements Architecture {
    private static final String UNLIKE = ". Maybe it was saved without its classifier, or the file is incomplete";

    /// @param family name of the family
    /// @param title  for people
    /// @param beside tensors of its files that a classification does not use: they are carried along
    /// @param notes  what was unusual about reading it
    public record Kind(String family, String title, Set<String> beside, List<String> notes) {}

    /// @param input        what the stem takes
    /// @param normalisation who says how pixels are normalised
    /// @param preparation   who says how pictures are prepared
    public record Images(Input.Image input, Said normalisation, Said preparation) {
        /// Of which one says both.
        public Images(Input.Image input, Said both) {
            this(input, both, both);
        }
    }

    /// Who says something of images.
    public enum Said {
        /// Nobody.
        NOBODY,
        /// The checkpoint.
        CHECKPOINT,
        /// The user.
        USER
    }

    public VisionArchitecture {
        labels = List.copyOf(labels);
    }

    @Override
    public String family() {
        return kind.family;
    }

    @Override
    public String description() {
        var cut = spec.stem().patches();
        return "%s (%d layer%s, width %d%s, patches of %d×%d, images of %d×%d, %s)".formatted(kind.title,
                spec.blocks().size(), spec.blocks().size() == 1 ? "" : "s", cut.width(),
                spec.blocks().stream().flatMap(b -> b.attention().stream()).findFirst()
                        .map(a -> ", %d heads".formatted(a.heads().query())).orElse(""),
                cut.wide(), cut.high(), input().width(), input().height(),
                (answer() == Answer.CLASS ? "%d classes" : "embeddings of %d").formatted(classes()));
    }

    /// @throws IOException where a tensor is missing, of another shape or type, or not known
    public VisionArchitecture checked(String file) throws IOException {
        var header = new HeaderCheck(file, tensors, kind.title(), "", UNLIKE);
        header.check(spec.shapes(), tensor -> kind.beside().contains(tensor.name()), _ -> UNLIKE);
        return this;
    }

    @Override
    public List<Cost> ends() {
        return List.of(Cost.of("patches", spec.stemShapes(), tensors, spec.stemMacs()),
                Cost.of("head", spec.headShapes(), tensors, spec.headMacs()));
    }

    @Override
    public List<LayerCost> layers() {
        var output = List.of((long) spec.stem().length(), spec.stem().patches().width());
        return IntStream.range(0, spec.blocks().size())
                .mapToObj(i -> new LayerCost(
                        Cost.of(spec.prefix() + i, spec.layerShapes(i), tensors, spec.layerMacs(i)), "",
                        output))
                .toList();
    }

    @Override
    public long activations() {
        return spec.activations();
    }

    @Override
    public boolean directory() {
        return form.directory();
    }

    @Override
    public Layout layout() {
        return Layout.PATCHES;
    }

    @Override
    public Input.Image input() {
        return images.input;
    }

    @Override
    public boolean saysNormalisation() {
        return images.normalisation != Said.NOBODY;
    }

    @Override
    public Answer answer() {
        return spec.head().answer();
    }

    /// The classifier has to read the stream through a norm.
    @Override
    public boolean has(RepairNeed need) {
        return need == RepairNeed.NORMED_STREAM
                ? !spec.head().norm().equals(NormSpec.NONE) || !spec.head().pooledNorm().equals(NormSpec.NONE)
                : spec.has(need);
    }

    @Override
    public List<String> classNames() {
        return labels;
    }

    @Override
    public int classes() {
        return spec.classes();
    }

    @Override
    public List<String> notes() {
        return kind.notes;
    }

    @Override
    public VisionArchitecture initialisedBy(double std) {
        return new VisionArchitecture(kind, spec.initialisedBy(std), images, labels, form, tensors);
    }

    @Override
    public VisionArchitecture normalisedBy(List<Double> mean, List<Double> std) {
        return looking(new Images(images.input.normalisedBy(mean, std), Said.USER, images.preparation));
    }

    @Override
    public VisionArchitecture preparedAs(Preparation typed) {
        var preparation = form.said(typed);
        var size = preparation.size();
        var input = images.input.preparedAs(preparation);
        if (form.resizes() && size.isPresent()) {
            input = input.sized(size.get());
        }
        input.checkMade(preparation);
        return looking(new Images(input, images.normalisation, Said.USER));
    }

    @Override
    public SequencedMap<String, Object> preparation() {
        return form.preparation(images);
    }

    @Override
    public VisionArchitecture preparedBy(Map<String, Object> preparation) throws IOException {
        return form.prepared(this, preparation);
    }

    /// The same network, kept in another way.
    public VisionArchitecture in(VisionForm other) {
        return new VisionArchitecture(kind, spec, images, labels, other, tensors);
    }

    /// The same network that looks at other images.
    public VisionArchitecture looking(Images other) {
        return new VisionArchitecture(kind, spec.looking(other.input.height(), other.input.width()), other, labels,
                form, tensors);
    }

    @Override
    public boolean remains(LayerSet removed, Architecture written) {
        return written instanceof VisionArchitecture other && kind.family.equals(other.kind.family)
                && spec.without(removed).initialisedBy(1).equals(other.spec.initialisedBy(1));
    }

    @Override
    public LayeredModel assembled(Weights weights) {
        return spec.on(weights, kind.family);
    }

    /// In the order of the checkpoint.
    @Override
    public SequencedMap<String, String> renamed(LayerSet removed) {
        return spec.renamed(tensors.keySet().stream(), removed);
    }

    @Override
    public SequencedMap<String, Object> config(LayerSet removed, List<String> names) {
        return form.config(removed, images,
                labels.isEmpty() && answer() == Answer.CLASS ? names : labels);
    }

    @Override
    public String openWith(LayerSet removed) {
        return form.openWith(spec.blocks().size() - removed.size(), images.input);
    }
}
