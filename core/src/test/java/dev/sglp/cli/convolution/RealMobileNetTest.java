package dev.sglp.cli.convolution;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Oracle;
import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// torchvision's MobileNetV2 on centres of ImageNet's pictures; skipped where `SGLP_TEST_DATA` names none.
final class RealMobileNetTest {
    private static final String MODEL = "models/mobilenet_v2-b0353104.pth";
    private static final int SIDE = 224;
    private static final float[] MEAN = {.485f, .456f, .406f};
    private static final float[] STD = {.229f, .224f, .225f};

    @TempDir
    private Path folder;

    /// The centre of the only picture of a class.
    private static BufferedImage centre(Path pictures, String synset) throws IOException {
        try (var in = Files.newInputStream(pictures.resolve(synset).resolve("0.jpg"))) {
            var whole = ImageIO.read(in);
            return whole.getSubimage((whole.getWidth() - SIDE) / 2, (whole.getHeight() - SIDE) / 2, SIDE, SIDE);
        }
    }

    private static List<String> synsets(Path pictures) throws IOException {
        try (var all = Files.list(pictures)) {
            return all.map(p -> p.getFileName().toString().replace("/", "")).sorted().toList();
        }
    }

    private static Tensor pixels(BufferedImage image) { // [1, 3, H, W]
        var values = new float[3 * SIDE * SIDE];
        for (int p = 0; p < SIDE * SIDE; p++) {
            int rgb = image.getRGB(p % SIDE, p / SIDE);
            for (int c = 0; c < 3; c++) {
                values[c * SIDE * SIDE + p] = ((rgb >> 16 - 8 * c & 255) / 255f - MEAN[c]) / STD[c];
            }
        }
        return Tensors.floats(values, 1, 3, SIDE, SIDE);
    }

    @Test
    void theFirstPicturesLogitsAreTorchvisions() throws IOException {
        try (var zip = FileSystems.newFileSystem(Oracle.real("data/imagenet-sample.zip"));
                var _ = Scope.open();
                var file = ModelFile.open(Oracle.real(MODEL));
                var weights = file.forReading()) {
            var pictures = zip.getPath("/val");
            var image = pixels(centre(pictures, synsets(pictures).getFirst()));
            var logits = Tensors.toDoubles(
                    Autograd.off(() -> file.architecture().build(weights).forward(image, Pass.evaluation())));
            assertThat(logits).hasSize(1000);
            assertThat(logits[0]).isCloseTo(18.80461, within(2e-5));
            assertThat(logits[1]).isCloseTo(11.39294, within(2e-5));
            assertThat(logits[2]).isCloseTo(6.34829, within(2e-5));
        }
    }

    private static byte[] bytes(Path pictures, int[] labels) throws IOException { // [N, H, W, 3]
        var synsets = synsets(pictures);
        var all = ByteBuffer.allocate(labels.length * SIDE * SIDE * 3);
        for (int label : labels) {
            var image = centre(pictures, synsets.get(label));
            for (int p = 0; p < SIDE * SIDE; p++) {
                int rgb = image.getRGB(p % SIDE, p / SIDE);
                all.put((byte) (rgb >> 16)).put((byte) (rgb >> 8)).put((byte) rgb);
            }
        }
        return all.array();
    }

    @Test
    void withoutTwoBlocksItIsMendedAndWritten() throws IOException {
        var data = folder.resolve("pictures.npz");
        try (var zip = FileSystems.newFileSystem(Oracle.real("data/imagenet-sample.zip")); var out = Npz.create(data)) {
            for (int part = 0; part < 2; part++) {
                var split = List.of("train", "test").get(part);
                int first = 4 * part;
                var labels = IntStream.range(0, 200).map(i -> 5 * i + first).toArray();
                out.bytes("x_" + split, "%d, 224, 224, 3".formatted(labels.length),
                        bytes(zip.getPath("/val"), labels));
                out.labels("y_" + split, labels);
            }
        }
        var record = folder.resolve("record.json");
        var run = Run.of("prune", Oracle.real(MODEL), "--data", "arrays:" + data, "--remove", "2",
                "--preset", "fast", "--samples", "32", "--repair-samples", "120", "--second-look", "no", "--no-latency",
                "--no-diagnosis", "--threads", "2", "--quiet", "--out", folder.resolve("out"), "--json", record);
        assertThat(run.code()).as(run.err()).isZero();
        JsonNode found = new ObjectMapper().readTree(record.toFile());
        assertThat(found.path("after").path("parameters").asLong()).isLessThan(3_504_872);
        assertThat(found.path("plan").path("repair").path("name").asText()).isEqualTo("refit");
        try (var written = ModelFile.open(folder.resolve("out"))) {
            assertThat(written.architecture().layers()).hasSize(15);
        }
    }
}
