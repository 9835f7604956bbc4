package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
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
                .hasMessageContaining("[f:c/wide.png] is 9×6 pixels, but [f:a/0000.png] is 4×4")
                .hasMessageContaining("--image-size");
        var resized = source.decode("all", new Reading(1, 8, Normalisation.NONE, READING.progress()));
        assertThat(resized.width()).isEqualTo(8);
        assertThat(resized.height()).isEqualTo(8);
        assertThat(resized.size()).isEqualTo(7);
    }
}
