package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.RandomMoments;
import dev.sglp.cli.Subprocess;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestReporter;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Real processes that are really killed. `-Dsglp.kills=N` asks for more kills than the three of every build.
@EnabledOnOs({OS.LINUX, OS.MAC})
final class KilledTrainingTest {
    private static final String[] TUNING = {"--epochs", "8", "--save-every", "2"};
    private static final String[] PRUNING = {"--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss",
            "--finetune", "8", "--save-every", "2"};

    @TempDir
    private static Path folder;

    private static Duration whole;
    private static Duration sinceTheFirstState;

    @BeforeAll
    static void runToTheEnd() throws IOException, InterruptedException {
        new DarkAndBright(folder).make();
        assertThat(start("prune", "pruned", PRUNING).end()).isZero();
        long start = System.nanoTime();
        var run = start("finetune", "tuned", TUNING);
        run.awaitFile(folder.resolve("tuned").resolve(TrainingFolder.STATE));
        long training = System.nanoTime();
        assertThat(run.end()).isZero();
        whole = Duration.ofNanos(System.nanoTime() - start);
        sinceTheFirstState = Duration.ofNanos(System.nanoTime() - training);
    }

    private static Subprocess start(String command, String out, String... more) throws IOException {
        return Subprocess.start(folder, new DarkAndBright(folder).arguments(command, out, more));
    }

    private static String[] resuming(String... arguments) {
        return Stream.concat(Stream.of(arguments), Stream.of("--resume")).toArray(String[]::new);
    }

    /// Killed at random moments after its first state was written; how long that takes after the start is the machine's.
    @Test
    void whereverATrainingIsKilledItGoesOnToTheSameBytes(TestReporter reporter)
            throws IOException, InterruptedException {
        int kills = Integer.getInteger("sglp.kills", 3);
        var moments = new RandomMoments("a training");
        var most = Duration.ofNanos((long) (0.9 * sinceTheFirstState.toNanos()));
        int within = 0;
        for (int kill = 0; kill < kills; kill++) {
            var out = "killed" + kill;
            long after = moments.within(most);
            var run = start("finetune", out, TUNING);
            run.awaitFile(folder.resolve(out).resolve(TrainingFolder.STATE));
            TimeUnit.MILLISECONDS.sleep(after);
            run.kill();
            within += Files.exists(folder.resolve(out).resolve(TrainingFolder.STATE))
                    && !Files.exists(folder.resolve(out).resolve("finetune.json")) ? 1 : 0;
            var resumed = start("finetune", out, resuming(TUNING));
            assertThat(resumed.end()).as("killed after %d ms, %s: %s", after, moments, resumed.printed()).isZero();
            for (var name : List.of("best", "last")) {
                assertThat(folder.resolve(out).resolve(name).resolve("model.safetensors"))
                        .as("%s, killed after %d ms, %s", name, after, moments)
                        .hasSameBinaryContentAs(folder.resolve("tuned").resolve(name).resolve("model.safetensors"));
            }
        }
        reporter.publishEntry("kills that hit the training", "%d of %d".formatted(within, kills));
        assertThat(within).as("kills that hit the training, of %d", kills).isPositive();
    }

    @Test
    void ctrlCEndsATrainingWithExitCode130AndItGoesOnToTheSameBytes() throws IOException, InterruptedException {
        interrupted("finetune", "stopped", TUNING, TrainingFolder.STATE);
        assertThat(folder.resolve("stopped/last/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("tuned/last/model.safetensors"));
    }

    @Test
    void ctrlCWhileAPrunedNetworkHealsLosesNothing() throws IOException, InterruptedException {
        interrupted("prune", "halted", PRUNING, "healing/" + TrainingFolder.STATE);
        assertThat(folder.resolve("halted/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("pruned/model.safetensors"));
        assertThat(folder.resolve("halted/healing")).doesNotExist();
    }

    /// GradNorm over many small batches, so that there is time to stop it.
    @Test
    void ctrlCInAChoiceSaysThatItsScoresAreKeptAndTheSameCommandGoesOn() throws IOException, InterruptedException {
        String[] choice = {"--remove", "2", "--no-latency", "-k", "1", "--criterion", "gradnorm", "--draws", "40",
                "--verify", "0"};
        assertThat(start("prune", "chosen", choice).end()).isZero();
        var scoring = folder.resolve("left/scoring");
        var run = start("prune", "left", choice);
        run.awaitFile(scoring);
        Assumptions.assumeFalse(ignoresInterrupts(run.process().pid()), "this build was started deaf to Ctrl-C");
        run.signal("INT");
        assertThat(run.end()).as("%s", run.printed()).isEqualTo(130);
        assertThat(run.printed()).contains("sglp: stopped; what was found so far is kept in [" + scoring + "]",
                "The same command goes on").doesNotContain("Exception");
        assertThat(scoring).isDirectory();
        assertThat(start("prune", "left", choice).end()).isZero();
        assertThat(scoring).doesNotExist();
        assertThat(folder.resolve("left/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("chosen/model.safetensors"));
    }

    @Test
    void ctrlCEndsWithExitCode130WhateverIsUnderWay() throws IOException, InterruptedException {
        var moments = new RandomMoments("an early training");
        for (int i = 0; i < 2; i++) {
            var run = start("prune", "early" + i, PRUNING);
            long after = moments.within(whole.dividedBy(2));
            TimeUnit.MILLISECONDS.sleep(after);
            Assumptions.assumeFalse(ignoresInterrupts(run.process().pid()), "this build was started deaf to Ctrl-C");
            run.signal("INT");
            assertThat(run.end()).as("after %d ms, %s: %s", after, moments, run.printed()).isEqualTo(130);
        }
    }

    private static void interrupted(String command, String out, String[] arguments, String state)
            throws IOException, InterruptedException {
        var run = start(command, out, arguments);
        run.awaitFile(folder.resolve(out).resolve(state));
        Assumptions.assumeFalse(ignoresInterrupts(run.process().pid()), "this build was started deaf to Ctrl-C");
        TimeUnit.MILLISECONDS.sleep(100);
        run.signal("INT");
        assertThat(run.end()).as("%s", run.printed()).isEqualTo(130);
        assertThat(run.output()).content().contains("stopped in epoch", "--resume", folder.resolve(out).toString())
                .doesNotContain("Exception");
        assertThat(start(command, out, arguments).end()).as("not overwritten without --resume").isEqualTo(3);
        var resumed = start(command, out, resuming(arguments));
        assertThat(resumed.end()).as("%s", resumed.printed()).isZero();
    }

    /// A process started in the background of a script may ignore SIGINT from birth.
    private static boolean ignoresInterrupts(long pid) throws IOException {
        var status = Path.of("/proc", String.valueOf(pid), "status");
        return Files.exists(status) && Files.readAllLines(status).stream().filter(l -> l.startsWith("SigIgn:"))
                .anyMatch(l -> (Long.parseUnsignedLong(l.substring(7).strip(), 16) & 2) != 0);
    }
}
