package dev.sglp.family.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.Architecture;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.Families;
import dev.sglp.model.LayerSet;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.report.Json;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// torchvision's networks in full size, by their headers (`tools/make_convolution_fixtures.py`).
final class PublishedSizesTest {
    /// Where what opens them stays (`tools/open_convolutions.py`).
    private static final String WRITTEN = System.getProperty("sglp.written", "");
    private static final Path HEADERS = Path.of("src/test/resources/convolution/headers.json");

    /// @param gmacs       billions of multiplications for one image, as torchvision publishes them
    /// @param activations numbers that a pass over one image makes, counted where PyTorch makes them
    /// @param resize      the shorter side to which the presets of its first weights resize
    private record Header(long parameters, double gmacs, long activations, int resize,
            LinkedHashMap<String, List<Long>> tensors) {}

    private static Header header(String name) throws IOException {
        return new ObjectMapper().readValue(HEADERS.toFile(), new TypeReference<Map<String, Header>>() {
        }).get(name);
    }

    private static Architecture architecture(Header header) throws IOException {
        var tensors = new LinkedHashMap<String, TensorInfo>();
        header.tensors.forEach((name, shape) -> tensors.put(name, new TensorInfo(name,
                name.endsWith("num_batches_tracked") ? DType.I64 : DType.F32, shape)));
        for (var family : Families.all()) {
            var found = family.detect("net.pth", tensors, Map.of());
            if (found.isPresent()) {
                return found.get();
            }
        }
        throw new IOException("no family");
    }

    /// The number of layers that can go is counted by hand from the papers' tables.
    @ParameterizedTest
    @CsvSource({"ResNet18, 'ResNet-18, 2-2-2-2 blocks, 1000 classes', 8, 5",
            "ResNet34, 'ResNet-34, 3-4-6-3 blocks, 1000 classes', 16, 13",
            "ResNet50, 'ResNet-50, 3-4-6-3 blocks, 1000 classes', 16, 12",
            "ResNet101, 'ResNet-101, 3-4-23-3 blocks, 1000 classes', 33, 29",
            "ResNet152, 'ResNet-152, 3-8-36-3 blocks, 1000 classes', 50, 46",
            "ResNeXt50_32X4D, 'ResNeXt-50, 3-4-6-3 blocks, 1000 classes', 16, 12",
            "ResNeXt101_32X8D, 'ResNeXt-101, 3-4-23-3 blocks, 1000 classes', 33, 29",
            "Wide_ResNet50_2, 'wide ResNet-50, 3-4-6-3 blocks, 1000 classes', 16, 12",
            "Wide_ResNet101_2, 'wide ResNet-101, 3-4-23-3 blocks, 1000 classes', 33, 29",
            "MobileNet_V2, 'MobileNetV2, 17 blocks, 1000 classes', 17, 10",
            "VGG11, 'VGG-11, 8 convolutions, 1000 classes', 7, 3",
            "VGG13, 'VGG-13, 10 convolutions, 1000 classes', 9, 5",
            "VGG16_BN, 'VGG-16 with batch norm, 13 convolutions, 1000 classes', 12, 8",
            "VGG19, 'VGG-19, 16 convolutions, 1000 classes', 15, 11",
            "ConvNeXt_Tiny, 'ConvNeXt-Tiny, 3-3-9-3 blocks, 1000 classes', 21, 18",
            "ConvNeXt_Base, 'ConvNeXt-Base, 3-3-27-3 blocks, 1000 classes', 39, 36",
            "ConvNeXt_Small, 'ConvNeXt-Small, 3-3-27-3 blocks, 1000 classes', 39, 36",
            "ConvNeXt_Large, 'ConvNeXt-Large, 3-3-27-3 blocks, 1000 classes', 39, 36",
            "ResNeXt101_64X4D, 'ResNeXt-101, 3-4-23-3 blocks, 1000 classes', 33, 29"})
    void parametersAndMultiplicationsAreTheirs(String name, String description, int layers, int removable)
            throws IOException {
        var header = header(name);
        var found = architecture(header);
        assertThat(found.description()).isEqualTo(description);
        assertThat(found.parameters()).isEqualTo(header.parameters);
        assertThat(found.macs() / 1e9).isCloseTo(header.gmacs, within(0.0015 + 0.001 * header.gmacs));
        assertThat(found.activations()).isEqualTo(header.activations);
        assertThat(found.input().image().preparation())
                .isEqualTo(Preparation.of(header.resize, Interpolation.BILINEAR, 224));
        assertThat(found.layers()).hasSize(layers);
        assertThat(found.layers().stream().filter(Architecture.LayerCost::removable)).hasSize(removable);
        write(name, header, found);
    }

    /// Three linear layers behind one place of each channel, as networks for CIFAR-100 have them.
    @Test
    void aClassifierOfOnePlaceLooksAtSmallPictures() throws IOException {
        var header = header("VGG16_BN");
        assertThat(architecture(header).input()).isInstanceOfSatisfying(Input.Image.class,
                image -> assertThat(List.of(image.height(), image.width())).containsOnly(224));
        var shapes = List.of(List.of(512L, 512L), List.of(512L, 512L), List.of(100L, 512L));
        for (int i = 0; i < shapes.size(); i++) {
            header.tensors.put("classifier.%d.weight".formatted(3 * i), shapes.get(i));
            header.tensors.put("classifier.%d.bias".formatted(3 * i), shapes.get(i).subList(0, 1));
        }
        var found = architecture(header);
        assertThat(found.description()).isEqualTo("VGG-16 with batch norm, 13 convolutions, 100 classes");
        assertThat(found.input()).isInstanceOfSatisfying(Input.Image.class,
                image -> assertThat(List.of(image.height(), image.width())).containsOnly(32));
    }

    /// Every other layer that can go goes: the lines of Python that open the rest, and the shapes it has.
    private static void write(String name, Header header, Architecture found) throws IOException {
        var free = IntStream.range(0, found.layers().size()).filter(i -> found.layers().get(i).removable()).toArray();
        var removed = LayerSet.of(IntStream.range(0, free.length).filter(i -> i % 2 == 0).map(i -> free[i]).toArray());
        var shapes = new LinkedHashMap<String, List<Long>>();
        found.renamed(removed).forEach((old, now) -> shapes.put(now, header.tensors.get(old)));
        assertThat(shapes).hasSizeLessThan(header.tensors.size()).doesNotContainValue(null);
        if (!WRITTEN.isEmpty()) {
            var out = Files.createDirectories(Path.of(WRITTEN, "full", name));
            Files.writeString(out.resolve("open.py"), found.openWith(removed));
            Files.writeString(out.resolve("shapes.json"), Json.pretty(shapes));
        }
    }
}
