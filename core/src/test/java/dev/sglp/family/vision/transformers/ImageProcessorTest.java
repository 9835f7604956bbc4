package dev.sglp.family.vision.transformers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.data.image.Drawn;
import dev.sglp.data.image.Normalisation;
import dev.sglp.family.config.ConfigFields;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/// `preprocessor_config.json` means what transformers takes it for.
final class ImageProcessorTest {
    private static final List<Double> HALF = List.of(.5, .5, .5);

    static Stream<JsonNode> cases() throws IOException {
        return Drawn.cases("transformers");
    }

    private static ImageProcessor read(Map<String, Object> fields) throws IOException {
        return ImageProcessor.of(new ConfigFields("preprocessor_config.json", fields), HALF, HALF);
    }

    private static ImageProcessor read(String json) throws IOException {
        return read(new ObjectMapper().readValue(json, new TypeReference<Map<String, Object>>() {
        }));
    }

    @ParameterizedTest
    @MethodSource("cases")
    void picturesAreThoseOfTransformers(JsonNode expected) throws IOException {
        var said = read(expected.get("config").toString());
        Drawn.check(expected, said.preparation(), new Normalisation(said.mean(), said.std()));
    }

    /// What is written for a preparation is read as the same.
    @ParameterizedTest
    @MethodSource("cases")
    void whatIsWrittenIsReadAgain(JsonNode expected) throws IOException {
        var said = read(expected.get("config").toString());
        var fields = ImageProcessor.fields(said.preparation());
        fields.putAll(ImageProcessor.normalisation(said.mean(), said.std()));
        assertThat(read(fields)).isEqualTo(said);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"{'do_pad': true} | do_pad", "{'resample': 1} | resample",
            "{'size': {'longest_edge': 9}} | height",
            "{'size': {'shortest_edge': 9, 'longest_edge': 12}} | longest_edge",
            "{'image_processor_type': 'LevitImageProcessor'} | LevitImageProcessor",
            "{'do_flip_channel_order': true} | do_flip_channel_order",
            "{'size': {'shortest_edge': 100000}} | 8192 pixels",
            "{'image_processor_type': 'ConvNextImageProcessor', 'size': {'height': 9, 'width': 9}} | shortest_edge"})
    void whatIsNotKnownIsRefusedByName(String json, String name) {
        assertThatThrownBy(() -> read(json.replace('\'', '"'))).isInstanceOf(IOException.class)
                .hasMessageContaining(name);
    }

    @Test
    void aFileThatSaysNothingIsThatOfAVit() throws IOException {
        var said = read(Map.of());
        assertThat(said.preparation().toString()).isEqualTo("resized to 224×224, bilinear");
        assertThat(said.mean()).isEqualTo(HALF);
        assertThat(read(Map.of("feature_extractor_type", "CLIPFeatureExtractor")).preparation().toString())
                .isEqualTo(Preparation.of(224, Interpolation.BICUBIC, 224).toString());
    }
}
