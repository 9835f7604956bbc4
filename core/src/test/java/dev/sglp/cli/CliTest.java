package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.tensor.Threads;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine;

/// The commands, in this process, on a pico network and a handful of images.
final class CliTest {
    @TempDir
    static Path folder;
    private static Path model;
    private static Path images;

    @BeforeAll
    static void makeModelAndImages() throws IOException {
        var made = PicoAndNoise.make(folder);
        model = made.model();
        images = made.images();
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    @ParameterizedTest
    @ValueSource(strings = {"demo", "inspect", "evaluate", "analyze", "prune", "apply"})
    void everyCommandExplainsItselfWithExamples(String command) {
        var run = Run.of(command, "--help");
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Examples:", "sglp " + command);
    }

    @Test
    void helpListsFlagsUnderHeadingsWithValuesAsTheyAreTyped() {
        assertThat(Run.of("prune", "--help").out())
                .containsSubsequence("\nData:\n", "--data=", "\nChoice:\n", "--remove=", "--ratio=", "\nGradNorm:\n",
                        "\nSimilarity and segments:\n", "biased, unbiased, minibatch, averaged",
                        "averaged with --preset paper", "\nHealing:\n",
                        "\nTraining:\n", "(default: 0.0005", "\nOutput:\n", "\nGeneral:\n")
                .contains("prune MODEL --data=SPEC --out=DIR [OPTIONS]", "*     --data=SPEC")
                .doesNotContain("${", "BIASED", "5.0E-4");
        assertThat(below(new CommandLine(new Main())).filter(c -> c.getSubcommands().isEmpty()))
                .filteredOn(c -> !Set.of("help", "generate-completion").contains(c.getCommandName()))
                .allSatisfy(c -> assertThat(c.getUsageMessage()).contains("\nGeneral:\n"));
    }

    @ParameterizedTest
    @CsvSource({"evaluate, --samples=", "evaluate, --verify-samples=", "evaluate, --calibration-window=",
            "evaluate, --allow-overlap", "finetune, --calibration-window=", "inspect, --seed=",
            "study methods, --criterion=", "study calibration, --train-rows="})
    void whatPlaysNoPartInACommandIsNotInItsHelp(String command, String flag) {
        var run = Run.of((Object[]) (command + " --help").split(" "));
        assertThat(run.out()).contains("--json=").doesNotContain(flag);
    }

    /// In one line, since terminals cut it.
    private static String help(String... command) {
        return Run.of((Object[]) Stream.concat(Stream.of(command), Stream.of("--help")).toArray(String[]::new)).out()
                .replaceAll("\\s+", " ");
    }

    @Test
    void aFlagThatIsSharedIsToldAsTheCommandTakesIt() {
        assertThat(help("repair")).contains("same, the types of the dense network;");
        assertThat(help("finetune")).contains("--test=SPEC report data apart from --data",
                "(default: --window, at most 512)")
                .doesNotContain("study methods", "task:NAME=FILE", "pairs:", "--calibration-window");
        assertThat(help("prune")).doesNotContain("takes several", "pairs:");
        assertThat(help("evaluate")).contains("task:NAME=FILE", "pairs:");
        assertThat(help("study", "methods")).contains("apart from --data; several for a language model");
    }

    /// A shell goes on in the next line only after a backslash.
    @Test
    void everyExampleCanBeCopied() {
        var main = new CommandLine(new Main());
        assertThat(Stream.concat(Stream.of(main), below(main))).hasSizeGreaterThan(10).allSatisfy(command -> {
            var footer = command.getCommandSpec().usageMessage().footer();
            assertThat(footer).allSatisfy(line -> assertThat(line.length()).as(line).isLessThanOrEqualTo(80));
            for (int i = 1; i < footer.length; i++) {
                boolean continued = footer[i].startsWith("      ");
                assertThat(footer[i - 1].endsWith(" \\")).as(footer[i - 1]).isEqualTo(continued);
                assertThat(continued || footer[i].isEmpty() || footer[i].startsWith("  sglp ")
                        || !footer[i - 1].startsWith("  sglp ")).as(footer[i]).isTrue();
            }
        });
    }

    /// All commands of a command, and theirs.
    private static Stream<CommandLine> below(CommandLine command) {
        return command.getSubcommands().values().stream().flatMap(c -> Stream.concat(Stream.of(c), below(c)));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"frobnicate | frobnicate", "inspect | MODEL",
            "prune MODEL --data images:D --out O | --remove",
            "prune MODEL --data images:D --out O --remove 1 --criterion foo | gradnorm-skip",
            "prune MODEL --data images:D --out O --remove 1 --protect 9 | layers 0 to 5",
            "prune MODEL --data images:D --out O --remove 5 | only 4 of 6",
            "analyze MODEL --data images:D -k 7 | --segments",
            "prune MODEL --data images:D --out O --remove 1 --heal magic | bn",
            "prune MODEL --data images:D --out O --ratio 2 | --ratio", "evaluate MODEL --data what:D | images:",
            "evaluate MODEL --data images:D --threads 0 | --threads",
            "prune MODEL --data images:D --out O --remove 0.5 | --ratio takes a fraction",
            "prune MODEL --data images:D --out O --remove 1 --protect 3-1 | goes backwards: layers 3 to 1",
            "prune MODEL --data images:D --out O --remove 1 --protect , | names no layer",
            "prune MODEL --data images:D --out O --remove 1 --epochs 3 | --epochs belongs to a training",
            "prune MODEL --data images:D --out O --remove 1 --heal bn --save-every 3 | --save-every belongs",
            "prune MODEL --data images:D --out O --remove 1 --heal full --temperature 3 | --temperature belongs to --heal distil",
            "prune MODEL --data images:D --out O --remove 1 --method sleb --criterion random | --criterion plays no part in --method sleb",
            "prune MODEL --data images:D --out O --remove 1 --method tail --draws 2 | --draws plays no part",
            "prune MODEL --data images:D --out O --remove 1 --cka-bandwidth 2 | --cka-bandwidth belongs to --kernel rbf",
            "prune MODEL --data images:D --out O --remove 1 --window 8 | --window is for text",
            "finetune MODEL --data images:D --out O --distil-weight 1 | --distil-weight belongs to --teacher",
            "finetune MODEL --data images:D --out O --optimizer adamw --momentum 0 | --momentum belongs to --optimizer sgd",
            "analyze MODEL --data images:D --out O --no-scores --remove 1 | --remove needs a plan",
            "analyze MODEL --data images:D --out O --no-scores --criterion loss | --criterion belongs to scores",
            "analyze MODEL --data images:D --out O --no-scores --repair-data text:x | --repair-data belongs to scores",
            "prune MODEL --data images:D --out O --remove 1 --method sleb --candidates 9 | --candidates belongs to --method sglp",
            "prune MODEL --data images:D --out O --remove 1 --finetune 0 | --finetune is at least 1",
            "evaluate MODEL --data images:D --samples 3 | --samples plays no part in evaluate",
            "prune MODEL --data images:D --out O --remove 1 --criterion loss --weight-seed 3 | --weight-seed belongs to --criterion gradnorm",
            "evaluate MODEL --data images:D --no-latency --latency-budget 3 | --latency-budget plays no part in --no-latency",
            "prune MODEL --data images:D --out O --remove 1 --prompt a --no-samples | --prompt plays no part in --no-samples",
            "prune MODEL --data images:D --out O --remove 1 --prompt a | text is written by language models",
            "prune MODEL --data images:D --out O --remove 1 --latency-budget 0 | --latency-budget is a number of seconds above 0",
            "prune MODEL --data images:D --out O --remove 1 --latency-budget soon | --latency-budget",
            "study methods MODEL --data images:D --remove 1 --no-latency --latency-budget 3 | --latency-budget plays no part",
            "inspect MODEL --json plan.json | --json plan.json: commands read a file of this name",
            "inspect MODEL --json data.jsonl | --json data.jsonl: commands read"})
    void wrongArgumentsEndWithCodeTwoAndNameWhatIsKnown(String line, String named) {
        var run = Run.of((Object[]) line.replace("MODEL", model.toString()).replace(":D", ":" + images)
                .replace("--out O", "--out " + folder.resolve("never")).split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(named);
    }

    @Test
    void theSeedOfDrawnWeightsIsRecordedBesideTheOther() throws IOException {
        var out = folder.resolve("seeds");
        var run = Run.of("analyze", model, "--data", "images:" + images, "--remove", "1", "-k", "2", "--seed", "3",
                "--weight-seed", "4", "--criterion", "gradnorm", "--second-look", "yes", "--out", out, "--quiet");
        assertThat(run.code()).as(run.err()).isZero();
        var plan = json(out.resolve("plan.json"));
        assertThat(plan.at("/provenance/seed").asLong()).isEqualTo(3);
        assertThat(plan.at("/provenance/weight_seed").asLong()).isEqualTo(4);
        assertThat(json(out.resolve("analysis.json")).at("/plan/provenance/weight_seed").asLong()).isEqualTo(4);
        assertThat(out.resolve("report.html")).content().contains("Seed of drawn weights");
        var trust = json(out.resolve("analysis.json")).get("trust");
        assertThat(trust.at("/rivals/0/draws").asInt()).isEqualTo(3);
        assertThat(trust.at("/halves/plans")).hasSize(2);
        assertThat(run.out()).contains("Chosen again on each of two halves of the calibration data", "over 3 draws");
    }

    /// What a variable of the shell that is not set leaves.
    @Test
    void aPathThatIsEmptyEndsWithCodeTwo() {
        for (var words : List.of(List.of("inspect", ""), List.of("inspect", model, "--json", ""),
                List.of("apply", "", model, "--out", folder.resolve("never")),
                List.of("analyze", model, "--data", "images:" + images, "--out", ""))) {
            var run = Run.of(words.toArray());
            assertThat(run.code()).as(run.err()).isEqualTo(2);
            assertThat(run.err()).contains("it is empty, expected a path");
        }
    }

    @Test
    void aMisspeltFlagIsNamedAndNotWhatItMakesMissing() {
        var missing = Run.of("prune", model, "--dta", "images:" + images, "--remove=1", "--out", folder.resolve("x"));
        assertThat(missing.code()).isEqualTo(2);
        assertThat(missing.err()).contains("Unknown option: '--dta'", "Perhaps meant: --data\n")
                .doesNotContain("Missing", "images:");
        var value = Run.of("inspect", "--removee", 3, model);
        assertThat(value.code()).isEqualTo(2);
        assertThat(value.err()).contains("Unknown option: '--removee'").doesNotContain(model.toString());
        assertThat(Run.of("analyze", model, "--remov=3").err()).contains("Perhaps meant: --remove\n");
        assertThat(Run.of("analyze", model, "--rem", "3").err()).contains("Perhaps meant: --remove\n");
        assertThat(Run.of("analyze", model, "--nothing-alike").err()).doesNotContain("Perhaps meant");
        var really = Run.of("prune", model, "-k3", "--remove", "1", "--out", folder.resolve("x"));
        assertThat(really.err()).contains("Missing required option: '--data=SPEC'");
        assertThat(Run.of("study", "foo").err()).contains("'foo' is no command of sglp study", "segments");
    }

    @Test
    void aRecordOnStandardOutputStandsAlone() throws IOException {
        var run = Run.of("inspect", model, "--json", "-");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(new ObjectMapper().readTree(run.out()).get("layers")).hasSize(6);
        assertThat(run.err()).contains("layer2.0");
    }

    @Test
    void namesAreReadInAnyCase() {
        var run = Run.of("analyze", model, "--data", "images:" + images, "--remove", "1", "--criterion", "RANDOM",
                "--method", "One-Shot", "--samples", "20", "--verify-samples", "20", "--out", folder.resolve("case"));
        assertThat(run.code()).as(run.err()).isZero();
    }

    @Test
    void theTableOfSegmentsKnowsWhatIsProtected() throws IOException {
        var out = folder.resolve("protected");
        var run = Run.of("analyze", model, "--data", "images:" + images, "--remove", "1", "--criterion", "random",
                "-k", "1", "--protect", "0,-1", "--samples", "20", "--verify-samples", "20", "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        var layers = json(out.resolve("analysis.json")).get("layers");
        assertThat(layers.get(0).get("fixed").asText()).isEqualTo("is protected");
        assertThat(layers.get(5).get("removable").asBoolean()).isFalse();
        assertThat(run.out()).containsPattern("1 +\\[0,6\\) +2 "); // of four that could go
    }

    @Test
    void analyzeWithoutATargetShowsEveryLayerAlone() {
        var run = Run.of("analyze", model, "--data", "images:" + images, "--criterion", "magnitude", "--samples", "20",
                "--verify-samples", "0", "--out", folder.resolve("looked"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("loss increase", "scored by magnitude").containsPattern("(?m)^3 +layer2.1 +\\d ")
                .doesNotContain("removed", "apply:");
    }

    @Test
    void analyzeWithATargetSaysWhatGoesAndHow() throws IOException {
        var out = folder.resolve("a plan");
        var run = Run.of("analyze", model, "--data", "images:" + images, "--remove", "2", "--criterion", "magnitude",
                "--samples", "20", "--verify-samples", "0", "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        var removed = json(out.resolve("plan.json")).get("removed");
        assertThat(run.out()).contains("removed layers: %d %d\n".formatted(removed.get(0).asInt(),
                removed.get(1).asInt()), "plan:   " + out.resolve("plan.json"),
                "sglp apply '%s' %s --out DIR".formatted(out.resolve("plan.json"), model));
    }

    @Test
    void badInputEndsWithCodeThreeAndNamesTheFile() throws IOException {
        var text = Files.writeString(folder.resolve("text.pth"), "no checkpoint at all");
        for (var path : List.of(folder.resolve("missing.pth"), text, images)) {
            var run = Run.of("inspect", path.toString());
            assertThat(run.code()).as(run.err()).isEqualTo(3);
            assertThat(run.err()).contains(path.getFileName().toString());
        }
        assertThat(Run.of("evaluate", model.toString(), "--data", "images:" + folder.resolve("nowhere")).code())
                .isEqualTo(3);
        assertThat(Run.of("prune", model.toString(), "--data", "images:" + images, "--remove", "1", "--out",
                model.getParent().toString()).err()).contains("is the input");
    }

    @Test
    void theSameImagesForChoiceAndReportAreRefused() {
        var run = Run.of("prune", model.toString(), "--data", "images:" + images.resolve("train"), "--test",
                "images:" + images.resolve("train"), "--remove", "1", "--out", folder.resolve("overlap").toString());
        assertThat(run.code()).as(run.err()).isEqualTo(3);
        assertThat(run.err()).contains("--allow-overlap");
    }

    @Test
    void inspectListsTheLayers() throws IOException {
        var file = folder.resolve("inspect.json");
        var run = Run.of("inspect", model.toString(), "--json", file.toString());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("layer2.0", "changes the shape");
        var layers = json(file).get("layers");
        assertThat(layers).hasSize(6);
        assertThat(layers.get(2).get("name").asText()).isEqualTo("layer2.0");
        assertThat(layers.get(2).get("removable").asBoolean()).isFalse();
        assertThat(layers.get(0).get("parameters").asLong()).isEqualTo(2 * 9 * 4 * 4 + 4 * 4);
    }

    @Test
    void theWholeWayPruneApplyEvaluate() throws IOException {
        var out = folder.resolve("run");
        var run = Run.of("prune", model.toString(), "--data", "images:" + images, "--remove", "2", "--samples", "20",
                "--verify-samples", "20", "--heal", "none", "--no-latency", "--out", out.toString());
        assertThat(run.code()).as(run.err()).isZero();
        var record = json(out.resolve("prune.json"));
        for (var pointer : List.of("/model/family", "/model/layers", "/similarity/5/5", "/segmentation/boundaries",
                "/plan/removed/1", "/plan/candidates/scored", "/plan/candidates/possible", "/before/accuracy",
                "/after/accuracy", "/after/loss", "/after/parameters", "/after/macs", "/after/bytes",
                "/after/fidelity/kl_divergence", "/seconds/importance", "/peak_rss_bytes",
                "/machine/cpu", "/machine/logical_cores", "/machine/memory_bytes", "/machine/libtorch",
                "/machine/started")) {
            assertThat(record.at(pointer).isMissingNode()).as(pointer).isFalse();
        }
        assertThat(record.at("/machine/threads").asInt()).isEqualTo(Threads.count());
        assertThat(record.at("/machine/directory").asText()).isEqualTo(System.getProperty("user.dir"));
        assertThat(Files.readString(out.resolve("report.html"))).contains("<html", "run in ");

        var again = folder.resolve("applied");
        var apply = List.of("apply", out.resolve("plan.json"), model, "--out", again);
        assertThat(Run.of(apply.toArray())).as("a repair needs data").satisfies(refused -> {
            assertThat(refused.code()).isEqualTo(2);
            assertThat(refused.err()).contains("--repair none", "sglp repair");
        });
        assertThat(Run.of(Stream.concat(apply.stream(), Stream.of("--repair", "none")).toArray()).code()).isZero();
        var better = folder.resolve("repaired");
        var repaired = Run.of("repair", again, "--of", model, "--data", "images:" + images, "--samples", "20",
                "--verify-samples", "20", "--no-latency", "--out", better);
        assertThat(repaired.code()).as(repaired.err()).isZero();
        assertThat(repaired.err()).contains("by their weights: layers " + record.at("/plan/removed/0").asText());
        assertThat(Files.mismatch(better.resolve("model.safetensors"), out.resolve("model.safetensors")))
                .as("what prune repaired").isEqualTo(-1);

        var evaluated = folder.resolve("evaluated.json");
        assertThat(Run.of("evaluate", out.resolve("model.safetensors").toString(), "--data", "images:" + images,
                "--no-latency", "--json", evaluated.toString()).code()).isZero();
        assertThat(json(evaluated).at("/evaluation/loss").asDouble()).isEqualTo(record.at("/after/loss").asDouble());
        assertThat(json(evaluated).at("/evaluation/right").asInt()).isEqualTo(record.at("/after/right").asInt());
        assertThat(json(evaluated).at("/machine")).isEqualTo(record.at("/machine"));
    }

    @Test
    void evaluateTellsWhatWasIgnored() throws IOException {
        var made = PicoAndNoise.make(folder.resolve("stray"));
        Files.writeString(made.images().resolve("notes.txt"), "no image");
        var record = folder.resolve("stray.json");
        var run = Run.of("evaluate", made.model(), "--data", "images:" + made.images(), "--no-latency", "--json",
                record);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("ignored 1 files");
        assertThat(run.out()).contains("top-1 accuracy").doesNotContain("top-5");
        assertThat(json(record).at("/notes/0").asText()).contains("ignored 1 files");
    }

    @Test
    void aPlanEditedByHandIsAppliedAsItStands() throws IOException {
        var out = folder.resolve("analyzed");
        assertThat(Run.of("analyze", model.toString(), "--data", "images:" + images, "--remove", "1", "--samples", "20",
                "--verify-samples", "10", "--criterion", "magnitude", "--out", out.toString()).code()).isZero();
        var plan = (com.fasterxml.jackson.databind.node.ObjectNode) json(out.resolve("plan.json"));
        plan.putArray("removed").add(0).add(1);
        plan.putArray("names").add("layer1.0").add("layer1.1");
        var edited = Files.writeString(folder.resolve("edited.json"), plan.toString());
        var target = folder.resolve("edited");
        assertThat(Run.of("apply", edited.toString(), model.toString(), "--out", target.toString()).code()).isZero();
        assertThat(json(target.resolve("config.json")).get("depths").toString()).isEqualTo("[0,2,2]");
        assertThat(Run.of("inspect", target.toString()).out()).contains("4 layers");
    }

    @Test
    void sameSeedSameFiles() throws IOException {
        for (var name : List.of("first", "second")) {
            assertThat(Run.of("prune", model.toString(), "--data", "images:" + images, "--remove", "1", "--heal", "bn",
                    "--samples", "20", "--verify-samples", "20", "--seed", "3", "--no-latency", "--out",
                    folder.resolve(name).toString()).code()).isZero();
        }
        assertThat(
                Files.mismatch(folder.resolve("first/model.safetensors"), folder.resolve("second/model.safetensors")))
                .isEqualTo(-1);
    }

    @Test
    void headersAndHelpNeverLoadLibtorch() throws IOException, InterruptedException {
        var java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        for (var args : List.of(List.of("inspect", model.toString()), List.of("--help"),
                List.of("prune", "--nonsense"))) {
            var command = new java.util.ArrayList<>(
                    List.of(java, "-verbose:class", "-cp", System.getProperty("java.class.path"), "dev.sglp.cli.Main"));
            command.addAll(args);
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            var printed = new String(process.getInputStream().readAllBytes());
            process.waitFor();
            assertThat(printed).contains("dev.sglp.cli.Main").doesNotContain("org.bytedeco.javacpp.Loader ");
        }
    }
}
