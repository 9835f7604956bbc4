package dev.sglp.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Oracle;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.checkpoint.TensorInfo;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/// SmolLM2 from its GGUF file is what transformers makes of it.
final class RealGgufTest {
    private @Nullable Gguf model;

    @BeforeEach
    void open() throws IOException {
        model = Gguf.open(Oracle.real("models/SmolLM2-135M-Instruct.Q4_1.gguf"));
    }

    @AfterEach
    void close() {
        if (model != null) {
            model.close();
        }
    }

    @Test
    void itsHeaderIsRead() throws IOException {
        assertThat(model.tensors()).hasSize(GgufFixtures.json("real.json").path("in_file").asInt()).hasSize(272);
        assertThat(model.tensors().values().stream().mapToLong(TensorInfo::elements).sum()).isEqualTo(134_515_008);
        assertThat(model.config()).containsEntry("model_type", "llama").containsEntry("num_hidden_layers", 30)
                .containsEntry("hidden_size", 576).containsEntry("num_attention_heads", 9)
                .containsEntry("num_key_value_heads", 3).containsEntry("head_dim", 64)
                .containsEntry("intermediate_size", 1536).containsEntry("rope_theta", 100_000.0)
                .containsEntry("rms_norm_eps", 1e-5).containsEntry("vocab_size", 49_152)
                .containsEntry("max_position_embeddings", 8192).containsEntry("tie_word_embeddings", true);
        assertThat((List<?>) model.values().get("tokenizer.ggml.tokens")).hasSize(49_152);
        assertThat((List<?>) model.values().get("tokenizer.ggml.merges")).hasSize(48_900);
    }

    @Test
    void itsWeightsAreThoseOfTransformers() throws IOException {
        var tensors = GgufFixtures.json("real.json").path("tensors");
        assertThat(tensors.size()).isEqualTo(14);
        for (var entry : tensors.properties()) {
            var info = model.tensors().get(entry.getKey());
            var expected = entry.getValue();
            var values = GgufFixtures.floats(model, info.name());
            assertThat(info.shape().toString()).isEqualTo(expected.path("shape").toString().replace(",", ", "));
            for (var place : expected.path("entries").properties()) {
                assertThat(values[Integer.parseInt(place.getKey())]).as(info.name())
                        .isEqualTo((float) place.getValue().asDouble());
            }
            double squares = 0;
            for (float v : values) {
                squares += (double) v * v;
            }
            assertThat(squares).isCloseTo(expected.path("squares").asDouble(), within(1e-9 * squares));
            double byRow = expected.path("by_row").asDouble();
            assertThat(GgufFixtures.byRow(values, info.shape().getFirst())).as(info.name()).isCloseTo(byRow,
                    within(1e-9 * squares * info.shape().getFirst()));
        }
    }

    /// About a third of a second on a machine with two cores.
    @Test
    void allOfItIsReadInSeconds() throws IOException {
        long start = System.nanoTime();
        long bytes = 0;
        for (var name : model.tensors().keySet()) {
            try (var arena = Arena.ofShared()) {
                bytes += model.read(name, arena).byteSize();
            }
        }
        double seconds = (System.nanoTime() - start) / 1e9;
        System.out.printf("%d bytes dequantised in %.2f s%n", bytes, seconds);
        assertThat(bytes).isEqualTo(4 * 134_515_008L);
        assertThat(seconds).isLessThan(10);
    }
}
