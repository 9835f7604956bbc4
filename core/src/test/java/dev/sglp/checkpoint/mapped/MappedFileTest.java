package dev.sglp.checkpoint.mapped;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A file in memory, and what may happen to it meanwhile.
final class MappedFileTest {
    private static final byte[] CONTENT = "the weights of a network".getBytes(StandardCharsets.UTF_8);

    @TempDir
    private Path folder;
    private Path path;

    @BeforeEach
    void write() throws IOException {
        path = folder.resolve("weights.bin");
        Files.write(path, CONTENT);
    }

    @Test
    void itHoldsTheBytesOfTheFile() throws IOException {
        try (var file = MappedFile.open(path)) {
            assertThat(file.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CONTENT);
            assertThat(file.size()).isEqualTo(CONTENT.length);
            assertThat(file.local()).isTrue();
        }
    }

    @Test
    void changingTheBytesInMemoryLeavesTheFileAsItIs() throws IOException {
        try (var file = MappedFile.open(path)) {
            file.bytes().set(ValueLayout.JAVA_BYTE, 0, (byte) 'T');
            assertThat(file.bytes().get(ValueLayout.JAVA_BYTE, 0)).isEqualTo((byte) 'T');
        }
        assertThat(Files.readAllBytes(path)).isEqualTo(CONTENT);
    }

    @Test
    void pagesThatWereGivenBackAreReadAgain() throws IOException {
        try (var file = MappedFile.open(path)) {
            assertThat(file.bytes().get(ValueLayout.JAVA_BYTE, 4)).isEqualTo((byte) 'w');
            file.unload();
            assertThat(file.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CONTENT);
        }
    }

    @Test
    void itStaysMappedAsLongAsSomebodyHoldsIt() throws IOException {
        var file = MappedFile.open(path);
        var bytes = file.bytes();
        var first = file.hold();
        var second = file.hold();
        file.close();
        file.close();
        first.close();
        first.close();
        assertThat(bytes.toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CONTENT);
        second.close();
        assertThatThrownBy(() -> bytes.get(ValueLayout.JAVA_BYTE, 0)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(file::hold).isInstanceOf(IllegalStateException.class).hasMessageContaining("weights.bin");
        assertThatThrownBy(file::bytes).isInstanceOf(IllegalStateException.class);
        assertThatCode(file::unload).doesNotThrowAnyException();
    }

    @Test
    void aFileThatWasCutOrWrittenIsTold() throws IOException {
        try (var file = MappedFile.open(path)) {
            file.check();
            Files.write(path, new byte[3]);
            assertThatThrownBy(file::check).isInstanceOf(IOException.class).hasMessageContaining("weights.bin")
                    .hasMessageContaining("24").hasMessageContaining("3");
        }
    }

    /// Of the same size: the time tells.
    @Test
    void aFileThatWasWrittenInPlaceIsTold() throws IOException {
        try (var file = MappedFile.open(path)) {
            Files.write(path, new byte[CONTENT.length]);
            Files.setLastModifiedTime(path, FileTime.fromMillis(1));
            assertThatThrownBy(file::check).isInstanceOf(IOException.class).hasMessageContaining("weights.bin")
                    .hasMessageContaining("1970");
        }
    }

    /// A page without content stands for one that the disk cannot read: the system answers both alike.
    @Test
    void aPageThatCannotBeReadIsTold() throws IOException {
        Files.write(path, new byte[1 << 20]);
        try (var file = MappedFile.open(path); var writer = FileChannel.open(path, StandardOpenOption.WRITE)) {
            MappedFile.touched(path, file::bytes);
            writer.truncate(1 << 16);
            MappedFile.touched(path, () -> file.bytes().asSlice(0, 1 << 16));
            assertThatThrownBy(() -> MappedFile.touched(path, file::bytes)).isInstanceOf(IOException.class)
                    .hasMessageContaining("[%s] cannot be read".formatted(path));
        }
    }

    @Test
    void aFileThatLostItsNameKeepsItsBytes() throws IOException {
        try (var file = MappedFile.open(path)) {
            var other = folder.resolve("other.bin");
            Files.write(other, new byte[5]);
            Files.move(other, path, StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.ATOMIC_MOVE);
            file.check();
            Files.delete(path);
            file.check();
            assertThat(file.bytes().toArray(ValueLayout.JAVA_BYTE)).isEqualTo(CONTENT);
        }
    }

    @Test
    void anEmptyFileIsMappedToo() throws IOException {
        Files.write(path, new byte[0]);
        try (var file = MappedFile.open(path)) {
            assertThat(file.bytes().byteSize()).isZero();
            file.unload();
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"nfs4", "cifs", "smb3", "fuse.sshfs", "9p", "lustre", "virtiofs"})
    void disksOfOtherMachinesAreKnownByTheirFileSystem(String type) {
        assertThat(FileSystems.local(type)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"ext4", "xfs", "btrfs", "overlay", "tmpfs", "apfs", "zfs"})
    void disksOfThisMachineAreKnownToo(String type) {
        assertThat(FileSystems.local(type)).isTrue();
    }
}
