package dev.sglp.checkpoint.gguf.dialect;

import dev.sglp.checkpoint.gguf.GgufTensor;
import dev.sglp.checkpoint.gguf.GgufType;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/// How Llama 3 stretches its positions. A GGUF file holds the quotients of the frequencies; a `config.json` the numbers they were
/// made from. The factor is read off the longest wave, the others are those of every published Llama 3, and all quotients have to
/// follow from them.
///
/// @param base     the base of the frequencies
/// @param headSize elements of a head, two for each frequency
public record RopeFactors(double base, int headSize) {
    private static final ValueLayout.OfFloat FLOAT = ValueLayout.JAVA_FLOAT_UNALIGNED
            .withOrder(ByteOrder.LITTLE_ENDIAN);
    private static final double LOW = 1;
    private static final double HIGH = 4;
    private static final long TRAINED = 8192; // positions before stretching
    private static final double TOLERANCE = 1e-3; // relative

    /// The field `rope_scaling` for these quotients.
    ///
    /// @throws IOException where they are not those of a Llama 3
    public Map<String, Object> scaling(Path path, GgufTensor quotients, MemorySegment file) throws IOException {
        int count = headSize / 2;
        if (quotients.type() != GgufType.F32 || !quotients.shape().equals(List.of((long) count))) {
            throw new IOException("[%s] tensor '%s' has type %s and shape %s, expected F32 and [%d]".formatted(path,
                    quotients.name(), quotients.type(), quotients.shape(), count));
        }
        double factor = at(file, quotients, count - 1);
        for (int i = 0; i < count; i++) {
            double expected = quotient(factor, i);
            double found = at(file, quotients, i);
            if (!(factor >= 1) || !(Math.abs(found - expected) <= TOLERANCE * expected)) {
                throw new IOException(
                        "[%s] stretches its positions in a way that is not Llama 3's: '%s' has %s at %d, expected %s"
                                .formatted(path, quotients.name(), found, i, expected));
            }
        }
        var scaling = new LinkedHashMap<String, Object>();
        scaling.put("rope_type", "llama3");
        scaling.put("factor", factor);
        scaling.put("low_freq_factor", LOW);
        scaling.put("high_freq_factor", HIGH);
        scaling.put("original_max_position_embeddings", TRAINED);
        return scaling;
    }

    private static double at(MemorySegment file, GgufTensor quotients, int index) {
        return file.get(FLOAT, quotients.offset() + (long) index * Float.BYTES);
    }

    private double quotient(double factor, int index) {
        double wave = 2 * Math.PI * Math.pow(base, 2.0 * index / headSize);
        if (wave < TRAINED / HIGH) {
            return 1;
        }
        if (wave > TRAINED / LOW) {
            return factor;
        }
        double smooth = (TRAINED / wave - LOW) / (HIGH - LOW);
        return 1 / ((1 - smooth) / factor + smooth);
    }
}
