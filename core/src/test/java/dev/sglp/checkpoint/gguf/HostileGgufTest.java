package dev.sglp.checkpoint.gguf;

import static dev.sglp.checkpoint.gguf.GgufBytes.array;
import static dev.sglp.checkpoint.gguf.GgufBytes.int32;
import static dev.sglp.checkpoint.gguf.GgufBytes.int64;
import static dev.sglp.checkpoint.gguf.GgufBytes.joined;
import static dev.sglp.checkpoint.gguf.GgufBytes.string;
import static dev.sglp.checkpoint.gguf.GgufBytes.uint32;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Gguf;
import dev.sglp.checkpoint.gguf.GgufBytes.Tensor;
import dev.sglp.family.ModelFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Headers that lie, and models that are not what they say, are refused with the file's name and what is wrong.
@Timeout(20)
final class HostileGgufTest {
    private static final String UP = "blk.0.ffn_up.weight";

    @TempDir
    Path folder;

    private void refused(byte[] content, String why) throws IOException {
        var path = Files.write(folder.resolve("lying.gguf"), content);
        assertThatThrownBy(() -> ModelFile.open(path).close()).isInstanceOf(IOException.class)
                .hasMessageContaining(path.toString()).hasMessageContaining(why);
    }

    private void refused(Consumer<GgufBytes> damage, String why) throws IOException {
        var model = GgufBytes.llama();
        damage.accept(model);
        refused(model.build(), why);
    }

    private Gguf read(Consumer<GgufBytes> change) throws IOException {
        var model = GgufBytes.llama();
        change.accept(model);
        return Gguf.open(Files.write(folder.resolve("sound.gguf"), model.build()));
    }

    /// The files below are wrong in one thing only: without it they are read.
    @Test
    void theSameFileWithoutLieIsRead() throws IOException {
        for (int version : new int[]{2, 3}) {
            try (var sound = read(m -> m.version = version)) {
                assertThat(sound.tensors()).hasSize(11);
                assertThat(sound.config()).containsEntry("head_dim", 2).containsEntry("num_key_value_heads", 2)
                        .containsEntry("rope_theta", 10_000.0);
                assertThat(sound.read("model.layers.0.mlp.up_proj.weight").byteSize()).isEqualTo(64);
            }
        }
    }

    @ParameterizedTest
    @CsvSource({"0,very old or damaged", "1,very old or damaged", "4,very old or damaged", "-1,4294967295",
            "50331648,big-endian", "33554432,big-endian"})
    void anotherVersionIsRefused(int version, String why) throws IOException {
        refused(m -> m.version = version, why);
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 1000, 1L << 40, Long.MAX_VALUE - 20, Long.MIN_VALUE, -30})
    void moreThanIsThereIsRefused(long more) throws IOException {
        long lie = more == 1 ? 100_000 : more;
        refused(m -> m.moreTensors = more, "lying.gguf");
        refused(m -> m.moreValues = more, "lying.gguf");
        refused(m -> m.values.put("x", joined(int32(8), int64(lie))), "lying.gguf");
        refused(m -> m.values.put("x", array(0, lie)), "lying.gguf");
    }

    @ParameterizedTest
    @ValueSource(ints = {13, 14, 255, -1})
    void anUnknownTypeOfValueIsRefused(int type) throws IOException {
        refused(m -> m.values.put("x", joined(int32(type), int64(0))), "value type " + type);
        refused(m -> m.values.put("x", array(type, 1, int64(0))), "value type " + type);
    }

    @Test
    void valuesThatAreNoValuesAreRefused() throws IOException {
        refused(m -> m.values.put("x", joined(int32(7), new byte[]{2})), "truth value");
        refused(m -> m.values.put("x", joined(int32(8), int64(1), new byte[]{(byte) 0xff})), "not UTF-8");
        refused(m -> m.values.put("general.architecture ", uint32(1)), value -> value.remove("general.architecture"));
    }

    private void refused(Consumer<GgufBytes> damage, Consumer<java.util.Map<String, byte[]>> more) throws IOException {
        refused(m -> {
            damage.accept(m);
            more.accept(m.values);
        }, "of the architecture 'null', which is not read. Known: llama, qwen2, qwen3, smollm3, granite");
    }

    @Test
    void arraysInArraysStayShallow() throws IOException {
        try (var sound = read(m -> m.values.put("x", array(9, 1, inner(2))))) {
            assertThat(sound.values().get("x")).hasToString("[[[7]]]");
        }
        refused(m -> m.values.put("x", array(9, 1, inner(100))), "arrays in arrays");
        refused(m -> m.values.put("x", array(9, 1, inner(100_000))), "arrays in arrays");
    }

    /// `depth` arrays around a number, without the type of the outermost.
    private static byte[] inner(int depth) {
        var level = joined(int32(9), int64(1));
        var out = new byte[(depth - 1) * level.length];
        for (int at = 0; at < out.length; at += level.length) {
            System.arraycopy(level, 0, out, at, level.length);
        }
        return joined(out, int32(5), int64(1), int32(7));
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 33, -1, 1 << 30})
    void anImpossibleAlignmentIsRefused(int alignment) throws IOException {
        refused(m -> m.values.put("general.alignment", uint32(alignment)), "general.alignment");
    }

    @Test
    void anAlignmentThatIsNoNumberIsRefused() throws IOException {
        refused(m -> m.values.put("general.alignment", string("32")), "general.alignment");
    }

    @ParameterizedTest
    @CsvSource({"-32,begins at byte", "1,multiple of 32", "0,inside another",
            "9223372036854775776,Maybe the file was cut",
            "4294967296,Maybe the file was cut"})
    void aPlaceThatIsNotItsOwnIsRefused(long offset, String why) throws IOException {
        refused(m -> m.tensors.put(UP, new Tensor(UP, 0, offset, 4, 4)), why);
    }

    @ParameterizedTest
    @CsvSource({"0,4,impossible size", "-4,4,impossible size", "4294967296,4294967296,impossible shape",
            "9223372036854775807,1,lying.gguf", "4,1000000,Maybe the file was cut", "2,4,shape [4; 2]",
            "4,3,shape [3; 4]", "4,9,inside another"})
    void aShapeThatDoesNotFitIsRefused(long inner, long outer, String why) throws IOException {
        refused(m -> m.tensors.put(UP, new Tensor(UP, 0, m.tensors.get(UP).offset(), inner, outer)),
                why.replace(';', ','));
    }

    @Test
    void tooManySizesAreRefused() throws IOException {
        refused(m -> m.tensors.put(UP, new Tensor(UP, 0, m.end, 1, 1, 1, 4, 4)), "5 dimensions");
        refused(m -> m.tensors.put(UP, new Tensor(UP, 0, m.tensors.get(UP).offset())), "shape []");
    }

    @ParameterizedTest
    @CsvSource({"10,Q2_K", "23,IQ4_XS", "4,number 4", "99,number 99", "-1,number 4294967295"})
    void anUnknownTypeOfTensorIsRefused(int type, String name) throws IOException {
        refused(m -> m.tensors.put(UP, new Tensor(UP, type, m.end, 4, 4)),
                "has the type %s, which is not read. Known: [F32".formatted(name));
    }

    @Test
    void aRowThatIsNoWholeNumberOfBlocksIsRefused() throws IOException {
        refused(m -> m.tensors.put(UP, new Tensor(UP, 8, m.end, 4, 4)), "blocks of 32");
    }

    @Test
    void whatComesTwiceIsRefused() throws IOException {
        refused(m -> m.tensors.put("again", m.tensors.get(UP)), "the tensor '" + UP + "' twice");
        var one = GgufBytes.llama();
        one.moreValues = 1;
        var whole = one.build();
        var again = joined(GgufBytes.text("general.architecture"), string("llama"));
        refused(joined(Arrays.copyOf(whole, 24), again, Arrays.copyOfRange(whole, 24, whole.length)), "twice");
    }

    @Test
    void partsOfASplitModelAreRefused() throws IOException {
        refused(m -> m.values.put("split.count", joined(int32(2), new byte[]{3, 0})), "--merge");
        read(m -> m.values.put("split.count", joined(int32(2), new byte[]{1, 0}))).close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"gemma4", "llama4", "Llama", ""})
    void anotherArchitectureIsRefusedByName(String name) throws IOException {
        refused(m -> m.values.put("general.architecture", string(name)),
                "'%s', which is not read. Known: llama, qwen2, qwen3, smollm3, granite".formatted(name));
    }

    @ParameterizedTest
    @CsvSource({"block_count,0,from 1", "block_count,2,model.layers.1", "block_count,2147483647,num_hidden_layers",
            "block_count,-1,from 1", "embedding_length,8,shape", "embedding_length,2147483647,do not fit",
            "attention.head_count,3,do not fit", "attention.head_count,4,do not fit",
            "attention.head_count_kv,4,do not fit", "attention.head_count_kv,1,shape", "attention.key_length,4,shape",
            "attention.value_length,4,heads of size", "rope.dimension_count,1,heads of size",
            "feed_forward_length,5,shape", "vocab_size,4,vocabulary has 4 tokens", "expert_count,8,expert_used_count",
            "attention.sliding_window,4096,sliding_window", "logit_scale,1,logit_scale"})
    void whatDoesNotFitTheTensorsOrIsNotUnderstoodIsRefused(String key, int value, String why) throws IOException {
        refused(m -> m.values.put("llama." + key, uint32(value)), why);
    }

    @Test
    void layersThatDifferAreRefusedAndLayersThatAgreeAreRead() throws IOException {
        refused(m -> m.values.put("llama.feed_forward_length", array(4, 2, int32(4), int32(8))), "layer to layer");
        refused(m -> m.values.put("llama.feed_forward_length", array(4, 0)), "layer to layer");
        read(m -> m.values.put("llama.feed_forward_length", array(4, 1, int32(4)))).close();
    }

    @Test
    void tensorsThatAreUnknownOrMissingAreRefused() throws IOException {
        for (var name : new String[]{"blk.0.attn_rot.weight", "blk.1.attn_norm.weight", "blk.00.attn_norm.weight",
                "blk.0.attn_norm", "v.patch.weight", "blk.99999999999999999999.attn_norm.weight"}) {
            refused(m -> m.tensor(name, 4), "has the tensor '" + name + "'");
        }
        refused(m -> m.tensor("blk.0.attn_v.bias", 4), "v_proj.bias");
        refused(m -> m.tensor("blk.0.attn_q.bias", 4), "k_proj.bias");
        for (var name : GgufBytes.llama().tensors.keySet()) {
            refused(m -> m.tensors.remove(name), name.equals("token_embd.weight") ? "token_embd" : "has no tensor '");
        }
    }

    @Test
    void positionsStretchedInAnUnknownWayAreRefused() throws IOException {
        refused(m -> m.values.put("llama.rope.scaling.type", string("longrope")), "'longrope'");
        refused(m -> {
            m.values.put("llama.rope.scaling.type", string("yarn"));
            m.values.put("llama.rope.scaling.factor", uint32(4));
        }, "which 'yarn' needs");
        refused(m -> {
            m.values.put("llama.rope.scaling.type", string("yarn"));
            m.values.put("llama.rope.scaling.factor", uint32(4));
            m.values.put("llama.rope.scaling.original_context_length", uint32(4));
            m.values.put("llama.rope.scaling.yarn_attn_factor", uint32(4));
        }, "may change what it computes: rope.scaling.yarn_attn_factor");
        refused(m -> {
            m.values.put("llama.rope.scaling.factor", uint32(4));
            m.tensor("rope_freqs.weight", 1);
        }, "'linear' with factor 4.0 and by 'rope_freqs.weight'");
        refused(m -> m.tensor("rope_freqs.weight", 1), "not Llama 3's");
        refused(m -> m.tensor("rope_freqs.weight", 2), "expected F32 and [1]");
    }

    @Test
    void aFactorWithoutATypeIsLinearAndNoneTurnsItOff() throws IOException {
        try (var linear = read(m -> m.values.put("llama.rope.scaling.factor", uint32(4)));
                var none = read(m -> {
                    m.values.put("llama.rope.scaling.factor", uint32(4));
                    m.values.put("llama.rope.scaling.type", string("none"));
                })) {
            assertThat(linear.config().get("rope_scaling")).hasToString("{rope_type=linear, factor=4.0}");
            assertThat(none.config()).doesNotContainKey("rope_scaling");
        }
        refused(m -> m.values.put("llama.rope.scaling.factor", uint32(0)), "positive number");
    }

    @Test
    void aCutFileIsRefused() throws IOException {
        var whole = GgufBytes.llama().build();
        for (int length = 0; length < whole.length - 32; length += 7) {
            refused(Arrays.copyOf(whole, length), "lying.gguf");
        }
    }
}
