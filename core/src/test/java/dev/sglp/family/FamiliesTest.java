package dev.sglp.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.CifarHeader;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.convolution.ConvolutionFamily;
import dev.sglp.family.convolution.network.residual.CifarResNet;
import dev.sglp.family.decoder.DecoderFamily;
import dev.sglp.family.decoder.Pico;
import dev.sglp.family.encoder.EncoderFamily;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective;
import dev.sglp.model.Pass;
import dev.sglp.report.Json;
import dev.sglp.surgery.Surgeon;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// What every family keeps to, on a small network of each.
final class FamiliesTest {
    @TempDir
    private Path folder;

    /// @param config  what lies beside the checkpoint
    /// @param removed sets of layers to try
    record Sample(String family, LinkedHashMap<String, TensorInfo> tensors, Map<String, Object> config,
            List<LayerSet> removed) {
        @Override
        public String toString() {
            return family;
        }
    }

    static List<Sample> samples() throws IOException {
        var resNet = new CifarHeader(List.of(3, 2, 2), 4, 5).tensors();
        var all = new ArrayList<Sample>();
        for (var family : Families.all()) {
            if (family instanceof CifarResNet) {
                all.add(new Sample(family.name(), resNet, Map.of("input_size", 12), List.of(LayerSet.EMPTY,
                        LayerSet.of(0), LayerSet.of(2), LayerSet.of(1, 4), LayerSet.of(0, 1, 2),
                        LayerSet.of(0, 1, 2, 4, 6))));
            } else if (family instanceof ConvolutionFamily) {
                all.add(convolution(family.name()));
            } else if (family instanceof DecoderFamily) {
                all.add(decoder(family.name()));
            } else if (Files.exists(Path.of("src/test/resources/vision", family.name()))) {
                all.add(vision(family.name()));
            } else if (family instanceof EncoderFamily) {
                all.add(encoder(family.name()));
            }
        }
        return all;
    }

    /// The first of its variants by name.
    private static Sample vision(String family) throws IOException {
        try (var variants = Files.list(Path.of("src/test/resources/vision", family))) {
            try (var file = ModelFile.open(variants.sorted().findFirst().orElseThrow())) {
                var every = LayerSet.of(IntStream.range(0, file.architecture().layers().size()).toArray());
                return new Sample(family, new LinkedHashMap<>(file.checkpoint().tensors()), file.checkpoint().config(),
                        List.of(LayerSet.EMPTY, LayerSet.of(0), LayerSet.of(1, 2), every));
            }
        }
    }

    /// The first of its variants by name, without single layers and without all that can go.
    private static Sample convolution(String family) throws IOException {
        try (var variants = Files.list(Path.of("src/test/resources/convolution", family))) {
            try (var file = ModelFile.open(variants.sorted().findFirst().orElseThrow())) {
                var layers = file.architecture().layers();
                var free = IntStream.range(0, layers.size()).filter(i -> layers.get(i).removable()).toArray();
                return new Sample(family, new LinkedHashMap<>(file.checkpoint().tensors()), file.checkpoint().config(),
                        List.of(LayerSet.EMPTY, LayerSet.of(free[0]), LayerSet.of(free[free.length - 1]),
                                LayerSet.of(free)));
            }
        }
    }

    /// The first layer of some is of its own kind.
    private static Sample encoder(String family) throws IOException {
        var pico = Path.of("src/test/resources/encoder").resolve(family)
                .resolve(switch (family) {
                    case "bert" -> "first";
                    case "roberta" -> "pooled";
                    case "xlm-roberta" -> "largest";
                    default -> "base";
                });
        try (var file = ModelFile.open(pico)) {
            var found = sample(family, pico);
            boolean fixed = !file.architecture().layers().getFirst().removable();
            return fixed
                    ? new Sample(family, found.tensors, found.config,
                            List.of(LayerSet.EMPTY, LayerSet.of(1), LayerSet.of(1, 2), LayerSet.of(1, 2, 3, 4, 5)))
                    : found;
        }
    }

    /// The first of its pico networks.
    private static Sample decoder(String family) throws IOException {
        return sample(family, Fixture.folder(family).orElse(Pico.folder(family)));
    }

    /// Without tensors that follow from others.
    private static Sample sample(String family, Path pico) throws IOException {
        try (var file = ModelFile.open(pico)) {
            var tensors = new LinkedHashMap<String, TensorInfo>();
            file.needed().forEach(name -> tensors.put(name, file.checkpoint().tensors().get(name)));
            return new Sample(family, tensors, file.checkpoint().config(),
                    List.of(LayerSet.EMPTY, LayerSet.of(0), LayerSet.of(1, 2), LayerSet.of(0, 1, 2, 3)));
        }
    }

    private ModelFile open(Sample sample) throws IOException {
        return open(sample, folder);
    }

    static ModelFile open(Sample sample, Path folder) throws IOException {
        var file = folder.resolve("original.safetensors");
        CifarHeader.write(file, sample.tensors(), 1);
        Files.writeString(folder.resolve("config.json"), Json.pretty(sample.config()));
        return ModelFile.open(file);
    }

    static Tensor inputs(ModelFile file, int batch) {
        return switch (file.architecture().input()) {
            case Architecture.Input.Image image ->
                Seed.of(3).normal("inputs", 1, batch, image.channels(), image.height(), image.width());
            case Architecture.Input.Signal signal ->
                Seed.of(3).normal("inputs", 1, batch, signal.channels(), signal.length());
            case Architecture.Input.Text text -> tokens(text, batch, 0);
        };
    }

    private static Tensor tokens(Architecture.Input.Text text, int batch, int seed) {
        var random = Seed.of(seed).generator("tokens");
        var ids = LongStream.generate(() -> random.below(text.vocabulary())).limit(8L * batch);
        return Tensors.longs(ids.toArray()).view(batch, 8);
    }

    static Tensor targets(ModelFile file, int batch) {
        if (file.architecture().answer() == Objective.Answer.EMBEDDING) {
            long width = file.architecture().layers().getFirst().output().getLast();
            return Seed.of(4).normal("targets", 1, batch, width);
        }
        return switch (file.architecture().input()) {
            case Architecture.Input.Image _,Architecture.Input.Signal _ ->
                Tensors.longs(LongStream.range(0, batch).toArray());
            case Architecture.Input.Text text -> tokens(text, batch, 1);
        };
    }

    private static double[] logits(LayeredModel model, ModelFile file) {
        return Tensors.toDoubles(Autograd.off(() -> model.forward(inputs(file, 3), Pass.evaluation())));
    }

    @Test
    void everyFamilyHasASample() throws IOException {
        assertThat(samples()).extracting(Sample::family)
                .containsExactlyElementsOf(Families.all().stream().map(Family::name).toList());
        assertThat(Families.all()).allMatch(f -> !f.source().isBlank());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theForwardPassGivesOneRowOfLogitsAnExample(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            assertThat(file.architecture().family()).isEqualTo(sample.family());
            var model = file.architecture().build(weights);
            var shapes = new java.util.ArrayList<List<Long>>();
            var logits = Autograd.off(() -> model.forward(inputs(file, 3), Pass.evaluation(),
                    (_, _, out) -> shapes.add(ofOne(file, out))));
            boolean embeds = model.objective().answer() == Objective.Answer.EMBEDDING;
            assertThat(embeds ? logits.size(1) : ofOne(file, logits).getFirst()).isEqualTo(embeds
                    ? file.architecture().layers().getFirst().output().getLast()
                    : file.architecture().classes());
            assertThat(logits.size(0)).isEqualTo(3);
            assertThat(shapes).isEqualTo(
                    file.architecture().layers().stream().map(Architecture.LayerCost::output).toList());
        }
    }

    /// Without the batch; for text without the positions too.
    private static List<Long> ofOne(ModelFile file, Tensor tensor) {
        var shape = Tensors.shape(tensor);
        return shape.subList(file.architecture().input() instanceof Architecture.Input.Text ? 2 : 1, shape.size());
    }

    @ParameterizedTest
    @MethodSource("samples")
    void theHeaderSaysWhatTheModelCosts(Sample sample) throws IOException {
        try (var file = open(sample); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            assertThat(model.parameterCount()).isEqualTo(file.architecture().parameters());
            assertThat(model.bytes()).isEqualTo(file.architecture().bytes());
            assertThat(model.macs()).isEqualTo(file.architecture().macs()).isPositive();
            assertThat(model.layers()).extracting(l -> l.name())
                    .containsExactlyElementsOf(file.architecture().layers().stream().map(l -> l.name()).toList());
            assertThat(model.layers()).extracting(l -> l.fixed().orElse(""))
                    .containsExactlyElementsOf(file.architecture().layers().stream().map(l -> l.fixed()).toList());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void everyParameterGetsAGradient(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var targets = targets(file, 4);
            Autograd.recording(true, () -> {
                model.parameters().values().forEach(p -> p.set_requires_grad(true));
                model.objective().loss(model.forward(inputs(file, 4), Pass.batchStatistics()), targets).backward();
                return null;
            });
            assertThat(model.parameters()).isNotEmpty().allSatisfy((name, tensor) -> assertThat(
                    Tensors.toDoubles(tensor.grad().abs().max())[0]).as(name).isPositive());
            int tensors = weights.all().size();
            assertThat(model.parameters().size() + model.buffers().size()).isEqualTo(tensors - weights.all().keySet()
                    .stream().filter(n -> n.endsWith("num_batches_tracked") || n.endsWith("mask_token"))
                    .mapToInt(_ -> 1).sum());
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void withoutLayersItIsWrittenAndReadBackAsTheSameNetwork(Sample sample) throws IOException {
        for (var removed : sample.removed()) {
            try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
                var pruned = file.architecture().build(weights).without(removed);
                var out = folder.resolve("without " + removed);
                var names = List.of("abcdefghij".substring(0, Math.min(10, file.architecture().classes())).split(""));
                var config = Json.pretty(file.architecture().config(removed, names));
                new Surgeon(file, weights).write(removed, pruned, out,
                        Map.of("config.json", config.getBytes(StandardCharsets.UTF_8)));
                try (var written = ModelFile.open(out); var loaded = written.forReading()) {
                    var again = written.architecture().build(loaded);
                    assertThat(logits(again, file)).containsExactly(logits(pruned, file));
                    assertThat(again.layers()).hasSize(pruned.layers().size());
                    assertThat(again.parameterCount()).isEqualTo(pruned.parameterCount());
                    assertThat(written.architecture().input()).isEqualTo(file.architecture().input());
                    assertThat(written.architecture().classNames()).isEqualTo(
                            written.architecture().input() instanceof Architecture.Input.Text
                                    || written.architecture().answer() == Objective.Answer.EMBEDDING
                                            ? List.of()
                                            : names);
                    checkTensors(file, weights, loaded, removed);
                }
            }
        }
    }

    /// Bit for bit, under the new names, and nothing else.
    private static void checkTensors(ModelFile file, Weights before, Weights after, LayerSet removed) {
        var renamed = file.architecture().renamed(removed);
        assertThat(after.all().keySet()).containsExactlyElementsOf(renamed.values());
        renamed.forEach((old, now) -> assertThat(Tensors.toDoubles(after.get(now))).as("%s → %s", old, now)
                .containsExactly(Tensors.toDoubles(before.get(old))));
        file.architecture().layers().forEach(layer -> {
            boolean gone = removed.contains(file.architecture().layers().indexOf(layer));
            assertThat(renamed.keySet().stream().anyMatch(n -> n.startsWith(layer.name() + "."))).isEqualTo(!gone);
        });
    }

    @ParameterizedTest
    @MethodSource("samples")
    void removingNothingLeavesTheOutputUnchangedAndSomethingDoesNot(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            assertThat(logits(model.without(LayerSet.EMPTY), file)).containsExactly(logits(model, file));
            for (int layer : model.removable().indices()) {
                double[] without = logits(model.without(LayerSet.of(layer)), file);
                double[] with = logits(model, file);
                assertThat(Math.abs(without[0] - with[0])).as("layer %d", layer).isGreaterThan(1e-4);
            }
        }
    }

    @ParameterizedTest
    @MethodSource("samples")
    void reinitialisedLayersHaveTheShapeAndNotTheValues(Sample sample) throws IOException {
        try (var _ = Scope.open(); var file = open(sample); var weights = file.forReading()) {
            for (var layer : file.architecture().build(weights).layers()) {
                var fresh = layer.reinitialised(Seed.of(1)).parameters();
                var again = layer.reinitialised(Seed.of(1)).parameters();
                var other = layer.reinitialised(Seed.of(1).draw(1)).parameters();
                assertThat(fresh.keySet()).containsExactlyElementsOf(layer.parameters().keySet());
                layer.parameters().forEach((name, tensor) -> assertThat(Tensors.shape(fresh.get(name))).as(name)
                        .isEqualTo(Tensors.shape(tensor)));
                var first = fresh.sequencedEntrySet().stream().filter(e -> e.getValue().dim() > 1).findFirst()
                        .orElseThrow();
                assertThat(Tensors.toDoubles(first.getValue()))
                        .containsExactly(Tensors.toDoubles(again.get(first.getKey())))
                        .isNotEqualTo(Tensors.toDoubles(other.get(first.getKey())));
                double[] values = Tensors.toDoubles(first.getValue());
                assertThat(java.util.Arrays.stream(values).average().orElseThrow()).isCloseTo(0, within(0.2));
            }
        }
    }
}
