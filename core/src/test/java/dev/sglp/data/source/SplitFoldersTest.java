package dev.sglp.data.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Splits by the names that people give them.
final class SplitFoldersTest {
    private static FolderLayout layout(String... paths) throws IOException {
        return FolderLayout.of("x", List.of(paths));
    }

    /// Two classes in each of these folders.
    private static FolderLayout of(String... folders) throws IOException {
        return layout(Stream.of(folders).flatMap(f -> Stream.of(f + "/cat/1.png", f + "/dog/1.png"))
                .toArray(String[]::new));
    }

    @ParameterizedTest
    @CsvSource({"Train, Test, test", "TRAIN, TEST, test", "training_set, test_set, test", "training, testing, test",
            "Training, Testing, test", "train, dev, val", "Train, Dev, val", "train, eval, val",
            "train, evaluation, val", "train, valid, val", "train, Validation, val", "train_data, test_data, test",
            "TrainSet, TestSet, test", "Training Data, Testing Data, test", "train-split, validation-split, val",
            "training-images, val_images, val", "trainset, valset, val"})
    void aSplitIsOneHoweverItIsSpelled(String train, String other, String split) throws IOException {
        for (var top : List.of("", "top/", "Test/")) {
            var layout = of(top + train, top + other);
            assertThat(layout.splits()).containsOnlyKeys("train", split);
            assertThat(layout.classes()).containsExactly("cat", "dog");
            assertThat(layout.splits().get(split)).containsOnlyKeys(top + other + "/cat/1.png",
                    top + other + "/dog/1.png");
            assertThat(layout.notes().stream().anyMatch(n -> n.contains("the folder '%s' for".formatted(train))))
                    .isEqualTo(!train.equals("train"));
        }
    }

    @Test
    void twoFoldersForOneSplitAreRefused() {
        for (var pair : List.of(List.of("Train", "train"), List.of("val", "valid"), List.of("dev", "eval"),
                List.of("test", "testing"))) {
            assertThatThrownBy(() -> of("train_set", pair.get(0), pair.get(1))).isInstanceOf(IOException.class)
                    .hasMessageContaining("[x] has the folders").hasMessageContaining("both for the split");
        }
    }

    @Test
    void foldersBesideSplitsAreIgnoredByName() throws IOException {
        var layout = layout("train/cat/1.png", "train/dog/1.png", "test/1.png", "test/2.png", "extra/cat/1.png",
                "samples/1.png", "README.md");
        assertThat(layout.splits()).containsOnlyKeys("train");
        assertThat(layout.notes()).containsExactly(
                "x: ignored beside its splits: 'extra' (1 images), 'samples' (1 images in no class folder), 'test' (2 images in no class folder).",
                "x: ignored 1 files that are no images in a class folder.");
    }

    @Test
    void whatMayBeASplitBesideOthersIsRefused() {
        assertThatThrownBy(() -> of("train", "my_test")).isInstanceOf(IOException.class)
                .hasMessageContaining("the folder 'my_test' beside [train]")
                .hasMessageContaining("rename it to test, or move it away");
    }

    @ParameterizedTest
    @ValueSource(strings = {"train/1.png test/1.png", "top/Train/1.png top/Dev/1.png",
            "train/1.png val/1.png bus/1.png",
            "seg_train/a/1.png seg_test/a/1.png", "train2017/a/1.png val2017/a/1.png c/a/1.png",
            "imagesTrain/a/1.png imagesTest/a/1.png", "cat/train/1.png cat/test/1.png dog/train/1.png",
            "one/train/cat/1.png one/test/cat/1.png two/cat/1.png",
            "train/seg_train/a/1.png test/seg_test/a/1.png"})
    void splitsThatWouldBecomeClassesAreRefused(String paths) {
        assertThatThrownBy(() -> layout(paths.split(" "))).isInstanceOf(IOException.class)
                .hasMessageContaining("[x] has").hasMessageContaining("expected")
                .hasMessageContaining("train/CLASS/IMAGE");
    }

    @Test
    void oneClassMayBeCalledAsASplitAndIsSaidToBeOne() throws IOException {
        var vehicles = layout("bus/1.png", "car/1.png", "Train/1.png");
        assertThat(vehicles.classes()).containsExactly("Train", "bus", "car");
        assertThat(vehicles.notes())
                .containsExactly("x: took the folder 'Train' for a class: its images lie in no folders.");
        assertThat(layout("train/bus/1.png", "train/train/1.png", "test/bus/1.png").classes()).containsExactly("bus",
                "train");
        assertThat(layout("bullet_train/side/1.png", "bus/side/1.png").classes()).containsExactly("bullet_train",
                "bus");
    }
}
