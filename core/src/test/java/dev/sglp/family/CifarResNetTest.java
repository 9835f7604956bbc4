package dev.sglp.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.CifarHeader;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.family.convolution.network.residual.CifarResNet;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// CIFAR ResNets from names and shapes alone.
final class CifarResNetTest {
    private static Architecture detect(Map<String, TensorInfo> tensors, Map<String, Object> config)
            throws IOException {
        return new CifarResNet().detect("net.pth", tensors, config).orElseThrow();
    }

    private static LinkedHashMap<String, TensorInfo> resNet20() {
        return CifarHeader.resNet(20).tensors();
    }

    /// Parameters as its authors' reimplementation prints them (akamaster/pytorch_resnet_cifar10).
    @ParameterizedTest
    @CsvSource({"20, 269722", "32, 464154", "44, 658586", "56, 853018", "110, 1727962", "1202, 19421274"})
    void theDepthsOfThePaperAreKnown(int depth, long parameters) throws IOException {
        var found = detect(CifarHeader.resNet(depth).tensors(), Map.of());
        int blocks = (depth - 2) / 6;
        assertThat(found.description()).contains("ResNet-" + depth).contains("10 classes");
        assertThat(found.layers()).hasSize(3 * blocks);
        assertThat(found.parameters()).isEqualTo(parameters);
        assertThat(found.layers().stream().filter(l -> !l.removable())).extracting(Architecture.LayerCost::name)
                .containsExactly("layer2.0", "layer3.0");
        assertThat(found.layers().getLast().name()).isEqualTo("layer3." + (blocks - 1));
        assertThat(found.layers().getLast().output()).containsExactly(64L, 8L, 8L);
    }

    /// Convolutions and the head, one multiplication and one addition each: 40.55 M and 125.49 M.
    @ParameterizedTest
    @CsvSource({"20, 40.55e6", "56, 125.49e6"})
    void multiplicationsAreCountedAsOthersCountThem(int depth, double macs) throws IOException {
        assertThat((double) detect(CifarHeader.resNet(depth).tensors(), Map.of()).macs()).isCloseTo(macs,
                within(0.005e6));
    }

    @Test
    void blocksAreRenumberedAndTheConfigSaysTheDepths() throws IOException {
        var found = detect(resNet20(), Map.of());
        var removed = LayerSet.of(1, 4, 8); // layer1.1, layer2.1, layer3.2
        var names = found.renamed(removed);
        assertThat(names).doesNotContainKey("layer1.1.conv1.weight")
                .containsEntry("layer1.2.conv1.weight", "layer1.1.conv1.weight")
                .containsEntry("layer2.2.bn1.bias", "layer2.1.bn1.bias")
                .containsEntry("layer3.1.conv2.weight", "layer3.1.conv2.weight")
                .containsEntry("linear.bias", "linear.bias");
        assertThat(names.values()).doesNotHaveDuplicates();
        var config = found.config(removed, List.of());
        assertThat(config).containsEntry("family", "cifar-resnet").containsEntry("depths", List.of(2, 2, 2))
                .containsEntry("widths", List.of(16L, 32L, 64L)).containsEntry("classes", 10)
                .containsEntry("input_size", 32);
        assertThat(found.openWith(removed)).contains("depths=[2, 2, 2]").contains("load_file");
    }

    @Test
    void aNetworkWithoutItsFirstStageStillOpens() throws IOException {
        var found = detect(new CifarHeader(List.of(0, 2, 3), 16, 10).tensors(), Map.of());
        assertThat(found.layers()).extracting(Architecture.LayerCost::name).containsExactly("layer2.0", "layer2.1",
                "layer3.0", "layer3.1", "layer3.2");
        assertThat(found.description()).contains("0-2-3");
    }

    @Test
    void filesWithoutCountersOpenToo() throws IOException {
        var tensors = resNet20();
        tensors.keySet().removeIf(n -> n.endsWith("num_batches_tracked"));
        assertThat(detect(tensors, Map.of()).parameters()).isEqualTo(269_722);
    }

    private static void refused(Map<String, TensorInfo> tensors, String... parts) {
        assertThatThrownBy(() -> detect(tensors, Map.of())).isInstanceOf(IOException.class)
                .hasMessageContaining("net.pth").satisfies(e -> assertThat(e.getMessage()).contains(parts));
    }

    @ParameterizedTest
    @ValueSource(strings = {"layer1.0.conv2.weight", "layer2.1.bn1.running_var", "linear.bias", "bn1.weight"})
    void aMissingTensorIsNamed(String name) {
        var tensors = resNet20();
        tensors.remove(name);
        refused(tensors, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"layer3.0.shortcut.0.weight", "fc.weight", "layer1.7.conv1.weight",
            "layer1.0.conv3.weight"})
    void aTensorTooManyIsNamed(String name) {
        var tensors = resNet20();
        tensors.put(name, new TensorInfo(name, DType.F32, List.of(16L)));
        refused(tensors, name);
    }

    @ParameterizedTest
    @ValueSource(strings = {"layer1.0.conv2.weight", "layer2.0.conv1.weight", "linear.weight", "conv1.weight",
            "layer3.2.bn2.bias"})
    void aWrongShapeIsNamed(String name) {
        var tensors = resNet20();
        tensors.put(name, new TensorInfo(name, DType.F32, List.of(5L, 7L)));
        refused(tensors, name);
    }

    @Test
    void aTransposedWeightIsNamedWithBothShapes() {
        var tensors = resNet20();
        tensors.put("layer2.0.conv1.weight",
                new TensorInfo("layer2.0.conv1.weight", DType.F32, List.of(32L, 32L, 3L, 3L)));
        refused(tensors, "layer2.0.conv1.weight", "[32, 32, 3, 3]", "[32, 16, 3, 3]");
    }

    @ParameterizedTest
    @ValueSource(strings = {"layer1.0.conv2.weight", "bn1.running_mean"})
    void integersAreNoWeights(String name) {
        var tensors = resNet20();
        tensors.put(name, new TensorInfo(name, DType.I32, tensors.get(name).shape()));
        refused(tensors, name, "I32");
    }

    @Test
    void aConfigThatContradictsTheHeadIsRefused() {
        assertThatThrownBy(() -> detect(resNet20(), Map.of("class_names", List.of("cat", "dog"))))
                .isInstanceOf(IOException.class).hasMessageContaining("2 classes").hasMessageContaining("10");
        for (var wrong : List.<Map<String, Object>>of(Map.of("input_size", 0), Map.of("input_size", 1 << 30),
                Map.of("normalisation", Map.of("mean", List.of(0.5), "std", List.of(1, 1, 1))),
                Map.of("normalisation", Map.of("mean", List.of(0, 0, 0), "std", List.of(1, 0, 1))))) {
            assertThatThrownBy(() -> detect(resNet20(), wrong)).as("%s", wrong).isInstanceOf(IOException.class)
                    .hasMessageContaining("config.json");
        }
    }

    /// Nothing is taken for granted where something else is said.
    @Test
    void aConfigWithValuesOfAnotherTypeIsRefused() {
        refused("'input_size': expected a whole number from 1 to 16777216, got \"64\"", Map.of("input_size", "64"));
        refused("'class_names': expected a list, got \"cat\"", Map.of("class_names", "cat"));
        refused("'normalisation': expected an object, got \"imagenet\"", Map.of("normalisation", "imagenet"));
        refused("'mean': expected a list of numbers, got [\"0.5\",0.5,0.5]",
                Map.of("normalisation", Map.of("mean", List.of("0.5", 0.5, 0.5))));
    }

    private static void refused(String why, Map<String, Object> config) {
        assertThatThrownBy(() -> detect(resNet20(), config)).isInstanceOf(IOException.class).hasMessageContaining(why);
    }

    @Test
    void weightsThatAreNotNumbersAreNamed(@TempDir Path folder) throws IOException {
        var path = folder.resolve("net.safetensors");
        CifarHeader.write(path, new CifarHeader(List.of(1, 1, 1), 4, 3).tensors(), 1);
        try (var file = ModelFile.open(path); var weights = file.forReading()) {
            assertThat(weights.all()).isNotEmpty();
        }
        var bytes = Files.readAllBytes(path); // the last tensor is linear.bias
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.NaN);
        Files.write(path, bytes);
        try (var file = ModelFile.open(path)) {
            assertThatThrownBy(file::forReading).isInstanceOf(IOException.class).hasMessageContaining("linear.bias")
                    .hasMessageContaining("net.safetensors").hasMessageContaining("NaN");
        }
    }

    @Test
    void anotherNetworkIsNoneOfTheKnownFamilies(@TempDir Path folder) throws IOException {
        var path = folder.resolve("other.safetensors");
        CifarHeader.write(path, Map.of("fc1.weight", new TensorInfo("fc1.weight", DType.F32, List.of(2L, 2L))), 1);
        assertThatThrownBy(() -> ModelFile.open(path)).isInstanceOf(IOException.class)
                .hasMessageContaining("cifar-resnet").hasMessageContaining("fc1.weight")
                .hasMessageContaining("other.safetensors");
    }
}
