package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.sglp.Oracle;
import dev.sglp.data.source.Pictures;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.bytedeco.pytorch.global.torch;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// What users and disks do wrong, as the command line tells it: the code, the file, the place, and nothing lost.
final class BadInputTest {
    private static final int BAD_INPUT = 3;
    private static final int FAILED = 1;

    @TempDir
    Path folder;

    private Path model;
    private String errors = "";

    @BeforeEach
    void aModel() throws IOException {
        model = Files.createDirectories(folder.resolve("pico")).resolve("model.safetensors");
        Files.copy(Oracle.file("pico_resnet.safetensors"), model);
        Files.writeString(model.resolveSibling("config.json"), "{\"family\": \"cifar-resnet\", \"input_size\": 16}");
    }

    private int run(Object... args) {
        var err = new StringWriter();
        int code = Main.run(new PrintWriter(new StringWriter()), new PrintWriter(err, true),
                Arrays.stream(args).map(Object::toString).toArray(String[]::new));
        errors = err.toString();
        return code;
    }

    private void refused(int code, List<?> args, String... named) {
        assertThat(run(args.toArray())).as("%s", errors).isEqualTo(code);
        assertThat(errors).contains(named).doesNotContain("Exception in", "\tat ");
    }

    /// With the processor's libtorch.
    @ParameterizedTest
    @CsvSource({"cuda, mvn -Pcuda package", "cuda:1, computes on the cpu alone", "tpu, 'cpu, cuda or cuda:N'",
            "cuda:, got 'cuda:'"})
    void aDeviceThatIsNotThereIsRefusedSayingWhatToAdd(String device, String says) throws IOException {
        assumeTrue(!torch.hasCUDA());
        refused(2, List.of("evaluate", model, "--data", "images:" + images(Pictures.png(9, 16, 16)), "--device",
                device), "--device", says);
    }

    /// Five classes of two pictures, with one of `dog` replaced.
    private Path images(byte[] bad) throws IOException {
        var file = folder.resolve("images.zip");
        try (var zip = new ZipOutputStream(Files.newOutputStream(file))) {
            int number = 0;
            for (var name : List.of("ant", "bee", "cat", "dog", "elk")) {
                for (int i = 0; i < 2; i++) {
                    zip.putNextEntry(new ZipEntry("test/%s/%d.png".formatted(name, i)));
                    zip.write(name.equals("dog") && i == 1 ? bad : Pictures.png(number++, 16, 16));
                    zip.closeEntry();
                }
            }
        }
        return file;
    }

    @Test
    void numbersBelowTheirLeastAreNamed() throws IOException {
        var data = "images:" + images(Pictures.png(9, 16, 16));
        refused(2, List.of("evaluate", model, "--data", data, "--batch-size", "0"),
                "--batch-size is at least 1, got 0");
        refused(2, List.of("evaluate", model, "--data", data, "--limit", "-1"), "--limit is at least 0, got -1");
    }

    @Test
    void aRecordNeverReplacesWhatIsNoRecord() throws IOException {
        byte[] before = Files.readAllBytes(model);
        refused(2, List.of("inspect", model, "--json", model), "--json", "is not overwritten");
        assertThat(model).hasBinaryContent(before);
        var record = folder.resolve("record.json");
        assertThat(run("inspect", model, "--json", record)).isZero();
        assertThat(run("inspect", model, "--json", record)).as("a record of before").isZero();
    }

    @Test
    void aRecordMayGoToADevice() {
        var device = Path.of("/dev/null");
        assumeTrue(Files.exists(device));
        assertThat(run("inspect", model, "--json", device)).as("%s", errors).isZero();
        assertThat(Files.isRegularFile(device)).isFalse();
    }

    @Test
    void namesOfTensorsAreTheSameInEveryLanguage() {
        var before = Locale.getDefault(Locale.Category.FORMAT);
        try {
            Locale.setDefault(Locale.Category.FORMAT, Locale.forLanguageTag("fa-IR"));
            assertThat(run("inspect", model)).as("%s", errors).isZero();
            assertThat(Locale.getDefault(Locale.Category.FORMAT)).isEqualTo(Locale.ROOT);
        } finally {
            Locale.setDefault(Locale.Category.FORMAT, before);
        }
    }

    @Test
    void whatLooksLikeAHubsNameIsAnsweredWithTheDownload() {
        refused(BAD_INPUT, List.of("inspect", "HuggingFaceTB/SmolLM2-135M"),
                "[HuggingFaceTB/SmolLM2-135M] no such file",
                "downloaded first: hf download HuggingFaceTB/SmolLM2-135M --local-dir SmolLM2-135M");
        for (var path : List.of("nets/resnet56.th", "/nets/resnet56", "./nets/resnet56", "a/b/c", "resnet56", "../b")) {
            refused(BAD_INPUT, List.of("inspect", path), "[" + path + "] no such file");
            assertThat(errors).doesNotContain("hf download");
        }
    }

    private void evaluateRefuses(byte[] picture, String why) throws IOException {
        refused(BAD_INPUT, List.of("evaluate", model, "--data", "images:" + images(picture), "--no-latency", "--quiet"),
                "images.zip:test/dog/1.png", why);
    }

    @Test
    void aPictureThatIsNoneIsNamed() throws IOException {
        evaluateRefuses(new byte[0], "is not a JPEG");
        evaluateRefuses("<html>".getBytes(StandardCharsets.UTF_8), "is not a JPEG");
        var png = Pictures.png(1, 16, 16);
        evaluateRefuses(Arrays.copyOf(png, png.length / 2), "cannot be decoded");
        evaluateRefuses(ByteBuffer.wrap(png.clone()).putInt(16, 100_000).putInt(20, 100_000).array(),
                "10000 million pixels");
        evaluateRefuses(Pictures.png(1, 8, 16), "Images must be of one size");
        assertThat(run("evaluate", model, "--data", "images:" + images(png), "--no-latency", "--quiet")).isZero();
    }

    @Test
    void dataThatAreEmptyOrOfOneClassAreNamed() throws IOException {
        var data = Files.createDirectories(folder.resolve("data"));
        var evaluate = List.of("evaluate", model, "--data", "images:" + data);
        refused(BAD_INPUT, evaluate, "[data] has no images in class folders");
        Pictures.write(data.resolve("cat/1.png"), Pictures.png(1, 16, 16));
        refused(BAD_INPUT, evaluate, "[data] has only the class 'cat'");
        Files.createDirectories(data.resolve("dog"));
        refused(BAD_INPUT, evaluate, "the class folder 'dog' has no");
        Pictures.write(data.resolve("dog/1.png"), Pictures.png(2, 16, 16));
        refused(BAD_INPUT, evaluate, "has 2 classes, but the network's head has 5");
        var empty = Files.write(folder.resolve("empty.zip"), new byte[0]);
        refused(BAD_INPUT, List.of("evaluate", model, "--data", "images:" + empty), "[" + empty + "]");
    }

    /// Whoever edits a plan changes the numbers; what is no plan any more is told in words of the file, not of its reader.
    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"[1.5] | field 'removed[0]' is not a whole number",
            "[\"1\"] | field 'removed[0]' is not a whole number", "1 | field 'removed' is not a list",
            "[0, 1, 2, 3, 4, 5] | removes all 6 layers", "null | field 'removed' is not a list",
            "[1, 1] | field 'removed': layer 1 is named twice",
            "[0], \"removed\" : [1] | Duplicate field 'removed'", "[-1] | at least 0, got -1"})
    void anEditedPlanIsReadStrictly(String removed, String named) throws IOException {
        var plan = edited("\"removed\" : \\[[^\\]]*\\]", "\"removed\" : " + removed);
        refused(BAD_INPUT, List.of("apply", plan, model, "--out", folder.resolve("out")), plan.toString(), named);
        assertThat(errors).doesNotContain("dev.sglp", "java.");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @Test
    void anEditedPlanIsWrittenWithTheNamesOfItsLayers() throws IOException {
        var out = folder.resolve("out");
        var plan = edited("\"removed\" : \\[[^\\]]*\\]", "\"removed\" : [3, 5]");
        assertThat(run("apply", plan, model, "--out", out, "--quiet")).as("%s", errors).isZero();
        assertThat(out.resolve("plan.json")).content().contains("[ \"layer2.1\", \"layer3.1\" ]");
    }

    @Test
    void anotherPlanThatIsThereStaysBesideTheNewOne() throws IOException {
        var out = folder.resolve("out");
        assertThat(run("apply", plan(), model, "--out", out, "--quiet")).as("%s", errors).isZero();
        var first = Files.readString(out.resolve("plan.json"));
        assertThat(run("apply", plan(), model, "--out", out, "--quiet")).as("%s", errors).isZero();
        assertThat(out.resolve("plan.json~")).doesNotExist();
        var other = edited("\"removed\" : \\[[^\\]]*\\]", "\"removed\" : [3, 5]");
        assertThat(run("apply", other, model, "--out", out, "--quiet")).as("%s", errors).isZero();
        assertThat(out.resolve("plan.json~")).hasContent(first);
    }

    private Path edited(String pattern, String text) throws IOException {
        return Files.writeString(folder.resolve("edited.json"),
                Files.readString(plan()).replaceFirst(pattern, Matcher.quoteReplacement(text)));
    }

    @Test
    void whatIsNoFileIsToldAsThat() throws IOException {
        refused(BAD_INPUT, List.of("apply", model.getParent(), model, "--out", folder.resolve("out")),
                "is a directory, expected a plan.json");
        refused(BAD_INPUT, List.of("apply", Files.writeString(folder.resolve("list.json"), "[1]"), model, "--out",
                folder.resolve("out")), "list.json", "is no plan");
        var cache = Files.createDirectories(folder.resolve("cache"));
        Files.createSymbolicLink(cache.resolve("model.safetensors"), Path.of("blob"));
        refused(BAD_INPUT, List.of("inspect", cache), cache.toString(), "is a link to blob, which does not exist");
        Files.writeString(model.resolveSibling("config.json"), "[]");
        refused(BAD_INPUT, List.of("inspect", model.getParent()), "config.json", "does not begin with '{'");
        Files.writeString(model.resolveSibling("config.json"), "{\n");
        refused(BAD_INPUT, List.of("inspect", model.getParent()),
                "config.json] is not a JSON object: line 2, column 1: the text ends in the middle");
        assertThat(errors).doesNotContain("Source");
        Files.writeString(model.resolveSibling("config.json"), "{\"sizes\": [1}");
        refused(BAD_INPUT, List.of("inspect", model.getParent()),
                "line 1, column 13: Unexpected close marker '}': expected ']' (for Array starting at line 1, column 11)");
    }

    @Test
    void whatIsTakenForAPlanIsToldFromOne() throws IOException {
        var out = folder.resolve("out");
        var plan = plan();
        refused(BAD_INPUT, List.of("apply", model, plan, "--out", out), model.toString(), "is no plan",
                "The plan comes first, then the model");
        var record = Files.writeString(plan.resolveSibling("prune.json"),
                "{\"layers\": [], \"similarity\": [[1]]}");
        refused(BAD_INPUT, List.of("apply", record, model, "--out", out), "prune.json] is the record of a run",
                "Its plan lies beside it: " + plan);
        var inspected = Files.createDirectories(folder.resolve("elsewhere")).resolve("layers.json");
        Files.writeString(inspected, "{\"layers\": []}");
        refused(BAD_INPUT, List.of("apply", inspected, model, "--out", out), "is the record of a run",
                "No plan.json lies beside it");
        refused(BAD_INPUT, List.of("apply", Files.createFile(folder.resolve("empty.json")), model, "--out", out),
                "empty.json] is empty, expected a plan");
        Files.writeString(folder.resolve("bom.json"), "\uFEFF" + Files.readString(plan));
        assertThat(run("apply", folder.resolve("bom.json"), model, "--out", out, "--quiet")).as("%s", errors).isZero();
    }

    @Test
    void unknownKeysAreNamed() throws IOException {
        var text = Files.readString(plan()).replaceFirst("\"removed\"", "\"remvoed\": [], \"removed\"");
        var plan = Files.writeString(folder.resolve("edited.json"), text);
        refused(BAD_INPUT, List.of("apply", plan, model, "--out", folder.resolve("out")), plan.toString(), "remvoed");
        assertThat(folder.resolve("out")).doesNotExist();
    }

    @ParameterizedTest
    @ValueSource(strings = {"NaN", "Infinity"})
    void aWeightThatIsNoNumberIsNamed(String value) throws IOException {
        var bytes = Files.readAllBytes(model);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putFloat(bytes.length - 4, Float.parseFloat(value));
        Files.write(model, bytes);
        var images = images(Pictures.png(99, 16, 16));
        refused(BAD_INPUT, List.of("evaluate", model, "--data", "images:" + images), model.toString(), "not finite");
    }

    /// A tensor under another name is one missing and one too many; its shape with two sizes swapped is a wrong one.
    @Test
    void tensorsThatAreMissingOrMisshapenAreNamed() throws IOException {
        var text = Files.readString(model, StandardCharsets.ISO_8859_1);
        Files.writeString(model, text.replaceFirst("linear.bias", "linear.bios"), StandardCharsets.ISO_8859_1);
        refused(BAD_INPUT, List.of("inspect", model), model.toString(), "linear.bi");
        Files.writeString(model, text.replaceFirst("\\[5, ?16\\]", "[16,5]"), StandardCharsets.ISO_8859_1);
        refused(BAD_INPUT, List.of("inspect", model), model.toString());
    }

    private Path plan() throws IOException {
        var plan = folder.resolve("plan/plan.json");
        if (!Files.exists(plan)) {
            var data = folder.resolve("noise");
            for (int i = 0; i < 50; i++) {
                Pictures.write(data.resolve("%c/%d.png".formatted("abcde".charAt(i % 5), i)), Pictures.png(i, 16, 16));
            }
            assertThat(run("analyze", model, "--data", "images:" + data, "--remove", "1", "--criterion", "random",
                    "--quiet", "--out", plan.getParent())).as("%s", errors).isZero();
        }
        return plan;
    }

    @Test
    void anOutputThatIsTheInputIsRefusedAndNothingIsLost() throws IOException {
        var before = Files.readAllBytes(model);
        var config = Files.readString(model.resolveSibling("config.json"));
        for (var format : List.of("safetensors", "pth")) {
            refused(BAD_INPUT, List.of("apply", plan(), model, "--out", model.getParent(), "--format", format),
                    model.getParent().toString(), "input");
        }
        assertThat(model).hasBinaryContent(before);
        assertThat(model.resolveSibling("config.json")).hasContent(config);
    }

    @Test
    void twoFormatsNeverShareADirectory() throws IOException {
        var out = folder.resolve("out");
        assertThat(run("apply", plan(), model, "--out", out, "--format", "pth", "--quiet")).as("%s", errors).isZero();
        assertThat(out.resolve("model.pth")).exists();
        refused(BAD_INPUT, List.of("apply", plan(), model, "--out", out), out.toString(), "model.pth");
        assertThat(run("inspect", out)).isZero();
    }

    @Test
    void anOutputDirectoryThatTakesNoFilesEndsWithCodeOne() throws IOException {
        var inProc = Path.of("/proc/self/fdinfo");
        assumeTrue(Files.isDirectory(inProc), "no /proc here");
        refused(FAILED, List.of("apply", plan(), model, "--out", inProc.resolve("out")), inProc.toString(),
                "Choose another --out");
        var file = Files.createFile(folder.resolve("file"));
        refused(FAILED, List.of("apply", plan(), model, "--out", file.resolve("out")), file + " is no directory");
    }

    /// The shell's limit of a file's size stands in for a full disk: the write stops midway.
    @Test
    void aDiskThatIsFullEndsWithCodeOneAndTheOldFilesStay() throws IOException, InterruptedException {
        assumeTrue(Files.isExecutable(Path.of("/bin/bash")), "no bash here");
        var out = folder.resolve("full");
        assertThat(run("apply", plan(), model, "--out", out, "--quiet")).as("%s", errors).isZero();
        var old = Files.readAllBytes(out.resolve("model.safetensors"));
        var command = new ArrayList<>(List.of("/bin/bash", "-c", "ulimit -f 8; exec \"$@\"", "-",
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:-UsePerfData", "-Xshare:auto",
                "--enable-native-access=ALL-UNNAMED", "-cp", System.getProperty("java.class.path"), "dev.sglp.cli.Main",
                "apply", plan().toString(), model.toString(), "--out", out.toString(), "--quiet"));
        var log = folder.resolve("log").toFile();
        var process = new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(log).start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        var printed = Files.readString(log.toPath());
        assertThat(process.exitValue()).as(printed).isEqualTo(FAILED);
        assertThat(printed).contains("cannot be written", "nothing was changed");
        assertThat(out.resolve("model.safetensors")).hasBinaryContent(old);
        try (var files = Files.list(out)) {
            assertThat(files.map(f -> f.getFileName().toString())).containsExactlyInAnyOrder("model.safetensors",
                    "config.json", "plan.json", "proof.st");
        }
    }
}
