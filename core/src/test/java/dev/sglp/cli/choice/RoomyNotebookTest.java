package dev.sglp.cli.choice;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Notebook;
import dev.sglp.Pico;
import dev.sglp.Recipe;
import dev.sglp.cli.tuning.ScoringFolder;
import dev.sglp.cli.typed.Given;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.importance.GradNorm;
import dev.sglp.importance.ScoringTask.Calibration;
import dev.sglp.importance.precision.PrecisionChoice;
import dev.sglp.importance.precision.PrecisionChoice.Wish;
import dev.sglp.model.Pass.Precision;
import dev.sglp.repair.NoRepair;
import dev.sglp.training.NoHealing;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Mixin;

/// How much memory is free is another number each time, and a run that goes on is the same run.
final class RoomyNotebookTest {
    private static final long MUCH = 1L << 40;
    private static final PrecisionChoice ROUGH = new PrecisionChoice(Precision.BFLOAT16, "measured");

    @TempDir
    Path folder;
    private ModelFile file;
    private long little; // layers are read one after the other

    @BeforeEach
    void open() throws IOException {
        file = ModelFile.open(Path.of("src/test/resources/text/gsm8k/network"));
        little = Streaming.least(file);
    }

    @AfterEach
    void close() throws IOException {
        file.close();
    }

    @CommandLine.Command
    static final class Choosing {
        @Mixin
        ChoiceOptions choice = new ChoiceOptions();
    }

    private Recipe recipe(long memory, String... typed) throws IOException {
        var choosing = new Choosing();
        var line = new CommandLine(choosing);
        line.parseArgs(typed);
        return choosing.choice.recipe(file.within(memory), new Given(line.getCommandSpec(), _ -> {}),
                new Recipe.Compute(8, 0, Budget.NONE), new NoRepair(), new NoHealing());
    }

    @Test
    void whatIsWishedForDoesNotDependOnTheMemory() throws IOException {
        assertThat(recipe(little, "--remove", "1")).hasToString(recipe(MUCH, "--remove", "1").toString());
        assertThat(recipe(MUCH, "--remove", "1").compute().dtype()).isEqualTo(Wish.AUTO);
        assertThat(recipe(little, "--remove", "1", "--preset", "fast").compute().dtype()).isEqualTo(Wish.FLOAT32);
    }

    private PrecisionChoice precision(Notebook notebook, long memory, Wish wish, Pico pico) {
        return new RoomyNotebook(notebook, file.within(memory)).precision(wish, GradNorm.standard(),
                new Calibration(pico.items(), 8, 0), () -> ROUGH);
    }

    @Test
    void whereTheMemoryHasNoRoomNothingIsMeasured() {
        try (var pico = Pico.open()) {
            assertThat(precision(Notebook.none(), MUCH, Wish.AUTO, pico)).isEqualTo(ROUGH);
            assertThat(precision(Notebook.none(), little, Wish.BFLOAT16, pico)).isEqualTo(ROUGH);
            var exact = precision(Notebook.none(), little, Wish.AUTO, pico);
            assertThat(exact.precision()).isEqualTo(Precision.FLOAT32);
            assertThat(exact.why()).contains("no room for the weights in bfloat16");
        }
    }

    @Test
    void aRunThatGoesOnKeepsThePrecisionItBeganWith() {
        try (var pico = Pico.open()) {
            precision(new ScoringFolder(folder.resolve("much"), "network"), MUCH, Wish.AUTO, pico);
            assertThat(precision(new ScoringFolder(folder.resolve("much"), "network"), little, Wish.AUTO, pico))
                    .isEqualTo(ROUGH);
            precision(new ScoringFolder(folder.resolve("little"), "network"), little, Wish.AUTO, pico);
            assertThat(precision(new ScoringFolder(folder.resolve("little"), "network"), MUCH, Wish.AUTO, pico)
                    .precision()).isEqualTo(Precision.FLOAT32);
        }
    }
}
