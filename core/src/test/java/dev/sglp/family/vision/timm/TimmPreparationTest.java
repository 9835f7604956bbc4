package dev.sglp.family.vision.timm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.data.image.Drawn;
import dev.sglp.data.image.Normalisation;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.fault.UsageException;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// timm's configuration means what `create_transform` takes it for.
final class TimmPreparationTest {
    static Stream<JsonNode> cases() throws IOException {
        return Drawn.cases("timm");
    }

    private static ConfigFields fields(String json) throws IOException {
        return new ConfigFields("config.json",
                new ObjectMapper().readValue(json, new TypeReference<Map<String, Object>>() {
                }));
    }

    private static Size input(JsonNode config) {
        return new Size(config.get("input_size").get(1).asInt(), config.get("input_size").get(2).asInt());
    }

    @ParameterizedTest
    @MethodSource("cases")
    void picturesAreThoseOfTimm(JsonNode expected) throws IOException {
        var config = expected.get("config");
        var fields = fields(config.toString());
        Drawn.check(expected, TimmPreparation.of(fields, input(config)),
                new Normalisation(fields.numbers("mean", Normalisation.IMAGENET.mean()),
                        fields.numbers("std", Normalisation.IMAGENET.std())));
    }

    @Test
    void whatIsWrittenIsReadAgain() throws IOException {
        for (int side : List.of(14, 224, 299, 384)) {
            for (int larger : IntStream.rangeClosed(side, 2 * side).toArray()) {
                var made = Preparation.of(larger, Interpolation.BICUBIC, side);
                var written = new ConfigFields("config.json", TimmPreparation.fields(made));
                assertThat(TimmPreparation.of(written, new Size(side, side))).isEqualTo(made);
            }
        }
        assertThat(TimmPreparation.fields(Preparation.of(256, Interpolation.BICUBIC, 224)))
                .containsEntry("crop_pct", 0.875);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{'crop_mode': 'border'} | crop_mode",
            "{'interpolation': 'lanczos'} | lanczos",
            "{'interpolation': 'random'} | random", "{'crop_pct': 2} | crop_pct"})
    void whatIsNotKnownIsRefusedByName(String json, String name) {
        assertThatThrownBy(() -> TimmPreparation.of(fields(json.replace('\'', '"')), new Size(14, 14)))
                .isInstanceOf(IOException.class).hasMessageContaining(name);
    }

    @Test
    void whatTimmCannotSayIsRefused() {
        assertThatThrownBy(() -> TimmPreparation.fields(Preparation.NONE)).isInstanceOf(UsageException.class);
        assertThatThrownBy(() -> TimmPreparation.fields(Preparation.of(100, Interpolation.BILINEAR, 224)))
                .isInstanceOf(UsageException.class).hasMessageContaining("resized to 100");
    }
}
