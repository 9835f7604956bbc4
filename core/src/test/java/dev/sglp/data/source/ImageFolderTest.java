package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Preparation;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.IntStream;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.io.TempDir;

final class ImageFolderTest {
    private static final Reading READING = Reading.with(Normalisation.NONE);

    @TempDir
    private Path dir;

    private static ImageSource open(Path path) throws IOException {
        return ImageSources.open(new DataSpec(DataSpec.Kind.IMAGES, path.toString()));
    }

    private ImageSource zip(String... names) throws IOException {
        return open(Pictures.zip(dir.resolve("images.zip"), Pictures.png(5, 4, 4), names));
    }

    @Test
    void classesAreTheSortedFolderNamesOfAllSplits() throws IOException {
        var source = zip("top/train/dog/2.png", "top/train/dog/10.png", "top/train/cat/1.png", "top/valid/emu/1.jpg");
        assertThat(source.splits()).containsExactly("train", "val");
        assertThat(source.classes()).containsExactly("cat", "dog", "emu");
        assertThat(source.labels("train")).containsExactly(0, 1, 1);
        assertThat(source.labels("val")).containsExactly(2);
        assertThatThrownBy(() -> source.labels("test")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no split 'test', only [train, val]");
    }

    @Test
    void foldersWithoutSplitsAreAll() throws IOException {
        assertThat(zip("b/1.png", "a/deeper/1.PNG").splits()).containsExactly("all");
        assertThat(zip("top/b/1.png", "top/a/1.png").classes()).containsExactly("a", "b");
        assertThat(zip("train/1.png", "bus/1.png").classes()).containsExactly("bus", "train"); // a class called train
    }

    @Test
    void aFolderAndItsZipGiveTheSameItems() throws IOException {
        var folder = Pictures.folder(dir.resolve("f/test"), 2, 0).getParent();
        Pictures.folder(folder.resolve("train"), 3, 100);
        var source = open(folder);
        assertThat(source.splits()).containsExactly("test", "train");
        var train = source.decode("train", new int[]{8, 0}, READING);
        assertThat(train.name()).isEqualTo("f, train");
        assertThat(train.labels()).containsExactly(2, 0);
        assertThat(train.pixels(1)[0]).isEqualTo((byte) 0); // image 100 = 0x000064: its first pixel is 0, 0, 100
        assertThat(train.pixels(1)[32]).isEqualTo((byte) 100);
        assertThat(train.pixels(0)[32]).isEqualTo((byte) 108);
    }

    @Test
    void hiddenFilesAreIgnoredAndUnknownOnesCounted() throws IOException {
        var source = zip("a/1.png", "b/1.png", "b/notes.txt", "README.md", "__MACOSX/a/._1.png", "a/.DS_Store",
                "3.png");
        assertThat(source.labels("all")).containsExactly(0, 1);
        assertThat(source.notes()).containsExactly("images.zip: ignored 3 files that are no images in a class folder.");
    }

    @Test
    void anEmptyClassFolderIsRefused() {
        assertThatThrownBy(() -> zip("a/1.png", "b/1.png", "c/")).isInstanceOf(IOException.class)
                .hasMessageContaining("[images.zip] the class folder 'c' has no");
    }

    @Test
    void noClassesOrOnlyOneAreRefused() {
        assertThatThrownBy(() -> zip("a/1.png", "a/2.png")).isInstanceOf(IOException.class)
                .hasMessageContaining("only the class 'a'");
        assertThatThrownBy(() -> zip("notes.txt", "1.png")).isInstanceOf(IOException.class)
                .hasMessageContaining("no images in class folders");
        assertThatThrownBy(() -> open(dir.resolve("nowhere"))).isInstanceOf(IOException.class)
                .hasMessageContaining("does not exist");
    }

    @Test
    void whatIsNoZipIsRefused() throws IOException {
        var file = Files.writeString(dir.resolve("x.zip"), "PK nothing");
        assertThatThrownBy(() -> open(file)).isInstanceOf(IOException.class).hasMessageContaining("x.zip")
                .hasMessageContaining("Maybe the download was cut");
    }

    private ImageSource zip(Charset charset, String... names) throws IOException {
        var file = dir.resolve("images.zip");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file), charset)) {
            for (var name : names) {
                zip.putNextEntry(new ZipEntry(name));
                zip.write(Pictures.png(5, 4, 4));
            }
        }
        return open(file);
    }

    /// Old Windows programs write names in their code page, Python's `zipfile` reads them so too.
    @Test
    void namesInACodePageAreReadAsWhatTheyMean() throws IOException {
        var source = zip(Charset.forName("IBM437"), "train/Gep\u00e4ck/1.png", "train/Auto/1.png");
        assertThat(source.classes()).containsExactly("Auto", "Gep\u00e4ck");
        assertThat(source.decode("train", READING).size()).isEqualTo(2);
        assertThat(zip(StandardCharsets.UTF_8, "Gep\u00e4ck/1.png", "\u8eca/1.png").classes())
                .containsExactly("Gep\u00e4ck", "\u8eca");
        var bare = new String("Gep\u00e4ck/1.png".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(zip(StandardCharsets.ISO_8859_1, bare, "Auto/1.png").classes()).containsExactly("Auto",
                "Gep\u00e4ck");
    }

    @Test
    void backslashesStandBetweenFoldersAsSlashesDo() throws IOException {
        var source = zip("train\\dog\\1.png", "train\\cat\\", "train\\cat\\1.png", "test/cat/1.png");
        assertThat(source.splits()).containsExactly("test", "train");
        assertThat(source.classes()).containsExactly("cat", "dog");
        assertThat(source.decode("train", READING).labels()).containsExactly(0, 1);
        for (var other : List.of("a/1.png", "./a/1.png")) {
            assertThatThrownBy(() -> zip("a\\1.png", other, "b/1.png")).isInstanceOf(IOException.class)
                    .hasMessageContaining("[%s] has two entries for 'a/1.png'".formatted(dir.resolve("images.zip")));
        }
        assertThat(zip("a\\", "a/", "a\\1.png", "b/1.png").classes()).containsExactly("a", "b");
    }

    @Test
    void aNameThatLeadsOutOfTheZipIsRefused() {
        for (var name : List.of("../c/1.png", "a/../../c/1.png", "..\\c\\1.png", "/c/1.png", "\\c\\1.png",
                "C:/c/1.png", "C:\\c\\1.png")) {
            assertThatThrownBy(() -> zip("a/1.png", "b/1.png", name)).as(name).isInstanceOf(IOException.class)
                    .hasMessageContaining("entry '%s', which leads out".formatted(name));
        }
    }

    @Test
    void aFolderUnpackedWithBackslashesInItsNamesIsRefused() throws IOException {
        Pictures.folder(dir.resolve("f"), 1, 0);
        Pictures.write(dir.resolve("f/c\\1.png"), Pictures.png(9, 4, 4));
        assertThatThrownBy(() -> open(dir.resolve("f"))).isInstanceOf(IOException.class)
                .hasMessageContaining("'c\\1.png', a name with '\\' in it").hasMessageContaining("name the zip itself");
    }

    /// Java cannot make such a name; a shell can, where the file system takes it.
    @Test
    void aFolderUnpackedInAnotherEncodingIsRefused() throws Exception {
        var folder = Pictures.folder(dir.resolve("f"), 1, 0);
        var shell = new ProcessBuilder("sh", "-c", "mv c \"$(printf 'Gep\\204ck')\"").directory(folder.toFile())
                .start();
        assumeThat(shell.waitFor()).isZero();
        assertThatThrownBy(() -> open(folder)).isInstanceOf(IOException.class)
                .hasMessageContaining("a name in another encoding than the locale's");
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
    void zipsOfOldWindowsProgramsAreReadAsTheyWereMeant() throws IOException {
        var field = Path.of(System.getenv("SGLP_TEST_DATA"), "field");
        var codePage = open(field.resolve("cp437.zip"));
        assertThat(codePage.classes()).containsExactly("Auto", "Flugzeug", "Frosch", "Gep\u00e4ckwagen", "Hirsch",
                "Hund",
                "Katze", "Pferd", "Schiff", "Vogel");
        var backslash = open(field.resolve("backslash.zip"));
        assertThat(backslash.classes()).containsExactly("airplane", "automobile", "bird", "cat", "deer", "dog", "frog",
                "horse", "ship", "truck");
        for (var source : List.of(codePage, backslash)) {
            assertThat(source.splits()).containsExactly("test", "train");
            assertThat(source.decode("train", READING).size()).isEqualTo(60);
            assertThat(source.decode("test", READING).size()).isEqualTo(60);
        }
    }

    @Test
    void aCorruptImageIsNamed() throws IOException {
        var folder = Pictures.folder(dir.resolve("f"), 40, 0);
        Pictures.write(folder.resolve("b/0007.png"), new byte[]{1, 2, 3});
        assertThatThrownBy(() -> open(folder).decode("all", READING)).isInstanceOf(IOException.class)
                .hasMessageContaining("[f:b/0007.png]").hasMessageContaining("Remove it");
    }

    @Test
    void unequalSizesAreRefusedUnlessASizeIsGiven() throws IOException {
        var folder = Pictures.folder(dir.resolve("f"), 2, 0);
        Pictures.write(folder.resolve("c/wide.png"), Pictures.png(9, 9, 6));
        var source = open(folder);
        assertThatThrownBy(() -> source.decode("all", READING)).isInstanceOf(IOException.class)
                .hasMessageContaining("[f:c/wide.png] is 9×6 pixels, but those before are 4×4 pixels")
                .hasMessageContaining("--resize N --crop N");
        var resized = source.decode("all",
                new Reading(1, Preparation.of(8, Interpolation.BILINEAR, 8), Normalisation.NONE, READING.progress()));
        assertThat(resized.form().shape()).containsExactly(3L, 8L, 8L);
        assertThat(resized.size()).isEqualTo(7);
    }

    /// 48 MB each, 24 of them: they come from the zip each time they are asked for.
    @Test
    void whatIsTooMuchToHoldIsReadAgainFromTheZip() throws IOException {
        var names = IntStream.range(0, 24).mapToObj(i -> "val/%s/%d.png".formatted(i % 2 == 0 ? "a" : "b", i))
                .toArray(String[]::new);
        var source = open(Pictures.zip(dir.resolve("large.zip"), Pictures.png(3, 4, 4), names));
        var large = Preparation.of(4096, Interpolation.BILINEAR, 4096);
        var set = source.decode("val", new Reading(2, large, Normalisation.NONE, READING.progress()));
        assertThat(set.isHeld()).isFalse();
        var small = source.decode("val", READING);
        assertThat(small.isHeld()).isTrue();
        assertThat(set.pixels(23)).hasSize(3 * 4096 * 4096);
        assertThat(set.pixels(23)[0]).isEqualTo(small.pixels(23)[0]);
    }
}
