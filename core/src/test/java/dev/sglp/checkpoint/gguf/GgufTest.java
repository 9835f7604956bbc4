package dev.sglp.checkpoint.gguf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Gguf;
import dev.sglp.family.ModelFile;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Pico models by the `gguf` package look as Hugging Face has them.
final class GgufTest {
    private static Gguf open(String name) throws IOException {
        return Gguf.open(GgufFixtures.file(name));
    }

    private static String hugging(String name) {
        var parts = name.split("\\.");
        if (!parts[0].equals("blk")) {
            return Map.of("token_embd", "model.embed_tokens", "output_norm", "model.norm", "output", "lm_head")
                    .get(parts[0]) + ".weight";
        }
        var inside = switch (parts[2]) {
            case "attn_norm" -> "input_layernorm";
            case "ffn_norm" -> "post_attention_layernorm";
            case "attn_output" -> "self_attn.o_proj";
            default -> (parts[2].startsWith("attn_") ? "self_attn." : "mlp.")
                    + parts[2].substring(parts[2].indexOf('_') + 1) + (parts[2].endsWith("norm") ? "" : "_proj");
        };
        return "model.layers.%s.%s.%s".formatted(parts[1], inside, parts[3]);
    }

    @ParameterizedTest
    @ValueSource(strings = {"pico-llama.gguf", "pico-llama3.gguf", "pico-qwen2.gguf", "pico-qwen3.gguf"})
    void everyTensorHasItsNameShapeAndNumbers(String name) throws IOException {
        var meant = GgufFixtures.json("pico.json").path(name);
        try (var model = open(name)) {
            assertThat(model.tensors()).hasSize(meant.size());
            for (var entry : meant.properties()) {
                var info = model.tensors().get(hugging(entry.getKey()));
                assertThat(info).as(entry.getKey()).isNotNull();
                assertThat(info.shape().toString())
                        .isEqualTo(entry.getValue().path("shape").toString().replace(",", ", "));
                var values = GgufFixtures.floats(model, info.name());
                for (int i = 0; i < 4; i++) {
                    assertThat(values[i]).isEqualTo((float) entry.getValue().path("first").get(i).asDouble());
                }
                double expected = entry.getValue().path("by_row").asDouble();
                assertThat(GgufFixtures.byRow(values, info.shape().getFirst())).as(info.name()).isCloseTo(expected,
                        within(1e-9 * Math.abs(expected) + 1e-9));
            }
        }
    }

    @Test
    void theConfigurationIsThatOfALlama() throws IOException {
        try (var model = open("pico-llama.gguf")) {
            assertThat(model.format()).isEqualTo("GGUF v3");
            assertThat(model.metadata()).containsEntry("general.name", "pico é");
            assertThat(model.config()).containsEntry("model_type", "llama")
                    .containsEntry("architectures", List.of("LlamaForCausalLM")).containsEntry("hidden_size", 32)
                    .containsEntry("num_hidden_layers", 2).containsEntry("num_attention_heads", 4)
                    .containsEntry("num_key_value_heads", 2).containsEntry("head_dim", 8)
                    .containsEntry("intermediate_size", 64).containsEntry("rms_norm_eps", 1e-5)
                    .containsEntry("rope_theta", 500_000.0).containsEntry("vocab_size", 48)
                    .containsEntry("max_position_embeddings", 128).containsEntry("tie_word_embeddings", true)
                    .containsEntry("bos_token_id", 1).containsEntry("eos_token_id", 2)
                    .containsEntry("attention_bias", false).containsEntry("mlp_bias", false)
                    .containsEntry("torch_dtype", "float32").doesNotContainKey("rope_scaling");
            assertThat((List<?>) model.values().get("tokenizer.ggml.tokens")).hasSize(48).first().isEqualTo("t0");
        }
    }

    /// The file has quotients of frequencies that transformers made from these numbers.
    @Test
    void theStretchedPositionsOfALlama3AreFoundAgain() throws IOException {
        try (var model = open("pico-llama3.gguf")) {
            assertThat(model.config()).containsEntry("attention_bias", true)
                    .containsEntry("tie_word_embeddings", false).containsEntry("rope_scaling",
                            Map.of("rope_type", "llama3", "factor", 32.0, "low_freq_factor", 1.0, "high_freq_factor",
                                    4.0, "original_max_position_embeddings", 8192L));
            assertThat(model.tensors().keySet()).noneMatch(n -> n.contains("rope"));
        }
    }

    /// What the reader makes of a file is what the family understands.
    @ParameterizedTest
    @ValueSource(strings = {"pico-llama.gguf", "pico-llama3.gguf", "pico-qwen2.gguf", "pico-qwen3.gguf"})
    void everyFileIsANetworkOfItsFamily(String name) throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/gguf", name));
                var weights = file.forReading()) {
            assertThat(file.architecture().build(weights).layers()).hasSize(2);
        }
    }

    @Test
    void qwensDifferInWhatTheyDifferIn() throws IOException {
        try (var two = open("pico-qwen2.gguf"); var three = open("pico-qwen3.gguf")) {
            assertThat(two.config()).containsEntry("model_type", "qwen2").containsEntry("tie_word_embeddings", false)
                    .containsEntry("use_sliding_window", false).doesNotContainKey("attention_bias");
            assertThat(three.config()).containsEntry("model_type", "qwen3").containsEntry("head_dim", 8)
                    .containsEntry("rope_scaling", Map.of("rope_type", "linear", "factor", 4.0))
                    .containsEntry("torch_dtype", "float16");
            assertThat(three.tensors().get("model.layers.1.mlp.up_proj.weight").dtype()).isEqualTo(DType.F16);
            assertThat(three.tensors().get("model.norm.weight").dtype()).isEqualTo(DType.F32);
        }
    }

    /// 136 numbers, 16 of them in a matrix of float16.
    @Test
    void theSharesOfItsTypesAreThoseOfItsNumbers(@TempDir Path folder) throws IOException {
        var made = GgufBytes.llama();
        var q = made.tensors.get("blk.0.attn_q.weight");
        made.tensors.put(q.name(), new GgufBytes.Tensor(q.name(), 1, q.offset(), q.sizes()));
        try (var model = Gguf.open(Files.write(folder.resolve("x.gguf"), made.build()))) {
            assertThat(model.types()).containsExactly(Map.entry("F32", 120 / 136.0), Map.entry("F16", 16 / 136.0));
        }
    }

    /// As converters write it for every network that might have had some.
    @Test
    void noExpertsAreAnOrdinaryNetwork(@TempDir Path folder) throws IOException {
        var made = GgufBytes.llama();
        for (var key : List.of("expert_count", "expert_used_count", "pooling_type")) {
            made.values.put("llama." + key, GgufBytes.uint32(0));
        }
        made.values.put("llama.attention.causal", GgufBytes.bool(true));
        try (var file = ModelFile.open(Files.write(folder.resolve("x.gguf"), made.build()))) {
            assertThat(file.architecture().layers()).hasSize(1);
        }
        made.values.put("llama.attention.causal", GgufBytes.bool(false));
        refused(folder, made, "attention.causal is false");
        made.values.remove("llama.attention.causal");
        made.values.put("llama.expert_count", GgufBytes.uint32(8));
        refused(folder, made, "expert_used_count");
        made.values.remove("llama.expert_count");
        made.values.put("llama.block_count", GgufBytes.string("1"));
        refused(folder, made, "'llama.block_count' (layers) is '1', expected a whole number");
    }

    private static void refused(Path folder, GgufBytes made, String why) throws IOException {
        var file = Files.write(folder.resolve("x.gguf"), made.build());
        assertThatThrownBy(() -> ModelFile.open(file)).isInstanceOf(IOException.class).hasMessageContaining("x.gguf")
                .hasMessageContaining(why);
    }

    @ParameterizedTest
    @CsvSource({"pico-llama.gguf,model.embed_tokens.weight", "pico-qwen3.gguf,model.embed_tokens.weight",
            "pico-qwen3.gguf,model.norm.weight"})
    void piecesAreTheSameAsTheWhole(String file, String name) throws IOException {
        try (var model = open(file); var arena = Arena.ofShared()) {
            var whole = model.read(name);
            var pieces = arena.allocate(whole.byteSize());
            long[] at = {0};
            model.stream(name, chunk -> {
                int size = chunk.remaining();
                pieces.asSlice(at[0], size).copyFrom(java.lang.foreign.MemorySegment.ofBuffer(chunk));
                at[0] += size;
            });
            assertThat(at[0]).isEqualTo(whole.byteSize());
            assertThat(pieces.mismatch(whole)).isEqualTo(-1);
            assertThat(model.read(name, arena).mismatch(whole)).isEqualTo(-1);
        }
    }

    @Test
    void whatIsAskedTwiceIsReadOnce() throws IOException {
        try (var model = open("pico-llama.gguf")) {
            var name = "model.embed_tokens.weight";
            assertThat(model.read(name).address()).isEqualTo(model.read(name).address());
            assertThat(model.read(name).address() % 64).isZero();
        }
    }

    @Test
    void anUnknownNameIsAWrongCallAndAClosedFileIsNotRead() throws IOException {
        var model = open("pico-llama.gguf");
        assertThatThrownBy(() -> model.read("token_embd.weight")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("pico-llama.gguf");
        model.close();
        model.close();
        assertThatThrownBy(() -> model.read("model.norm.weight")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void itIsOpenedByItsContent() throws IOException {
        try (var model = Checkpoints.open(GgufFixtures.file("pico-qwen2.gguf"))) {
            assertThat(model).isInstanceOf(Gguf.class);
        }
    }
}
