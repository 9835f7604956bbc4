package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What dead processes left goes; what is in use, or somebody else's, stays.
final class WorkFolderTest {
    @TempDir
    Path folder;

    private Path left(String name) throws IOException {
        Files.createFile(folder.resolve(name + ".lock"));
        Files.createDirectories(folder.resolve(name).resolve("inside"));
        return Files.writeString(folder.resolve(name).resolve("inside/model.safetensors"), "half");
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(folder)) {
            return files.map(f -> f.getFileName().toString()).sorted().toList();
        }
    }

    @Test
    void aFolderWhoseLockNobodyHoldsIsRemoved() throws IOException {
        left(".sglp-0123");
        Files.createFile(folder.resolve(".sglp-4567.lock")); // killed before it made its folder
        try (var made = WorkFolder.in(folder)) {
            var own = made.path().getFileName().toString();
            assertThat(names()).containsExactly(own, own + ".lock");
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void aFolderWhoseLockIsHeldStays() throws IOException {
        var half = left(".sglp-0123");
        try (var channel = FileChannel.open(folder.resolve(".sglp-0123.lock"), StandardOpenOption.WRITE);
                var _ = channel.lock()) {
            WorkFolder.in(folder).close();
            assertThat(half).hasContent("half");
        }
        WorkFolder.in(folder).close();
        assertThat(names()).isEmpty();
    }

    @Test
    void twoOfTheSameProcessDoNotDisturbEachOther() throws IOException {
        try (var first = WorkFolder.in(folder); var second = WorkFolder.in(folder)) {
            WorkFolder.in(folder).close();
            assertThat(first.path()).isDirectory().isNotEqualTo(second.path());
            assertThat(second.path()).isDirectory();
        }
        assertThat(names()).isEmpty();
    }

    @Test
    void whatHasNoLockIsNotOursToJudge() throws IOException {
        Files.createDirectory(folder.resolve(".sglp-mine"));
        Files.writeString(folder.resolve("notes.lock"), "mine");
        WorkFolder.in(folder).close();
        assertThat(names()).containsExactly(".sglp-mine", "notes.lock");
    }
}
