package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Oracle;
import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.HuggingFaceDirectory;
import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// Shards are as large as they may be, and hold what they were given.
final class ShardedWriterTest {
    @TempDir
    Path folder;

    private static OutgoingTensor tensor(String name, int bytes) {
        return new OutgoingTensor(new TensorInfo(name, DType.U8, List.of((long) bytes)), to -> {
            for (int at = 0; at < bytes; at += 10) {
                to.accept(ByteBuffer.wrap(new byte[Math.min(10, bytes - at)]));
            }
        });
    }

    private List<String> names(List<Path> files) {
        return files.stream().map(f -> folder.relativize(f).toString()).toList();
    }

    @Test
    void whatFitsIsOneFile() throws IOException {
        var files = ShardedWriter.write(List.of(tensor("a", 60), tensor("b", 40)), folder, 100);
        assertThat(names(files)).containsExactly("model.safetensors");
        assertThat(folder.resolve(ShardedWriter.INDEX)).doesNotExist();
        try (var back = SafeTensors.open(files.getFirst())) {
            assertThat(back.tensors().keySet()).containsExactly("a", "b");
            assertThat(back.metadata()).containsEntry("format", "pt");
        }
    }

    @Test
    void whatDoesNotFitIsInShardsWithAnIndex() throws IOException {
        var files = ShardedWriter.write(List.of(tensor("d", 60), tensor("c", 40), tensor("b", 201), tensor("a", 1)),
                folder, 100);
        assertThat(names(files)).containsExactly("model-00001-of-00003.safetensors",
                "model-00002-of-00003.safetensors", "model-00003-of-00003.safetensors");
        var index = new ObjectMapper().readTree(folder.resolve(ShardedWriter.INDEX).toFile());
        assertThat(index.path("metadata").path("total_size").asLong()).isEqualTo(302);
        assertThat(index.path("weight_map").toString()).isEqualTo(
                "{\"a\":\"model-00003-of-00003.safetensors\",\"b\":\"model-00002-of-00003.safetensors\",\"c\":\"model-00001-of-00003.safetensors\",\"d\":\"model-00001-of-00003.safetensors\"}");
        try (var back = HuggingFaceDirectory.open(folder)) {
            assertThat(back.tensors().keySet()).containsExactly("d", "c", "b", "a");
        }
    }

    @Test
    void aTensorThatComesTwiceOrInAnotherSizeIsAWrongCall() {
        for (long most : new long[]{5, 1000}) {
            assertThatThrownBy(() -> ShardedWriter.write(List.of(tensor("a", 6), tensor("a", 6)), folder, most))
                    .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("'a'");
        }
        var lying = new OutgoingTensor(new TensorInfo("a", DType.U8, List.of(7L)), tensor("a", 6).bytes());
        assertThatThrownBy(() -> ShardedWriter.write(List.of(lying), folder, 10))
                .isInstanceOf(IllegalArgumentException.class).hasMessageContaining("6 bytes, expected 7");
    }

    @Test
    void aSourceThatFailsLeavesNoFile() throws IOException {
        var failing = new OutgoingTensor(new TensorInfo("a", DType.U8, List.of(7L)), to -> {
            to.accept(ByteBuffer.wrap(new byte[3]));
            throw new IOException("[in] became shorter");
        });
        assertThatThrownBy(() -> ShardedWriter.write(List.of(failing), folder, 10)).isInstanceOf(IOException.class)
                .hasMessageContaining("became shorter");
        try (var files = Files.list(folder)) {
            assertThat(files).isEmpty();
        }
    }

    @Test
    void tensorsOfAFileKeepTheirBytesUnderNewNames() throws IOException {
        try (Checkpoint from = Checkpoints.open(Oracle.file("pico_resnet.safetensors"))) {
            var out = from.tensors().keySet().stream().map(n -> OutgoingTensor.of(from, n, "x." + n)).toList();
            ShardedWriter.write(out, folder, 10_000);
            try (var back = HuggingFaceDirectory.open(folder)) {
                assertThat(back.weightFiles()).hasSizeGreaterThan(2);
                assertThat(back.tensors()).hasSameSizeAs(from.tensors());
                for (var name : from.tensors().keySet()) {
                    assertThat(back.read("x." + name).mismatch(from.read(name))).isEqualTo(-1);
                }
            }
        }
    }

    /// Larger than a piece, and no whole number of pieces.
    @Test
    void whatIsConvertedGoesThroughMemoryInPieces() throws IOException {
        long count = 3L * Checkpoint.CHUNK / Float.BYTES + 5;
        var info = new TensorInfo("large", DType.F32, List.of(count));
        var file = folder.resolve("large.safetensors");
        try (var _ = Scope.open(); var arena = Arena.ofShared()) {
            var values = Seed.of(7).normal("large", 1, count);
            SafeTensorsWriter.write(file, List.of(info), Map.of(), _ -> Tensors.bytes(values, DType.F32, arena));
            var pieces = new ArrayList<Integer>();
            var converted = new ByteArrayOutputStream();
            try (var from = Checkpoints.open(file)) {
                OutgoingTensor.of(from, "large", "large", DType.F16).bytes().stream(piece -> {
                    pieces.add(piece.remaining());
                    var bytes = new byte[piece.remaining()];
                    piece.get(bytes);
                    converted.writeBytes(bytes);
                });
            }
            assertThat(pieces).hasSize(4).allSatisfy(n -> assertThat(n).isLessThanOrEqualTo(Checkpoint.CHUNK / 2));
            assertThat(converted.toByteArray())
                    .isEqualTo(Tensors.bytes(values, DType.F16, arena).toArray(ValueLayout.JAVA_BYTE));
        }
    }

    @Test
    void tensorsInMemoryAreWrittenInTheTypeThatIsAskedFor() throws IOException {
        try (Checkpoint from = Checkpoints.open(Path.of("src/test/resources/gguf/pico-qwen3.gguf"));
                var weights = Weights.forTraining(from)) {
            var out = from.tensors().values().stream().map(i -> OutgoingTensor.of(weights, i.name(), i)).toList();
            ShardedWriter.write(out, folder, ShardedWriter.SHARD_BYTES);
            try (var back = Checkpoints.open(folder)) {
                for (var info : from.tensors().values()) {
                    assertThat(back.tensors().get(info.name())).isEqualTo(info);
                    assertThat(back.read(info.name()).mismatch(from.read(info.name()))).isEqualTo(-1);
                }
            }
        }
    }
}
