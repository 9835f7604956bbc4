package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/// Files to read, and files made wrong.
final class TorchFixtures {
    static final Path HERE = Path.of("src/test/resources/checkpoint");
    private static final byte[] LEGACY_HEAD = latin1(
            "\u0080\u0002\u008a\nl\u00fc\u009cF\u00f9 j\u00a8P\u0019.\u0080\u0002M\u00e9\u0003.\u0080\u0002}.");

    private TorchFixtures() {}

    static byte[] latin1(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }

    /// A copy with the only place of `from` made `to`, which is as long.
    static byte[] replaced(byte[] bytes, String from, String to) {
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        assertThat(text).contains(from);
        assertThat(to).hasSameSizeAs(from);
        return latin1(text.replace(from, to));
    }

    /// A legacy file with this pickle as its object, and no storages.
    static Path legacy(Path path, byte[]... object) throws IOException {
        var bytes = new ByteArrayOutputStream();
        bytes.write(LEGACY_HEAD);
        for (var part : object) {
            bytes.write(part);
        }
        bytes.write(latin1("."));
        bytes.write(latin1("\u0080\u0002]."));
        return Files.write(path, bytes.toByteArray());
    }

    /// Opens the file and reads every tensor: it ends well, or with an `IOException`.
    ///
    /// @return whether it ended well
    static boolean reads(Path path) {
        try (var file = TorchPickle.open(path)) {
            long sum = 0;
            for (var info : file.tensors().values()) {
                var bytes = file.read(info.name());
                assertThat(bytes.byteSize()).isEqualTo(info.bytes());
                sum += bytes.byteSize() == 0 ? 0 : bytes.get(ValueLayout.JAVA_BYTE, bytes.byteSize() - 1);
            }
            return BigInteger.valueOf(sum).bitLength() < 64;
        } catch (IOException e) {
            assertThat(e).hasMessageContaining(path.getFileName().toString());
            return false;
        }
    }
}
