package dev.sglp.cli.transfer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
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
            "convolution/vgg/torchvision", "convolution/torchvision-convnext/plain"})
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

    @Test
    void theSameSeedDrawsTheSame() throws IOException {
        var model = "convolution/cifar-resnet/projected";
        reset(model, "a", "--classes", "cat,dog");
        reset(model, "b", "--classes", "cat,dog");
        reset(model, "c", "--classes", "cat,dog", "--seed", 1);
        var first = java.nio.file.Files.readAllBytes(folder.resolve("a/model.safetensors"));
        assertThat(java.nio.file.Files.readAllBytes(folder.resolve("b/model.safetensors"))).isEqualTo(first);
        assertThat(java.nio.file.Files.readAllBytes(folder.resolve("c/model.safetensors"))).isNotEqualTo(first);
    }

    @Test
    void whatItCannotDoIsRefused() {
        var model = "convolution/cifar-resnet/projected";
        assertThat(reset("decoder/llama3", "x", "--classes", "a,b").err()).contains("does not");
        assertThat(reset("vision/vit/plain", "x", "--classes", "a,b").err()).contains("ignore_mismatched_sizes");
        assertThat(reset(model, "x", "--classes", "a,a").err()).contains("each of its own name");
        assertThat(reset(model, "x").err()).contains("--data or --classes");
        assertThat(reset(model, "x", "--classes", "a,b", "--data", "images:there").err())
                .contains("--data or --classes");
        assertThat(reset(model, "x", "--data", "images:nowhere").code()).isEqualTo(3);
        assertThat(folder.resolve("x")).doesNotExist();
    }
}
