package dev.sglp.bench;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.checkpoint.HuggingFaceDirectory;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.evaluation.Memory;
import dev.sglp.surgery.OutgoingTensor;
import dev.sglp.surgery.OutputFolder;
import dev.sglp.surgery.ShardedWriter;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/// Copying a checkpoint of random bytes, tensor by tensor and compared, beside `cp` of the same files; both are flushed to the
/// disk. Everything is deleted afterwards.
///
/// @param place  where the files go
/// @param bytes  of all tensors
/// @param rounds of each side, after one to warm up
record WriterBench(Path place, long bytes, int rounds) {
    private static final long TENSOR = 1 << 26;
    private static final long SHARD = 1_000_000_000L;
    private static final int PIECE = 1 << 22;

    /// @param ours   megabytes a second of sglp
    /// @param theirs of `cp`
    /// @param ratio  how many times as fast sglp is, over the rounds
    /// @param peak   most resident memory of sglp
    record Result(long bytes, @JsonProperty("megabytes_per_second") Spread ours,
            @JsonProperty("cp_megabytes_per_second") Spread theirs, Spread ratio,
            @JsonProperty("peak_rss_bytes") long peak) {}

    Result run() throws IOException {
        var folder = Files.createTempDirectory(place, "writer-bench");
        try {
            var source = Files.createDirectory(folder.resolve("source"));
            ShardedWriter.write(random(), source, SHARD);
            var ours = new ArrayList<Double>();
            var theirs = new ArrayList<Double>();
            var ratios = new ArrayList<Double>();
            for (int round = -1; round < rounds; round++) {
                double mine = round % 2 == 0 ? sglp(source, folder) : 0;
                double cp = cp(source, folder);
                mine = mine == 0 ? sglp(source, folder) : mine;
                Bench.say("round %d: sglp %.2f s, cp %.2f s", round, mine, cp);
                if (round >= 0) {
                    ours.add(mine);
                    theirs.add(cp);
                    ratios.add(cp / mine);
                }
            }
            var result = new Result(bytes, Spread.of(ours).rate(bytes / 1e6), Spread.of(theirs).rate(bytes / 1e6),
                    Spread.of(ratios), Memory.peakResidentBytes());
            Bench.say("sglp: %s MB/s; cp: %s MB/s; sglp is %s times as fast; peak %.0f MB resident", result.ours,
                    result.theirs, result.ratio, result.peak / 1e6);
            return result;
        } finally {
            OutputFolder.remove(folder);
        }
    }

    /// Tensors of random bytes.
    private List<OutgoingTensor> random() {
        var tensors = new ArrayList<OutgoingTensor>();
        for (long left = bytes; left > 0; left -= TENSOR) {
            long size = Math.min(TENSOR, left);
            var random = new Random(left);
            tensors.add(new OutgoingTensor(new TensorInfo("tensor%04d".formatted(tensors.size()), DType.U8,
                    List.of(size)), to -> {
                        var piece = new byte[PIECE];
                        for (long at = 0; at < size; at += PIECE) {
                            random.nextBytes(piece);
                            to.accept(ByteBuffer.wrap(piece, 0, (int) Math.min(PIECE, size - at)));
                        }
                    }));
        }
        return tensors;
    }

    private double sglp(Path source, Path folder) throws IOException {
        var target = Files.createDirectory(folder.resolve("sglp"));
        sync(folder);
        long start = System.nanoTime();
        try (var from = HuggingFaceDirectory.open(source)) {
            ShardedWriter.write(
                    from.tensors().keySet().stream().map(name -> OutgoingTensor.of(from, name, name)).toList(), target,
                    SHARD);
        }
        sync(target);
        return done(start, target);
    }

    private double cp(Path source, Path folder) throws IOException {
        var target = folder.resolve("cp");
        sync(folder);
        long start = System.nanoTime();
        command("cp", "-r", source.toString(), target.toString());
        sync(target);
        return done(start, target);
    }

    private static double done(long start, Path target) throws IOException {
        double seconds = (System.nanoTime() - start) / 1e9;
        OutputFolder.remove(target);
        return seconds;
    }

    /// Flushes the whole file system.
    private static void sync(Path folder) throws IOException {
        command("sync", "-f", folder.toString());
    }

    private static void command(String... words) throws IOException {
        try {
            if (new ProcessBuilder(words).inheritIO().start().waitFor() != 0) {
                throw new IOException("%s failed".formatted(String.join(" ", words)));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }
}
