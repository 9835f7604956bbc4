package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataSpec;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.HexFormat;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class GlyphsTest {
    private static final Reading READING = Reading.with(Normalisation.NONE);

    @Test
    void theImagesAreTheSameEverywhere() throws Exception {
        var images = ImageSources.open(DataSpec.parse("glyphs:")).decode("train", IntStream.range(0, 100).toArray(),
                READING);
        var digest = MessageDigest.getInstance("SHA-256");
        IntStream.range(0, 100).forEach(i -> digest.update(images.pixels(i)));
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("c7d303f52d031eed619af1912944d26ef2cc662c88f72dfa2c7d003e23f45857");
    }

    @Test
    void splitsAndSeedsShareNoImage() throws IOException {
        var source = ImageSources.open(DataSpec.parse("glyphs:"));
        var other = ImageSources.open(DataSpec.parse("glyphs:1"));
        int[] first = IntStream.range(0, 300).toArray();
        var hashes = new java.util.HashSet<>(source.decode("train", first, READING).itemHashes());
        hashes.addAll(source.decode("test", first, READING).itemHashes());
        hashes.addAll(other.decode("test", first, READING).itemHashes());
        assertThat(hashes).hasSize(900);
    }

    @Test
    void anImageDoesNotDependOnWhatIsDrawnBesides() throws IOException {
        var source = ImageSources.open(DataSpec.parse("glyphs:3"));
        var many = source.decode("test", IntStream.range(0, 64).toArray(), READING);
        assertThat(source.decode("test", new int[]{63}, READING).pixels(0)).isEqualTo(many.pixels(63));
    }

    @Test
    void thereAreTenClassesEquallyOften() throws IOException {
        var source = ImageSources.open(DataSpec.parse("glyphs:"));
        assertThat(source.classes()).hasSize(10).contains("heart", "ring");
        assertThat(source.labels("train")).hasSize(20_000);
        assertThat(source.labels("test")).hasSize(2_000);
        assertThat(IntStream.of(source.labels("test")).filter(label -> label == 4).count()).isEqualTo(200);
    }

    @Test
    void aSeedThatIsNoNumberIsRefused() {
        assertThatThrownBy(() -> ImageSources.open(DataSpec.parse("glyphs:x")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("glyphs:SEED");
    }
}
