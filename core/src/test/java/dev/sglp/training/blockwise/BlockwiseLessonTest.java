package dev.sglp.training.blockwise;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Layers are fitted one by one, from the command line.
final class BlockwiseLessonTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;

    @BeforeEach
    void open() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
    }

    private Run tuned(Path model, Path out, Object... more) {
        var all = new ArrayList<Object>(List.of("finetune", model, "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 10, "--verify-samples", 8, "--train-samples", 24, "--seed", 3, "--out", out, "--quiet"));
        all.addAll(List.of(more));
        return Run.of(all.toArray());
    }

    /// Layers behind the gap are fitted to the dense stream, those before it keep their bytes; the stream comes nearer.
    @Test
    void layersBehindTheGapFollowTheDenseStream() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 2, dense, "--out", small, "--quiet").code()).isZero();
        var run = tuned(small, folder.resolve("blockwise"), "--teacher", dense, "--train", "blockwise", "--epochs", 6,
                "--learning-rate", 0.003);
        assertThat(run.code()).as(run.err()).isZero();
        var epochs = new ObjectMapper().readTree(folder.resolve("blockwise/finetune.json").toFile()).path("training")
                .path("epochs");
        assertThat(epochs).hasSize(2)
                .allSatisfy(layer -> assertThat(layer.path("validation_loss").isNumber()).isTrue()); // the layer before the gap and the one behind it
        try (var before = Checkpoints.open(small); var after = Checkpoints.open(folder.resolve("blockwise/last"))) {
            for (var name : after.tensors().keySet()) {
                boolean trained = name.startsWith("model.layers.1.") || name.startsWith("model.layers.2.");
                assertThat(before.read(name).mismatch(after.read(name)) < 0).as(name).isNotEqualTo(trained);
            }
        }
        assertThat(distance(folder.resolve("blockwise/last"))).isLessThan(0.95 * distance(small));
        var alone = tuned(small, folder.resolve("alone"), "--train", "blockwise");
        assertThat(alone.code()).isEqualTo(2);
        assertThat(alone.err()).contains("--train blockwise follows a teacher's stream");
    }

    /// Minutes are shared by the layers: here each gets one step of three.
    @Test
    void minutesEndEachLayersSteps() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 2, dense, "--out", small, "--quiet").code()).isZero();
        var run = Run.of("finetune", small, "--teacher", dense, "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 10, "--verify-samples", 8, "--train-samples", 24, "--train", "blockwise", "--minutes", 1e-6,
                "--no-samples", "--out", folder.resolve("short"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out() + run.err()).contains("1 of 3 steps of each of 2 layers");
        assertThat(folder.resolve("short/last/model.safetensors").toFile()).exists();
    }

    @Test
    void aLayerThatComesNoNearerStaysAsItWas() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 2, dense, "--out", small, "--quiet").code()).isZero();
        var far = Run.of("finetune", small, "--teacher", dense, "--data", "text:" + pico.text(), "--window", 16,
                "--limit",
                10, "--verify-samples", 8, "--train-samples", 24, "--train", "blockwise", "--learning-rate", 0.5,
                "--out",
                folder.resolve("far"), "--quiet");
        assertThat(far.code()).as(far.err()).isZero();
        assertThat(folder.resolve("far/last/model.safetensors")).as("no nearer, so left as it was")
                .hasSameBinaryContentAs(small.resolve("model.safetensors"));
    }

    /// Of the last layer's output from the dense network's.
    private double distance(Path network) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(dense);
                var weights = file.forReading();
                var other = ModelFile.open(network);
                var less = other.forReading()) {
            var tokens = Tensors.longs(LongStream.range(5, 45).toArray()).view(1, 40);
            var wanted = file.architecture().build(weights).body(tokens, Pass.evaluation(), Tap.NONE);
            var got = other.architecture().build(less).body(tokens, Pass.evaluation(), Tap.NONE);
            return Tensors.toDoubles(got.sub(wanted).norm().div(wanted.norm()))[0];
        }
    }
}
