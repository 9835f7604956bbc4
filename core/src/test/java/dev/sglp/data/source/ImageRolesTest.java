package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.OverlapException;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageRoles.Settings;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ImageRolesTest {
    @TempDir
    private Path dir;

    private static Settings settings(Path folder) throws IOException {
        return Settings.of(open(folder), Reading.with(Normalisation.NONE));
    }

    private static ImageSource open(Path folder) throws IOException {
        return ImageSources.open(new DataSpec(DataSpec.Kind.IMAGES, folder.toString()));
    }

    /// 150 images to train and 30 to test, all different.
    private Path split() throws IOException {
        Pictures.folder(dir.resolve("d/train"), 50, 0);
        return Pictures.folder(dir.resolve("d/test"), 10, 1000).getParent();
    }

    private static void assertDisjoint(DataRoles roles) {
        var all = new ArrayList<String>();
        for (Dataset role : new Dataset[]{roles.calibration(), roles.verification(), roles.report()}) {
            all.addAll(role.itemHashes());
        }
        assertThat(all).doesNotHaveDuplicates();
    }

    @Test
    void calibrationAndVerificationComeFromTrainAndTheReportIsTest() throws IOException {
        var roles = ImageRoles.open(settings(split()).withCounts(30, 60, 0));
        assertThat(roles.calibration().size()).isEqualTo(30);
        assertThat(roles.verification().size()).isEqualTo(60);
        assertThat(roles.report().size()).isEqualTo(30);
        assertThat(roles.calibration().name()).isEqualTo("d, train, 30 images sampled with seed 0");
        assertThat(roles.report().name()).isEqualTo("d, test, 30 images");
        assertThat(roles.notes()).isEmpty();
        assertDisjoint(roles);
    }

    @Test
    void theSeedDecidesWhoPlays() throws IOException {
        var settings = settings(split()).withCounts(12, 0, 0);
        var drawn = ImageRoles.open(settings).calibration().itemHashes();
        assertThat(ImageRoles.open(settings).calibration().itemHashes()).isEqualTo(drawn);
        assertThat(ImageRoles.open(settings.withSeed(1)).calibration().itemHashes()).isNotEqualTo(drawn);
        assertThat(ImageRoles.open(settings).verification().size()).isZero();
    }

    @Test
    void whereItemsAreFewHalfAreLeftToVerify() throws IOException {
        var roles = ImageRoles.open(settings(split()));
        assertThat(roles.calibration().size()).isEqualTo(75);
        assertThat(roles.verification().size()).isEqualTo(75);
        assertThat(roles.notes()).hasSize(2).first().asString().contains("only 75 images to calibrate with, 128");
        assertDisjoint(roles);
    }

    @Test
    void aSourceWithoutSplitsIsCutAndTheReportSaysSo() throws IOException {
        var settings = settings(Pictures.folder(dir.resolve("whole"), 20, 0)).withCounts(100, 100, 0);
        var roles = ImageRoles.open(settings);
        assertThat(roles.calibration().size()).isEqualTo(42);
        assertThat(roles.verification().size()).isEqualTo(6);
        assertThat(roles.report().size()).isEqualTo(12);
        assertThat(roles.report().name()).isEqualTo("held-out part of whole, 12 images");
        assertDisjoint(roles);
        assertThat(ImageRoles.report(settings).items().itemHashes()).isEqualTo(roles.report().itemHashes());
    }

    @Test
    void dataNamedApartIsTheReport() throws IOException {
        var apart = open(Pictures.folder(dir.resolve("apart"), 4, 5000));
        var roles = ImageRoles.open(settings(split()).withTest(apart).withCounts(9, 9, 0));
        assertThat(roles.report().size()).isEqualTo(12);
        assertThat(roles.report().name()).isEqualTo("apart, all, 12 images");
        assertDisjoint(roles);
    }

    @Test
    void otherClassesApartAreRefused() throws IOException {
        Pictures.write(dir.resolve("other/x/1.png"), Pictures.png(1, 4, 4));
        Pictures.write(dir.resolve("other/y/1.png"), Pictures.png(2, 4, 4));
        var settings = settings(split()).withTest(open(dir.resolve("other")));
        assertThatThrownBy(() -> ImageRoles.open(settings)).isInstanceOf(IOException.class)
                .hasMessageContaining("[x, y]");
    }

    @Test
    void aSampleToTrainOnIsEvenAndSharesNothingWithVerificationAndReport() throws IOException {
        var settings = settings(split()).withCounts(30, 60, 0);
        var roles = ImageRoles.open(settings);
        var sample = ImageRoles.training(settings, roles, 45);
        assertThat(sample.name()).isEqualTo("d, train, 45 images sampled with seed 0");
        assertThat(sample.itemHashes()).hasSize(45).doesNotHaveDuplicates()
                .doesNotContainAnyElementsOf(roles.verification().itemHashes())
                .doesNotContainAnyElementsOf(roles.report().itemHashes())
                .isSubsetOf(ImageRoles.training(settings, roles, 0).itemHashes());
        assertThat(IntStream.of(sample.labels()).filter(label -> label == 0).count()).isBetween(12L, 18L);
        assertThat(ImageRoles.training(settings, roles, 45).itemHashes()).isEqualTo(sample.itemHashes());
        assertThat(ImageRoles.training(settings, roles, 1000).size()).isEqualTo(90);
    }

    @Test
    void theLimitTakesAnEvenSampleOfTheReport() throws IOException {
        var report = ImageRoles.report(settings(split()).withCounts(1, 0, 9)).items();
        assertThat(IntStream.of(report.labels()).sorted().toArray()).containsExactly(0, 0, 0, 1, 1, 1, 2, 2, 2);
        assertThat(report.name()).isEqualTo("d, test, 9 of 30 images drawn with seed 0");
    }

    @Test
    void aReportItemAmongManyTrainingItemsIsReplaced() throws IOException {
        var folder = split();
        Files.copy(folder.resolve("test/a/0003.png"), folder.resolve("train/a/copy.png"));
        var settings = settings(folder).withCounts(60, 91, 0);
        var roles = ImageRoles.open(settings); // all 151 are inspected, one of them is reported too
        assertThat(roles.verification().size()).isEqualTo(90);
        assertThat(roles.notes())
                .anyMatch(note -> note.contains("skipped 1 of 151 items of train that are also report items"));
        assertDisjoint(roles);
    }

    @Test
    void aRepeatedTrainingItemIsDrawnOnce() throws IOException {
        var folder = split();
        Files.copy(folder.resolve("train/a/0003.png"), folder.resolve("train/a/copy.png"));
        var roles = ImageRoles.open(settings(folder).withCounts(60, 91, 0));
        assertThat(roles.notes()).anyMatch(note -> note.contains("skipped 1 items of train that repeat"));
        assertDisjoint(roles);
    }

    @Test
    void reportingOnTrainingItemsIsRefusedUnlessAllowed() throws IOException {
        var folder = split();
        var settings = settings(folder).withTest(open(folder.resolve("train"))).withCounts(30, 30, 0);
        assertThatThrownBy(() -> ImageRoles.open(settings)).isInstanceOf(OverlapException.class)
                .hasMessageContaining("30 of 30 inspected items").hasMessageContaining("--allow-overlap");
        var roles = ImageRoles.open(settings.withOverlapAllowed(true));
        assertThat(roles.calibration().size()).isEqualTo(30);
        assertThat(roles.notes()).hasSize(2).first().asString().startsWith("30 of 30 calibration items")
                .endsWith("Allowed by --allow-overlap: the figures flatter.");
    }

    @Test
    void aValidationSplitBesideTestIsSaidToPlayNoPart() throws IOException {
        var folder = split();
        Pictures.folder(folder.resolve("Dev"), 2, 5000);
        assertThat(ImageRoles.open(settings(folder).withCounts(30, 30, 0)).notes()).containsExactly(
                "d: took the folder 'Dev' for the split val.",
                "d: the split val plays no part: calibration and verification come from train, the report from test.");
    }

    @Test
    void aTestSplitAloneCannotCalibrate() throws IOException {
        var only = Pictures.folder(dir.resolve("only/test"), 5, 0).getParent();
        assertThat(ImageRoles.report(settings(only)).items().size()).isEqualTo(15);
        assertThatThrownBy(() -> ImageRoles.open(settings(only))).isInstanceOf(IOException.class)
                .hasMessageContaining("only the split 'test'");
    }

    /// Of three pictures a class: what is cut is all of them, not each class.
    @Test
    void aValidationSplitAloneIsCut() throws IOException {
        var only = Pictures.folder(dir.resolve("only/val"), 3, 0).getParent();
        assertThat(ImageRoles.report(settings(only)).items().size()).isEqualTo(9);
        var roles = ImageRoles.open(settings(only).withCounts(6, 1, 0));
        assertThat(roles.calibration().size()).isEqualTo(6);
        assertThat(roles.verification().size()).isEqualTo(1);
        assertThat(roles.report().size()).isEqualTo(2);
        assertThat(roles.notes()).contains(
                "only has the split 'val' alone: 70 % of it calibrate, 10 % verify, 20 % are reported.");
    }
}
