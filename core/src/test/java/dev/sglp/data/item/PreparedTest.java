package dev.sglp.data.item;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import dev.sglp.data.image.Drawn;
import dev.sglp.data.image.Normalisation;
import dev.sglp.preparation.Extent;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation.Resize;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.StreamSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// Pictures resized and cut are those of Pillow and torchvision, bit for bit.
final class PreparedTest {
    static Stream<JsonNode> pillow() throws IOException {
        return Drawn.cases("pillow");
    }

    static Stream<JsonNode> torchvision() throws IOException {
        return Drawn.cases("torchvision");
    }

    private static Interpolation how(JsonNode expected) {
        return Interpolation.named(expected.get("interpolation").asText()).orElseThrow();
    }

    @ParameterizedTest
    @MethodSource("pillow")
    void resizedAsPillowDoes(JsonNode expected) throws Exception {
        var size = new Size(expected.get("height").asInt(), expected.get("width").asInt());
        var by = new Preparation(Optional.of(new Resize(new Extent.Exact(size), how(expected))), Optional.empty());
        assertThat(sha256(Prepared.of(Drawn.picture(expected.get("image").asText()), by)))
                .isEqualTo(expected.get("sha256").asText());
    }

    @ParameterizedTest
    @MethodSource("torchvision")
    void resizedAndCutAsTorchvisionDoes(JsonNode expected) throws Exception {
        var resize = Optional.ofNullable(expected.get("resize")).map(r -> new Resize(
                r.isArray() ? new Extent.Exact(size(r)) : new Extent.Shortest(r.asInt()), how(expected)));
        var crop = Optional.ofNullable(expected.get("crop")).map(c -> new Crop(size(c), Centre.EVEN));
        var by = new Preparation(resize, crop);
        var made = Prepared.of(Drawn.picture(expected.get("image").asText()), by);
        assertThat(made.form().words()).isEqualTo("%d×%d pixels".formatted(expected.get("width").asInt(),
                expected.get("height").asInt()));
        assertThat(sha256(made)).isEqualTo(expected.get("sha256").asText());
        if (expected.has("values")) {
            Drawn.check(expected, by, Normalisation.parse(joined(expected.get("mean")), joined(expected.get("std"))));
        }
    }

    private static Size size(JsonNode sides) {
        return sides.isArray()
                ? new Size(sides.get(0).asInt(), sides.get(1).asInt())
                : new Size(sides.asInt(), sides.asInt());
    }

    private static String joined(JsonNode numbers) {
        return StreamSupport.stream(numbers.spliterator(), false).map(JsonNode::asText)
                .collect(Collectors.joining(","));
    }

    private static String sha256(Rgb image) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(image.planes()));
    }

    @Test
    void aThinPictureThatWouldBecomeHugeIsRefused() {
        var by = Preparation.of(4096, Interpolation.BILINEAR, 224);
        assertThatThrownBy(() -> Prepared.of(Rgb.empty(1, 9000), by)).isInstanceOf(IOException.class)
                .hasMessageContaining("9000×1").hasMessageContaining("36864000×4096");
    }
}
