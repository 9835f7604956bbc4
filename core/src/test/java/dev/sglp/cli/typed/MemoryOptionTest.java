package dev.sglp.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Oracle;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// A network that its memory does not hold gives the same files.
final class MemoryOptionTest {
    @TempDir
    static Path folder;
    private static PicoAndWords words;
    private static Path llama;
    private static long memory; // the most that does not hold all layers

    @BeforeAll
    static void model() throws IOException {
        words = PicoAndWords.make(folder);
        llama = words.model("llama3");
        long holds = 1L << 40;
        long streams = 1;
        try (var file = ModelFile.open(llama)) {
            while (holds - streams > 1) {
                long middle = (holds + streams) / 2;
                if (isStreamed(file, middle)) {
                    streams = middle;
                } else {
                    holds = middle;
                }
            }
        }
        memory = streams;
    }

    private static boolean isStreamed(ModelFile file, long bytes) {
        try {
            return Streaming.of(file.within(bytes)).isPresent();
        } catch (UsageException _) {
            return true; // holds not even some layers
        }
    }

    private static Run run(String command, Path out, Object... more) {
        var all = new ArrayList<Object>(List.of(command, llama, "--data", "text:" + words.text(), "--window", 16,
                "--limit", 6, "--no-latency"));
        if (command.equals("prune")) {
            all.addAll(List.of("--remove", 2, "--out", out, "--protect", "last"));
        }
        all.addAll(List.of(more));
        return Run.of(all.toArray());
    }

    private static JsonNode record(Path out) throws IOException {
        return new ObjectMapper().readTree(out.resolve("prune.json").toFile());
    }

    @ParameterizedTest
    @CsvSource({"best, refit", "fast, refit", "fast, scale", "fast, blockwise"})
    void theFilesAreTheSame(String preset, String repair) throws IOException {
        var whole = folder.resolve("whole-" + preset + repair);
        var less = folder.resolve("less-" + preset + repair);
        Object[] asked = {"--preset", preset, "--repair", repair, "--repair-samples", 8, "--dtype", "float32"};
        var first = run("prune", whole, asked);
        assertThat(first.code()).as(first.err()).isZero();
        var second = run("prune", less, Stream.concat(Stream.of(asked), Stream.of("--memory", memory)).toArray());
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.err()).contains("of 4 layers are in memory at a time").contains("All layers were read")
                .containsPattern("The process took [0-9.]+ [MG]B at the most");
        assertThat(first.err()).doesNotContain("layers are in memory");
        assertThat(Files.readAllBytes(less.resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
        for (var field : List.of("/plan/removed", "/plan/choices", "/plan/verification", "/before/loss", "/after/loss",
                "/after/fidelity")) {
            assertThat(record(less).at(field)).as(field).isEqualTo(record(whole).at(field));
        }
        assertThat(record(less).get("notes")).anySatisfy(note -> assertThat(note.asText()).contains("at a time"));
    }

    @Test
    void twoNetworksAreComparedAlike() throws IOException {
        var dense = Files.createDirectories(folder.resolve("dense")); // as large, but for its norms' ε
        for (var file : List.of("model.safetensors", "tokenizer.json")) {
            Files.copy(llama.resolve(file), dense.resolve(file));
        }
        Files.writeString(dense.resolve("config.json"), Files.readString(llama.resolve("config.json"))
                .replaceAll("\"rms_norm_eps\": [^,]*", "\"rms_norm_eps\": 0.5"));
        var found = new ArrayList<JsonNode>();
        for (var flags : List.of(List.of(), List.of("--memory", memory))) {
            var file = folder.resolve("against.json");
            var all = Stream.concat(Stream.of("--against", dense, "--json", file), flags.stream()).toArray();
            var evaluated = run("evaluate", folder, all);
            assertThat(evaluated.code()).as(evaluated.err()).isZero();
            assertThat(Pattern.compile("layers are in memory at a time").matcher(evaluated.err()).results())
                    .as(evaluated.err()).hasSize(flags.size());
            found.add(new ObjectMapper().readTree(file.toFile()).at("/evaluation/fidelity"));
        }
        assertThat(found.getFirst().get("kl_divergence").asDouble()).isPositive();
        assertThat(found.getLast()).isEqualTo(found.getFirst());
    }

    /// What holds the weights and no more: repairs that are kept while sets are scored count as well.
    @Test
    void whatIsKeptBesideTheWeightsCounts() throws IOException {
        long holds = memory + 1;
        var plain = run("prune", folder.resolve("holds"), "--preset", "fast", "--repair", "none", "--memory", holds);
        assertThat(plain.code()).as(plain.err()).isZero();
        assertThat(plain.err()).doesNotContain("layers are in memory at a time");
        for (var flags : List.of("--preset best", "--preset fast", "--preset best --dtype float32")) {
            var kept = run("prune", folder.resolve("kept" + flags.hashCode()), Stream.concat(
                    Stream.of(flags.split(" ")), Stream.of("--repair-samples", 8, "--memory", holds)).toArray());
            assertThat(kept.code()).as(kept.err()).isZero();
            assertThat(kept.err()).as(flags).contains("layers are in memory at a time");
        }
        var timed = Run.of("prune", llama, "--data", "text:" + words.text(), "--window", 16, "--limit", 6, "--remove",
                2,
                "--preset", "fast", "--repair-samples", 8, "--memory", holds, "--out",
                folder.resolve("untimed"));
        assertThat(timed.code()).as(timed.err()).isZero();
        assertThat(timed.err()).contains("layers are in memory at a time");
        assertThat(record(folder.resolve("untimed")).at("/after/latency").isMissingNode()
                || record(folder.resolve("untimed")).at("/after/latency").isNull()).as("nothing is timed").isTrue();
    }

    /// Numbers are rounded when they are read.
    @ParameterizedTest
    @ValueSource(strings = {"refit", "none"})
    void narrowerTypesAreTheSameToo(String repair) throws IOException {
        var whole = folder.resolve("whole16-" + repair);
        var less = folder.resolve("less16-" + repair);
        assertThat(run("prune", whole, "--preset", "fast", "--repair", repair, "--write-as", "f16").code()).isZero();
        var second = run("prune", less, "--preset", "fast", "--repair", repair, "--write-as", "f16", "--memory",
                memory);
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(Files.readAllBytes(less.resolve("model.safetensors")))
                .isEqualTo(Files.readAllBytes(whole.resolve("model.safetensors")));
        for (var field : List.of("/before/loss", "/after/loss", "/after/fidelity")) {
            assertThat(record(less).at(field)).as(field).isEqualTo(record(whole).at(field));
        }
    }

    /// Gradients of weights that are read as bfloat16.
    @ParameterizedTest
    @ValueSource(strings = {"--method one-shot --criterion gradnorm --repair none",
            "--preset best --repair-samples 8", "--criterion loss --repair none"})
    void narrowProductsChooseTheSame(String flags) throws IOException {
        var whole = folder.resolve("whole-narrow" + flags.hashCode());
        var less = folder.resolve("less-narrow" + flags.hashCode());
        Object[] asked = (flags + " --dtype bfloat16").split(" ");
        assertThat(run("prune", whole, asked).code()).isZero();
        var second = run("prune", less, Stream.concat(Stream.of(asked), Stream.of("--memory", memory)).toArray());
        assertThat(second.code()).as(second.err()).isZero();
        assertThat(second.err()).contains("Scored in bfloat16, as asked.", "of 4 layers are in memory at a time");
        assertThat(record(less).at("/plan/choices")).isEqualTo(record(whole).at("/plan/choices"));
        assertThat(Files.mismatch(less.resolve("model.safetensors"), whole.resolve("model.safetensors")))
                .isEqualTo(-1);
    }

    @Test
    void anAnalysisTellsWhatItTook() {
        var run = Run.of("analyze", llama, "--data", "text:" + words.text(), "--window", 16, "--limit", 6, "--remove",
                2, "--preset", "fast", "--repair", "none", "--memory", memory, "--out", folder.resolve("analysis"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).containsPattern("All layers were read [0-9.]+ times from the file. The process took ");
    }

    /// Layers come in one type at a time: bfloat16 has room as soon as what is no layer has it once more.
    @Test
    void narrowProductsHaveRoomWhereLayersAreReadAsTheyAreNeeded() throws IOException {
        long least;
        try (var file = ModelFile.open(llama)) {
            least = Streaming.least(file);
        }
        for (long bytes : List.of(least, memory)) {
            var run = run("prune", folder.resolve("auto" + bytes), "--preset", "best", "--repair-samples", 8,
                    "--memory", bytes);
            assertThat(run.code()).as(run.err()).isZero();
            assertThat(run.err()).contains("layers are in memory at a time");
            assertThat(run.err().contains("the memory has no room for the weights in bfloat16"))
                    .isEqualTo(bytes == least);
        }
    }

    /// Of what another tool left, and of what was repaired before, whose layers are others.
    @Test
    void aRepairGivesTheSameFile() throws IOException {
        var small = folder.resolve("small");
        assertThat(Run.of("apply", "--layers", 1, llama, "--out", small, "--quiet").code()).isZero();
        var better = folder.resolve("better");
        assertThat(repair(small, better).err()).doesNotContain("at a time").contains("weights: layers 1.");
        for (var from : List.of(small, better)) {
            var less = folder.resolve(from.getFileName() + "-less");
            var run = repair(from, less, "--memory", memory);
            assertThat(run.err()).contains("layers are in memory at a time").contains("weights: layers 1.");
            assertThat(run.err().contains("Other weights than there")).isEqualTo(from.equals(better));
            assertThat(Files.mismatch(less.resolve("model.safetensors"), better.resolve("model.safetensors")))
                    .isEqualTo(-1);
        }
        assertThat(Files.mismatch(small.resolve("model.safetensors"), better.resolve("model.safetensors")))
                .isNotEqualTo(-1);
    }

    private static Run repair(Path from, Path out, Object... more) {
        var all = new ArrayList<Object>(List.of("repair", from, "--of", llama, "--data", "text:" + words.text(),
                "--window", 16, "--limit", 6, "--repair-samples", 8, "--no-latency", "--out", out));
        all.addAll(List.of(more));
        var run = Run.of(all.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    /// A real one, of blocks of four bits that are written as float16.
    @Test
    void aGgufFileGivesTheSameToo() throws IOException {
        var gguf = Oracle.real("models/SmolLM2-135M-Instruct.Q4_1.gguf");
        var text = Files.writeString(folder.resolve("real.txt"),
                Files.readString(Oracle.real("data/wikitext-2/valid.txt"))
                        .substring(0, 60_000));
        var written = new ArrayList<Path>();
        for (var most : List.of("8g", "400m")) {
            var out = folder.resolve("gguf-" + most);
            var run = Run.of("prune", gguf, "--data", "text:" + text, "--window", 64, "--limit", 1, "--samples", 1,
                    "--repair-samples", 2, "--preset", "fast", "--remove", 2, "--no-latency", "--second-look", "no",
                    "--memory", most, "--out", out);
            assertThat(run.code()).as(run.err()).isZero();
            written.add(out.resolve("model.safetensors"));
        }
        assertThat(Files.mismatch(written.getFirst(), written.getLast())).isEqualTo(-1);
    }

    /// Every token reads the file once more: that is for those who ask.
    @Test
    void networksThatAreReadAsTheyRunSpeakWhenAsked() throws IOException {
        Object[] asked = {"--preset", "fast", "--repair-samples", 8, "--prompt", "word1 word2"};
        var whole = folder.resolve("said-whole");
        assertThat(run("prune", whole, asked).code()).isZero();
        var less = folder.resolve("said-less");
        var streamed = run("prune", less, Stream.concat(Stream.of(asked), Stream.of("--memory", memory)).toArray());
        assertThat(streamed.code()).as(streamed.err()).isZero();
        assertThat(record(whole).at("/samples/0/networks")).hasSize(3);
        for (int i = 0; i < 3; i++) {
            var network = "/samples/0/networks/" + i;
            assertThat(record(less).at(network + "/text")).isEqualTo(record(whole).at(network + "/text"));
            assertThat(record(less).at(network + "/kl_divergence").asDouble())
                    .isCloseTo(record(whole).at(network + "/kl_divergence").asDouble(), within(1e-5));
        }
        var silent = folder.resolve("silent");
        var unasked = run("prune", silent, "--preset", "fast", "--repair-samples", 8, "--memory", memory,
                "--no-samples");
        assertThat(unasked.code()).as(unasked.err()).isZero();
        assertThat(unasked.err()).contains("--no-samples plays no part where layers are read from the file");
        assertThat(record(silent).has("samples")).isFalse();
    }

    @Test
    void forwardPassesThatReadAFileAreNotTimed() throws IOException {
        var out = folder.resolve("timed");
        var args = new ArrayList<Object>(List.of("prune", llama, "--data", "text:" + words.text(), "--window", 16,
                "--limit", 6, "--remove", 1, "--out", out, "--repair", "none", "--memory", memory));
        var run = Run.of(args.toArray());
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(record(out).at("/before").has("latency_ms")).isFalse();
        assertThat(record(out).has("samples")).isFalse();
    }

    @Test
    void theReportIsTheSame() throws IOException {
        var json = folder.resolve("evaluated.json");
        assertThat(run("evaluate", folder, "--json", json).code()).isZero();
        var whole = new ObjectMapper().readTree(json.toFile()).at("/evaluation/loss");
        assertThat(run("evaluate", folder, "--json", json, "--memory", memory).code()).isZero();
        assertThat(new ObjectMapper().readTree(json.toFile()).at("/evaluation/loss")).isEqualTo(whole);
    }

    @Test
    void whatDoesNotFitOrPlaysNoPartIsRefused() throws IOException {
        assertThat(run("evaluate", folder, "--memory", "1m").err()).contains("does not hold two layers",
                "The least that works: ");
        assertThat(run("evaluate", folder, "--memory", "1k").err()).contains("--memory 1k does not hold");
        assertThat(run("evaluate", folder, "--memory", "100").err()).contains("--memory 100 does not hold");
        try (var file = ModelFile.open(llama)) {
            assertThat(Run.of("evaluate", llama, "--data", "text:" + words.text(), "--window", 4096, "--memory",
                    Streaming.least(file)).err()).contains("4,096 tokens a pass");
        }
        assertThat(run("evaluate", folder, "--memory", "much").err()).contains("for instance 6g or 300m");
        var timed = Run.of("evaluate", llama, "--data", "text:" + words.text(), "--window", 16, "--memory", memory,
                "--latency-budget", 3);
        assertThat(timed.err()).contains("--latency-budget plays no part where layers are read from the file");
        var images = PicoAndNoise.make(folder.resolve("images"));
        assertThat(Run.of("evaluate", images.model(), "--data", "images:" + images.images(), "--memory", "6g").err())
                .contains("--memory is for language models");
    }

    @ParameterizedTest
    @CsvSource({"6g, 6442450944", "300m, 314572800", "1.5GiB, 1610612736", "2k, 2048", "77, 77", "5GB, 5000000000",
            "5gb, 5000000000", "1t, 1099511627776"})
    void sizesAreBinaryUnlessTheySayOtherwise(String typed, long bytes) {
        assertThat(MemoryOption.bytes(typed)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "g", "-1g", "0", "6x", "1e3", "99999999999t"})
    void otherWordsAreNoSize(String typed) {
        assertThatThrownBy(() -> MemoryOption.bytes(typed)).isInstanceOf(UsageException.class)
                .hasMessageContaining("6g or 300m");
    }
}
