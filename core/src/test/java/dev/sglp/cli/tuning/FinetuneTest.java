package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Version;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.Main;
import dev.sglp.cli.Run;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// `finetune` and `prune --heal full`, as a user runs them, on dark and bright noise.
final class FinetuneTest {
    @TempDir
    private Path folder;

    private final StringWriter errors = new StringWriter();

    @BeforeEach
    void make() throws IOException {
        new DarkAndBright(folder).make();
    }

    private int run(String command, String out, String... more) {
        return Main.run(new PrintWriter(new StringWriter()), new PrintWriter(errors, true),
                new DarkAndBright(folder).arguments(command, out, more).toArray(String[]::new));
    }

    private JsonNode json(String file) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(file).toFile());
    }

    @Test
    void trainingMakesTheNetworkBetterAndLeavesTwoNetworks() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "6", "--learning-rate", "0.05")).as("%s", errors).isZero();
        var result = json("tuned/finetune.json");
        assertThat(result.at("/after/accuracy").asDouble()).isGreaterThan(0.9)
                .isGreaterThan(result.at("/before/accuracy").asDouble());
        assertThat(result.at("/training/epochs")).hasSize(6);
        assertThat(result.at("/machine/threads").asInt()).isEqualTo(2);
        assertThat(folder.resolve("tuned/report.html")).content().contains("trained for 6 epochs", "id=\"training\"");
        for (var name : List.of("best", "last")) {
            assertThat(Main.run(new PrintWriter(new StringWriter()), new PrintWriter(errors, true), "inspect",
                    folder.resolve("tuned").resolve(name).toString())).isZero();
        }
    }

    @Test
    void noImageIsBothTrainedOnAndMeasuredOn() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        assertThat(json("tuned/finetune.json").at("/data/training").asText()).contains("train, 96 images"); // 120 − 24
    }

    @Test
    void aTrialTakesFewImagesAndFewSteps() throws IOException {
        assertThat(run("finetune", "tried", "--train-samples", "20", "--max-steps", "5")).as("%s", errors).isZero();
        var result = json("tried/finetune.json");
        assertThat(result.at("/data/training").asText()).contains("train, 20 images sampled with seed 0");
        assertThat(result.at("/training/epochs")).hasSize(5); // a rest of 4 is left out: one step an epoch
        assertThat(result.at("/settings/Epochs").asText()).isEqualTo("10, 16 images a step, at most 5 steps");
        assertThat(run("finetune", "tried", "--train-samples", "20", "--max-steps", "5")).isEqualTo(3);
        assertThat(errors.toString()).contains("holds a training that is finished");
        assertThat(run("finetune", "tried", "--train-samples", "20", "--max-steps", "6", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains("--max-steps 5 there, 6 asked for");
        assertThat(run("finetune", "tried", "--train-samples", "20", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains("--max-steps 5 there, none asked for");
    }

    @Test
    void aTrialIsRefusedWhereNothingIsTrainedOrTooLittle() {
        assertThat(run("finetune", "tried", "--max-steps", "0")).isEqualTo(2);
        assertThat(errors.toString()).contains("--max-steps is at least 1, got 0");
        assertThat(run("finetune", "tried", "--train-samples", "0")).isEqualTo(2);
        assertThat(errors.toString()).contains("--train-samples is at least 1, got 0");
        assertThat(prune("out", "--max-steps", "3")).isEqualTo(2);
        assertThat(errors.toString()).contains("--max-steps belongs to a training");
    }

    @Test
    void moreImagesThanThereAreAreAllAndThatIsSaid() {
        var words = new DarkAndBright(folder).arguments("finetune", "tuned", "--epochs", "1", "--train-samples", "500");
        words.remove("--quiet");
        var run = Run.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("train, 96 images sampled with seed 0: 500 were wanted (--train-samples).");
    }

    @Test
    void healingTakesTheSame() throws IOException {
        assertThat(prune("out", "--finetune", "3", "--train-samples", "32", "--max-steps", "3")).as("%s", errors)
                .isZero();
        assertThat(json("out/prune.json").at("/training/epochs")).hasSize(2);
    }

    @Test
    void aFolderWithATrainingIsNotOverwritten() {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        assertThat(run("finetune", "tuned", "--epochs", "1")).isEqualTo(3);
        assertThat(errors.toString())
                .contains("holds a training that is finished", "give " + folder.resolve("tuned/last"))
                .doesNotContain("--resume");
        assertThat(run("finetune", "tuned", "--epochs", "2", "--seed", "7", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains("is of another training, which is finished: "
                + "--epochs 1 there, 2 asked for; --seed 0 there, 7 asked for. To train on, give "
                + folder.resolve("tuned/last") + " as MODEL and another --out").doesNotContain("delete it");
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume", "--optimizer", "adamw", "--schedule", "step"))
                .isEqualTo(3);
        assertThat(errors.toString()).contains(
                ": --optimizer sgd there, adamw asked for; --learning-rate 0.01 there, 0.001 asked for; --schedule cosine there, step asked for. ");
    }

    @Test
    void theNetworkThatIsReadIsNotOverwritten() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        Files.delete(folder.resolve("tuned/training.safetensors"));
        assertThat(run("finetune", "tuned", "--epochs", "1")).isEqualTo(3);
        assertThat(errors.toString()).contains("tuned/best/model.safetensors", "no training.safetensors");
        Files.move(folder.resolve("tuned/best"), folder.resolve("dense2"));
        Files.delete(folder.resolve("tuned/last/model.safetensors"));
        assertThat(run("finetune", "tuned", "--epochs", "1", "--teacher", folder.resolve("dense2").toString()))
                .as("%s", errors).isZero();
        Files.delete(folder.resolve("tuned/training.safetensors"));
        Files.delete(folder.resolve("tuned/best/model.safetensors"));
        Files.move(folder.resolve("tuned/last"), folder.resolve("tuned/best2"));
        Files.createSymbolicLink(folder.resolve("tuned/last"), folder.resolve("dense"));
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume")).isEqualTo(3);
    }

    @Test
    void aPrunedNetworksReportStays() {
        assertThat(run("prune", "run", "--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss"))
                .as("%s", errors).isZero();
        assertThat(run("finetune", "run", "--epochs", "1")).isEqualTo(3);
        assertThat(errors.toString()).contains("prune.json", "Choose another --out");
        assertThat(run("analyze", "run", "--remove", "1", "-k", "2", "--criterion", "loss")).isEqualTo(3);
    }

    @Test
    void theTypedNormalisationIsWrittenAlong() throws IOException {
        assertThat(run("prune", "run", "--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss", "--mean",
                ".4,.4,.4", "--std", ".2,.2,.2")).as("%s", errors).isZero();
        assertThat(json("run/config.json").at("/normalisation/mean/0").asDouble()).isEqualTo(.4);
        assertThat(run("finetune", "tuned", "--epochs", "1", "--normalise", "none")).as("%s", errors).isZero();
        assertThat(json("tuned/best/config.json").at("/normalisation/std/2").asDouble()).isEqualTo(1);
    }

    @Test
    void aTeacherOfOtherClassesIsRefused() throws IOException {
        var other = folder.resolve("other");
        Files.createDirectory(other);
        Files.copy(folder.resolve("dense/model.safetensors"), other.resolve("model.safetensors"));
        Files.writeString(other.resolve("config.json"),
                Files.readString(folder.resolve("dense/config.json")).replace("bright", "day"));
        assertThat(run("finetune", "tuned", "--epochs", "1", "--teacher", other.toString())).isEqualTo(3);
        assertThat(errors.toString()).contains("day", "bright", "labels would not agree");
    }

    /// Sums are made in another order: other bytes.
    @Test
    void aTrainingGoesOnWithAsManyThreadsOnly() {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        var words = new DarkAndBright(folder).arguments("finetune", "tuned", "--epochs", "1", "--resume");
        words.set(words.indexOf("--threads") + 1, "1");
        var other = Run.of(words.toArray());
        assertThat(other.code()).isEqualTo(3);
        assertThat(other.err()).contains("is of another training", ": --threads 2 there, 1 asked for. ");
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume")).as("%s", errors).isZero();
    }

    /// What another version of the program would do is not known.
    @Test
    void aTrainingGoesOnInTheSameVersionOnly() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        var state = folder.resolve("tuned/training.safetensors");
        var bytes = Files.readString(state, StandardCharsets.ISO_8859_1);
        var version = "version=" + Version.current();
        assertThat(bytes).contains(version);
        Files.writeString(state, bytes.replace(version, "version=" + "9".repeat(Version.current().length())),
                StandardCharsets.ISO_8859_1);
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains("'version=99", "there, '" + version + "' asked for");
    }

    @Test
    void whatIsTrainedOfALanguageModelIsNotOfImages() {
        assertThat(prune("out", "--heal", "lora")).isEqualTo(2);
        assertThat(errors.toString()).contains("--heal lora is for language models", "--heal full and --heal distil");
        assertThat(prune("out", "--heal", "lore")).isEqualTo(2);
        assertThat(errors.toString()).contains("--heal 'lore' is unknown", "partial, lora, blockwise");
    }

    /// The same files, but other numbers in the batches.
    @Test
    void aTrainingGoesOnWithTheSameInputsOnly() {
        assertThat(run("finetune", "tuned", "--epochs", "1")).as("%s", errors).isZero();
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume", "--normalise", "none")).isEqualTo(3);
        assertThat(errors.toString()).contains("is of another training");
    }

    /// The same path, but another network there; or the same one that teaches otherwise.
    @Test
    void aTrainingGoesOnWithTheSameTeacherOnly() throws IOException {
        assertThat(run("finetune", "teacher", "--epochs", "1")).as("%s", errors).isZero();
        var teacher = folder.resolve("teacher/best").toString();
        String[] taught = {"--epochs", "1", "--teacher", teacher};
        assertThat(run("finetune", "tuned", taught)).as("%s", errors).isZero();
        assertThat(run("finetune", "tuned", and(taught, "--resume"))).as("%s", errors).isZero();
        assertThat(run("finetune", "tuned", and(taught, "--resume", "--temperature", "9"))).isEqualTo(3);
        assertThat(errors.toString()).contains("is of another training", ": --temperature 2.0 there, 9.0 asked for. ");
        assertThat(run("finetune", "other", "--epochs", "2")).as("%s", errors).isZero();
        Files.copy(folder.resolve("other/last/model.safetensors"), folder.resolve("teacher/best/model.safetensors"),
                StandardCopyOption.REPLACE_EXISTING);
        assertThat(run("finetune", "tuned", and(taught, "--resume"))).as("other weights").isEqualTo(3);
    }

    private static String[] and(String[] some, String... more) {
        return Stream.concat(Arrays.stream(some), Arrays.stream(more)).toArray(String[]::new);
    }

    @Test
    void aPrunedNetworkIsHealedByTrainingWithAndWithoutATeacher() throws IOException {
        for (var heal : List.of("full", "distil")) {
            assertThat(run("prune", heal, "--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss", "--heal",
                    heal, "--epochs", "3", "--learning-rate", "0.05")).as("%s", errors).isZero();
            var record = json(heal + "/prune.json");
            assertThat(record.get("heal").asText()).isEqualTo(heal);
            assertThat(record.at("/after/loss").asDouble()).isNotEqualTo(record.at("/after_removal/loss").asDouble());
            assertThat(record.at("/training/epochs")).hasSize(3);
            assertThat(folder.resolve(heal).resolve("report.html")).content().contains("id=\"training\"");
            assertThat(folder.resolve(heal).resolve("healing")).doesNotExist();
        }
    }

    @Test
    void finetuneIsShortForHealingByTraining() throws IOException {
        assertThat(prune("short", "--finetune", "2")).as("%s", errors).isZero();
        assertThat(prune("long", "--heal", "full", "--epochs", "2")).as("%s", errors).isZero();
        assertThat(folder.resolve("short/model.safetensors"))
                .hasSameBinaryContentAs(folder.resolve("long/model.safetensors"));
        assertThat(json("short/prune.json").get("heal").asText()).isEqualTo("full");
    }

    private int prune(String out, String... more) {
        var args = new ArrayList<>(
                List.of("--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss", "--learning-rate", "0.05"));
        args.addAll(List.of(more));
        return run("prune", out, args.toArray(String[]::new));
    }

    /// What was kept of it would only diverge again.
    @Test
    void aTrainingThatDivergedLeavesNothingToGoOnWith() {
        assertThat(run("prune", "out", "--remove", "1", "--no-latency", "-k", "2", "--criterion", "loss", "--finetune",
                "2", "--learning-rate", "1e30")).isEqualTo(1);
        assertThat(errors.toString()).contains("it diverged", "--learning-rate");
        assertThat(folder.resolve("out/healing")).doesNotExist();
    }

    @Test
    void goingOnWithNothingIsSaid() {
        var words = new DarkAndBright(folder).arguments("prune", "out", "--remove", "1", "--no-latency", "-k", "2",
                "--criterion", "loss", "--finetune", "1", "--resume");
        words.remove("--quiet");
        var run = Run.of(words.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("holds no training to resume");
    }

    @Test
    void finetuneAndAnotherWayToHealExcludeEachOther() {
        assertThat(prune("out", "--finetune", "2", "--heal", "distil")).isEqualTo(2);
        assertThat(errors.toString())
                .contains("--finetune 2 means --heal full --epochs 2, but --heal distil was given");
        assertThat(prune("out", "--finetune", "2", "--epochs", "3")).isEqualTo(2);
        assertThat(errors.toString()).contains("but --epochs 3 was given");
    }

    /// The weights stay finite, what batch norm counts of them does not; the best is the network as it came.
    @Test
    void aTrainingThatDivergesIsNoSuccess() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1", "--learning-rate", "1e6")).as("%s", errors).isEqualTo(1);
        assertThat(errors.toString()).contains("it diverged", "--learning-rate");
        assertThat(folder.resolve("tuned/finetune.json")).doesNotExist();
        try (var before = Checkpoints.open(folder.resolve("dense"));
                var best = Checkpoints.open(folder.resolve("tuned/best"))) {
            for (var name : before.tensors().keySet()) {
                assertThat(before.read(name).mismatch(best.read(name))).as(name).isNegative();
            }
        }
    }

    @Test
    void aWrongFlagIsRefusedBeforeAnyWork() {
        assertThat(run("finetune", "tuned", "--epochs", "0")).isEqualTo(2);
        assertThat(errors.toString()).contains("--epochs is at least 1, got 0");
        assertThat(folder.resolve("tuned")).doesNotExist();
    }

    @Test
    void whatIsMeasuredAfterATrainingIsWhatWasWritten() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1", "--write-as", "f16")).as("%s", errors).isZero();
        var record = json("tuned/finetune.json");
        assertThat(record.at("/settings/Written as").asText()).isEqualTo("float16");
        for (var network : List.of("best", "last")) {
            try (var written = Checkpoints.open(folder.resolve("tuned").resolve(network))) {
                assertThat(written.tensors().values()).filteredOn(t -> t.dtype().floating())
                        .allSatisfy(t -> assertThat(t.dtype()).isEqualTo(DType.F16));
            }
        }
        assertThat(record.at("/after/bytes").asLong())
                .isEqualTo(Files.size(folder.resolve("tuned/best/model.safetensors")));
        assertThat(record.at("/before/bytes").asLong())
                .isEqualTo(Files.size(folder.resolve("dense/model.safetensors")));
        var evaluated = folder.resolve("evaluated.json");
        assertThat(Run.of("evaluate", folder.resolve("tuned/best"), "--data", "images:" + folder.resolve("images"),
                "--batch-size", 16, "--no-latency", "--json", evaluated).code()).isZero();
        assertThat(json("evaluated.json").at("/evaluation/loss")).isEqualTo(record.at("/after/loss"));
    }

    @Test
    void aTrainingThatGoesOnIsWrittenAsItBegan() throws IOException {
        assertThat(run("finetune", "tuned", "--epochs", "1", "--write-as", "f16")).as("%s", errors).isZero();
        assertThat(run("finetune", "tuned", "--epochs", "1", "--write-as", "bf16", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains(": --write-as f16 there, bf16 asked for. ");
        assertThat(run("finetune", "tuned", "--epochs", "1", "--resume")).isEqualTo(3);
        assertThat(errors.toString()).contains(": --write-as f16 there, nothing asked for. ");
    }
}
