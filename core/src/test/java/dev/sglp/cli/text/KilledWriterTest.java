package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.RandomMoments;
import dev.sglp.cli.Subprocess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Real processes that are really killed while they write a language model. `-Dsglp.kills=N` asks for N kills on the real model
/// of `SGLP_TEST_DATA`; without it a pico model is killed twice.
@EnabledOnOs({OS.LINUX, OS.MAC})
final class KilledWriterTest {
    private static final List<String> ENTRIES = List.of("model.safetensors", "model.safetensors.index.json");

    @TempDir
    Path folder;

    /// A model, and how its commands are typed.
    private record Subject(Path model, Path text, String shard) {
        /// `convert` and `prune` in turn.
        List<String> words(int kill, Path out) {
            var convert = List.of("convert", model.toString(), "--out", out.toString(), "--max-shard-size", shard);
            return kill % 2 == 0
                    ? convert
                    : List.of("prune", model.toString(), "--out", out.toString(), "--max-shard-size", shard, "--data",
                            "text:" + text, "--remove", "1", "--method", "tail", "-k", "2", "--window", "16",
                            "--samples", "2", "--verify", "0", "--limit", "2", "--no-latency");
        }
    }

    private static boolean holds(Path directory, Predicate<String> name) {
        if (!Files.isDirectory(directory)) {
            return false;
        }
        try (Stream<Path> files = Files.list(directory)) {
            return files.anyMatch(f -> name.test(f.getFileName().toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean isWriting(Path out) {
        return holds(out, name -> name.startsWith(".sglp-") && !name.endsWith(".lock"));
    }

    private static Optional<String> weights(Path out) throws IOException {
        if (!holds(out, ENTRIES::contains)) {
            return Optional.empty();
        }
        try (var model = Checkpoints.open(out)) {
            return Optional.of(Checkpoints.sha256(model));
        }
    }

    /// What each command writes, and how long it writes.
    private record Reference(Optional<String> weights, Duration writing) {}

    private Reference reference(Subject subject, int command) throws IOException, InterruptedException {
        var out = folder.resolve("whole" + command);
        var run = Subprocess.start(folder, subject.words(command, out));
        run.await(() -> isWriting(out));
        long start = System.nanoTime();
        run.await(() -> holds(out, ENTRIES::contains));
        var writing = Duration.ofNanos(System.nanoTime() - start);
        assertThat(run.end()).as(run.printed()).isZero();
        var found = new Reference(weights(out), writing);
        assertThat(found.weights).isPresent();
        return found;
    }

    /// @return how many were hit while they wrote
    private int killed(Subject subject, int kills, RandomMoments moments) throws IOException, InterruptedException {
        var references = List.of(reference(subject, 0), reference(subject, 1));
        int within = 0;
        var input = sha256(subject.model);
        for (int kill = 0; kill < kills; kill++) {
            var out = folder.resolve("killed" + kill);
            var reference = references.get(kill % 2);
            long after = moments.within(reference.writing);
            var run = Subprocess.start(folder, subject.words(kill, out));
            run.await(() -> isWriting(out));
            TimeUnit.MILLISECONDS.sleep(after);
            run.kill();
            within += isWriting(out) ? 1 : 0;
            assertThat(weights(out)).as("killed after %d ms of writing, %s", after, moments)
                    .isIn(Optional.empty(), reference.weights);
            assertThat(sha256(subject.model)).isEqualTo(input);
            again(subject, kill, reference);
        }
        return within;
    }

    /// The same command once more, in the same place.
    private void again(Subject subject, int kill, Reference reference) throws IOException, InterruptedException {
        var out = folder.resolve("killed" + kill);
        boolean done = weights(out).isPresent();
        var next = Subprocess.start(folder, subject.words(kill, out));
        assertThat(next.end()).as(next.printed()).isEqualTo(done ? 3 : 0);
        assertThat(weights(out)).isEqualTo(reference.weights);
        assertThat(done || !holds(out, name -> name.startsWith(".sglp-"))).as("what was left is gone").isTrue();
        try (var files = Files.walk(out)) {
            files.sorted(java.util.Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }

    private static String sha256(Path model) throws IOException {
        try (var open = Checkpoints.open(model)) {
            return Checkpoints.sha256(open);
        }
    }

    @Test
    void aKilledWriterLeavesAWholeModelOrNoneAndTheNextOneCleansUp(TestReporter reporter)
            throws IOException, InterruptedException {
        var pico = PicoAndWords.make(folder);
        int within = killed(new Subject(pico.model("llama3"), pico.text(), "20KB"), 2, new RandomMoments("a writer"));
        reporter.publishEntry("kills that hit the writing", "%d of 2".formatted(within));
    }

    @Test
    @EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
    void soDoesOneOfARealModel(TestReporter reporter) throws IOException, InterruptedException {
        int kills = Integer.getInteger("sglp.kills", 0);
        Assumptions.assumeTrue(kills > 0, "-Dsglp.kills=N asks for it");
        var data = Path.of(System.getenv("SGLP_TEST_DATA"));
        var subject = new Subject(data.resolve("models/SmolLM2-135M-Instruct.Q4_1.gguf"),
                data.resolve("data/wikitext-2/valid.txt"), "100MB");
        int within = killed(subject, kills, new RandomMoments("a writer"));
        reporter.publishEntry("kills that hit the writing", "%d of %d".formatted(within, kills));
        assertThat(within).as("kills that hit the writing, of %d", kills).isPositive();
    }
}
