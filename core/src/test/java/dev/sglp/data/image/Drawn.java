package dev.sglp.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Oracle;
import dev.sglp.data.item.Rgb;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.List;
import java.util.stream.StreamSupport;
import java.util.stream.Stream;
import javax.imageio.ImageIO;

/// The pictures of `tools/make_preparation_fixtures.py`, and what other libraries make of them.
public final class Drawn {
    private static final int STEP = 7;

    private Drawn() {}

    public static Rgb picture(String name) throws IOException {
        var image = ImageIO.read(Oracle.file("../preparation/" + name + ".png").normalize().toFile());
        var rgb = Rgb.empty(image.getHeight(), image.getWidth());
        int plane = rgb.height() * rgb.width();
        for (int i = 0; i < plane; i++) {
            int colour = image.getRGB(i % rgb.width(), i / rgb.width());
            for (int channel = 0; channel < 3; channel++) {
                rgb.planes()[channel * plane + i] = (byte) (colour >> 16 - 8 * channel);
            }
        }
        return rgb;
    }

    /// What `library` makes of them.
    public static Stream<JsonNode> cases(String library) throws IOException {
        var all = new ObjectMapper().readTree(Oracle.file("../preparation/expected.json").normalize().toFile());
        return StreamSupport.stream(all.get(library).spliterator(), false);
    }

    /// Every seventh normalised value is that of the other library, to the sixth place.
    public static void check(JsonNode expected, Preparation preparation, Normalisation by) throws IOException {
        var picture = picture(expected.get("image").asText());
        var reading = new Reading(1, preparation, by, Progress.silent());
        var set = new Decoding("one", new Labels(new int[]{0}, List.of("only")), reading)
                .run(new Decoding.Reader() {
                    @Override
                    public Rgb read(int position) {
                        return picture;
                    }

                    @Override
                    public String where(int position) {
                        return expected.get("image").asText();
                    }
                });
        if (expected.has("shape")) {
            assertThat(set.form().shape()).as(expected.toString())
                    .containsExactly(expected.get("shape").get(0).asLong(), expected.get("shape").get(1).asLong(),
                            expected.get("shape").get(2).asLong());
        }
        try (var _ = Scope.open()) {
            var values = Tensors.toDoubles(set.batch(0, 1).inputs());
            var wanted = expected.get("values");
            assertThat(wanted.size()).isEqualTo(Math.ceilDiv(values.length, STEP));
            for (int i = 0; i < wanted.size(); i++) {
                double sure = 1e-6 * Math.max(1, Math.abs(wanted.get(i).asDouble()));
                assertThat(values[STEP * i]).as("%d of %s", i, expected).isCloseTo(wanted.get(i).asDouble(),
                        within(sure));
            }
        }
    }
}
