package dev.sglp;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Numbers.Counted;
import dev.sglp.data.DataRoles;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Layout;
import dev.sglp.progress.Progress;
import dev.sglp.similarity.Representation;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// What a recipe takes where nobody says otherwise.
final class RecipeTest {
    @ParameterizedTest
    @EnumSource(Layout.class)
    void theRepresentationComesFromTheNetwork(Layout layout) {
        assertThat(Recipe.removing(1, layout).cka().representation())
                .isEqualTo(layout == Layout.TOKENS ? Representation.RMS : Representation.FLAT);
    }

    /// It took the images' and compared four windows.
    @Test
    void ofALanguageModelTokensAreCompared() throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/decoder/llama3"));
                var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var text = new Counted(4, 9, 0, i -> i * 7 % 40);
            var found = Sglp.segment(model, new DataRoles(text, text, text, List.of()),
                    Recipe.removing(1, model.layout()), new Stopwatch(), Progress.silent());
            assertThat(found.similarity().examples()).isEqualTo(36);
        }
    }
}
