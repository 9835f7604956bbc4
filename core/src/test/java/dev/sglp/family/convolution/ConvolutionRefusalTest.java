package dev.sglp.family.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Families;
import dev.sglp.family.ModelFile;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.conformance.Fixture.Kind;
import dev.sglp.model.LayerSet;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Configurations and tensors that say something else than what is computed here, and what is read where they say nothing.
final class ConvolutionRefusalTest {
    private record Parts(LinkedHashMap<String, TensorInfo> tensors, LinkedHashMap<String, Object> config) {
        static Parts of(String model) throws IOException {
            try (var file = ModelFile.open(Kind.CONVOLUTION.folder().resolve(model))) {
                return new Parts(new LinkedHashMap<>(file.checkpoint().tensors()),
                        new LinkedHashMap<>(Fixture.config(Kind.CONVOLUTION.folder().resolve(model))));
            }
        }

        Parts saying(String field, Object value) {
            config.put(field, value);
            return this;
        }

        Parts without(String field) {
            config.remove(field);
            return this;
        }

        Parts with(String name, Long... shape) {
            tensors.put(name, new TensorInfo(name, DType.F32, List.of(shape)));
            return this;
        }

        Architecture open() throws IOException {
            for (var family : Families.all()) {
                var found = family.detect("net", tensors, config);
                if (found.isPresent()) {
                    return found.get();
                }
            }
            throw new IOException("of no family");
        }

        void refused(String... parts) {
            assertThatThrownBy(this::open).isInstanceOf(IOException.class)
                    .satisfies(e -> assertThat(e.getMessage()).contains(parts));
        }
    }

    @ParameterizedTest
    @CsvSource({"torchvision-resnet/basic, activation, silu", "torchvision-resnet/basic, family, cifar-resnet",
            "torchvision-resnet/basic, output_stride, 8", "torchvision-resnet/timm, architecture, resnetblur50",
            "torchvision-resnet/timm, architecture, resnet50d",
            "timm-convnext/configured, architecture, convnext_large_mlp", "torchvision-resnet/timm, global_pool, max",
            "torchvision-mobilenet-v2/plain, act_layer, silu", "vgg/cifar, pooling, mean",
            "timm-convnext/plain, architecture, convnext_tiny_hnf", "timm-convnext/plain, norm_eps, 0.1"})
    void whatIsNotKnownIsRefused(String model, String field, String value) throws IOException {
        Parts.of(model).saying(field, value).refused(field, value);
    }

    @Test
    void whatContradictsTheTensorsIsRefused() throws IOException {
        Parts.of("torchvision-resnet/basic").saying("layers", List.of(2, 2, 2, 2)).refused("layers", "[2, 2, 1, 2]");
        Parts.of("vgg/normed").saying("cfg", List.of(8, "M", 8)).refused("cfg");
        Parts.of("vgg/normed").saying("batch_norm", false).refused("batch_norm");
        Parts.of("timm-convnext/plain").saying("depths", List.of(1, 2, 2, 1)).refused("depths");
        Parts.of("preact-resnet/shared").saying("classes", 11).refused("classes", "10");
        Parts.of("torchvision-resnet/timm").saying("model_args", Map.of("output_stride", 8)).refused("model_args",
                "output_stride");
        Parts.of("torchvision-resnet/timm").saying("model_args", Map.of("layers", List.of(3, 4, 6, 3)))
                .refused("model_args", "layers", "[1, 2, 1, 1]");
        Parts.of("torchvision-resnet/timm").saying("model_args", Map.of("global_pool", "max")).refused("model_args",
                "global_pool");
        Parts.of("torchvision-mobilenet-v2/plain")
                .saying("inverted_residual_setting", List.of(List.of(1, 16, 1, 1), List.of(6, 24, 4, 2),
                        List.of(3, 32, 3, 2)))
                .refused("inverted_residual_setting");
    }

    /// Strides of a network that was cut are nowhere but in its configuration.
    @Test
    void whatNothingShowsHasToBeSaid() throws IOException {
        Parts.of("torchvision-mobilenet-v2/plain").without("inverted_residual_setting")
                .refused("inverted_residual_setting", "8 blocks", "strides");
        Parts.of("torchvision-resnet/small_stem").without("stem_stride").refused("stem_stride");
        Parts.of("torchvision-resnet/small_stem").without("stem_pooling").refused("stem_pooling", "window of 3");
    }

    /// Whatever stands there, the answer names the field.
    @ParameterizedTest
    @CsvSource({"vgg/normed, cfg", "torchvision-mobilenet-v2/plain, inverted_residual_setting",
            "torchvision-resnet/basic, layers", "torchvision-convnext/plain, depths", "vgg/normed, input_size"})
    void valuesOfOtherTypesAreRefused(String model, String field) throws IOException {
        for (var value : List.of(List.of("x"), Map.of("a", 1), "text", -1, List.of(List.of()), List.of(true, 1.5),
                Collections.singletonList(null), List.of(Arrays.asList(1, null, 1, 1)),
                List.of(List.of(1, "2", 1, 1)))) {
            Parts.of(model).saying(field, value).refused(field);
        }
    }

    @Test
    void aSignalsLengthHasToBeSaid() throws IOException {
        Parts.of("vgg/signals").without("input_size").refused("input_size");
        Parts.of("vgg/signals").with("features.3.weight", 6L, 6L, 3L, 3L).refused("features.3.weight",
                "window of 2 dimensions");
    }

    @Test
    void imagesThatVanishAreRefused() throws IOException {
        Parts.of("vgg/normed").saying("input_size", 4).refused("input_size", "4");
    }

    @Test
    void tensorsOfOtherNetworksAreNamed() throws IOException {
        Parts.of("torchvision-resnet/bottleneck").with("layer1.0.se.fc1.weight", 4L, 16L, 1L, 1L)
                .refused("layer1.0.se.fc1.weight", "ResNet of torchvision");
        Parts.of("timm-convnext/plain").with("stages.0.blocks.0.mlp.grn.weight", 32L)
                .refused("stages.0.blocks.0.mlp.grn.weight");
        Parts.of("vgg/torchvision").with("features.0.weight", 8L, 3L, 11L, 11L)
                .refused("features.0.weight", "[8, 3, 11, 11]", "[8, 3, 3, 3]");
        Parts.of("cifar-resnet/projected").with("layer2.0.shortcut.0.weight", 8L, 6L, 3L, 3L)
                .refused("layer2.0.shortcut.0.weight", "[8, 6, 1, 1]");
    }

    /// What both give is added.
    @Test
    void aShortcutOfAnotherWidthThanItsBranchIsRefused() throws IOException {
        Parts.of("preact-resnet/shared").with("layer2.0.shortcut.0.weight", 9L, 6L, 1L, 1L)
                .refused("layer2.0.shortcut.0.weight", "[9, 6, 1, 1]", "expected 8 channels");
    }

    /// timm's folder says how pixels are normalised, how large images are and what classes are called.
    @Test
    void whatTimmWritesIsRead() throws IOException {
        var names = IntStream.range(0, 10).mapToObj(i -> "n" + i).toList();
        var found = Parts.of("torchvision-resnet/timm").saying("label_names", names)
                .saying("architecture", "resnet50.a1_in1k").open();
        assertThat(found.saysNormalisation()).isTrue();
        assertThat(found.input().image().mean()).containsExactly(.4, .4, .4);
        assertThat(found.input().image().std()).containsExactly(.3, .3, .3);
        assertThat(found.input().image().height()).isEqualTo(64);
        assertThat(found.classNames()).isEqualTo(names);
    }

    /// timm's own fields are kept, and say what a user typed, so that timm prepares pictures so.
    @Test
    void whatWasTypedIsWrittenForTimm() throws IOException {
        var typed = Preparation.of(60, Interpolation.BILINEAR, 48);
        var found = Parts.of("torchvision-resnet/timm").open().preparedAs(typed).normalisedBy(List.of(.1, .2, .3),
                List.of(.4, .5, .6));
        assertThat(found.config(LayerSet.EMPTY, List.of()).get("pretrained_cfg")).isEqualTo(Map.of("mean",
                List.of(.1, .2, .3), "std", List.of(.4, .5, .6), "input_size", List.of(3, 48, 48), "interpolation",
                "bilinear", "crop_pct", .8, "crop_mode", "center", "num_classes", 10L));
    }

    /// An architecture that is not known is told in the words of its own library.
    @Test
    void anotherArchitectureIsToldInTheWordsOfItsLibrary() throws IOException {
        Parts.of("timm-convnext/configured").saying("architecture", "convnext_large_mlp")
                .refused("ConvNeXt of timm", "convnext_large_mlp");
    }

    @Test
    void whatNothingSaysIsTorchvisions() throws IOException {
        var parts = Parts.of("torchvision-resnet/basic");
        parts.config.clear();
        var found = parts.open();
        assertThat(found.input().image().height()).isEqualTo(224);
        assertThat(found.input().image().mean()).containsExactly(.485, .456, .406);
        assertThat(found.saysNormalisation()).isFalse();
    }

    /// Logits of a few images would hardly show a stride that moved to another block, but the description does.
    @Test
    void anotherStrideIsAnotherNetwork() throws IOException {
        var dense = Parts.of("torchvision-mobilenet-v2/plain");
        var moved = Parts.of("torchvision-mobilenet-v2/plain").saying("inverted_residual_setting",
                List.of(List.of(1, 16, 1, 2), List.of(6, 24, 4, 1), List.of(4, 32, 3, 2)));
        assertThat(dense.open().remains(LayerSet.EMPTY, dense.open())).isTrue();
        assertThat(dense.open().remains(LayerSet.EMPTY, moved.open())).isFalse();
    }
}
