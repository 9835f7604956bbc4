package dev.sglp.checkpoint.huggingface;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// What a card says of the model it was made of.
final class ModelCardHeadTest {
    @TempDir
    private Path folder;

    private ModelCardHead of(String directory, String card) throws IOException {
        var home = Files.createDirectories(folder.resolve(directory));
        Files.copy(Path.of("src/test/resources/decoder/llama2/model.safetensors"), home.resolve("model.safetensors"));
        Files.copy(Path.of("src/test/resources/decoder/llama2/config.json"), home.resolve("config.json"));
        Files.writeString(home.resolve("README.md"), card);
        try (var checkpoint = Checkpoints.open(home)) {
            return ModelCardHead.of(checkpoint);
        }
    }

    @Test
    void licenceAndLanguageAreKeptAndTheBaseModelIsNamed() throws IOException {
        var head = of("models--some-lab--tiny-llama/snapshots/0123abc", """
                ---
                language:
                - en
                - de
                tags:
                - text-generation
                license: other
                license_name: "some terms"
                license_link: LICENSE
                widget:
                  - text: license
                ---
                license: of the text
                ---
                """);
        assertThat(head.name()).isEqualTo("some-lab/tiny-llama");
        assertThat(head.fields()).containsExactly("language:", "- en", "- de", "license: other",
                "license_name: \"some terms\"", "license_link: LICENSE", "base_model: 'some-lab/tiny-llama'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "---", "---\nlicense: mit", "# Title\n---\nlicense: mit\n---\n", "---\n---\n"})
    void aCardWithoutAHeadSaysNothing(String card) throws IOException {
        var head = of("tiny", card);
        assertThat(head.name()).isEqualTo("tiny");
        assertThat(head.fields()).isEmpty();
    }
}
