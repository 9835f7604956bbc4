package dev.sglp.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.data.DataSpec;
import dev.sglp.data.source.ImageSources;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Folders named otherwise than the classes, and fewer than those.
final class ClassMapTest {
    private static final List<String> NAMES = List.of("tench", "great white shark", "cock", "hen");

    @TempDir
    private Path folder;

    @BeforeEach
    void pictures() throws IOException {
        for (var name : List.of("a fish", "b", "n3")) { // of brightness 1, 2 and 3
            var inside = Files.createDirectories(folder.resolve("set").resolve(name));
            var image = new BufferedImage(2, 2, BufferedImage.TYPE_INT_RGB);
            int grey = List.of("a fish", "b", "n3").indexOf(name) + 1;
            for (int i = 0; i < 4; i++) {
                image.setRGB(i % 2, i / 2, grey * 0x010101);
            }
            ImageIO.write(image, "png", inside.resolve("x.png").toFile());
        }
    }

    private ImageSource mapped(String content, List<String> names) throws IOException {
        var map = Files.writeString(folder.resolve("classes.txt"), content);
        return ClassMap.read(map).over(ImageSources.open(DataSpec.parse("images:" + folder.resolve("set"))), names);
    }

    @ParameterizedTest
    @ValueSource(strings = {"a fish\tgreat white shark\nb\then\n\nn3\ttench\n", "b 3\na fish\t1\nn3 tench",
            "\uFEFFn3\t0\r\nb\t3\r\na fish\t1\r\n",
            "{\"0\":[\"n3\",\"x\"],\"1\":[\"a fish\",\"y\"],\"3\":[\"b\",\"z\"]}"})
    void foldersHaveTheNetworksClasses(String content) throws IOException {
        var source = mapped(content, NAMES);
        assertThat(source.classes()).isEqualTo(NAMES);
        assertThat(source.labels(ImageSource.ALL)).containsExactly(1, 3, 0); // folders in their order
        var set = source.decode(ImageSource.ALL, new int[]{2, 0},
                new Reading(1, Preparation.NONE, Normalisation.NONE, Progress.silent()));
        assertThat(set.classes()).isEqualTo(NAMES);
        assertThat(set.labels()).containsExactly(0, 1);
        assertThat(set.pixels(0)).containsOnly(3);
        assertThat(set.pixels(1)).containsOnly(1);
    }

    @Test
    void withoutNamesNumbersAreTaken() throws IOException {
        assertThat(mapped("a fish\t1\nb\t0\nn3\t1", Labels.numbers(2)).labels(ImageSource.ALL)).containsExactly(1, 0,
                1);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"b\\t1|the folder 'a fish'", "a fish\\tshark|is said to be the class 'shark'",
            "a fish\\t4|expected a number below 4 or a name of the network's, as 'tench'",
            "b\\t1\\nb\\t2|that it is '1' and '2'", "nothing|line 1 is 'nothing'", "' '|names no folders",
            "{\"0\": 7}|expected a list", "{\"0\": |is not JSON"})
    void whatCannotBeMeantIsRefused(String content, String why) {
        assertThatThrownBy(() -> mapped(content.replace("\\t", "\t").replace("\\n", "\n"), NAMES))
                .isInstanceOf(IOException.class).hasMessageContaining("classes.txt").hasMessageContaining(why);
    }
}
