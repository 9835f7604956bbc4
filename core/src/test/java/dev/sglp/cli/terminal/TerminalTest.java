package dev.sglp.cli.terminal;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the launcher tells of the terminal decides width and colour.
final class TerminalTest {
    private static final String RED = "\u001b[1;31msglp:\u001b[0m ";

    @AfterEach
    void forget() {
        List.of("sglp.columns", "sglp.window", "sglp.colour").forEach(System::clearProperty);
    }

    @ParameterizedTest
    @CsvSource({"70, 120, 70", "'', 120, 120", "'', '', 100", "nonsense, '', 100", "20, '', 60", "'', 4000, 160"})
    void helpIsAsWideAsTheTerminal(String columns, String window, int most) {
        System.setProperty("sglp.columns", columns);
        System.setProperty("sglp.window", window);
        assertThat(Terminal.textColumns()).isEqualTo(most);
        var lines = Run.of("prune", "--help").out().split("\n\nExamples:")[0].lines().mapToInt(String::length);
        assertThat(lines.max().orElseThrow()).isBetween(most - 12, most);
    }

    @Test
    void errorsAreRedOnATerminalAlone() {
        assertThat(Run.of("inspect", "nowhere.pth").err()).startsWith("sglp: [nowhere.pth]");
        System.setProperty("sglp.colour", "out,err");
        assertThat(Run.of("inspect", "nowhere.pth").err()).startsWith(RED + "[nowhere.pth]");
        assertThat(Run.of("inspect", "--nonsense").err()).startsWith(RED + "Unknown option");
        assertThat(Run.of("inspect", "nowhere.pth", "--quiet").err()).startsWith("sglp: [nowhere.pth]");
        System.setProperty("sglp.colour", "out");
        assertThat(Run.of("inspect", "nowhere.pth").err()).startsWith("sglp: [nowhere.pth]");
    }

    @Test
    void theHelpHasColoursWhereStandardOutputShowsThem() {
        assertThat(Run.of("inspect", "--help").out()).doesNotContain("\u001b");
        System.setProperty("sglp.colour", "err");
        assertThat(Run.of("inspect", "--help").out()).doesNotContain("\u001b");
        System.setProperty("sglp.colour", "out");
        assertThat(Run.of("inspect", "--help").out()).contains("\u001b[");
    }

    /// What a copy of the launcher starts Java with, which is a script that prints it.
    private static String launched(Path folder, Map<String, String> environment)
            throws IOException, InterruptedException {
        var launcher = Files.copy(Path.of("..", "sglp"), folder.resolve("sglp"), StandardCopyOption.COPY_ATTRIBUTES);
        var target = Files.createDirectories(folder.resolve("core/target"));
        var bin = Files.createDirectories(folder.resolve("jdk/bin"));
        for (var script : List.of("java", "javac")) {
            Files.writeString(bin.resolve(script), "#!/bin/sh\necho \"$@\"\n");
            assertThat(bin.resolve(script).toFile().setExecutable(true)).isTrue();
        }
        Files.createDirectories(folder.resolve("core/src/main"));
        Files.createFile(folder.resolve("pom.xml"));
        Files.createFile(folder.resolve("core/pom.xml"));
        Files.writeString(target.resolve("jdk"), bin.getParent().toString());
        Files.writeString(target.resolve("classpath.txt"), target.toString());
        Files.createFile(target.resolve("sglp-1.jar"));
        var process = new ProcessBuilder(launcher.toString(), "--help").redirectErrorStream(true);
        process.environment().putAll(environment);
        var started = process.start();
        var printed = new String(started.getInputStream().readAllBytes());
        assertThat(started.waitFor(1, TimeUnit.MINUTES)).isTrue();
        return printed;
    }

    @Test
    void theLauncherTellsNoColoursOfAPipe(@TempDir Path folder) throws IOException, InterruptedException {
        assertThat(launched(folder, Map.of("TERM", "xterm-256color", "COLUMNS", "77")))
                .contains("-Dsglp.terminal=false -Dsglp.colour= -Dsglp.columns=77 -Dsglp.window= ");
    }
}
