package dev.sglp.checkpoint.gguf;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;

/// What `tools/make_gguf_fixtures.py` made with the `gguf` package.
final class GgufFixtures {
    private static final Path FOLDER = Path.of("src/test/resources/gguf");

    private GgufFixtures() {}

    static Path file(String name) {
        return FOLDER.resolve(name);
    }

    static JsonNode json(String name) throws IOException {
        return new ObjectMapper().readTree(file(name).toFile());
    }

    /// The elements of a floating-point tensor.
    static float[] floats(Checkpoint checkpoint, String name) throws IOException {
        var info = checkpoint.tensors().get(name);
        return floats(checkpoint.read(name), info.dtype());
    }

    static float[] floats(MemorySegment bytes, DType dtype) {
        if (dtype == DType.F32) {
            return bytes.toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
        }
        var shorts = bytes.toArray(ValueLayout.JAVA_SHORT_UNALIGNED);
        var floats = new float[shorts.length];
        for (int i = 0; i < floats.length; i++) {
            floats[i] = dtype == DType.F16 ? Float.float16ToFloat(shorts[i]) : Float.intBitsToFloat(shorts[i] << 16);
        }
        return floats;
    }

    /// The sum of all elements, each times the number of its row from 1: tells the order of rows.
    static double byRow(float[] values, long rows) {
        double sum = 0;
        long width = values.length / rows;
        for (int i = 0; i < values.length; i++) {
            sum += (i / width + 1.0) * values[i];
        }
        return sum;
    }
}
