package dev.sglp.model.transformer;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.family.ModelFile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

final class BlockTest {
    private static final Path PARALLEL = Path.of("src/test/resources/family/phi/2");

    /// Otherwise a training would change one of two.
    @Test
    void aNormOfTwoSublayersStaysOne() throws IOException {
        try (var _ = Scope.open(); var file = ModelFile.open(PARALLEL); var weights = file.forTraining()) {
            var model = file.architecture().build(weights);
            for (var one : new Object[]{model.layers().getFirst(), model.in(DType.BF16).layers().getFirst(),
                    model.layers().getFirst().reinitialised(Seed.of(1))}) {
                var sublayers = ((Block) one).sublayers();
                assertThat(sublayers.getFirst().before()).isEqualTo(sublayers.getLast().before());
            }
        }
    }
}
