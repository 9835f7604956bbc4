package dev.sglp.family.vision.timm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.config.ConfigFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What is known of timm's architectures by their names, against timm's own code (`tools/make_vision_fixtures.py`).
final class TimmTraitsTest {
    private static final ConfigFields NOTHING = new ConfigFields("config.json", Map.of());

    static List<String> architectures() throws IOException {
        return Files.readAllLines(Path.of("src/test/resources/vision/timm.tsv"));
    }

    @ParameterizedTest
    @MethodSource("architectures")
    void namesSayWhatTimmsCodeSays(String line) throws IOException {
        var columns = line.split("\t");
        var found = TimmTraits.of(columns[0], NOTHING, NOTHING, Integer.parseInt(columns[1]));
        assertThat(found.heads()).isEqualTo(Integer.parseInt(columns[2]));
        TimmTraits.checkWidth(columns[0], NOTHING, Integer.parseInt(columns[1]));
        assertThat(found.epsilon()).isEqualTo(Double.parseDouble(columns[3]));
        assertThat(found.activation().name().replace("_", "")).isEqualToIgnoringCase(columns[4]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit_base_patch16_rpn_224", "eva02_base_patch14_448", "resnet50",
            "vit_base_patch16_rope_224"})
    void otherBlocksAreRefused(String architecture) {
        assertThatThrownBy(() -> TimmTraits.of(architecture, NOTHING, NOTHING, 768)).isInstanceOf(IOException.class)
                .hasMessageContaining("'architecture'").hasMessageContaining(architecture);
    }

    @Test
    void whatIsSaidCountsMoreThanTheName() throws IOException {
        var args = new ConfigFields("config.json", Map.of("num_heads", 4, "act_layer", "relu"));
        var found = TimmTraits.of("vit_tiny_patch16_224", args, NOTHING, 192);
        assertThat(found.heads()).isEqualTo(4);
        assertThat(found.activation().name()).isEqualTo("RELU");
    }

    @Test
    void argumentsThatAreNotKnownAreRefused() {
        assertThatThrownBy(() -> TimmConfig.of("f", Map.of("model_args", Map.of("block_fn", "X"))))
                .isInstanceOf(IOException.class).hasMessageContaining("block_fn");
    }
}
