package dev.sglp.cli.vision;

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
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The whole way of vision transformers: noise in ten classes, pico networks.
final class VisionCommandsTest {
    private static final int SIDE = 16;
    private static final Path MODELS = Path.of("src/test/resources/vision");

    @TempDir
    private static Path folder;

    private static Path images;

    @BeforeAll
    static void drawImages() throws IOException {
        images = folder.resolve("images");
        var random = new Random(1);
        for (var split : List.of("train", "test")) {
            for (int label = 0; label < 10; label++) {
                var directory = Files.createDirectories(images.resolve(split).resolve("class " + label));
                for (int i = 0; i < 6; i++) {
                    var image = new BufferedImage(SIDE, SIDE, BufferedImage.TYPE_INT_RGB);
                    for (int p = 0; p < SIDE * SIDE; p++) {
                        image.setRGB(p % SIDE, p / SIDE, random.nextInt(1 << 24));
                    }
                    ImageIO.write(image, "png", directory.resolve(i + ".png").toFile());
                }
            }
        }
    }

    private static Run run(String command, String model, String... more) {
        var words = new ArrayList<>(List.of(command, MODELS.resolve(model).toString(), "--data", "images:" + images,
                "--threads", "1", "--quiet"));
        words.addAll(List.of(more));
        return Run.of(words.toArray());
    }

    private static Run prune(String model, Path out, String... more) {
        return run("prune", model, Stream.concat(Stream.of("--remove", "1", "--samples", "20", "--verify-samples",
                "20", "--no-latency", "--out", out.toString()), Stream.of(more)).toArray(String[]::new));
    }

    @ParameterizedTest
    @ValueSource(strings = {"vit/plain", "vit/unbiased", "dinov2/plain", "timm-vit/pooled", "torchvision-vit/plain"})
    void aLayerGoesAndTheRestIsRepaired(String model) throws IOException {
        var out = folder.resolve("best of " + model.replace('/', ' '));
        var run = prune(model, out);
        assertThat(run.code()).as(run.err()).isZero();
        try (var written = ModelFile.open(out)) {
            assertThat(written.architecture().layers()).hasSize(3);
            assertThat(written.architecture().classNames()).hasSize(10).startsWith("class 0");
        }
        assertThat(run.out()).doesNotContain("cache");
    }

    @ParameterizedTest
    @ValueSource(strings = {"--criterion gradnorm --repair scale", "--criterion loss --repair none",
            "--preset fast --repair blockwise",
            "--criterion block-influence --method one-shot", "--method clusters", "--preset paper",
            "--criterion kl --dtype bfloat16 --repair none", "--representation pooled --cka unbiased"})
    void whatIsForTransformersIsForThemToo(String flags) {
        var run = prune("vit/plain", folder.resolve("with " + flags), flags.split(" "));
        assertThat(run.code()).as(run.err()).isZero();
    }

    /// A tower has no task: what the dense one makes of the images is what the smaller one is compared with.
    @ParameterizedTest
    @ValueSource(strings = {"clip_vision_model/projected", "clip_vision_model/plain", "siglip_vision_model/plain"})
    void aTowerIsAskedToStayAsItIs(String model) throws IOException {
        var out = folder.resolve("tower " + model.replace('/', ' '));
        var run = prune(model, out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(Files.readString(out.resolve("prune.json"))).contains("\"embedding_agreement\"");
        var alone = run("evaluate", out.toString(), "--no-latency");
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err()).contains("--against");
        var against = Run.of("evaluate", out, "--data", "images:" + images, "--against", MODELS.resolve(model),
                "--no-latency", "--quiet", "--threads", "1");
        assertThat(against.code()).as(against.err()).isZero();
        assertThat(against.out()).contains("agreement", "cosine of embeddings, mean over 60 examples");
        var trained = run("finetune", model, "--out", folder.resolve("never").toString());
        assertThat(trained.err()).contains("gives embeddings");
    }

    /// All tensors of a directory were written as the file has them, trained or not.
    @Test
    void whatIsHealedIsWritten() throws IOException {
        var out = folder.resolve("healed");
        var run = prune("vit/plain", out, "--heal", "full", "--epochs", "1", "--train-samples", "32", "--batch-size",
                "16");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(out.resolve("preprocessor_config.json")).hasSameTextualContentAs(
                MODELS.resolve("vit/plain/preprocessor_config.json"));
    }

    @Test
    void itIsTrainedMeasuredAndAnalysed() {
        var tuned = run("finetune", "vit/plain", "--epochs", "1", "--train-samples", "32", "--batch-size", "16",
                "--verify-samples", "20", "--out", folder.resolve("tuned").toString());
        assertThat(tuned.code()).as(tuned.err()).isZero();
        var measured = Run.of("evaluate", folder.resolve("tuned/best"), "--data", "images:" + images, "--threads", "1",
                "--no-latency", "--quiet");
        assertThat(measured.code()).as(measured.err()).isZero();
        var analysed = run("analyze", "timm-vit/registers", "--samples", "20", "--verify-samples", "20", "--out",
                folder.resolve("analysed").toString());
        assertThat(analysed.code()).as(analysed.err()).isZero();
    }

    /// What the user says of the images is kept where the network is read again.
    @ParameterizedTest
    @ValueSource(strings = {"vit/plain", "deit/plain", "timm-vit/plain", "torchvision-vit/plain"})
    void whatIsTypedOfImagesIsWritten(String model) throws IOException {
        var out = folder.resolve("typed " + model.replace('/', ' '));
        var run = prune(model, out, "--normalise", "cifar10", "--resize", "20", "--crop", "16", "--interpolation",
                "bicubic", "--repair", "none");
        assertThat(run.code()).as(run.err()).isZero();
        try (var written = ModelFile.open(out)) {
            var input = written.architecture().input().image();
            assertThat(input.mean()).containsExactly(.4914, .4822, .4465);
            assertThat(input.preparation().toString())
                    .isEqualTo("resized to 20 (shorter side), bicubic, cut to 16×16");
            assertThat(written.architecture().saysNormalisation()).isTrue();
        }
        boolean transformers = !model.startsWith("t");
        assertThat(Files.exists(out.resolve("preprocessor_config.json"))).isEqualTo(transformers);
        assertThat(Files.readString(out.resolve("config.json")).contains("0.4914")).isEqualTo(!transformers);
    }

    /// All fields stay but those that were typed.
    @Test
    void theRestOfWhatIsSaidOfImagesStays() throws IOException {
        var out = folder.resolve("mended");
        assertThat(prune("vit/plain", out, "--mean", ".1,.2,.3", "--std", "1,1,1", "--repair", "none").code()).isZero();
        var json = new ObjectMapper();
        var old = json.readTree(MODELS.resolve("vit/plain/preprocessor_config.json").toFile());
        var now = json.readTree(out.resolve("preprocessor_config.json").toFile());
        assertThat(now.get("image_mean").toString()).isEqualTo("[0.1,0.2,0.3]");
        var same = List.of("image_processor_type", "do_resize", "size", "resample", "do_rescale", "do_normalize");
        assertThat(same).allSatisfy(field -> assertThat(now.get(field)).as(field).isEqualTo(old.get(field)));
    }

    /// Pictures of odd sizes, by what the checkpoint says of them: torchvision's usual, timm's, a processor's.
    @ParameterizedTest
    @ValueSource(strings = {"vit/plain", "timm-vit/plain", "torchvision-vit/plain"})
    void imagesOfAnySizeAreLookedAt(String model) throws IOException {
        var odd = folder.resolve("odd " + model.replace('/', ' '));
        for (int label = 0; label < 10; label++) {
            var directory = Files.createDirectories(odd.resolve("val").resolve("n0000000" + label));
            for (var picture : List.of("wide", "tall", "square")) {
                Files.copy(Path.of("src/test/resources/preparation", picture + ".png"),
                        directory.resolve(picture + ".png"));
            }
        }
        var run = Run.of("evaluate", MODELS.resolve(model), "--data", "images:" + odd, "--threads", "2",
                "--no-latency");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("top-5 accuracy", "of 30 right");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--crop 20 | looks at 16×16", "--resize x | '--resize'",
            "--interpolation nearest | bilinear, bicubic", "--resize 0 | 1 to 4096", "--resize 1,2,3 | 1,2,3",
            "--resize none --interpolation bicubic | --resize N"})
    void whatIsNoPreparationIsRefused(String flags, String why) {
        var words = Stream.concat(Stream.of("--no-latency"), Stream.of(flags.split(" "))).toArray(String[]::new);
        var run = run("evaluate", "vit/plain", words);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(why.replace("'", ""));
    }

    @Test
    void imagesOfAnotherSizeAreRefusedWithAWayOut() {
        var run = run("evaluate", "vit/small_patches");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("16×16", "24×24", "--resize N --crop 24");
    }

    @Test
    void aTowerIsStudiedByAgreement() throws IOException {
        var out = folder.resolve("tower study");
        var run = Run.of("study", "methods", MODELS.resolve("clip_vision_model/projected"), "--data",
                "images:" + images, "--rows", "gradnorm,kl,one-shot-block-influence", "--repair", "none,refit",
                "--heal", "none", "--remove", "1", "--samples", "20", "--verify-samples", "20", "--no-latency", "--out",
                out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("agreement", "least").doesNotContain("accuracy");
        assertThat(Files.readAllLines(out.resolve("study.csv")).getFirst()).contains("calibration_images", "agreement,",
                "report_images");
    }
}
