package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/// A command in a process of its own, which can be killed.
///
/// @param output what it printed, and its errors
public record Subprocess(Process process, Path output) {
    private static final int MOST_SECONDS = 300;

    /// @param folder where its output goes
    /// @param words  what a user types, without `sglp`
    public static Subprocess start(Path folder, List<String> words) throws IOException {
        return start(folder, Main.class, words);
    }

    /// Another program.
    public static Subprocess start(Path folder, Class<?> main, List<String> words) throws IOException {
        var output = Files.createTempFile(folder, "output", ".txt");
        var line = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "--enable-native-access=ALL-UNNAMED", "-cp",
                System.getProperty("java.class.path"), main.getName()));
        line.addAll(words);
        return new Subprocess(
                new ProcessBuilder(line).redirectOutput(output.toFile()).redirectErrorStream(true).start(),
                output);
    }

    /// Waits for its end; its exit code.
    public int end() throws InterruptedException {
        assertThat(process.waitFor(MOST_SECONDS, TimeUnit.SECONDS)).as("it ends").isTrue();
        return process.exitValue();
    }

    /// SIGKILL.
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        end();
    }

    public void signal(String name) throws IOException, InterruptedException {
        new ProcessBuilder("kill", "-" + name, String.valueOf(process.pid())).inheritIO().start().waitFor();
    }

    /// Waits until something is so, or the process is gone.
    public void await(BooleanSupplier condition) throws InterruptedException {
        for (int i = 0; i < MOST_SECONDS * 1000 && process.isAlive() && !condition.getAsBoolean(); i++) {
            TimeUnit.MILLISECONDS.sleep(1);
        }
    }

    public void awaitFile(Path file) throws InterruptedException {
        await(() -> Files.exists(file));
        assertThat(file).exists();
    }

    public String printed() throws IOException {
        return Files.readString(output);
    }
}
