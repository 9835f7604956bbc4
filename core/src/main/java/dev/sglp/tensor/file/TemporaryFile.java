package dev.sglp.tensor.file;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import org.bytedeco.pytorch.Tensor;

/// Files that tensors wait in. They have no name once they are open: nothing of them is left, however the program ends.
public final class TemporaryFile {
    /// Where they lie.
    public static final Path FOLDER = Path.of(System.getProperty("java.io.tmpdir"));
    /// How another folder is named.
    public static final String ELSEWHERE = "SGLP_JAVA_OPTS=-Djava.io.tmpdir=FOLDER";
    /// What to do where it takes no more.
    public static final String ADVICE = "Make room there, or name another folder: " + ELSEWHERE;
    private static final long PIECE = 1 << 20; // numbers that are written at a time

    private TemporaryFile() {}

    static FileChannel open() throws IOException {
        var named = Files.createTempFile(FOLDER, "sglp-", ".tensors");
        return FileChannel.open(named, StandardOpenOption.READ, StandardOpenOption.WRITE,
                StandardOpenOption.DELETE_ON_CLOSE);
    }

    /// Writes a tensor's numbers from a place of the file on.
    static void write(FileChannel file, long at, Tensor tensor, DType dtype) throws IOException {
        var flat = tensor.detach().contiguous().view(-1);
        for (long from = 0; from < flat.numel(); from += PIECE) {
            var piece = flat.narrow(0, from, Math.min(PIECE, flat.numel() - from));
            try (var copy = Arena.ofConfined()) {
                long start = at + from * dtype.bytes();
                for (var left = Tensors.bytes(piece, dtype, copy).asByteBuffer(); left.hasRemaining();) {
                    file.write(left, start + left.position());
                }
            }
        }
    }
}
