package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageRoles.Settings;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;

/// The numbers were computed with Pillow 13 (libjpeg-turbo 3.2) over the same files in the same order.
@EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
final class Cifar10JpegTest {
    private static final Reading READING = Reading.with(Normalisation.IMAGENET);

    private static ImageSource open() throws IOException {
        var zip = Path.of(System.getenv("SGLP_TEST_DATA"), "data", "cifar10-jpeg.zip");
        return ImageSources.open(DataSpec.parse(zip.toString()));
    }

    private static long[] sums(ImageSet images, int item) {
        var sums = new long[3];
        byte[] pixels = images.pixels(item);
        for (int i = 0; i < pixels.length; i++) {
            sums[i / 1024] += pixels[i] & 0xFF;
        }
        return sums;
    }

    @Test
    void theZipHasAllOfCifar10() throws IOException {
        var source = open();
        assertThat(source.splits()).containsExactly("test", "train");
        assertThat(source.labels("train")).hasSize(50_000);
        assertThat(source.classes()).containsExactly("airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                "horse",
                "ship", "truck");
        var some = source.decode("train", new int[]{0, 1234, 49_999}, READING);
        assertThat(some.labels()).containsExactly(0, 0, 9);
        assertThat(sums(some, 0)).containsExactly(151732, 152266, 152422);
        assertThat(sums(some, 1)).containsExactly(161269, 204618, 231054);
        assertThat(sums(some, 2)).containsExactly(84567, 112171, 125367);
    }

    @Test
    void everyTestPixelIsTheOneThatPillowReads() throws Exception {
        var images = open().decode("test", READING);
        var digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < images.size(); i++) {
            digest.update(images.pixels(i));
        }
        assertThat(images.size()).isEqualTo(10_000);
        assertThat(HexFormat.of().formatHex(digest.digest()))
                .isEqualTo("2fb7dfcd1893f37e705d81075b9d9d7245d714b136474baa19c48f02d7a6f670");
    }

    @Test
    void theDefaultRolesAreDisjoint() throws IOException {
        var roles = ImageRoles.open(Settings.of(open(), READING));
        assertThat(roles.overlaps()).isEmpty();
        assertThat(roles.calibration().name()).isEqualTo("cifar10-jpeg.zip, train, 128 images sampled with seed 0");
        assertThat(roles.verification().size()).isEqualTo(1024);
        assertThat(roles.report().size()).isEqualTo(10_000);
    }
}
