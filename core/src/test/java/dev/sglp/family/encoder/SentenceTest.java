package dev.sglp.family.encoder;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.ModelFile;
import dev.sglp.family.conformance.Fixture.Kind;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What sentence-transformers writes beside a network and is not known, or contradicts it: the file and the field are named.
final class SentenceTest {
    @TempDir
    private Path folder;

    private void refused(String file, String content, String... parts) throws IOException {
        var from = Kind.ENCODER.folder().resolve("bert/minilm");
        try (var files = Files.walk(from)) {
            for (var path : files.filter(Files::isRegularFile).toList()) {
                var to = folder.resolve(from.relativize(path));
                Files.createDirectories(to.getParent());
                Files.copy(path, to);
            }
        }
        Files.writeString(folder.resolve(file), content);
        assertThatThrownBy(() -> ModelFile.open(folder).close()).isInstanceOf(IOException.class)
                .hasMessageContainingAll(parts).hasMessageNotContaining("json] config.json");
    }

    @Test
    void aModuleThatIsNotKnown() throws IOException {
        refused("modules.json", """
                [{"path": "", "type": "sentence_transformers.models.Transformer"},
                 {"path": "1_Pooling", "type": "sentence_transformers.models.Pooling"},
                 {"path": "2_Dense", "type": "sentence_transformers.models.Dense"}]""", "modules.json] 'type'",
                "Dense");
    }

    @Test
    void twoWaysOfPooling() throws IOException {
        refused("1_Pooling/config.json", "{\"pooling_mode_cls_token\": true, \"pooling_mode_mean_tokens\": true}",
                "[pooling_mode_cls_token, pooling_mode_mean_tokens]");
    }

    @Test
    void anotherWidth() throws IOException {
        refused("1_Pooling/config.json", "{\"word_embedding_dimension\": 7, \"pooling_mode_mean_tokens\": true}",
                "1_Pooling", "word_embedding_dimension", "got 7");
    }
}
