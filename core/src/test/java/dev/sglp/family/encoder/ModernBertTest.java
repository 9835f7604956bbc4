package dev.sglp.family.encoder;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.family.ModelFile;
import dev.sglp.family.conformance.Fixture;
import dev.sglp.family.conformance.Fixture.Kind;
import java.io.IOException;
import java.util.LinkedHashMap;
import org.junit.jupiter.api.Test;

/// What ModernBERT alone refuses.
final class ModernBertTest {
    /// Numbers of a head are turned in pairs.
    @Test
    void headsOfOddSizeAreRefusedByTheFieldsThatSaySo() throws IOException {
        var from = Kind.ENCODER.folder().resolve("modernbert/base");
        try (var file = ModelFile.open(from)) {
            var config = new LinkedHashMap<>(Fixture.config(from));
            config.put("num_attention_heads", 8);
            assertThatThrownBy(() -> new ModernBert().detect("net", file.checkpoint().tensors(), config))
                    .isInstanceOf(IOException.class).hasMessageContaining("hidden_size / num_attention_heads")
                    .hasMessageEndingWith("got 3");
        }
    }
}
