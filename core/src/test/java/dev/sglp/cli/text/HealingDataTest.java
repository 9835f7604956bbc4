package dev.sglp.cli.text;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What a language model is healed on stands in no other role.
final class HealingDataTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;
    private Path chosen; // a text of the calibration's lines

    @BeforeEach
    void make() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
        chosen = Files.write(folder.resolve("chosen.txt"), Files.readAllLines(pico.text()).subList(0, 200));
    }

    private Run run(String command, Object... more) {
        var all = new ArrayList<Object>(List.of(command, dense, "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 10, "--heal-tokens", "1k", "--out", folder.resolve("out")));
        all.addAll(List.of(more));
        return Run.of(all.toArray());
    }

    private Run pruned(Object... more) {
        var all = new ArrayList<Object>(List.of("--remove", 1, "--preset", "fast", "--no-latency", "--heal", "full"));
        all.addAll(List.of(more));
        return run("prune", all.toArray());
    }

    @Test
    void aTextThatLayersWereChosenOrRepairedOnIsRefused() throws IOException {
        var repaired = Files.writeString(folder.resolve("repaired.txt"),
                "some other line that is long enough to tell a text by it, number one\n".repeat(20));
        for (var text : List.of(chosen, repaired)) {
            var run = pruned("--repair-data", "text:" + repaired, "--heal-data", "text:" + text);
            assertThat(run.code()).as(run.err()).isEqualTo(3);
            assertThat(run.err()).contains(text.getFileName() + " also stand in the calibration, the repair's data, "
                    + "the verification or the report. Name other data with --heal-data");
        }
    }

    @Test
    void aTextThatIsReportedOnIsRefused() {
        var run = pruned("--heal-data", "text:" + pico.text());
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains("also stand in");
    }

    @Test
    void itIsToldWhereItIsAllowed() {
        var run = pruned("--heal-data", "text:" + chosen, "--allow-overlap");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("200 of 200 healing items (chosen.txt) also stand in the calibration");
    }

    @Test
    void whatIsHealedOnWhereNobodySaysIsTold() throws IOException {
        var run = pruned();
        assertThat(run.code()).as(run.err()).isZero();
        var note = "the calibration's lines are among it (--heal-data names others)";
        assertThat(run.err()).contains(note);
        assertThat(Files.readString(folder.resolve("out/prune.json"))).contains(note);
    }

    /// Nothing is chosen there.
    @Test
    void finetuneTakesIt() {
        var run = run("finetune", "--verify-samples", 8, "--heal-data", "text:" + chosen);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("calibration's");
    }
}
