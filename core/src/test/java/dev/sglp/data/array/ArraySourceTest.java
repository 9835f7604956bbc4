package dev.sglp.data.array;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.preparation.Interpolation;
import dev.sglp.preparation.Extent.Shortest;
import dev.sglp.preparation.Extent.Size;
import dev.sglp.preparation.Preparation;
import dev.sglp.preparation.Preparation.Centre;
import dev.sglp.preparation.Preparation.Crop;
import dev.sglp.preparation.Preparation.Resize;
import dev.sglp.Oracle;
import dev.sglp.Recipe;
import dev.sglp.Sglp;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.model.Layout;
import dev.sglp.model.SignalNetwork;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Arrays that numpy wrote, with the numbers numpy says are in them.
final class ArraySourceTest {
    private static final Reading PLAIN = Reading.with(Normalisation.NONE);

    @TempDir
    Path folder;

    private static Path file(String name) {
        return Oracle.file("../npz/" + name + ".npz").normalize();
    }

    private static ImageSource open(String name) throws IOException {
        return ImageSources.open(DataSpec.parse("arrays:" + file(name)));
    }

    private static JsonNode expected(String name) throws IOException {
        return new ObjectMapper().readTree(file("first").resolveSibling("expected.json").toFile()).get(name);
    }

    /// Bytes divided by 255 come back as they are; floats are as they are.
    private static void checkImages(ImageSource source, String split, JsonNode images, double scale)
            throws IOException {
        var set = source.decode(split, PLAIN);
        assertThat(set.size()).isEqualTo(images.size());
        try (var _ = Scope.open()) {
            var values = Tensors.toDoubles(set.batch(0, set.size()).inputs());
            int at = 0;
            for (var image : images) {
                for (var value : image) {
                    assertThat(values[at++] * scale).isCloseTo(value.asDouble(), within(1e-4));
                }
            }
            assertThat(at).isEqualTo(values.length);
        }
    }

    @ParameterizedTest
    @CsvSource({"unsplit,255", "first,255", "fortran,255", "float32,1", "float64,1", "float16,1", "version1,255",
            "version2,255", "version3,255"})
    void everyLayoutAndTypeGivesTheImagesOfNumpy(String name, double scale) throws IOException {
        var source = open(name);
        assertThat(source.splits()).containsExactly("all");
        checkImages(source, "all", expected(name).get("images"), scale);
        var labels = source.labels("all");
        for (int i = 0; i < labels.length; i++) {
            assertThat(labels[i]).isEqualTo(i % 3);
        }
    }

    @Test
    void splitsNamesAndAColumnOfLabelsAreRead() throws IOException {
        var source = open("splits");
        assertThat(source.splits()).containsExactly("test", "train");
        assertThat(source.classes()).containsExactly("ant", "bee", "é");
        assertThat(source.labels("test")).containsExactly(0, 1, 2, 0, 1, 2);
        checkImages(source, "train", expected("splits").get("x_train"), 255);
        checkImages(source, "test", expected("splits").get("x_test"), 255);
        assertThat(open("float16").classes()).containsExactly("a", "b", "c");
        assertThat(open("first").classes()).containsExactly("0", "1", "2");
    }

    @Test
    void bytesAreNormalisedAndFloatsAreNot() throws IOException {
        var half = new Reading(2, Preparation.NONE, Normalisation.parse(".5,.5,.5", ".5,.5,.5"), Progress.silent());
        try (var _ = Scope.open()) {
            var bytes = open("first").decode("all", half);
            double byteValue = expected("first").get("images").get(4).get(7).asDouble();
            assertThat(Tensors.toDoubles(bytes.pick(4).inputs())[7]).isCloseTo((byteValue / 255 - .5) / .5,
                    within(1e-6));
            var floats = open("float32").decode("all", half);
            assertThat(Tensors.toDoubles(floats.pick(4).inputs())[7])
                    .isCloseTo(expected("float32").get("images").get(4).get(7).asDouble(), within(1e-5));
        }
        assertThat(open("float32").notes()).singleElement().asString().contains("nothing normalises them");
    }

    /// A split under another name would be missed in silence.
    @Test
    void arraysThatAreNotReadAreNamed() throws IOException {
        var bytes = Files.readString(file("splits"), StandardCharsets.ISO_8859_1);
        var renamed = Files.writeString(folder.resolve("a.npz"), bytes.replace("_test.npy", "_Test.npy"),
                StandardCharsets.ISO_8859_1);
        var source = ImageSources.open(DataSpec.parse("arrays:" + renamed));
        assertThat(source.splits()).containsExactly("train");
        assertThat(source.notes()).singleElement().asString().startsWith("a.npz: ignored the arrays x_Test, y_Test;");
    }

    /// `first` has images of 5×4 pixels.
    @Test
    void bytesArePreparedUnlessTheyHaveTheSizeAlreadyAndFloatsAreNot() throws IOException {
        var small = new Reading(1, Preparation.of(8, Interpolation.BILINEAR, 8), Normalisation.NONE, Progress.silent());
        assertThat(open("first").decode("all", small).form().shape()).containsExactly(3L, 8L, 8L);
        assertThat(open("float32").decode("all", small).form().shape()).containsExactly(3L, 4L, 5L);
        var own = new Preparation(Optional.of(new Resize(new Shortest(9), Interpolation.BILINEAR)),
                Optional.of(new Crop(new Size(4, 5), Centre.EVEN)));
        var reading = new Reading(1, own, Normalisation.NONE, Progress.silent());
        assertThat(open("first").decode("all", reading).itemHashes())
                .isEqualTo(open("first").decode("all", PLAIN).itemHashes());
    }

    @Test
    void whatIsNotSplitIsCutSevenOneTwo() throws IOException {
        var roles = ImageRoles.open(ImageRoles.Settings.of(open("unsplit"), PLAIN));
        assertThat(roles.calibration().size()).isEqualTo(21);
        assertThat(roles.verification().size()).isEqualTo(3);
        assertThat(roles.report().size()).isEqualTo(6);
        assertThat(roles.overlaps()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"objects | objects", "big_endian | >i4", "integers | <i8", "one_hot | argmax",
            "one_class | only the class 0", "negative | label 0 is -1", "fewer | 8 labels", "empty | [0, 4, 5, 3]",
            "alone | no array 'labels'", "other | expected x_train", "both | expected x_train",
            "either | [9, 3, 5, 3]", "nan | image", "few_names | names 2 classes", "structured | expected {'descr'"})
    void whatDoesNotFitIsRefusedWithFileAndPlace(String name, String why) {
        var file = file("refused/" + name.strip());
        assertThatThrownBy(
                () -> ImageSources.open(DataSpec.parse("arrays:" + file)).decode(ImageSource.ALL, PLAIN))
                .isInstanceOf(IOException.class).hasMessageContaining(file.toString())
                .hasMessageContaining(why.strip());
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 500})
    void aCutFileIsRefused(int left) throws IOException {
        var bytes = Files.readAllBytes(file("splits"));
        var cut = Files.write(folder.resolve("cut.npz"), java.util.Arrays.copyOf(bytes, left));
        assertThatThrownBy(() -> ImageSources.open(DataSpec.parse("arrays:" + cut))).isInstanceOf(IOException.class)
                .hasMessageContaining(cut.toString());
    }

    @ParameterizedTest
    @CsvSource({"signals,train,x_train,3,7", "signals,val,x_val,3,7", "signals,test,x_test,3,7",
            "signals_fortran,all,images,2,5", "signals_flat,all,images,1,8"})
    void signalsAreTakenAsTheyAre(String name, String split, String key, long channels, long length)
            throws IOException {
        var source = ImageSources.signals(DataSpec.parse("arrays:" + file(name)));
        checkImages(source, split, expected(name).get(key), 1);
        assertThat(source.decode(split, PLAIN).form().shape()).containsExactly(channels, length);
        assertThat(source.notes()).isEmpty();
    }

    @Test
    void signalsPlayTheirRoles() throws IOException {
        var source = ImageSources.signals(DataSpec.parse("arrays:" + file("signals")));
        var roles = ImageRoles.open(ImageRoles.Settings.of(source, PLAIN));
        assertThat(roles.calibration().name()).isEqualTo("signals.npz, train, 6 signals sampled with seed 0");
        assertThat(roles.verification().size()).isEqualTo(6);
        assertThat(roles.report().name()).isEqualTo("signals.npz, test, 6 signals");
        assertThat(roles.overlaps()).isEmpty();
    }

    /// The whole method, on layers of which each mixes the channels.
    @Test
    void aNetworkOfSignalsIsPrunedOnThem() throws IOException {
        var source = ImageSources.signals(DataSpec.parse("arrays:" + file("signals")));
        var roles = ImageRoles.open(ImageRoles.Settings.of(source, PLAIN));
        var usual = Recipe.removing(1, Layout.SIGNALS);
        var recipe = new Recipe(usual.cka(), usual.segments(), usual.method(), usual.criterion(), usual.target(),
                usual.kept(), usual.limits(), usual.repair(), usual.healing(),
                new Recipe.Compute(128, 0, Budget.NONE));
        var result = Sglp.run(SignalNetwork.of(4, 3), roles, recipe, Progress.silent());
        assertThat(result.pruned().layers()).hasSize(3);
        assertThat(result.after().examples()).isEqualTo(6);
        assertThat(result.after().accuracy()).isBetween(0.0, 1.0);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"signal_bytes | has type", "signal_pictures | [9, 2, 3, 4]",
            "signal_nan | holds NaN at moment", "signal_infinite | Infinity at moment 0 of channel 0"})
    void whatIsNoSignalIsRefused(String name, String why) {
        var file = file("refused/" + name.strip());
        assertThatThrownBy(() -> ImageSources.signals(DataSpec.parse("arrays:" + file)).decode(ImageSource.ALL, PLAIN))
                .isInstanceOf(IOException.class).hasMessageContaining(file.toString())
                .hasMessageContaining(why.strip());
    }

    @Test
    void onlyArraysHoldSignals() {
        assertThatThrownBy(() -> ImageSources.signals(DataSpec.parse("images:" + folder)))
                .isInstanceOf(UsageException.class).hasMessageContaining("expected arrays:FILE.npz");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> ImageSources.open(DataSpec.parse("arrays:" + folder.resolve("no.npz"))))
                .isInstanceOf(IOException.class).hasMessageContaining("no.npz");
    }
}
