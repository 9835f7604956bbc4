package dev.sglp.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class DataSpecTest {
    @Test
    void theKindStandsBeforeTheColon() {
        assertThat(DataSpec.parse("cifar10:/data/c:10")).isEqualTo(new DataSpec(DataSpec.Kind.CIFAR10, "/data/c:10"));
        assertThat(DataSpec.parse("glyphs:").location()).isEmpty();
        assertThat(DataSpec.parse("images:~/x").path()).isEqualTo(Path.of(System.getProperty("user.home"), "x"));
    }

    @Test
    void aBareDirectoryOrZipIsImages(@TempDir Path directory) {
        assertThat(DataSpec.parse(directory.toString()).kind()).isEqualTo(DataSpec.Kind.IMAGES);
        assertThat(DataSpec.parse("photos.ZIP").kind()).isEqualTo(DataSpec.Kind.IMAGES);
    }

    @Test
    void anUnknownKindIsRefusedWithTheKnownOnes() {
        assertThatThrownBy(() -> DataSpec.parse("mnist:x")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("'mnist:'").hasMessageContaining("cifar100:").hasMessageContaining("text:");
    }

    @Test
    void aBarePathThatIsNothingIsRefused() {
        assertThatThrownBy(() -> DataSpec.parse("/no/such/place")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no such file").hasMessageContaining("images:");
        assertThatThrownBy(() -> DataSpec.parse("images:")).hasMessageContaining("images:PATH");
    }
}
