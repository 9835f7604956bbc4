package dev.sglp.data.picture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Rgb;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

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
        int square = Integer.parseInt(expected[1]);
        var reading = new Reading(1,
                square == 0 ? Preparation.NONE : Preparation.of(square, Interpolation.BILINEAR, square),
                Normalisation.NONE, Progress.silent());
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
        assertThat(set.form().words()).isEqualTo(expected[2] + "×" + expected[3] + " pixels");
        assertThat(sha256(set.pixels(0))).isEqualTo(expected[4]);
    }

    private static String sha256(byte[] planes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(planes));
    }

    private static byte[] planes(String name) throws IOException {
        return ImageDecoder.decode(file(name), name).planes();
    }

    /// Made by `images/make_webp.py`, with what Pillow reads in them as PNG.
    @ParameterizedTest
    @ValueSource(strings = {"lossless", "lossless_alpha", "lossless_few", "lossless_grey"})
    void losslessWebpIsThatOfPillow(String name) throws IOException {
        assertThat(planes(name + ".webp")).isEqualTo(planes(name + "_webp.png"));
    }

    /// Strong colours in fine patterns are where it differs most: these are made of them.
    @ParameterizedTest
    @CsvSource({"lossy, 8", "lossy_low, 9", "lossy_alpha, 8"})
    void lossyWebpIsNearThatOfPillow(String name, double mean) throws IOException {
        var found = planes(name + ".webp");
        var expected = planes(name + "_webp.png");
        assertThat(found).hasSameSizeAs(expected);
        long apart = 0;
        for (int i = 0; i < found.length; i++) {
            apart += Math.abs((found[i] & 0xFF) - (expected[i] & 0xFF));
        }
        assertThat((double) apart / found.length).isLessThan(mean);
    }

    @Test
    void webpThatMovesOrIsDamagedIsRefused() {
        assertThatThrownBy(() -> ImageDecoder.decode(file("moving.webp"), "a/moving.webp"))
                .isInstanceOf(IOException.class).hasMessageContaining("a/moving.webp").hasMessageContaining("it moves");
        for (var name : List.of("lossless.webp", "lossy.webp")) {
            var random = new java.util.Random(1);
            for (int i = 0; i < 300; i++) {
                var damaged = file(name);
                for (int k = 0; k < 3; k++) {
                    damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
                }
                try {
                    ImageDecoder.decode(damaged, "x.webp");
                } catch (IOException e) {
                    assertThat(e).hasMessageContaining("x.webp");
                }
            }
        }
    }

    /// The library makes room for the picture, whose size stands in a chunk of its own.
    @ParameterizedTest
    @ValueSource(strings = {"lossy", "lossless"})
    void webpWhosePictureIsLargerThanItsCanvasIsRefused(String name) {
        var plain = file(name + ".webp"); // RIFF, its length, WEBP, one chunk
        var picture = ByteBuffer.wrap(Arrays.copyOfRange(plain, 12, plain.length)).order(ByteOrder.LITTLE_ENDIAN);
        if (name.equals("lossy")) {
            picture.putInt(14, 0x3FFF3FFF);
        } else {
            picture.putInt(9, -1);
        }
        var extended = ByteBuffer.allocate(plain.length + 18).order(ByteOrder.LITTLE_ENDIAN).put(plain, 0, 4)
                .putInt(plain.length + 10).put(plain, 8, 4).put("VP8X".getBytes(StandardCharsets.US_ASCII)).putInt(10)
                .put(new byte[]{0, 0, 0, 0, 15, 0, 0, 15, 0, 0}).put(picture).array();
        assertThatThrownBy(() -> ImageDecoder.decode(extended, "a/bomb.webp")).isInstanceOf(IOException.class)
                .hasMessageContaining("[a/bomb.webp]")
                .hasMessageMatching("(?s).*its picture is 1638[34]×1638[34], its canvas 16×16.*");
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

    /// Phones and cameras embed one; neither Pillow's `convert("RGB")` nor torchvision applies it.
    @Test
    void anEmbeddedColourProfileChangesNoPixel() throws IOException {
        assertThat(planes("profile.jpg")).isEqualTo(planes("halved.jpg"));
        assertThat(planes("profile_grey.jpg")).isEqualTo(planes("grey.jpg"));
        assertThat(planes("profile_cmyk.jpg")).isEqualTo(planes("cmyk.jpg"));
        assertThat(planes("profile.png")).isEqualTo(planes("rgb.png"));
        assertThat(planes("profile.webp")).isEqualTo(planes("lossless.webp"));
        assertThat(planes("gamma.png")).isEqualTo(planes("rgb.png"));
    }

    /// torchvision's loader does not either.
    @Test
    void anOrientationTurnsNoPicture() throws IOException {
        assertThat(planes("turned.jpg")).isEqualTo(planes("halved.jpg"));
        assertThat(planes("turned.png")).isEqualTo(planes("rgb.png"));
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
    void thePixelsArePillowsWhateverProfileACameraWrote() throws Exception {
        for (var profile : List.of("none", "srgb", "p3", "adobe")) {
            var file = Path.of(System.getenv("SGLP_TEST_DATA"), "field", "colour-" + profile + ".jpg");
            var planes = ImageDecoder.decode(Files.readAllBytes(file), file.toString()).planes();
            assertThat(sha256(planes)).as(profile)
                    .isEqualTo("0cace4c123352315d5c33a36bef70b04ff590ea2cf210039329e22f4c3fb23d1");
        }
    }

    @Test
    void whatOthersReadInAnotherWayIsRefusedAndNamed() {
        for (var grey : List.of("deep_grey.png", "deep_grey_key.png")) {
            assertThatThrownBy(() -> planes(grey)).isInstanceOf(IOException.class)
                    .hasMessageContaining("[%s] cannot be decoded: it is grey of 16 bits".formatted(grey));
        }
        assertThatThrownBy(() -> planes("canvas.gif")).isInstanceOf(IOException.class)
                .hasMessageContaining("[canvas.gif]")
                .hasMessageContaining("its first picture is 21×14, its canvas 26×18");
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
                .hasMessageContaining("[bomb.png]")
                .hasMessageContaining("10000 million pixels, at most 1 million are read");
    }
}
