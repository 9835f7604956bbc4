package dev.sglp.family;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.Subprocess;
import dev.sglp.evaluation.Memory;
import dev.sglp.model.LinearHead;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// What the process of a network that is larger than memory takes beside its tensors. A process of its own: what other tests
/// freed is used again first.
final class StreamedMemoryTest {
    private static final int SMALL = 1 << 14; // numbers
    private static final int TIMES = 10;
    private static final long LOGITS = Float.BYTES * LinearHead.LOGITS;

    @TempDir
    Path folder;

    /// As logits of one network after the other do: each is gone before the next comes, which is a little larger, and
    /// something small lies where it was.
    @Test
    void largeTensorsThatFollowEachOtherLeaveNoHoles() throws Exception {
        Assumptions.assumeTrue(Memory.residentBytes() > 0, "the system says how much memory is resident");
        var run = Subprocess.start(folder, StreamedMemoryTest.class, List.of());
        assertThat(run.end()).as(run.printed()).isZero();
        assertThat(Long.parseLong(run.printed().strip())).isLessThan(LOGITS);
    }

    /// Similarity asks a network whose work is counted how much memory it leaves.
    @Test
    void whatCountsWorkDoesNotHideWhereLayersComeFrom() throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20)) {
            var streamed = both.streamed();
            var source = LayerSource.of(streamed);
            assertThat(source).isPresent();
            assertThat(LayerSource.of(new Meter(streamed, 1).counting(streamed)).map(LayerSource::spare))
                    .isEqualTo(source.map(LayerSource::spare));
        }
    }

    /// Of 48 words of 16 numbers, the norm counted with them: a few tokens that go together leave the matrix' gradient unmade, where no table shares it.
    @ParameterizedTest
    @CsvSource({"llama2, 12, 266848", "llama2, 17, 0", "llama2, 0, 0", "llama3, 12, 0"})
    void logitsStandForTheGradientOfAHead(String name, long together, long bytes) throws IOException {
        try (var file = ModelFile.open(Both.fixture(name))) {
            long matrix = new Streaming(file, 2, 1, 1).gradients();
            assertThat(matrix).isGreaterThan(48 * 16 * Float.BYTES);
            assertThat(new Streaming(file.asking(12, together), 2, 1, 1).gradients())
                    .isEqualTo(bytes == 0 ? matrix : bytes);
        }
    }

    /// Prints by how many bytes the process grew.
    public static void main(String[] none) throws IOException {
        try (var both = Both.open("llama3", 1, 1 << 20); var _ = Scope.open()) {
            both.streamed();
            fill(LinearHead.LOGITS - SMALL); // freeing it tells C's heap what is not large
            long before = Memory.residentBytes();
            var kept = new ArrayList<Tensor>();
            for (int i = 0; i < TIMES; i++) {
                fill(LinearHead.LOGITS / 2 / TIMES * (TIMES + i));
                kept.add(Tensors.ones(DType.F32, SMALL));
            }
            System.out.println(Memory.residentBytes() - before);
        }
    }

    private static void fill(long numbers) {
        Scope.run(() -> Tensors.ones(DType.F32, numbers));
    }
}
