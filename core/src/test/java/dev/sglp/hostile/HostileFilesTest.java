package dev.sglp.hostile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sglp.checkpoint.Checkpoints;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/// Thousands of damaged files end in success or an `IOException` that names the file: never in another error, soon, and
/// without taking much more memory than the file has.
final class HostileFilesTest {
    private static final int MUTANTS = 1000;

    private static final Map<Readers, Integer> COUNTS = new EnumMap<>(Readers.class);

    @TempDir
    Path folder;

    /// The figure that the documentation quotes.
    @AfterAll
    static void count() throws IOException {
        if (COUNTS.size() < Readers.values().length) {
            return; // a part was run, or one failed
        }
        int refused = COUNTS.values().stream().mapToInt(Integer::intValue).sum();
        var text = "%d readers, %,d mutants: %,d refused by name, %,d read, 0 ended otherwise%n".formatted(
                COUNTS.size(),
                COUNTS.size() * MUTANTS, refused, COUNTS.size() * MUTANTS - refused);
        System.out.print(text);
        Files.writeString(Path.of("target", "mutants.txt"), COUNTS.entrySet().stream()
                .map(e -> "%s: %d mutants, %d refused%n".formatted(e.getKey(), MUTANTS, e.getValue()))
                .collect(Collectors.joining("", "", text)));
    }

    @ParameterizedTest
    @EnumSource
    @Timeout(60)
    void aDamagedFileIsReadOrRefused(Readers reader) throws IOException {
        var file = folder.resolve(reader.fileName);
        var seeds = reader.seeds();
        for (var seed : seeds) { // the first time, classes are loaded too
            reader.read(Files.write(file, seed));
        }
        int refused = 0;
        for (int i = 0; i < MUTANTS; i++) {
            Files.write(file, reader.mutant(seeds.get(i % seeds.size()), i));
            refused += Attempt.read(reader, file, "mutant " + i).equals(Attempt.READ) ? 0 : 1;
        }
        System.out.printf("%s: %d mutants, %d refused%n", reader, MUTANTS, refused);
        COUNTS.put(reader, refused);
        assertThat(refused).as("refused").isBetween(MUTANTS / 10, MUTANTS - 1);
    }

    @ParameterizedTest
    @EnumSource(names = {"CONFIG", "PLAN"})
    void aDocumentThatIsNothingIsRefused(Readers reader) throws IOException {
        for (var seed : reader.seeds()) { // the first time, classes are loaded too
            reader.read(Files.write(folder.resolve(reader.fileName), seed));
        }
        for (var text : List.of("null", "", " ", "[]", "1", "\"x\"", "{}{}", "[".repeat(100_000),
                "{\"a\":".repeat(100_000))) {
            var file = Files.writeString(folder.resolve(reader.fileName), text);
            boolean readByOthers = reader == Readers.CONFIG && text.equals("{}{}"); // trailing text is no harm
            assertThat(Attempt.read(reader, file, text).equals(Attempt.READ)).as(text).isEqualTo(readByOthers);
        }
    }

    @Test
    @Timeout(10)
    void aDeviceIsNotOpened() {
        var endless = Path.of("/dev/zero");
        assumeTrue(Files.exists(endless), "no /dev/zero here");
        assertThatThrownBy(() -> Checkpoints.open(endless)).isInstanceOf(IOException.class)
                .hasMessageContaining("[/dev/zero]").hasMessageContaining("no regular file");
    }
}
