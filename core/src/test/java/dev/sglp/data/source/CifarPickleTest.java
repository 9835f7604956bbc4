package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataSpec;
import dev.sglp.data.DataSpec.Kind;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The pickles are written opcode by opcode as the author's Python 2 and its numpy wrote them (protocol 2).
final class CifarPickleTest {
    private static final String ARRAY = "cnumpy.core.multiarray\n_reconstruct\nq\3cnumpy\nndarray\nq\4K\0\205U\1b\207Rq\5(K\1K%s"
            + "M\0\14\206cnumpy\ndtype\nq\6U\2u1K\0K\1\207Rq\7(K\3U\1|NNNJ\377\377\377\377J\377\377\377\377K\0tb\211T%s%stb";

    @TempDir
    private Path dir;

    /// A batch whose images have pixels that all are `first`, `first + 1`, …
    private void batch(String name, String key, int first, int... labels) throws IOException {
        var pixels = new StringBuilder();
        var list = new StringBuilder("](");
        for (int i = 0; i < labels.length; i++) {
            pixels.repeat(first + i, 3072);
            list.append('K').append((char) labels[i]);
        }
        int length = pixels.length();
        String size = "" + (char) (length & 255) + (char) (length >> 8 & 255) + "\0\0";
        write(name,
                "\200\2}q\1(U\4dataq\2" + ARRAY.formatted((char) labels.length, size, pixels) + "U"
                        + (char) key.length()
                        + key + list + "eu.");
    }

    private void write(String name, String pickle) throws IOException {
        Files.write(dir.resolve(name), pickle.getBytes(StandardCharsets.ISO_8859_1));
    }

    @Test
    void thePythonFormGivesPixelsLabelsAndNames() throws IOException {
        batch("data_batch_1", "labels", 10, 3, 9);
        batch("data_batch_2", "labels", 20, 0);
        batch("test_batch", "labels", 200, 1);
        write("batches.meta", "\200\2}U\13label_names](U\1aU\1bU\1cU\1dU\1eU\1fU\1gU\1hU\1iU\1jes.");
        var source = ImageSources.open(new DataSpec(Kind.CIFAR10, dir.toString()));
        assertThat(source.labels("train")).containsExactly(3, 9, 0);
        assertThat(source.classes()).containsExactly("a", "b", "c", "d", "e", "f", "g", "h", "i", "j");
        var images = source.decode("train", new int[]{1, 2}, Reading.with(Normalisation.NONE));
        assertThat(images.pixels(0)).containsOnly(11);
        assertThat(images.pixels(1)).containsOnly(20);
        assertThat(source.decode("test", Reading.with(Normalisation.NONE)).pixels(0)).containsOnly(200);
    }

    @Test
    void cifar100HasItsOwnKeys() throws IOException {
        batch("train", "fine_labels", 1, 99);
        batch("test", "fine_labels", 2, 42);
        assertThat(ImageSources.open(new DataSpec(Kind.CIFAR100, dir.toString())).labels("train")).containsExactly(99);
        assertThatThrownBy(() -> {
            batch("data_batch_1", "fine_labels", 1, 99);
            ImageSources.open(new DataSpec(Kind.CIFAR10, dir.toString()));
        }).isInstanceOf(IOException.class).hasMessageContaining("no list 'labels'");
    }

    @Test
    void aPickleThatWantsToRunCodeIsRefused() throws IOException {
        write("test_batch", "\200\2cos\nsystem\nU\2ls\205R.");
        assertThatThrownBy(() -> ImageSources.open(new DataSpec(Kind.CIFAR10, dir.toString())))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("test_batch").hasMessageContaining("os.system");
    }
}
