package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.RandomMoments;
import dev.sglp.cli.Run;
import dev.sglp.cli.Subprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The training of a language model that is really killed.
@EnabledOnOs({OS.LINUX, OS.MAC})
final class KilledTextTrainingTest {
    private static final int KILLS = Integer.getInteger("sglp.kills", 2);

    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;
    private Path small;

    private List<String> training(String what, String out, String... more) {
        var words = new ArrayList<>(List.of("finetune", small.toString(), "--teacher", dense.toString(),
                "--data", "text:" + pico.text(), "--window", "16", "--limit", "10", "--verify-samples", "8",
                "--train-samples", "24", "--batch-size", "4", "--epochs", "4", "--save-every", "1", "--train", what,
                "--out", folder.resolve(out).toString(), "--quiet"));
        if (what.equals("blockwise")) {
            int saving = words.indexOf("--save-every"); // a layer is kept when it is fitted
            words.subList(saving, saving + 2).clear();
        }
        words.addAll(List.of(more));
        return words;
    }

    /// Of documents of one to eleven tokens, as many a step as have forty.
    private List<String> inTokens(String out, String... more) throws IOException {
        var words = training("full", out, more);
        var lines = Files.readAllLines(pico.text());
        var documents = Files.write(folder.resolve("documents.jsonl"), IntStream.range(0, lines.size())
                .mapToObj(i -> "{\"text\": \"%s\"}".formatted(
                        Stream.of(lines.get(i).split(" ")).limit(2 + i * 7 % 10).collect(Collectors.joining(" "))))
                .toList());
        words.set(words.indexOf("--data") + 1, "jsonl:" + documents);
        words.set(words.indexOf("--train-samples") + 1, "80");
        words.set(words.indexOf("--batch-size") + 1, "40");
        words.set(words.indexOf("--batch-size"), "--batch-tokens");
        return words;
    }

    private List<String> asked(String what, String out, String... more) throws IOException {
        return what.equals("tokens") ? inTokens(out, more) : training(what, out, more);
    }

    private void make() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
        small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", small, "--quiet").code()).isZero();
    }

    /// As soon as its folder is there.
    @ParameterizedTest
    @ValueSource(strings = {"partial", "blockwise"})
    void killedAsItBeginsItCanBeStartedAgain(String what) throws IOException, InterruptedException {
        make();
        var words = training(what, "killed");
        var run = Subprocess.start(folder, words);
        run.awaitFile(folder.resolve("killed/last/config.json"));
        run.kill();
        words.add("--resume");
        var resumed = Subprocess.start(folder, words);
        assertThat(resumed.end()).as("%s", resumed.printed()).isZero();
        assertThat(folder.resolve("killed/training.begun")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"full", "partial", "lora", "blockwise", "tokens"})
    void itGoesOnToTheSameBytes(String what) throws IOException, InterruptedException {
        make();
        var whole = Subprocess.start(folder, asked(what, "whole"));
        assertThat(whole.end()).as("%s", whole.printed()).isZero();
        var run = Subprocess.start(folder, asked(what, "killed"));
        run.awaitFile(folder.resolve("killed/training.safetensors"));
        run.kill();
        assertThat(folder.resolve("killed/finetune.json")).as("killed before its end").doesNotExist();
        assertThat(Files.exists(folder.resolve("killed/last/model.safetensors"))).isTrue();
        var resumed = Subprocess.start(folder, asked(what, "killed", "--resume"));
        assertThat(resumed.end()).as("%s", resumed.printed()).isZero();
        assertSame("killed at its first state");
    }

    /// Killed and started again until it is through, each time at another moment after it could have kept a state.
    @Test
    void howeverOftenItIsKilledItGoesOnToTheSameBytes(TestReporter reporter) throws IOException, InterruptedException {
        make();
        long start = System.nanoTime();
        var whole = Subprocess.start(folder, training("full", "whole"));
        whole.awaitFile(folder.resolve("whole/training.safetensors"));
        long state = System.nanoTime();
        assertThat(whole.end()).as("%s", whole.printed()).isZero();
        var rest = Duration.ofNanos((long) (0.9 * (System.nanoTime() - state)));
        var moments = new RandomMoments("a training of a language model");
        var waited = new ArrayList<Long>(); // milliseconds
        var run = Subprocess.start(folder, training("full", "killed"));
        run.awaitFile(folder.resolve("killed/training.safetensors"));
        while (waited.size() < KILLS && !run.process().waitFor(wait(moments, rest, waited), TimeUnit.MILLISECONDS)) {
            run.kill();
            run = Subprocess.start(folder, training("full", "killed", "--resume"));
            run.process().waitFor(state - start, TimeUnit.NANOSECONDS);
        }
        var how = "killed after %s ms of %d, %s".formatted(waited, rest.toMillis(), moments);
        reporter.publishEntry("training", how);
        assertThat(run.end()).as("%s: %s", how, run.printed()).isZero();
        assertSame(how);
    }

    private static long wait(RandomMoments moments, Duration most, List<Long> waited) {
        waited.add(moments.within(most));
        return waited.getLast();
    }

    private void assertSame(String how) {
        for (var network : List.of("best", "last")) {
            assertThat(folder.resolve("killed").resolve(network).resolve("model.safetensors")).as(how)
                    .hasSameBinaryContentAs(folder.resolve("whole").resolve(network).resolve("model.safetensors"));
        }
    }
}
