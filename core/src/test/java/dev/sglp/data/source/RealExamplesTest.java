package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A thousand photographs and three thousand spoken digits, where `SGLP_TEST_DATA` has them.
final class RealExamplesTest {
    /// SHA-256 of all planes in the order of the names, from Pillow 13.0 and torchvision 0.29 (`Resize(R, …)`, `CenterCrop(224)`).
    @ParameterizedTest
    @CsvSource({"256, BILINEAR, c869621b9530303e8f1ffa14b6f9a0c31b4fa27a8b516d0d116e61c7ed9e4cc1",
            "232, BILINEAR, 603e9455018081fbfadc436ec1a68df7385ade11f3900d186bd521e56911ba70",
            "248, BICUBIC, 52b8622a503a3383635fd543ce1af7d05170fd7e51d9aaf3b87713616b749ed9"})
    void photographsArePreparedAsTorchvisionDoes(int shorter, Interpolation how, String sha256) throws Exception {
        var source = ImageSources.open(DataSpec.parse("images:" + Oracle.real("data/imagenet-sample.zip")));
        assertThat(source.classes()).hasSize(1000).startsWith("n01440764", "n01443537").endsWith("n15075141");
        assertThat(source.labels("val")[999]).isEqualTo(999);
        var set = source.decode("val",
                new Reading(2, Preparation.of(shorter, how, 224), Normalisation.IMAGENET, Progress.silent()));
        assertThat(set.form().shape()).containsExactly(3L, 224L, 224L);
        var digest = MessageDigest.getInstance("SHA-256");
        for (int i = 0; i < set.size(); i++) {
            digest.update(set.pixels(i));
        }
        assertThat(HexFormat.of().formatHex(digest.digest())).isEqualTo(sha256);
    }

    /// The sums of all values, and of what they are without their sign, from numpy in float64.
    @Test
    void spokenDigitsPlayTheirRoles() throws IOException {
        var source = ImageSources.signals(DataSpec.parse("arrays:" + Oracle.real("data/spoken-digits.npz")));
        var roles = ImageRoles.open(
                ImageRoles.Settings.of(source, Reading.with(Normalisation.NONE)).withCounts(128, 1024, 0));
        assertThat(roles.calibration().name()).isEqualTo("spoken-digits.npz, train, 128 signals sampled with seed 0");
        assertThat(roles.verification().size()).isEqualTo(1024);
        assertThat(roles.report().name()).isEqualTo("spoken-digits.npz, test, 300 signals");
        assertThat(roles.overlaps()).isEmpty();
        assertThat(((ImageSet) roles.report()).form().shape()).containsExactly(1L, 4096L);
        check(roles.report(), -24899.121683478355, 641965.6474350691);
        check(source.decode("train", Reading.with(Normalisation.NONE)), -218701.49610710144, 5227297.903009415);
    }

    private static void check(Dataset signals, double sum, double absolute) {
        double found = 0;
        double foundAbsolute = 0;
        for (int i = 0; i < signals.size(); i++) {
            try (var _ = Scope.open()) {
                var values = Tensors.toDoubles(signals.batch(i, i + 1).inputs());
                found += Arrays.stream(values).sum();
                foundAbsolute += Arrays.stream(values).map(Math::abs).sum();
            }
        }
        assertThat(found).isCloseTo(sum, within(1e-6));
        assertThat(foundAbsolute).isCloseTo(absolute, within(1e-6));
    }
}
