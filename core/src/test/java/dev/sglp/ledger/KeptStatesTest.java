package dev.sglp.ledger;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.model.wave.Resume;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class KeptStatesTest {
    @TempDir
    Path folder;

    private int told;

    private KeptStates states(String question, Duration every) {
        return new KeptStates(new Ledger(folder.resolve("scores"), "network"), question, every, () -> told++);
    }

    private KeptStates states(String question) {
        return states(question, Duration.ZERO);
    }

    private record Numbers(String rank) implements Resume.State {
        @Override
        public Map<String, String> words() {
            return Map.of("rank", rank);
        }

        @Override
        public List<String> names() {
            return List.of("norms", "places", "vector");
        }

        @Override
        public Tensor read(String name) {
            return switch (name) {
                case "norms" -> Tensors.doubles(new double[]{0.1, 1e300}, 2);
                case "places" -> Tensors.longs(new long[]{-1, 5});
                default -> Tensors.floats(new float[]{1, 2, 3, 4, 5, 6}, 3, 2).t(); // not contiguous
            };
        }
    }

    @Test
    void aStateIsReadAsItWasKept() throws IOException {
        states("q").keep("draw 0", new Numbers("3"));
        states("q").keep("draw 0", new Numbers("2")); // in its place
        assertThat(told).isEqualTo(2);
        assertThat(states("q").find("draw 1")).isEmpty();
        assertThat(states("another").find("draw 0")).isEmpty();
        try (var _ = Scope.open(); var kept = states("q").find("draw 0").orElseThrow()) {
            assertThat(kept.words()).isEqualTo(Map.of("rank", "2"));
            assertThat(kept.names()).containsExactlyInAnyOrderElementsOf(new Numbers("2").names());
            for (var name : kept.names()) {
                var expected = new Numbers("2").read(name);
                assertThat(kept.read(name).equal(expected)).as(name).isTrue();
                assertThat(Tensors.dtype(kept.read(name))).isEqualTo(Tensors.dtype(expected));
            }
        }
    }

    @Test
    void freshStatesAreNotReplacedAndNobodyIsToldOfThem() {
        var rarely = states("q", Duration.ofDays(1));
        rarely.keep("draw 0", new Numbers("3"));
        assertThat(told).isZero();
        assertThat(rarely.find("draw 0")).isEmpty();
    }

    @Test
    void theStatesOfAQuestionThatIsAnsweredGo() throws IOException {
        states("q").drop(); // there is not even a folder
        states("q").keep("draw 0", new Numbers("3"));
        states("q").keep("draw 1", new Numbers("3"));
        states("another").keep("draw 0", new Numbers("3"));
        states("q").drop();
        assertThat(states("q").find("draw 0")).isEmpty();
        try (var kept = states("another").find("draw 0").orElseThrow()) {
            assertThat(kept.words()).isNotEmpty();
        }
    }

    @Test
    void aFileThatWasDamagedIsNamed() throws IOException {
        states("q").keep("draw 0", new Numbers("3"));
        try (var files = Files.list(folder.resolve("scores"))) {
            var file = files.findFirst().orElseThrow();
            Files.writeString(file, "no");
            assertThatThrownBy(() -> states("q").find("draw 0")).isInstanceOf(UncheckedIOException.class)
                    .hasMessageContaining(file.getFileName().toString());
        }
    }
}
