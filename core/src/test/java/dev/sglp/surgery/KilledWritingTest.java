package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Oracle;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.family.ModelFile;
import dev.sglp.family.decoder.Pico;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Killed before each of its changes of the disk, a writer leaves a whole model or none, and the next one succeeds.
final class KilledWritingTest {
    private static final int EVERY = 16; // how often the next writer is tried too
    private static final List<String> ENTRIES = List.of("model.safetensors", "model.safetensors.index.json",
            "model.pth");
    private static final LayerSet OLD = LayerSet.of(1);
    private static final LayerSet NEW = LayerSet.of(3);

    @TempDir
    Path folder;

    /// Writes the model without some layers.
    @FunctionalInterface
    private interface Writer {
        void write(LayerSet removed, Path out) throws IOException;
    }

    private static Map<String, byte[]> config(ModelFile file, LayerSet removed) {
        return Map.of(Surgeon.CONFIG, Json.pretty(file.architecture().config(removed, List.of()))
                .getBytes(StandardCharsets.UTF_8));
    }

    /// What opens there, with its configuration. Something by which weights are found has to open.
    private static Object read(Path out) throws IOException {
        if (ENTRIES.stream().noneMatch(entry -> Files.exists(out.resolve(entry)))) {
            return "no model";
        }
        try (var file = ModelFile.open(out)) {
            return List.of(Checkpoints.sha256(file.checkpoint()), Files.readString(out.resolve(Surgeon.CONFIG)));
        }
    }

    private static void copy(Path directory, Path to) throws IOException {
        Files.createDirectory(to);
        try (var files = Files.list(directory)) {
            for (var file : files.toList()) {
                Files.copy(file, to.resolve(file.getFileName()));
            }
        }
    }

    private int killedBeforeEachChange(Writer writer, boolean replacing) throws IOException {
        var finished = folder.resolve("finished");
        writer.write(NEW, finished);
        var present = folder.resolve("present");
        writer.write(OLD, present);
        for (int step = 0;; step++) {
            var out = folder.resolve("out" + step);
            if (replacing) {
                copy(present, out);
            }
            var old = read(out);
            var disk = new MortalDisk(step);
            try {
                writer.write(NEW, disk.of(out));
            } catch (MortalDisk.Killed _) {
                assertThat(disk.isDead()).isTrue();
            }
            assertThat(read(out)).as("killed after %s", disk.steps()).isIn("no model", old, read(finished));
            if (!disk.isDead()) {
                assertThat(read(out)).isEqualTo(read(finished));
                return step;
            }
            if (step % EVERY == 0 && (replacing || read(out).equals("no model"))) {
                writer.write(NEW, out);
                assertThat(read(out)).isEqualTo(read(finished));
                try (var left = Files.list(out)) {
                    assertThat(left.filter(f -> f.getFileName().toString().startsWith("."))).isEmpty();
                }
            }
        }
    }

    @Test
    void aLanguageModelInShards(TestReporter reporter) throws IOException {
        var model = Pico.folder("llama3");
        var before = Checkpoints.open(model);
        var hash = Checkpoints.sha256(before);
        int steps = killedBeforeEachChange((removed, out) -> {
            try (var file = ModelFile.open(model)) {
                new DirectorySurgeon(file, 20_000).write(removed, out, config(file, removed));
            }
        }, false);
        reporter.publishEntry("changes of the disk", String.valueOf(steps));
        assertThat(steps).isGreaterThan(60);
        assertThat(Checkpoints.sha256(before)).isEqualTo(hash);
        before.close();
    }

    @ParameterizedTest
    @EnumSource(OutputFormat.class)
    void anImageNetworkInTheNewAndInTheOldPlace(OutputFormat format) throws IOException {
        for (boolean replacing : List.of(false, true)) {
            int steps = killedBeforeEachChange((removed, out) -> {
                try (var file = ModelFile.open(Oracle.file("pico_resnet.safetensors"));
                        var weights = file.forReading()) {
                    var pruned = file.architecture().build(weights).without(removed);
                    new Surgeon(file, weights, format, ShardedWriter.SHARD_BYTES).write(removed, pruned, out,
                            config(file, removed));
                }
            }, replacing);
            assertThat(steps).isGreaterThan(20);
            folder = Files.createDirectory(folder.resolve("replacing"));
        }
    }
}
