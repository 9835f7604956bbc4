package dev.sglp.cli.teacher;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
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

/// What a teacher said is kept, and does instead of it.
final class TeacherAnswersTest {
    @TempDir
    private Path folder;
    private PicoAndWords pico;
    private Path dense;
    private Path small;
    private Path answers;

    @BeforeEach
    void open() throws IOException {
        pico = PicoAndWords.make(folder);
        dense = pico.model("llama3");
        small = folder.resolve("small");
        answers = folder.resolve("answers.safetensors");
        assertThat(Run.of("apply", "--layers", 1, dense, "--out", small, "--quiet").code()).isZero();
    }

    private Run tuned(String out, Object... more) {
        return on(out, 8, 24, more);
    }

    private Run on(String out, int verified, int trained, Object... more) {
        var all = new ArrayList<Object>(List.of("finetune", small, "--data", "text:" + pico.text(), "--window", 16,
                "--limit", 10, "--verify-samples", verified, "--train-samples", trained, "--learning-rate", 0.003,
                "--seed", 3,
                "--out", folder.resolve(out), "--quiet", "--json", folder.resolve(out + ".json"), "--teacher-answers",
                answers));
        all.addAll(List.of(more));
        return Run.of(all.toArray());
    }

    private JsonNode record(String out) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(out + ".json").toFile());
    }

    private Path last(String out) {
        return folder.resolve(out).resolve("last/model.safetensors");
    }

    /// Those to another question are refused.
    @Test
    void itIsAskedOnce() throws IOException {
        for (var name : new String[]{"first", "second"}) {
            var run = tuned(name, "--teacher", dense, "--top-k", 8);
            assertThat(run.code()).as(run.err()).isZero();
        }
        assertThat(last("first")).hasSameBinaryContentAs(last("second"));
        try (var kept = Checkpoints.open(answers)) {
            assertThat(kept.tensors()).hasSize(2 * (24 + 8));
            assertThat(kept.tensors().get("ids.0").shape()).containsExactly(16L, 8L);
            assertThat(kept.tensors().get("verification.log_probabilities.7").shape()).containsExactly(16L, 8L);
        }
        var run = tuned("third", "--teacher", dense, "--top-k", 10);
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains("its top_k is 8, expected 10");
    }

    /// The same bytes come out, and what is measured against it differs by what is lumped together.
    @Test
    void whoHasTheAnswersNeedsNoTeacher() throws IOException {
        var with = tuned("with", "--teacher", dense, "--top-k", 64, "--temperature", 2);
        assertThat(with.code()).as(with.err()).isZero();
        var without = tuned("without", "--temperature", 2);
        assertThat(without.code()).as(without.err()).isZero();
        assertThat(last("with")).hasSameBinaryContentAs(last("without"));
        assertThat(record("without").at("/settings/Teacher").asText()).contains("its answers in", "temperature 2.0");
        var asked = record("with").at("/training/untrained");
        var kept = record("without").at("/training/untrained");
        assertThat(kept.path("validation_loss")).isEqualTo(asked.path("validation_loss"));
        double whole = asked.path("validation_kl").asDouble();
        assertThat(kept.path("validation_kl").asDouble()).isBetween(0.8 * whole, (1 + 1e-3) * whole);
        var resumed = tuned("with", "--temperature", 2, "--resume");
        assertThat(resumed.code()).as("measured against another teacher").isNotZero();
    }

    @Test
    void answersThatDoNotFitAreRefused() throws IOException {
        var nobody = tuned("nobody");
        assertThat(nobody.code()).isEqualTo(2);
        assertThat(nobody.err()).contains("answers.safetensors] is not there", "--teacher MODEL makes it");
        assertThat(tuned("made", "--teacher", dense, "--top-k", 8).code()).isZero();
        var verified = on("verified", 7, 24);
        assertThat(verified.code()).as(verified.err()).isEqualTo(3);
        assertThat(verified.err()).contains("no answers for the verification data", "name --teacher MODEL too");
        assertThat(on("both", 7, 24, "--teacher", dense, "--top-k", 8).code()).isZero();
        var items = on("items", 8, 23);
        assertThat(items.code()).isEqualTo(3);
        assertThat(items.err()).contains("its items is");
        var soft = tuned("soft", "--temperature", 3);
        assertThat(soft.code()).isEqualTo(3);
        assertThat(soft.err()).contains("its temperature is 1.0, expected 3.0");
        var block = tuned("block", "--train", "blockwise");
        assertThat(block.code()).isEqualTo(2);
        assertThat(block.err()).contains("--train blockwise follows a teacher's stream: it needs --teacher MODEL");
        assertThat(Files.exists(folder.resolve("block"))).isFalse();
    }
}
