package dev.sglp.evaluation;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.Test;

final class MachineTest {
    private final Machine here = Machine.here(3);

    @Test
    void whatTheSystemSaysIsTold() {
        assertThat(here.threads()).isEqualTo(3);
        assertThat(here.cpu()).isNotBlank().doesNotContain(":");
        assertThat(here.logicalCores()).isPositive();
        assertThat(here.os()).startsWith(System.getProperty("os.name"));
        assertThat(here.java()).isEqualTo(System.getProperty("java.version"));
        assertThat(here.libtorch()).matches("\\d+\\.\\d+\\.\\d+");
        if (Files.exists(Path.of("/proc/meminfo"))) {
            assertThat(here.memoryBytes()).isGreaterThan(Memory.residentBytes());
        }
    }

    @Test
    void whenAndWhereAreThoseOfTheProcess() {
        assertThat(Instant.parse(here.started())).isBefore(Instant.now());
        assertThat(Machine.here(3)).as("the same all the time").isEqualTo(here);
        assertThat(Path.of(here.directory())).isAbsolute().isDirectory();
    }
}
