package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/// The launcher in a checkout that was built by somebody else: it may be read, and nothing in it written.
@EnabledOnOs({OS.LINUX, OS.MAC})
final class LauncherTest {
    @TempDir
    Path folder;

    private Path target;

    private record Said(int code, String text) {}

    /// A checkout whose sources are older than its jar; what runs are the classes of this build.
    @BeforeEach
    void aCheckoutThatIsBuilt() throws IOException {
        Files.copy(Path.of("../sglp"), folder.resolve("sglp"));
        Files.createFile(folder.resolve("pom.xml"));
        Files.createDirectories(folder.resolve("core/src/main"));
        Files.createFile(folder.resolve("core/pom.xml"));
        target = Files.createDirectories(folder.resolve("core/target"));
        var jar = Files.createFile(target.resolve("sglp-1.jar"));
        Files.setLastModifiedTime(jar, FileTime.fromMillis(System.currentTimeMillis() + 10_000));
        built(System.getProperty("java.class.path"));
    }

    private void built(String classpath) throws IOException {
        Files.writeString(target.resolve("classpath.txt"), classpath);
    }

    private void writable(boolean yes) throws IOException {
        Files.setPosixFilePermissions(target, PosixFilePermissions.fromString(yes ? "rwxr-xr-x" : "r-xr-xr-x"));
    }

    @AfterEach
    void canBeDeleted() throws IOException {
        writable(true);
    }

    private Said version() throws IOException, InterruptedException {
        var said = folder.resolve("said.txt").toFile();
        var builder = new ProcessBuilder(List.of("bash", folder.resolve("sglp").toString(), "--version"))
                .redirectErrorStream(true).redirectOutput(said);
        builder.environment().put("SGLP_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SGLP_JAVA_OPTS", "-XX:-AutoCreateSharedArchive"); // it takes no folders of classes
        builder.environment().put("PATH", folder + File.pathSeparator + System.getenv("PATH"));
        Files.writeString(folder.resolve("mvn"), "#!/bin/sh\necho the build was started\nexit 1\n");
        Files.setPosixFilePermissions(folder.resolve("mvn"), PosixFilePermissions.fromString("rwxr-xr-x"));
        var process = builder.start();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        return new Said(process.exitValue(), Files.readString(said.toPath()));
    }

    @Test
    void itRunsWhatIsBuiltAndWritesNothing() throws IOException, InterruptedException {
        writable(false);
        var said = version();
        assertThat(said.text).startsWith("sglp ").doesNotContain("denied", "build");
        assertThat(said.code).as(said.text).isZero();
    }

    @Test
    void whatMustBeBuiltAndCannotIsSaidWithAWayOut() throws IOException, InterruptedException {
        built(folder.resolve("somebody/else.jar").toString());
        writable(false);
        Assumptions.assumeFalse(Files.isWritable(target), "the superuser may write everywhere");
        var said = version();
        assertThat(said.code).isEqualTo(1);
        assertThat(said.text).contains("it has to be built first: it was built with libraries that are gone",
                "may not write in " + target, "cp -r " + folder).doesNotContain("denied", "the build was started");
    }

    @Test
    void whatIsStaleIsBuiltWhereThatCanBe() throws IOException, InterruptedException {
        built(folder.resolve("somebody/else.jar").toString());
        assertThat(version().text).contains("the build was started", "the build failed");
    }
}
