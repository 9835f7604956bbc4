package dev.sglp.checkpoint.huggingface;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.HuggingFaceDirectory;
import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// A directory is read as Hugging Face reads it, and refused where its files contradict each other.
final class HuggingFaceDirectoryTest {
    private static final String ONE = "model-00001-of-00002.safetensors";
    private static final String TWO = "model-00002-of-00002.safetensors";

    @TempDir
    Path folder;

    private void shard(String file, String... names) throws IOException {
        var infos = Arrays.stream(names).map(n -> new TensorInfo(n, DType.U8, List.of(2L))).toList();
        SafeTensorsWriter.stream(folder.resolve(file), infos, Map.of("format", "pt"),
                (name, to) -> to.accept(ByteBuffer.wrap(new byte[]{(byte) name.charAt(0), 7})));
    }

    private void index(String map) throws IOException {
        Files.writeString(folder.resolve(ShardIndex.NAME),
                "{\"metadata\": {\"total_size\": 6}, \"weight_map\": {%s}}".formatted(map));
    }

    private static String entries(String file, String... names) {
        return Arrays.stream(names).map(n -> "\"%s\": \"%s\"".formatted(n, file)).collect(Collectors.joining(", "));
    }

    private void twoShards() throws IOException {
        shard(ONE, "b", "a");
        shard(TWO, "c");
        index(entries(ONE, "a", "b") + ", " + entries(TWO, "c"));
    }

    private void refused(String... why) {
        assertThatThrownBy(() -> Checkpoints.open(folder).close()).isInstanceOf(IOException.class)
                .hasMessageContaining(folder.toString()).satisfies(e -> assertThat(e.getMessage()).contains(why));
    }

    @Test
    void shardsAreOneCheckpoint() throws IOException {
        twoShards();
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\", \"hidden_size\": 4}");
        try (var model = Checkpoints.open(folder)) {
            assertThat(model).isInstanceOf(HuggingFaceDirectory.class);
            assertThat(model.tensors().keySet()).containsExactly("b", "a", "c");
            assertThat(model.weightFiles()).containsExactly(folder.resolve(ONE), folder.resolve(TWO));
            assertThat(model.file("a")).isEqualTo(folder.resolve(ONE));
            assertThat(model.file("c")).isEqualTo(folder.resolve(TWO));
            assertThat(model.format()).isEqualTo("safetensors in 2 files");
            assertThat(model.config()).containsEntry("hidden_size", 4);
            assertThat(model.metadata()).containsEntry("format", "pt");
            for (var name : model.tensors().keySet()) {
                assertThat(model.read(name).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                        .containsExactly((byte) name.charAt(0), 7);
                model.stream(name, chunk -> assertThat(chunk.get(0)).isEqualTo((byte) name.charAt(0)));
            }
            assertThatThrownBy(() -> model.read("d")).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void oneFileIsPreferredAndNeedsNoIndex() throws IOException {
        shard("model.safetensors", "a");
        index(entries(ONE, "z"));
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        try (var model = Checkpoints.open(folder)) {
            assertThat(model).isInstanceOf(HuggingFaceDirectory.class);
            assertThat(model.tensors().keySet()).containsExactly("a");
            assertThat(model.format()).isEqualTo("safetensors");
        }
    }

    /// As in transformers, whatever else lies there.
    @Test
    void theFileThatTheConfigurationNamesIsTheWeights() throws IOException {
        shard("model.safetensors", "a");
        shard("other.safetensors", "z");
        twoShards();
        Files.move(folder.resolve(ShardIndex.NAME), folder.resolve("own.safetensors.index.json"));
        Files.writeString(folder.resolve("config.json"), "{\"transformers_weights\": \"other.safetensors\"}");
        try (var model = Checkpoints.open(folder)) {
            assertThat(model.tensors().keySet()).containsExactly("z");
            assertThat(model.weightFiles()).containsExactly(folder.resolve("other.safetensors"));
        }
        Files.writeString(folder.resolve("config.json"),
                "{\"transformers_weights\": \"own.safetensors.index.json\"}");
        try (var model = Checkpoints.open(folder)) {
            assertThat(model.tensors().keySet()).containsExactly("b", "a", "c");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"\"../model.safetensors\"", "\"/etc/model.safetensors\"", "\"sub/model.safetensors\"",
            "\"adapter_model.bin\"", "\"\"", "7", "[]", "\"a\\\\b.safetensors\"", "\"missing.safetensors\""})
    void weightsThatTheConfigurationNamesElsewhereAreRefused(String named) throws IOException {
        shard("model.safetensors", "a");
        Files.writeString(folder.resolve("config.json"), "{\"transformers_weights\": %s}".formatted(named));
        refused("transformers_weights");
    }

    /// Networks that are not Hugging Face's keep their weights' path.
    @ParameterizedTest
    @ValueSource(strings = {"{\"family\": \"cifar-resnet\"}", "{\"model_type\": 7}", ""})
    void aDirectoryWithoutAModelTypeIsItsFile(String config) throws IOException {
        shard("model.safetensors", "a");
        if (!config.isEmpty()) {
            Files.writeString(folder.resolve("config.json"), config);
        }
        try (var model = Checkpoints.open(folder)) {
            assertThat(model).isInstanceOf(SafeTensors.class);
            assertThat(model.path()).isEqualTo(folder.resolve("model.safetensors"));
            assertThat(model.config()).hasSize(config.isEmpty() ? 0 : 1);
        }
    }

    @Test
    void aFileOfPyTorchIsRead() throws IOException {
        Files.copy(Path.of("src/test/resources/checkpoint/strides-zip.pt"), folder.resolve("pytorch_model.bin"));
        try (var model = Checkpoints.open(folder)) {
            assertThat(model).isInstanceOf(HuggingFaceDirectory.class);
            assertThat(model.format()).contains("PyTorch");
            assertThat(model.tensors()).isNotEmpty();
        }
    }

    @Test
    void severalFilesOfPyTorchAreRead() throws IOException {
        var sources = List.of("trained-zip.pt", "strides-legacy.pt");
        var shards = List.of("pytorch_model-00001-of-00002.bin", "pytorch_model-00002-of-00002.bin");
        var map = new ArrayList<String>();
        var expected = new LinkedHashMap<String, byte[]>();
        for (int i = 0; i < 2; i++) {
            var file = folder.resolve(shards.get(i));
            Files.copy(Path.of("src/test/resources/checkpoint", sources.get(i)), file);
            try (var part = Checkpoints.open(file)) {
                map.add(entries(shards.get(i), part.tensors().keySet().toArray(String[]::new)));
                for (var name : part.tensors().keySet()) {
                    expected.put(name, part.read(name).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE));
                }
            }
        }
        var index = folder.resolve("pytorch_model.bin.index.json");
        Files.writeString(index, "{\"weight_map\": {%s}}".formatted(String.join(", ", map)));
        try (var model = Checkpoints.open(folder)) {
            assertThat(model.format()).startsWith("PyTorch").endsWith("in 2 files");
            assertThat(model.tensors().keySet()).containsExactlyElementsOf(expected.keySet());
            for (var name : expected.keySet()) {
                assertThat(model.read(name).toArray(java.lang.foreign.ValueLayout.JAVA_BYTE))
                        .isEqualTo(expected.get(name));
            }
        }
        Files.writeString(index, "{\"weight_map\": {%s}}".formatted(map.getFirst()));
        Files.delete(folder.resolve(shards.getFirst()));
        refused(shards.getFirst(), "is missing");
        Files.writeString(index, "{\"weight_map\": {\"a\": \"model.safetensors\"}}");
        refused("expected a .bin file of the same directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", ONE, TWO, ShardIndex.NAME, "pytorch_model.bin"})
    void whatADownloadLeftInAFilesPlaceIsToldAsThat(String file) throws IOException {
        if (!file.equals("pytorch_model.bin")) {
            twoShards();
        }
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        Files.writeString(folder.resolve(file), "version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 9\n");
        refused(file, "is a pointer of Git LFS", "git lfs pull");
        Files.writeString(folder.resolve(file), "\n<!DOCTYPE html><html><body>Sign in</body></html>");
        refused(file, "is an HTML or XML page", "login");
    }

    /// Their lengths begin as a page does.
    @ParameterizedTest
    @ValueSource(ints = {0x3C, 0x3C20})
    void aHeaderOfAnyLengthIsNoPage(int length) throws IOException {
        var header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]}}";
        var bytes = ByteBuffer.allocate(8 + length + 2).order(java.nio.ByteOrder.LITTLE_ENDIAN).putLong(length)
                .put(header.concat(" ".repeat(length - header.length()))
                        .getBytes(java.nio.charset.StandardCharsets.UTF_8));
        Files.write(folder.resolve("model.safetensors"), bytes.array());
        try (var model = Checkpoints.open(folder)) {
            assertThat(model.tensors().keySet()).containsExactly("a");
        }
    }

    @Test
    void aDirectoryWithoutWeightsIsRefused() throws IOException {
        Files.writeString(folder.resolve("config.json"), "{\"model_type\": \"llama\"}");
        refused("has no model.safetensors", "config.json");
        assertThatThrownBy(() -> HuggingFaceDirectory.open(folder)).isInstanceOf(IOException.class)
                .hasMessageContaining("has no weights");
    }

    @Test
    void aMissingShardIsSaid() throws IOException {
        twoShards();
        Files.delete(folder.resolve(TWO));
        refused(TWO, "is missing", "Maybe the download is not complete");
    }

    @Test
    void aTensorThatIsNotWhereTheIndexSaysIsRefused() throws IOException {
        twoShards();
        index(entries(ONE, "a", "b", "d") + ", " + entries(TWO, "c"));
        refused("says tensor 'd' is in " + ONE);
        index(entries(ONE, "a", "c") + ", " + entries(TWO, "b"));
        refused("says tensor 'c' is in " + ONE);
    }

    @Test
    void aTensorThatTheIndexDoesNotNameIsRefused() throws IOException {
        twoShards();
        index(entries(ONE, "a") + ", " + entries(TWO, "c"));
        refused("does not say that tensor 'b' is in " + ONE);
    }

    @Test
    void aTensorInTwoShardsIsRefused() throws IOException {
        twoShards();
        shard(TWO, "a", "c");
        refused("'a'", ONE, TWO);
    }

    @Test
    void aNameThatTheIndexHasTwiceIsRefused() throws IOException {
        twoShards();
        index(entries(ONE, "a", "b") + ", " + entries(TWO, "c", "a"));
        refused("Duplicate field 'a'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"../model.safetensors", "/etc/model.safetensors", "sub/model.safetensors", "..", ".", "",
            "x.bin", "a\\\\b.safetensors", "a\\u0000.safetensors", "./x.safetensors", "x.safetensors/"})
    void aPathThatLeavesTheDirectoryIsRefused(String file) throws IOException {
        twoShards();
        index(entries(file, "a"));
        refused("expected a .safetensors file of the same directory");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"weight_map\": {}}", "{\"weight_map\": []}",
            "{\"weight_map\": {\"a\": 1}}", "{\"weight_map\": {\"a\": null}}", "{\"weight_map\": {\"a\": {}}}", "{",
            "{} {}"})
    void anIndexThatIsNoneIsRefused(String json) throws IOException {
        twoShards();
        Files.writeString(folder.resolve(ShardIndex.NAME), json);
        refused(ShardIndex.NAME);
    }

    @Test
    void whatStandsBesideTheWeightsIsListed() throws IOException {
        twoShards();
        var companions = List.of("LICENSE.md", "MODEL_LICENSE", "added_tokens.json", "chat_template.jinja",
                "generation_config.json",
                "merges.txt", "special_tokens_map.json", "tekken.json", "tokenizer.json", "tokenizer.model",
                "tokenizer_config.json",
                "vocab.json");
        var others = List.of("config.json", "README.md", "optimizer.pt", "modeling_x.py", "training_args.bin");
        for (var name : companions) {
            Files.writeString(folder.resolve(name), "{}");
        }
        for (var name : others) {
            Files.writeString(folder.resolve(name), "{}");
        }
        Files.createDirectory(folder.resolve("tokenizer_cache"));
        Files.createDirectory(folder.resolve("additional_chat_templates"));
        Files.writeString(folder.resolve("additional_chat_templates/rag.jinja"), "{}");
        try (var model = HuggingFaceDirectory.open(folder)) {
            assertThat(model.files().stream().map(f -> folder.relativize(f).toString()).toList()).startsWith(
                    companions.toArray(String[]::new)).endsWith("additional_chat_templates/rag.jinja").hasSize(13);
        }
        Files.writeString(folder.resolve("config.json"), "{\"auto_map\": {}}");
        try (var model = HuggingFaceDirectory.open(folder)) {
            assertThat(model.files()).hasSize(14).contains(folder.resolve("modeling_x.py"));
        }
        Files.writeString(folder.resolve("config.json"), "{}");
        Files.writeString(folder.resolve("tokenizer_config.json"),
                "{\"auto_map\": {\"AutoTokenizer\": [\"x.X\", null]}}");
        try (var model = HuggingFaceDirectory.open(folder)) {
            assertThat(model.files()).hasSize(14).contains(folder.resolve("modeling_x.py"));
        }
    }
}
