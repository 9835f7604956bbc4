package dev.sglp.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.output.OutputException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// Where records and results go.
final class JsonTargetTest {
    @TempDir
    private Path folder;

    @Test
    @EnabledOnOs(OS.LINUX)
    void whatLeadsToStandardOutputIsNotReplaced() throws IOException {
        assertThat(JsonTarget.of(Path.of("-"))).isEqualTo(JsonTarget.STANDARD_OUTPUT);
        assertThat(JsonTarget.of(Path.of("/proc/self/fd/1"))).isEqualTo(JsonTarget.STANDARD_OUTPUT);
        var link = Files.createSymbolicLink(folder.resolve("link"), Path.of("/proc/self/fd/1"));
        assertThat(JsonTarget.of(Files.createSymbolicLink(folder.resolve("other"), link.getFileName())))
                .isEqualTo(JsonTarget.STANDARD_OUTPUT);
        assertThat(JsonTarget.of(Path.of("/dev/fd/1"))).isEqualTo(JsonTarget.STANDARD_OUTPUT);
        assertThat(JsonTarget.of(Path.of("/dev/fd/63"))).as("a pipe of the shell").isEqualTo(JsonTarget.STREAM);
        assertThat(JsonTarget.of(Path.of("/dev/null"))).isEqualTo(JsonTarget.STREAM);
        assertThat(JsonTarget.of(Path.of("/proc/self/fd/2"))).isEqualTo(JsonTarget.STREAM);
    }

    @Test
    void filesAndLinksToThemAreFiles() throws IOException {
        var file = Files.writeString(folder.resolve("a.json"), "{}");
        assertThat(JsonTarget.of(file)).isEqualTo(JsonTarget.FILE);
        assertThat(JsonTarget.of(folder.resolve("new.json"))).isEqualTo(JsonTarget.FILE);
        assertThat(JsonTarget.of(Files.createSymbolicLink(folder.resolve("b.json"), file))).isEqualTo(JsonTarget.FILE);
        var dangling = Files.createSymbolicLink(folder.resolve("c.json"), Path.of("later/c.json"));
        assertThat(JsonTarget.of(dangling)).isEqualTo(JsonTarget.FILE);
        assertThat(JsonTarget.end(dangling)).isEqualTo(folder.resolve("later/c.json"));
        var loop = folder.resolve("loop");
        assertThat(JsonTarget.of(Files.createSymbolicLink(loop, loop))).isEqualTo(JsonTarget.FILE);
    }

    @Test
    @EnabledOnOs(OS.LINUX)
    void aFullDeviceIsNamed() {
        assertThatThrownBy(() -> JsonTarget.stream(Path.of("/dev/full"), "{}")).isInstanceOf(OutputException.class)
                .hasMessageStartingWith("[/dev/full] cannot be written: ");
    }

    @Test
    void standardOutputRemembersWhyItTookNoMore() {
        for (var why : new String[]{"No space left on device", "Broken pipe"}) {
            var out = new StandardOutput(new OutputStream() {
                @Override
                public void write(int b) throws IOException {
                    throw new IOException(why);
                }
            });
            new PrintWriter(out, true).println("x");
            assertThat(out.failure().isPresent()).isEqualTo(!why.equals("Broken pipe"));
        }
    }
}
