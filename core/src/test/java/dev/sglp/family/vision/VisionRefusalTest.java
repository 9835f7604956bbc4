package dev.sglp.family.vision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.Families;
import dev.sglp.family.ModelFile;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Configurations that say something else than what is computed here, and what is read where they say nothing.
final class VisionRefusalTest {
    @TempDir
    private Path folder;

    private ModelFile open(String model, String document, String field, Object value) throws IOException {
        var from = Fixture.Kind.VISION.folder().resolve(model);
        try (var files = Files.list(from)) {
            for (var file : files.filter(f -> !f.getFileName().toString().matches("expected.*|removal.*")).toList()) {
                Files.copy(file, folder.resolve(file.getFileName()));
            }
        }
        if (!field.isEmpty()) {
            var json = new com.fasterxml.jackson.databind.ObjectMapper().readValue(
                    folder.resolve(document).toFile(), java.util.LinkedHashMap.class);
            @SuppressWarnings("unchecked")
            var fields = (java.util.Map<String, Object>) json;
            fields.put(field, value);
            Files.writeString(folder.resolve(document), Json.pretty(fields));
        }
        return ModelFile.open(folder);
    }

    @ParameterizedTest
    @CsvSource({"vit/plain, architectures, ViTModel", "vit/tower, architectures, ViTForMaskedImageModeling",
            "vit/tower, pooler_act, relu", "clip_vision_model/whole, architectures, CLIPForImageClassification",
            "vit/plain, hidden_act, swish2", "vit/plain, attn_window, 7",
            "timm-vit/plain, architecture, eva02_tiny_patch14_224", "timm-vit/plain, global_pool, map",
            "clip_vision_model/plain, hidden_act, swish2",
            "clip_vision_model/projected, architectures, CLIPVisionModel",
            "siglip_vision_model/plain, attn_window, 7", "siglip_vision_model/plain, vision_use_head, no"})
    void whatIsNotKnownIsRefused(String model, String field, String value) {
        Object said = field.equals("architectures") ? java.util.List.of(value) : value;
        assertThatThrownBy(() -> open(model, "config.json", field, said).close()).isInstanceOf(IOException.class)
                .hasMessageContaining(field).hasMessageContaining(value);
    }

    @ParameterizedTest
    @CsvSource({"vit/plain, num_attention_heads, 3", "vit/plain, patch_size, 4", "dinov2/plain, num_hidden_layers, 5",
            "clip_vision_model/projected, projection_dim, 16", "siglip_vision_model/plain, num_attention_heads, 3",
            "torchvision-vit/plain, num_heads, 3", "timm-vit/tower, num_classes, 10",
            "vit/tower, pooler_output_size, 8"})
    void whatContradictsTheTensorsIsRefused(String model, String field, int value) {
        assertThatThrownBy(() -> open(model, "config.json", field, value).close()).isInstanceOf(IOException.class);
    }

    /// The code behind an architecture's name has another width, and other heads, than these tensors.
    @ParameterizedTest
    @CsvSource({"num_heads, 2, embed_dim", "embed_dim, 16, num_heads", "embed_dim, 24, embed_dim"})
    void whatTimmsCodeSaysOtherwiseHasToBeSaid(String said, int value, String refused) {
        assertThatThrownBy(() -> open("timm-vit/plain", "config.json", "model_args", Map.of(said, value)).close())
                .isInstanceOf(IOException.class).hasMessageContaining("model_args] config.json '" + refused + "'");
    }

    /// So that timm opens what is written whatever its architecture's own are.
    @Test
    void whatTensorsShowIsWrittenForTimm() throws IOException {
        try (var file = open("timm-vit/plain", "config.json", "model_args", Map.of("embed_dim", 16, "num_heads", 2))) {
            assertThat(file.architecture().config(LayerSet.EMPTY, List.of()).get("model_args")).isEqualTo(Map.of(
                    "embed_dim", 16, "num_heads", 2, "patch_size", 8L, "mlp_ratio", 2.5, "qkv_bias", true, "depth", 4));
        }
    }

    /// Who reads what is left would answer by one of two classifiers, or by other numbers.
    @ParameterizedTest
    @CsvSource({"deit/teacher, cls_classifier.", "deit/teacher, distillation_classifier.", "timm-vit/distilled, head.",
            "timm-vit/distilled, head_dist.", "torchvision-vit/plain, conv_proj.bias"})
    void aFileThatLacksATensorIsRefused(String model, String lacking) throws IOException {
        var from = Fixture.Kind.VISION.folder().resolve(model);
        try (var file = ModelFile.open(from)) {
            var left = new LinkedHashMap<>(file.checkpoint().tensors());
            left.keySet().removeIf(name -> name.startsWith(lacking));
            var config = Fixture.config(from);
            assertThatThrownBy(() -> {
                for (var family : Families.all()) {
                    family.detect("net", left, config);
                }
            }).isInstanceOf(IOException.class).hasMessageContaining("'" + lacking);
        }
    }

    @Test
    void pixelsThatAreNotDividedAreNormalisedByWhatIsLeft() throws IOException {
        try (var file = open("vit/plain", "preprocessor_config.json", "rescale_factor", 1 / 127.5)) {
            var input = file.architecture().input().image();
            assertThat(input.mean()).allSatisfy(m -> assertThat(m).isEqualTo(0.25));
            assertThat(input.std()).allSatisfy(s -> assertThat(s).isEqualTo(0.25));
        }
    }

    @Test
    void aFileOfTimmAloneIsTakenForTheUsual() throws IOException {
        open("timm-vit/pooled", "", "", "").close();
        Files.delete(folder.resolve("config.json"));
        try (var file = ModelFile.open(folder)) {
            assertThat(file.notes()).anyMatch(n -> n.contains("No config.json of timm"));
            assertThat(file.architecture().description()).contains("4 layers", "images of 16×16");
            assertThat(file.architecture().saysNormalisation()).isFalse();
        }
    }

    @Test
    void whatSaysHowImagesArePreparedIsRead() throws IOException {
        try (var file = open("dinov2/resized", "", "", "")) {
            var input = file.architecture().input().image();
            assertThat(input.height()).isEqualTo(24);
            assertThat(input.mean()).containsExactly(.485, .456, .406);
            assertThat(file.architecture().saysNormalisation()).isTrue();
        }
    }
}
