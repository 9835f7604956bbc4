package dev.sglp.data.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.preparation.Preparation;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.util.Arrays;
import dev.sglp.data.item.Rgb;
import java.util.List;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

final class ImageSetTest {
    private static final Normalisation NORMALISATION = Normalisation.parse(".5,.25,.125", ".5,2,.1");

    /// Item i has the planes i, i + 100, i + 200 (each pixel one more than the last), and label i % 2.
    private static ImageSet counted(int count) throws IOException {
        int[] labels = new int[count];
        Arrays.setAll(labels, i -> i % 2);
        return images(labels);
    }

    private static ImageSet images(int... labels) throws IOException {
        return images(NORMALISATION, labels);
    }

    private static ImageSet images(Normalisation normalisation, int... labels) throws IOException {
        return images(normalisation, 1L << 30, labels);
    }

    private static ImageSet images(Normalisation normalisation, long held, int... labels) throws IOException {
        var reading = new Reading(2, Preparation.NONE, normalisation, dev.sglp.progress.Progress.silent());
        return new Decoding("six", new Labels(labels, List.of("a", "b")), reading, held).run(new Decoding.Reader() {
            @Override
            public Rgb read(int item) {
                var image = Rgb.empty(2, 3);
                for (int i = 0; i < 18; i++) {
                    image.planes()[i] = (byte) (item + i / 6 * 100 + i % 6);
                }
                return image;
            }

            @Override
            public String where(int position) {
                return "image " + position;
            }
        });
    }

    @Test
    void aBatchIsNormalisedChannelByChannel() throws IOException {
        try (var _ = Scope.open()) {
            var batch = counted(200).batch(40, 43);
            assertThat(batch.inputs().shape()).containsExactly(3, 3, 2, 3);
            double[] x = Tensors.toDoubles(batch.inputs());
            for (int i = 0; i < x.length; i++) {
                int channel = i / 6 % 3;
                double value = ((40 + i / 18 + channel * 100 + i % 6) % 256) / 255.0;
                double expected = (value - new double[]{.5, .25, .125}[channel]) / new double[]{.5, 2, .1}[channel];
                assertThat(x[i]).isCloseTo(expected, Offset.offset(1e-5));
            }
            assertThat(Tensors.toDoubles(batch.targets())).containsExactly(0, 1, 0);
        }
    }

    @Test
    void otherLabelsOrAnotherNormalisationAreOtherData() throws IOException {
        var digest = images(0, 1, 0).digest();
        assertThat(images(0, 1, 0).digest()).isEqualTo(digest);
        assertThat(images(0, 1, 1).digest()).isNotEqualTo(digest);
        assertThat(images(Normalisation.NONE, 0, 1, 0).digest()).isNotEqualTo(digest);
        assertThat(images(0, 1, 1).itemHashes()).isEqualTo(images(0, 1, 0).itemHashes());
    }

    @Test
    void aBatchLivesInTheScopeAroundIt() throws IOException {
        var set = counted(4);
        dev.sglp.data.Batch batch;
        try (var _ = Scope.open()) {
            batch = set.batch(0, 4);
            assertThat(batch.inputs().isNull()).isFalse();
        }
        assertThat(batch.inputs().isNull()).isTrue();
        assertThat(batch.targets().isNull()).isTrue();
    }

    @Test
    void theSameItemsGiveTheSameBatchAgain() throws IOException {
        try (var _ = Scope.open()) {
            var set = counted(8);
            double[] first = Tensors.toDoubles(set.batch(0, 8).inputs());
            set.batch(2, 4).inputs().zero_();
            assertThat(Tensors.toDoubles(set.batch(0, 8).inputs())).isEqualTo(first);
        }
    }

    @Test
    void aHashIsTheFirstHalfOfSha256OfThePixels() throws IOException {
        // printf of the bytes 0..5, 100..105, 200..205 | sha256sum
        assertThat(counted(2).itemHashes().getFirst()).isEqualTo("9e65b597b66def07099d50df2059149f");
        assertThat(counted(200).itemHashes()).doesNotHaveDuplicates().hasSize(200);
    }

    @Test
    void aSelectionKeepsPixelsAndLabelsTogether() throws IOException {
        var set = counted(10);
        var chosen = set.select("chosen", 7, 2, 7);
        assertThat(chosen.labels()).containsExactly(1, 0, 1);
        assertThat(chosen.pixels(0)).isEqualTo(set.pixels(7));
        assertThat(chosen.followedBy(set).pixels(3 + 4)).isEqualTo(set.pixels(4));
        assertThatThrownBy(() -> set.select("", 10)).isInstanceOf(IndexOutOfBoundsException.class);
        assertThatThrownBy(() -> set.batch(5, 11)).isInstanceOf(IndexOutOfBoundsException.class);
    }

    /// What memory has no room for is decoded each time it is asked for.
    @Test
    void itemsThatAreNotHeldAreTheSame() throws IOException {
        var labels = new int[]{0, 1, 0, 1, 1, 0, 0};
        var held = images(NORMALISATION, labels);
        var anew = images(NORMALISATION, 18 * 6, labels);
        assertThat(held.isHeld()).isTrue();
        assertThat(anew.isHeld()).isFalse();
        assertThat(anew.digest()).isEqualTo(held.digest());
        var mixed = anew.select("", 6, 0).followedBy(held).followedBy(anew);
        assertThat(mixed.isHeld()).isFalse();
        try (var _ = Scope.open()) {
            assertThat(numbers(anew.batch(2, 6))).usingRecursiveComparison().isEqualTo(numbers(held.batch(2, 6)));
            assertThat(numbers(anew.pick(5, 1, 5))).usingRecursiveComparison().isEqualTo(numbers(held.pick(5, 1, 5)));
            assertThat(numbers(mixed.batch(0, 2))).usingRecursiveComparison().isEqualTo(numbers(held.pick(6, 0)));
            assertThat(numbers(mixed.batch(2, 16))).usingRecursiveComparison()
                    .isEqualTo(numbers(held.pick(0, 1, 2, 3, 4, 5, 6, 0, 1, 2, 3, 4, 5, 6)));
        }
        assertThat(mixed.labels()).startsWith(0, 0, 0, 1).hasSize(16);
    }

    private static List<double[]> numbers(dev.sglp.data.Batch batch) {
        return List.of(Tensors.toDoubles(batch.inputs()), Tensors.toDoubles(batch.targets()));
    }

    @Test
    void aLabelWithoutAClassIsRefused() {
        assertThatThrownBy(() -> new Labels(new int[]{0, 2}, List.of("a", "b")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("item 1 has label 2");
    }
}
