package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataSpec;
import dev.sglp.data.DataSpec.Kind;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class CifarTest {
    @TempDir
    private Path dir;

    private static ImageSource open(Kind kind, Path path) throws IOException {
        return ImageSources.open(new DataSpec(kind, path.toString()));
    }

    /// Records whose pixels all are the item's number, after the label bytes given.
    private void binary(String name, int first, byte[]... labels) throws IOException {
        int stride = labels[0].length + 3072;
        byte[] file = new byte[labels.length * stride];
        for (int i = 0; i < labels.length; i++) {
            Arrays.fill(file, i * stride, (i + 1) * stride, (byte) (first + i));
            System.arraycopy(labels[i], 0, file, i * stride, labels[i].length);
        }
        Files.write(dir.resolve(name), file);
    }

    @Test
    void binaryBatchesFollowOneAnother() throws IOException {
        binary("data_batch_1.bin", 10, new byte[]{3}, new byte[]{9});
        binary("data_batch_2.bin", 20, new byte[]{0});
        binary("test_batch.bin", 30, new byte[]{7});
        var source = open(Kind.CIFAR10, dir);
        assertThat(source.splits()).containsExactly("test", "train");
        assertThat(source.classes().get(9)).isEqualTo("truck");
        assertThat(source.labels("train")).containsExactly(3, 9, 0);
        var images = source.decode("train", new int[]{2, 1}, Reading.with(Normalisation.NONE));
        assertThat(images.labels()).containsExactly(0, 9);
        assertThat(images.pixels(0)).hasSize(3072).containsOnly(20);
        assertThat(images.pixels(1)).containsOnly(11);
    }

    @Test
    void aMarkBeforeTheNamesOfTheClassesIsNoPartOfThem() throws IOException {
        binary("test_batch.bin", 30, new byte[]{1});
        Files.writeString(dir.resolve("batches.meta.txt"), "\uFEFFplane\r\ncar\n\n");
        assertThat(open(Kind.CIFAR10, dir).classes()).containsExactly("plane", "car");
    }

    @Test
    void theFineLabelOfCifar100IsTheSecond() throws IOException {
        binary("train.bin", 0, new byte[]{1, 99}, new byte[]{2, 0});
        Files.write(dir.resolve("fine_label_names.txt"),
                java.util.stream.IntStream.range(0, 100).mapToObj(i -> "n" + i).toList());
        var source = open(Kind.CIFAR100, dir);
        assertThat(source.labels("train")).containsExactly(99, 0);
        assertThat(source.classes()).hasSize(100).startsWith("n0", "n1");
    }

    @Test
    void theDirectoryAboveIsUnderstood() throws IOException {
        Files.createDirectory(dir.resolve("cifar-10-batches-bin"));
        binary("cifar-10-batches-bin/test_batch.bin", 0, new byte[]{1});
        assertThat(open(Kind.CIFAR10, dir).name()).isEqualTo("cifar-10-batches-bin");
    }

    @Test
    void aCutFileIsRefused() throws IOException {
        Files.write(dir.resolve("data_batch_1.bin"), new byte[3073 + 100]);
        assertThatThrownBy(() -> open(Kind.CIFAR10, dir)).isInstanceOf(IOException.class)
                .hasMessageContaining("data_batch_1.bin").hasMessageContaining("3173 bytes")
                .hasMessageContaining("3073");
    }

    @Test
    void aLabelBeyondTheClassesIsRefused() throws IOException {
        binary("test_batch.bin", 0, new byte[]{10});
        assertThatThrownBy(() -> open(Kind.CIFAR10, dir)).isInstanceOf(IOException.class)
                .hasMessageContaining("label 10, but there are 10 classes");
    }

    @Test
    void whatHasNoCifarFilesIsRefused() {
        assertThatThrownBy(() -> open(Kind.CIFAR10, dir)).isInstanceOf(IOException.class)
                .hasMessageContaining("no files of CIFAR10").hasMessageContaining("test_batch.bin");
        assertThatThrownBy(() -> open(Kind.CIFAR10, dir.resolve("c.tar.gz"))).isInstanceOf(IOException.class)
                .hasMessageContaining("Unpack it");
    }
}
