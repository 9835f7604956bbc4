package dev.sglp.cli.generation;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.cli.generation.BegunTexts.Batch;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class BegunTextsTest {
    private static final Batch ONE = new Batch(List.of("a\nb", "c"), List.of(4, 5));
    private static final Batch TWO = new Batch(List.of("d"), List.of(6));

    @TempDir
    private Path folder;

    /// A process may die within a line.
    @Test
    void whatIsWholeIsThereAgain() throws IOException {
        var out = folder.resolve("out.jsonl");
        BegunTexts.open(out, "x").add(ONE);
        Files.writeString(folder.resolve("out.jsonl.begun"), "{\"texts\":[\"half", StandardOpenOption.APPEND);
        var again = BegunTexts.open(out, "x");
        assertThat(again.batches()).containsExactly(ONE);
        again.add(TWO);
        var whole = BegunTexts.open(out, "x");
        assertThat(whole.batches()).containsExactly(ONE, TWO);
        assertThat(whole.written()).isEqualTo(15);
        assertThat(whole.texts()).isEqualTo(3);
        assertThat(out).doesNotExist();
        assertThat(whole.finish(9)).isEqualTo(2);
        assertThat(out).hasContent("{\"text\":\"a\\nb\"}\n{\"text\":\"c\"}\n");
        assertThat(folder.resolve("out.jsonl.begun")).doesNotExist();
    }

    @Test
    void aCommandThatWroteNothingStandsInNobodysWay() throws IOException {
        var out = folder.resolve("out.jsonl");
        BegunTexts.open(out, "x");
        assertThat(folder).isEmptyDirectory();
        Files.writeString(folder.resolve("out.jsonl.begun"), "{\"of\":\"x\"}\n");
        BegunTexts.open(out, "y").add(ONE);
        assertThat(BegunTexts.open(out, "y").batches()).containsExactly(ONE);
    }

    @Test
    void anotherCommandsTextsAreNotGoneOnWith() throws IOException {
        var out = folder.resolve("out.jsonl");
        BegunTexts.open(out, "x").add(ONE);
        assertThatThrownBy(() -> BegunTexts.open(out, "y")).isInstanceOf(UsageException.class)
                .hasMessageContaining("out.jsonl.begun");
        Files.writeString(folder.resolve("out.jsonl.begun"), "{\"of\":\"x\"}\nnonsense\n");
        assertThatThrownBy(() -> BegunTexts.open(out, "x")).isInstanceOf(IOException.class)
                .hasMessageContaining("is damaged");
    }
}
