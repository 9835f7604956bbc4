package dev.sglp.cli.convolution;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way of convolutional networks: noise in ten classes, pico networks.
final class ConvolutionCommandsTest {
    private static final Path MODELS = Path.of("src/test/resources/convolution");

    @TempDir
    private static Path folder;

    /// Noise of the size that a network looks at.
    private static Path images(int side) throws IOException {
        var images = folder.resolve("images of " + side);
        if (Files.exists(images)) {
            return images;
        }
        var random = new Random(side);
        for (var split : List.of("train", "test")) {
            for (int item = 0; item < 50; item++) {
                var directory = Files.createDirectories(images.resolve(split).resolve("class " + item % 10));
                var image = new BufferedImage(side, side, BufferedImage.TYPE_INT_RGB);
                for (int p = 0; p < side * side; p++) {
                    image.setRGB(p % side, p / side, random.nextInt(1 << 24));
                }
                ImageIO.write(image, "png", directory.resolve(item + ".png").toFile());
            }
        }
        return images;
    }

    private static Run run(String command, Path model, String... more) throws IOException {
        int side;
        try (var file = ModelFile.open(model)) {
            side = file.architecture().input().image().height();
        }
        var words = new ArrayList<>(List.of(command, model.toString(), "--data", "images:" + images(side), "--threads",
                "1", "--quiet"));
        words.addAll(List.of(more));
        return Run.of(words.toArray());
    }

    private static Path prune(String model, String out, String... more) throws IOException {
        var words = new ArrayList<>(List.of("--remove", "1", "--samples", "20", "--verify-samples", "20",
                "--no-latency", "--out", folder.resolve(out).toString()));
        words.addAll(List.of(more));
        var run = run("prune", MODELS.resolve(model), words.toArray(String[]::new));
        assertThat(run.code()).as(run.err()).isZero();
        return folder.resolve(out);
    }

    @ParameterizedTest
    @ValueSource(strings = {"torchvision-resnet/bottleneck", "torchvision-mobilenet-v2/plain", "vgg/normed",
            "vgg/torchvision", "cifar-resnet/projected", "preact-resnet/shared", "torchvision-convnext/plain"})
    void aLayerGoesAndTheRestIsRepaired(String model) throws IOException {
        var out = prune(model, "best of " + model.replace('/', ' '));
        try (var written = ModelFile.open(out); var dense = ModelFile.open(MODELS.resolve(model))) {
            assertThat(written.architecture().layers()).hasSize(dense.architecture().layers().size() - 1);
            assertThat(written.architecture().classNames()).hasSize(10).startsWith("class 0");
        }
        assertThat(Files.readString(out.resolve("plan.json"))).contains("\"refit\"");
    }

    @ParameterizedTest
    @CsvSource({"torchvision-resnet/basic, --preset paper", "vgg/torchvision, --preset paper --heal none",
            "torchvision-mobilenet-v2/plain, --criterion gradnorm --repair none",
            "torchvision-convnext/plain, --criterion loss --dtype bfloat16 --repair none",
            "vgg/cifar, --criterion magnitude --repair-gaps",
            "preact-resnet/before, --criterion gradnorm-skip --heal bn",
            "torchvision-resnet/grouped, --format pth --repair none"})
    void whatIsForOthersIsForThemToo(String model, String flags) throws IOException {
        prune(model, "with " + flags, flags.split(" "));
    }

    /// Larger or smaller than by their files: that is written, and looked at from then on.
    @ParameterizedTest
    @CsvSource({"torchvision-mobilenet-v2/plain, 40", "torchvision-resnet/basic, 24", "timm-convnext/plain, 96",
            "vgg/torchvision, 48", "vgg/cifar, 16"})
    void squaresOfOtherSizesAreLookedAt(String model, int side) throws IOException {
        var out = prune(model, "sized " + model.replace('/', ' '), "--resize", String.valueOf(side + 8), "--crop",
                String.valueOf(side), "--repair", "none");
        try (var written = ModelFile.open(out)) {
            var input = written.architecture().input().image();
            assertThat(List.of(input.height(), input.width())).containsExactly(side, side);
            assertThat(input.preparation().toString()).endsWith("cut to %1$d×%1$d".formatted(side));
        }
        assertThat(run("evaluate", out, "--no-latency").code()).isZero();
        var tuned = run("finetune", out, "--epochs", "1", "--train-samples", "20", "--batch-size", "10",
                "--verify-samples", "20", "--teacher", MODELS.resolve(model).toString(), "--out",
                folder.resolve("tuned " + side).toString());
        assertThat(tuned.code()).as(tuned.err()).isZero();
        var repaired = folder.resolve("repaired " + side);
        var run = run("repair", out, "--of", MODELS.resolve(model).toString(), "--verify-samples", "20",
                "--no-latency", "--out", repaired.toString());
        assertThat(run.code()).as(run.err()).isZero();
        try (var written = ModelFile.open(repaired)) {
            assertThat(written.architecture().input().image().height()).isEqualTo(side);
        }
    }

    /// What a pass costs is that of the size that was typed.
    @Test
    void costsAreThoseOfTheTypedSize() throws IOException {
        var costs = new ArrayList<Long>();
        for (var flags : List.of("--resize none --crop none", "--resize 136 --crop 128")) {
            var json = folder.resolve("costs.json");
            var run = run("evaluate", MODELS.resolve("torchvision-resnet/basic"),
                    (flags + " --no-latency --json " + json).split(" "));
            assertThat(run.code()).as(run.err()).isZero();
            costs.add(new ObjectMapper().readTree(json.toFile()).at("/evaluation/macs").asLong());
        }
        assertThat(costs.get(1)).isGreaterThan(3 * costs.get(0));
    }

    /// No square, or nothing would be left.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "torchvision-resnet/basic | --resize 40 --crop 32,24", "vgg/torchvision | --resize 8 --crop 4"})
    void sizesThatDoNotFitAreRefused(String model, String flags) throws IOException {
        var run = run("evaluate", MODELS.resolve(model), flags.split(" "));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("do not fit a network that looks at");
    }

    @Test
    void itIsInspectedAnalysedTrainedAndMeasured() throws IOException {
        var model = MODELS.resolve("torchvision-mobilenet-v2/plain");
        var inspected = Run.of("inspect", model);
        assertThat(inspected.code()).isZero();
        assertThat(inspected.out()).contains("features.3", "yes", "stride 2", "32 → 16 channels");
        var analysed = run("analyze", model, "--samples", "20", "--verify-samples", "20", "--out",
                folder.resolve("analysed").toString());
        assertThat(analysed.code()).as(analysed.err()).isZero();
        var tuned = run("finetune", model, "--epochs", "1", "--train-samples", "20", "--batch-size", "10",
                "--verify-samples", "20", "--out", folder.resolve("tuned").toString());
        assertThat(tuned.code()).as(tuned.err()).isZero();
        var measured = run("evaluate", folder.resolve("tuned/best"), "--no-latency");
        assertThat(measured.code()).as(measured.err()).isZero();
    }

    /// What somebody else pruned is told from the dense network, and repaired.
    @ParameterizedTest
    @CsvSource({"torchvision-resnet/bottleneck, 1", "torchvision-mobilenet-v2/plain, 4", "vgg/normed, 3",
            "torchvision-convnext/plain, 3"})
    void whatWasPrunedIsRepaired(String model, String layer) throws IOException {
        var pruned = folder.resolve("pruned " + model.replace('/', ' '));
        var applied = Run.of("apply", "--layers", layer, MODELS.resolve(model), "--out", pruned, "--quiet");
        assertThat(applied.code()).as(applied.err()).isZero();
        var repaired = run("repair", pruned, "--of", MODELS.resolve(model).toString(), "--verify-samples", "20",
                "--no-latency", "--out", folder.resolve("repaired " + model.replace('/', ' ')).toString());
        assertThat(repaired.code()).as(repaired.err()).isZero();
        assertThat(repaired.out() + repaired.err()).contains(layer);
    }

    /// No flag makes an image of a signal, or resizes what is taken as it is.
    @ParameterizedTest
    @CsvSource({"1, signals", "8, floating-point"})
    void whatNoFlagMakesFitIsToldSo(int height, String says) throws IOException {
        var data = folder.resolve(height + ".npz");
        try (var npz = Npz.create(data)) {
            npz.floats("x_test", "10, 3, %d, 8".formatted(height), new float[10 * 3 * height * 8]);
            npz.labels("y_test", new int[]{0, 1, 2, 3, 4, 5, 6, 7, 8, 9});
        }
        var run = Run.of("evaluate", MODELS.resolve("vgg/normed"), "--data", "arrays:" + data);
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("the network expects 32×32 pixels", says).doesNotContain("--resize");
    }

    /// Networks of signals have the same names; their length is in their configuration.
    @ParameterizedTest
    @CsvSource({"vgg/signals, 1, 64, auto", "cifar-resnet/signals, 2, 48, sglp"})
    void signalsAreTakenAsTheyAre(String model, int channels, int length, String method) throws IOException {
        var data = folder.resolve(channels + ".npz");
        var random = new Random(1);
        try (var arrays = Npz.create(data)) {
            for (var split : List.of("train", "test")) {
                var values = new float[60 * channels * length];
                for (int i = 0; i < values.length; i++) {
                    values[i] = (float) random.nextGaussian();
                }
                arrays.floats("x_" + split, "60, %d, %d".formatted(channels, length), values);
                arrays.labels("y_" + split, IntStream.range(0, 60).map(i -> i % 10).toArray());
            }
        }
        var out = folder.resolve("signals " + channels);
        var run = Run.of("prune", MODELS.resolve(model), "--data", "arrays:" + data, "--remove", "1", "--method",
                method, "--samples", "20", "--verify-samples", "20", "--no-latency", "--threads", "1", "--quiet",
                "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        try (var written = ModelFile.open(out); var dense = ModelFile.open(MODELS.resolve(model))) {
            assertThat(written.architecture().layers()).hasSize(dense.architecture().layers().size() - 1);
            assertThat(written.architecture().input()).isEqualTo(dense.architecture().input());
        }
        var study = Run.of("study", "methods", MODELS.resolve(model), "--data", "arrays:" + data, "--remove", "1",
                "--rows", "one-shot-magnitude", "--epochs", "1", "--train-rows", "one-shot-magnitude", "--samples",
                "20", "--verify-samples", "20", "--no-latency", "--threads", "1", "--out",
                folder.resolve("study " + channels));
        assertThat(study.code()).as(study.err()).isZero();
        assertThat(study.out()).contains("1 epoch");
    }
}
