package dev.sglp.cli.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.Run;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.family.ModelFile;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Of pico networks: what changes, what stays, what is refused.
final class ResetClassifierTest {
    private static final Path MODELS = Path.of("src/test/resources");
    private static final List<String> NAMES = List.of("cat", "dog", "emu", "fox");

    @TempDir
    private Path folder;

    private Run reset(String model, String out, Object... more) {
        var words = new java.util.ArrayList<Object>(
                List.of("reset-classifier", MODELS.resolve(model), "--out", folder.resolve(out)));
        words.addAll(List.of(more));
        return Run.of(words.toArray());
    }

    @ParameterizedTest
    @ValueSource(strings = {"convolution/cifar-resnet/projected", "convolution/torchvision-mobilenet-v2/plain",
            "convolution/vgg/torchvision", "convolution/torchvision-convnext/plain", "vision/vit/unbiased",
            "vision/deit/plain", "vision/dinov2_with_registers/resized"})
    void onlyTheClassifierIsDrawnAnew(String model) throws IOException {
        var run = reset(model, "out", "--classes", "cat,dog,emu,fox");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("4 classes");
        try (var old = ModelFile.open(MODELS.resolve(model));
                var made = ModelFile.open(folder.resolve("out"));
                var before = old.forTraining();
                var after = made.forTraining()) {
            assertThat(made.architecture().classNames()).isEqualTo(NAMES);
            assertThat(after.all().keySet()).isEqualTo(before.all().keySet());
            var changed = after.all().entrySet().stream()
                    .filter(e -> !java.util.Arrays.equals(Tensors.toDoubles(e.getValue()),
                            Tensors.toDoubles(before.get(e.getKey()))))
                    .collect(Collectors.toMap(e -> e.getKey(), e -> e.getValue()));
            assertThat(changed).hasSizeBetween(1, 2).allSatisfy((name, tensor) -> {
                assertThat(tensor.size(0)).as(name).isEqualTo(4);
                assertThat(before.get(name).size(0)).as(name).isEqualTo(old.architecture().classes());
            });
            var matrix = changed.values().stream().filter(t -> t.dim() == 2).findFirst().orElseThrow();
            double spread = Tensors.toDoubles(matrix.std())[0];
            assertThat(spread).isBetween(0.5 / Math.sqrt(3 * matrix.size(1)), 1.6 / Math.sqrt(3 * matrix.size(1)));
        }
    }

    /// timm drops a head whose classes it is told otherwise anywhere.
    @Test
    void everyPlaceThatCountsTheClassesIsChanged() throws IOException {
        var run = reset("vision/timm-vit/clip", "out", "--classes", "cat,dog,emu,fox");
        assertThat(run.code()).as(run.err()).isZero();
        var config = new ObjectMapper().readTree(folder.resolve("out/config.json").toFile());
        assertThat(config.findValues("num_classes")).hasSize(3).allMatch(count -> count.intValue() == 4);
    }

    /// As transformers reads it, with what prepares its pictures; two classifiers are both drawn anew.
    @Test
    void aDirectoryOfTransformersStaysOne() throws IOException {
        var run = reset("vision/deit/teacher", "out", "--classes", "cat,dog,emu,fox");
        assertThat(run.code()).as(run.err()).isZero();
        var config = new ObjectMapper().readTree(folder.resolve("out/config.json").toFile());
        assertThat(config.get("id2label")).hasSize(4);
        assertThat(config.get("id2label").get("3").textValue()).isEqualTo("fox");
        assertThat(config.get("label2id").get("fox").intValue()).isEqualTo(3);
        assertThat(folder.resolve("out/preprocessor_config.json"))
                .hasSameTextualContentAs(MODELS.resolve("vision/deit/teacher/preprocessor_config.json"));
        try (var made = ModelFile.open(folder.resolve("out"))) {
            assertThat(made.checkpoint().tensors().get("distillation_classifier.weight").shape().getFirst())
                    .isEqualTo(4);
        }
        assertThat(reset("vision/deit/teacher", "out", "--classes", "a,b").code()).isEqualTo(3);
    }

    @Test
    void elementTypesStayThoseOfWhatIsRead() throws IOException {
        var half = folder.resolve("half");
        var model = MODELS.resolve("convolution/cifar-resnet/projected");
        try (var file = ModelFile.open(model); var weights = file.forReading()) {
            var types = weights.all().keySet().stream().filter(name -> name.endsWith(".weight"))
                    .collect(Collectors.toMap(name -> name, _ -> DType.F16));
            NewCheckpoint.write(weights, half, Files.readAllBytes(model.resolve("config.json")),
                    OutputFormat.SAFETENSORS, types);
        }
        assertThat(Run.of("reset-classifier", half, "--classes", "cat,dog", "--out", folder.resolve("out")).code())
                .isZero();
        try (var old = ModelFile.open(half); var made = ModelFile.open(folder.resolve("out"))) {
            assertThat(made.checkpoint().tensors().values()).allSatisfy(tensor -> assertThat(tensor.dtype())
                    .as(tensor.name()).isEqualTo(old.checkpoint().tensors().get(tensor.name()).dtype()));
            assertThat(made.checkpoint().tensors().values()).anyMatch(tensor -> tensor.dtype() == DType.F16);
        }
    }

    @Test
    void theSameSeedDrawsTheSame() throws IOException {
        var model = "convolution/cifar-resnet/projected";
        reset(model, "a", "--classes", "cat,dog");
        reset(model, "b", "--classes", "cat,dog");
        reset(model, "c", "--classes", "cat,dog", "--seed", 1);
        var first = Files.readAllBytes(folder.resolve("a/model.safetensors"));
        assertThat(Files.readAllBytes(folder.resolve("b/model.safetensors"))).isEqualTo(first);
        assertThat(Files.readAllBytes(folder.resolve("c/model.safetensors"))).isNotEqualTo(first);
    }

    @Test
    void blanksBesideACommaBelongToNoName() throws IOException {
        assertThat(reset("convolution/cifar-resnet/projected", "a", "--classes", "cat, sea horse").code()).isZero();
        assertThat(folder.resolve("a/config.json")).content().contains("\"cat\", \"sea horse\"");
    }

    @Test
    void whatItCannotDoIsRefused() {
        var model = "convolution/cifar-resnet/projected";
        assertThat(reset("decoder/llama3", "x", "--classes", "a,b").err()).contains("does not");
        assertThat(reset("vision/clip_vision_model/plain", "x", "--classes", "a,b").err()).contains(
                "and an image tower of CLIP");
        assertThat(reset(model, "x", "--classes", "a,a").err()).contains("each of its own name");
        assertThat(reset(model, "x", "--classes", "a,,b").err())
                .contains("--classes a,,b: a name between two commas is empty");
        assertThat(reset(model, "x", "--classes", "a, a").err()).contains("each of its own name");
        assertThat(reset(model, "x").err()).contains("--data or --classes");
        assertThat(reset(model, "x", "--classes", "a,b", "--data", "images:there").err())
                .contains("--data or --classes");
        assertThat(reset(model, "x", "--classes", "a,b", "--device", "cuda").err())
                .contains("--device plays no part in reset-classifier");
        assertThat(reset(model, "x", "--data", "images:nowhere").code()).isEqualTo(3);
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
