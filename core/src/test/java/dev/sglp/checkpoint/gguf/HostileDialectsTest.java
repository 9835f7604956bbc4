package dev.sglp.checkpoint.gguf;

import static dev.sglp.checkpoint.gguf.GgufBytes.array;
import static dev.sglp.checkpoint.gguf.GgufBytes.int32;
import static dev.sglp.checkpoint.gguf.GgufBytes.string;
import static dev.sglp.checkpoint.gguf.GgufBytes.uint32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What other architectures say and is not understood, or cannot be, is refused by name.
final class HostileDialectsTest {
    @TempDir
    private Path folder;

    /// A Gemma 2 of one layer.
    private static GgufBytes gemma() {
        var made = GgufBytes.llama();
        made.values.put("general.architecture", string("gemma2"));
        for (var key : List.copyOf(made.values.keySet())) {
            if (key.startsWith("llama.")) {
                made.values.put(key.replace("llama.", "gemma2."), made.values.remove(key));
            }
        }
        made.tensor("blk.0.post_attention_norm.weight", 4);
        made.tensor("blk.0.post_ffw_norm.weight", 4);
        return made;
    }

    /// A Mixtral of one layer with two experts.
    private static GgufBytes mixtral() {
        var made = GgufBytes.llama();
        Map.of("expert_count", 2, "expert_used_count", 1)
                .forEach((key, n) -> made.values.put("llama." + key, uint32(n)));
        for (var kind : List.of("gate", "up", "down")) {
            made.tensors.remove("blk.0.ffn_" + kind + ".weight");
            made.tensor("blk.0.ffn_" + kind + "_exps.weight", 4, 4, 2);
        }
        made.tensor("blk.0.ffn_gate_inp.weight", 4, 2);
        return made;
    }

    private Path written(GgufBytes made, Consumer<GgufBytes> change) throws IOException {
        change.accept(made);
        return Files.write(folder.resolve("x.gguf"), made.build());
    }

    private void refused(GgufBytes made, Consumer<GgufBytes> change, String why) throws IOException {
        var path = written(made, change);
        assertThatThrownBy(() -> ModelFile.open(path).close()).isInstanceOf(IOException.class)
                .hasMessageContaining("x.gguf").hasMessageContaining(why);
    }

    @Test
    void withoutLieTheyAreRead() throws IOException {
        for (var made : List.of(gemma(), mixtral())) {
            try (var file = ModelFile.open(written(made, _ -> {}))) {
                assertThat(file.architecture().layers()).hasSize(1);
            }
        }
    }

    @Test
    void whatChangesTheMathematicsAndIsNotReadIsRefused() throws IOException {
        refused(gemma(), m -> m.values.put("gemma2.attention.scale", uint32(2)),
                "may change what it computes: attention.scale");
        refused(gemma(), m -> m.values.put("gemma2.attention.sliding_window_pattern", uint32(4)),
                "sliding_window_pattern");
        refused(gemma(), m -> m.values.put("gemma2.attn_logit_softcapping", string("50")),
                "is '50', expected a positive number");
        refused(mixtral(), m -> m.values.put("llama.expert_weights_scale", uint32(2)), "expert_weights_scale");
        refused(mixtral(), m -> m.values.put("llama.expert_used_count", uint32(3)), "at most the 2 experts");
        refused(mixtral(), m -> m.values.put("llama.expert_used_count", array(4, 2, int32(1), int32(2))),
                "layer to layer");
    }

    @Test
    void tensorsThatCannotLieSoAreRefused() throws IOException {
        refused(gemma(), m -> m.tensor("blk.0.attn_q_norm.weight", 2), "'blk.0.attn_q_norm.weight'");
        refused(gemma(), m -> m.tensors.remove("blk.0.post_ffw_norm.weight"), "post_feedforward_layernorm.weight");
        var norm = "blk.0.ffn_norm.weight";
        refused(gemma(), m -> m.tensors.put(norm, new GgufBytes.Tensor(norm, 1, m.tensors.get(norm).offset(), 4)),
                "of type F16, expected a plain one");
        refused(mixtral(), m -> m.tensor("blk.0.ffn_gate.weight", 4, 4), "mlp.gate_proj");
        refused(mixtral(), m -> m.values.put("llama.expert_count", uint32(3)), "block_sparse_moe");
        refused(mixtral(), m -> {
            m.tensors.remove("blk.0.ffn_up_exps.weight");
            m.tensor("blk.0.ffn_up_exps.weight", 4);
        }, "parts one behind the other");
    }
}
