package dev.sglp.family.vision.torchvision;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TorchvisionVitTest {
    private final Map<String, TensorInfo> tensors = new LinkedHashMap<>();

    private void put(String name, long... shape) {
        tensors.put(name, new TensorInfo(name, DType.F32, Arrays.stream(shape).boxed().toList()));
    }

    private void putMap(String name, long out, long in) {
        put(name + "weight", out, in);
        put(name + "bias", out);
    }

    private void putNorm(String name, long width) {
        put(name + ".weight", width);
        put(name + ".bias", width);
    }

    private void putNetwork(long width, int depth, long patch, long image) {
        put("class_token", 1, 1, width);
        put("conv_proj.weight", width, 3, patch, patch);
        put("conv_proj.bias", width);
        put("encoder.pos_embedding", 1, 1 + image / patch * (image / patch), width);
        for (int i = 0; i < depth; i++) {
            var layer = "encoder.layers.encoder_layer_%d.".formatted(i);
            putNorm(layer + "ln_1", width);
            putMap(layer + "self_attention.in_proj_", 3 * width, width);
            putMap(layer + "self_attention.out_proj.", width, width);
            putNorm(layer + "ln_2", width);
            putMap(layer + "mlp.0.", 4 * width, width);
            putMap(layer + "mlp.3.", width, 4 * width);
        }
        putNorm("encoder.ln", width);
        putMap("heads.head.", 1000, width);
    }

    /// As the transforms of torchvision 0.25's first weights say: `ViT_L_16_Weights.IMAGENET1K_V1.transforms()`.
    @ParameterizedTest
    @CsvSource({"768, 12, 16, 224, 256", "768, 12, 32, 224, 256", "1024, 24, 16, 224, 242", "1024, 24, 32, 224, 256"})
    void picturesArePreparedAsItsPresetsSay(long width, int depth, long patch, int image, int resized)
            throws IOException {
        putNetwork(width, depth, patch, image);
        var found = new TorchvisionVit().detect("vit.pth", tensors, Map.of()).orElseThrow();
        assertThat(found.input().image().preparation())
                .isEqualTo(Preparation.of(resized, Interpolation.BILINEAR, image));
        assertThat(List.of(found.classes(), found.layers().size())).containsExactly(1000, depth);
    }
}
