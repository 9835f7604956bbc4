package dev.sglp.surgery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.HuggingFaceDirectory;
import dev.sglp.surgery.OutputFolder.Present;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// Whenever the writing ends, the directory opens as the whole new model or not at all, and what was there is there.
final class OutputFolderTest {
    private static final Path MODEL = Path.of("src/test/resources/gguf/pico-llama.gguf");
    private static final byte[] CONFIG = "{\"model_type\": \"llama\"}".getBytes();

    @TempDir
    Path folder;

    private Path out;
    private Path companions;

    @BeforeEach
    void folders() throws IOException {
        out = Files.createDirectory(folder.resolve("out"));
        Files.writeString(out.resolve("notes.txt"), "mine");
        Files.writeString(out.resolve("model-notes.safetensors"), "mine too");
        companions = Files.createDirectories(folder.resolve("in/additional_chat_templates")).getParent();
        Files.writeString(companions.resolve("tokenizer.json"), "{}");
        Files.writeString(companions.resolve("additional_chat_templates/tool.jinja"), "{{ x }}");
    }

    /// Stops like a killed program: nothing is tidied.
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /// Counts moments, and ends the program at one of them.
    private static final class Moments {
        private final int last;
        private final Runnable look;
        private int seen;

        Moments(int last, Runnable look) {
            this.last = last;
            this.look = look;
        }

        void pass() {
            look.run();
            if (seen++ == last) {
                throw new Killed();
            }
        }
    }

    private static List<OutgoingTensor> tensors(Checkpoint model, Moments moments) {
        return model.tensors().keySet().stream().map(n -> OutgoingTensor.of(model, n, n))
                .map(t -> new OutgoingTensor(t.info(), to -> t.bytes().stream(chunk -> {
                    to.accept(chunk);
                    moments.pass();
                }))).toList();
    }

    private void write(Moments moments, boolean tidy) throws IOException {
        Consumer<String> moved = _ -> moments.pass();
        try (var model = Checkpoints.open(MODEL)) {
            var made = OutputFolder.open(out, Present.REFUSED, moved);
            try {
                made.put("config.json", CONFIG);
                made.copy(companions, Files.walk(companions).filter(Files::isRegularFile).toList());
                ShardedWriter.write(tensors(model, moments), made.aside(), 40_000);
                moments.pass();
                made.moveIntoPlace();
            } finally {
                if (tidy) {
                    made.close();
                }
            }
        }
    }

    private void whatWasThereIsThere() {
        assertThat(out.resolve("notes.txt")).hasContent("mine");
        assertThat(out.resolve("model-notes.safetensors")).hasContent("mine too");
    }

    private boolean opens() {
        try (var model = Checkpoints.open(out)) {
            theWholeModelIsThere(model);
            return true;
        } catch (IOException _) {
            return false;
        }
    }

    private static void theWholeModelIsThere(Checkpoint written) throws IOException {
        try (var model = Checkpoints.open(MODEL)) {
            assertThat(written.tensors()).isEqualTo(sorted(model, written));
            assertThat(written).isInstanceOf(HuggingFaceDirectory.class);
            assertThat(written.weightFiles()).hasSizeGreaterThan(2);
            for (var name : model.tensors().keySet()) {
                assertThat(written.read(name).mismatch(model.read(name))).as(name).isEqualTo(-1);
            }
            assertThat(((HuggingFaceDirectory) written).files()).hasSize(2);
        }
    }

    private static java.util.Map<String, dev.sglp.checkpoint.TensorInfo> sorted(Checkpoint model, Checkpoint like) {
        return like.tensors().keySet().stream().collect(Collectors.toMap(n -> n, n -> model.tensors().get(n)));
    }

    private List<String> names() throws IOException {
        try (var files = Files.list(out)) {
            return files.map(f -> f.getFileName().toString()).filter(f -> !f.startsWith(".sglp-")).sorted().toList();
        }
    }

    @Test
    void atEveryMomentThereIsNoModelOrAWholeOne() throws IOException {
        var opened = new ArrayList<Boolean>();
        var moments = new Moments(-1, () -> {
            whatWasThereIsThere();
            opened.add(opens());
        });
        write(moments, true);
        assertThat(opened).hasSizeGreaterThan(25);
        assertThat(opened.indexOf(true)).as("the last move makes it a model").isEqualTo(opened.size() - 1);
        assertThat(names()).contains("config.json", "tokenizer.json", "additional_chat_templates",
                "model-00001-of-00003.safetensors", "model.safetensors.index.json", "notes.txt");
    }

    /// Every fifth tensor, and every move.
    @Test
    void afterAnEndAtAnyMomentTheNextRunSucceeds() throws IOException {
        var counted = new Moments(-1, () -> {});
        write(counted, true);
        for (int last = 0; last < counted.seen; last += last < 20 ? 5 : 1) {
            out = Files.createDirectory(folder.resolve("out" + last));
            Files.writeString(out.resolve("notes.txt"), "mine");
            Files.writeString(out.resolve("model-notes.safetensors"), "mine too");
            var moments = new Moments(last, () -> {});
            assertThatThrownBy(() -> write(moments, false)).isInstanceOf(Killed.class);
            assertThat(opens()).isEqualTo(last == counted.seen - 1);
            if (last < counted.seen - 1) {
                write(new Moments(-1, () -> {}), false);
            }
            assertThat(opens()).isTrue();
            whatWasThereIsThere();
        }
    }

    @Test
    void nothingIsLeftAsideWhenItFails() throws IOException {
        var before = new TreeSet<>(names());
        assertThatThrownBy(() -> write(new Moments(3, () -> {}), true)).isInstanceOf(Killed.class);
        try (var files = Files.list(out)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrderElementsOf(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"model.safetensors", "model.safetensors.index.json", "pytorch_model.bin"})
    void aDirectoryWithAModelIsRefused(String entry) throws IOException {
        Files.writeString(out.resolve(entry), "mine");
        assertThatThrownBy(() -> OutputFolder.open(out, Present.REFUSED)).isInstanceOf(IOException.class)
                .hasMessageContaining(out.toString()).hasMessageContaining(entry)
                .hasMessageContaining("Choose another --out");
        assertThat(out.resolve(entry)).hasContent("mine");
    }

    @Test
    void aModelThatAppearsMeanwhileIsNotOverwritten() throws IOException {
        try (var made = OutputFolder.open(out, Present.REFUSED)) {
            made.put("model.safetensors", new byte[3]);
            Files.writeString(out.resolve("model.safetensors"), "another");
            assertThatThrownBy(made::moveIntoPlace).isInstanceOf(IOException.class);
        }
        assertThat(out.resolve("model.safetensors")).hasContent("another");
    }

    @Test
    void aModelThatCannotBeReplacedComesBack() throws IOException {
        Files.writeString(out.resolve("model.safetensors"), "old");
        Files.createDirectories(out.resolve("report.json/in the way"));
        try (var made = OutputFolder.open(out, Present.REPLACED)) {
            made.put("model.safetensors", new byte[3]);
            made.put("report.json", new byte[3]);
            assertThatThrownBy(made::moveIntoPlace).isInstanceOf(IOException.class)
                    .hasMessageContaining("report.json");
        }
        assertThat(out.resolve("model.safetensors")).hasContent("old");
        assertThat(names()).doesNotContain("config.json");
    }

    @Test
    void aFileIsNoOutputFolderAndFilesFromElsewhereAreNotCopied() throws IOException {
        assertThatThrownBy(() -> OutputFolder.open(out.resolve("notes.txt"), Present.REFUSED))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("expected a directory");
        try (var made = OutputFolder.open(out, Present.REFUSED)) {
            assertThatThrownBy(() -> made.copy(companions, List.of(out.resolve("notes.txt"))))
                    .isInstanceOf(IllegalArgumentException.class);
        }
    }
}
