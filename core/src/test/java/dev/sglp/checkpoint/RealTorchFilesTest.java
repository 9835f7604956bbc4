package dev.sglp.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.tensor.DType;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.condition.EnabledIfEnvironmentVariable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Numbers from `torch.load` (2.15) of the same files.
@EnabledIfEnvironmentVariable(named = "SGLP_TEST_DATA", matches = ".+")
final class RealTorchFilesTest {
    private static Checkpoint open(String file) throws IOException {
        return TorchPickle.open(Path.of(System.getenv("SGLP_TEST_DATA"), "models", file));
    }

    @ParameterizedTest
    @CsvSource({"resnet20-12fca82f.th, 97, 271098, 91.78000183105469",
            "resnet56-4bfd9763.th, 277, 857082, 93.62"})
    void aRealFileHasItsNamesAndShapes(String name, int tensors, long elements, String accuracy) throws IOException {
        try (var file = open(name)) {
            assertThat(file.format()).isEqualTo("PyTorch (legacy)");
            assertThat(file.tensors()).hasSize(tensors);
            assertThat(file.tensors().values().stream().mapToLong(TensorInfo::elements).sum()).isEqualTo(elements);
            assertThat(file.tensors().firstEntry().getValue())
                    .isEqualTo(new TensorInfo("conv1.weight", DType.F32, List.of(16L, 3L, 3L, 3L)));
            assertThat(file.tensors().lastEntry().getKey()).isEqualTo("linear.bias");
            assertThat(file.metadata()).containsOnly(Map.entry("best_prec1", accuracy));
        }
    }

    @ParameterizedTest
    @CsvSource({"resnet20-12fca82f.th, 139.7826495598208", "resnet56-4bfd9763.th, 1427.879011697099"})
    void aRealFileHasTheSumThatTorchFinds(String name, double sum) throws IOException {
        try (var file = open(name)) {
            double found = 0;
            for (var info : file.tensors().values()) {
                found += sum(file, info);
            }
            assertThat(found).isCloseTo(sum, within(1e-9 * Math.abs(sum)));
        }
    }

    private static double sum(Checkpoint file, TensorInfo info) throws IOException {
        var bytes = file.read(info.name());
        double sum = 0;
        for (long i = 0; i < info.elements(); i++) {
            sum += bytes.get(ValueLayout.JAVA_FLOAT, 4 * i);
        }
        return sum;
    }
}
