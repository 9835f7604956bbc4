package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.image.Rgb;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/// The images and what Pillow reads in them were made by `images/make_images.py`.
final class ImageDecoderTest {
    private static byte[] file(String name) {
        try (var in = Objects.requireNonNull(ImageDecoderTest.class.getResourceAsStream("/images/" + name))) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static Stream<String> expectations() {
        return new String(file("expected.txt"), StandardCharsets.UTF_8).lines();
    }

    @ParameterizedTest
    @MethodSource("expectations")
    void pixelsAreThoseThatPillowReads(String line) throws Exception {
        String[] expected = line.split(" "); // file, size asked for, width, height, SHA-256 of the planes
        var reading = new Reading(1, Integer.parseInt(expected[1]), Normalisation.NONE, Progress.silent());
        var labels = new Labels(new int[]{0}, List.of("only"));
        var set = new Decoding("one", labels, reading).run(new Decoding.Reader() {
            @Override
            public Rgb read(int position) throws IOException {
                return ImageDecoder.decode(file(expected[0]), expected[0]);
            }

            @Override
            public String where(int position) {
                return expected[0];
            }
        });
        assertThat(set.width() + "×" + set.height()).isEqualTo(expected[2] + "×" + expected[3]);
        byte[] digest = MessageDigest.getInstance("SHA-256").digest(set.pixels(0));
        assertThat(HexFormat.of().formatHex(digest)).isEqualTo(expected[4]);
    }

    @Test
    void aCutFileIsRefusedAndNamed() {
        assertThatThrownBy(() -> ImageDecoder.decode(file("cut.jpg"), "z.zip:a/cut.jpg"))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("[z.zip:a/cut.jpg]").hasMessageContaining("cut off")
                .hasMessageContaining("Remove it");
        byte[] png = file("rgb.png");
        assertThatThrownBy(() -> ImageDecoder.decode(Arrays.copyOf(png, png.length / 2), "cut.png"))
                .isInstanceOf(IOException.class).hasMessageContaining("[cut.png] cannot be decoded");
    }

    @Test
    void aFourColourJpegIsRefusedAndNamed() {
        assertThatThrownBy(() -> ImageDecoder.decode(file("cmyk.jpg"), "cmyk.jpg")).isInstanceOf(IOException.class)
                .hasMessageContaining("[cmyk.jpg]").hasMessageContaining("its colours are CMYK");
    }

    @Test
    void whatIsNoImageIsRefusedAndNamed() {
        assertThatThrownBy(() -> ImageDecoder.decode("<html>".getBytes(StandardCharsets.UTF_8), "page.jpg"))
                .isInstanceOf(IOException.class).hasMessageContaining("[page.jpg] is not a JPEG");
    }

    @Test
    void aHeaderThatPromisesTooMuchIsRefusedBeforeAnythingIsAllocated() {
        byte[] png = file("rgb.png");
        ByteBuffer.wrap(png).putInt(16, 100_000).putInt(20, 100_000); // width and height in IHDR
        assertThatThrownBy(() -> ImageDecoder.decode(png, "bomb.png")).isInstanceOf(IOException.class)
                .hasMessageContaining("[bomb.png]").hasMessageContaining("10000 million pixels, at most 1 are read");
    }
}
