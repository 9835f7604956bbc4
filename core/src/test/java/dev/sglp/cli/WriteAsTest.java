package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.Scoped;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Element types of what is written: what was measured is what lies in the file, and as large as it is said to be.
@ExtendWith(Scoped.class)
final class WriteAsTest {
    private static final Path GGUF = Path.of("src/test/resources/gguf/pico-llama.gguf");
    private static final String LAST = "model.layers.3.mlp.up_proj.weight";

    @TempDir
    Path folder;
    private PicoAndNoise noise;
    private PicoAndWords words;

    @BeforeEach
    void make() throws IOException {
        noise = PicoAndNoise.make(folder);
        words = PicoAndWords.make(folder);
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static Run done(Object... words) {
        var run = Run.of(words);
        assertThat(run.code()).as(run.err()).isZero();
        return run;
    }

    /// The image network's weights as float16, without a `pth`.
    private Path half() throws IOException {
        var target = Files.createDirectories(folder.resolve("half")).resolve("model.safetensors");
        Files.copy(noise.model().resolveSibling("config.json"), target.resolveSibling("config.json"));
        try (var file = ModelFile.open(noise.model()); var weights = file.forReading(); var arena = Arena.ofShared()) {
            var infos = file.checkpoint().tensors().values().stream()
                    .collect(Collectors.toMap(TensorInfo::name, t -> t.dtype().floating() ? t.as(DType.F16) : t));
            SafeTensorsWriter.write(target, List.copyOf(infos.values()), Map.of("format", "pt"),
                    name -> Tensors.bytes(weights.get(name), infos.get(name).dtype(), arena));
        }
        return target;
    }

    private static Set<DType> floating(Path written) throws IOException {
        try (var file = ModelFile.open(written)) {
            return file.checkpoint().tensors().values().stream().map(TensorInfo::dtype).filter(DType::floating)
                    .collect(Collectors.toSet());
        }
    }

    @ParameterizedTest
    @CsvSource({"F32, none, same, F32, safetensors", "F16, none, same, F16, safetensors",
            "F16, bn, same, F16, safetensors", "F32, bn, F16, F16, pth", "F16, bn, f32, F32, safetensors",
            "F32, none, bf16, BF16, safetensors"})
    void ofAnImageNetworkWhatWasMeasuredIsInTheFile(DType input, String heal, String as, DType dtype, String format)
            throws IOException {
        var model = input == DType.F16 ? half() : noise.model();
        var out = folder.resolve("out");
        done("prune", model, "--data", "images:" + noise.images(), "--remove", 2, "--criterion", "magnitude",
                "--samples", 20, "--verify", 0, "--heal", heal, "--no-latency", "--write-as", as, "--format", format,
                "--out", out);
        assertThat(floating(out)).containsExactly(dtype);
        var record = json(out.resolve("prune.json"));
        var evaluated = folder.resolve("evaluated.json");
        done("evaluate", out, "--data", "images:" + noise.images(), "--no-latency", "--json", evaluated);
        assertThat(json(evaluated).at("/evaluation/loss")).isEqualTo(record.at("/after/loss"));
        assertThat(json(evaluated).at("/evaluation/bytes")).isEqualTo(record.at("/after/bytes"));
        var written = out.resolve(format.equals("pth") ? "model.pth" : "model.safetensors");
        assertThat(record.at("/after/bytes").asLong()).isEqualTo(Files.size(written))
                .isEqualTo(record.at("/output/stored/bytes").asLong());
        assertThat(record.at("/before/bytes").asLong()).isEqualTo(Files.size(model))
                .isEqualTo(record.at("/model/bytes").asLong());
        assertThat(record.at("/output/stored/types").has(dtype.title())).isTrue();
        boolean rounded = dtype != DType.F32 && (input != dtype || heal.equals("bn"));
        assertThat(record.at("/output/stored").has("largest_rounding_difference")).isEqualTo(dtype != DType.F32);
        assertThat(record.at("/output/stored/largest_rounding_difference").asDouble() > 0).isEqualTo(rounded);
        assertThat(record.at("/output/largest_logit_difference").asDouble()).isLessThan(1e-5);
    }

    /// Other lines of the same words.
    private Path test() throws IOException {
        return Files.write(folder.resolve("test.txt"), Files.readAllLines(words.text()).stream()
                .map(line -> List.of(line.split(" ")).reversed()).map(line -> String.join(" ", line)).toList());
    }

    private Path pruned(Path model, String... more) throws IOException {
        var out = folder.resolve("out" + String.join("", more));
        var all = new java.util.ArrayList<Object>(List.of("prune", model, "--data", "text:" + words.text(), "--test",
                "text:" + test(), "--remove", 1, "--method", "tail", "--verify", 0, "--window", 16, "--limit", 6,
                "--no-latency", "--quiet", "--out",
                out));
        all.addAll(List.of(more));
        done(all.toArray());
        return out;
    }

    @ParameterizedTest
    @ValueSource(strings = {"f16", "bf16"})
    void ofALanguageModelWhatWasMeasuredIsInTheFile(String as) throws IOException {
        var model = words.model("llama3");
        var plain = json(pruned(model).resolve("prune.json"));
        assertThat(plain.at("/output/stored").has("largest_rounding_difference")).isFalse();
        var out = pruned(model, "--write-as", as);
        var record = json(out.resolve("prune.json"));
        assertThat(record.at("/before/loss")).as("the dense network is measured as it is")
                .isEqualTo(plain.at("/before/loss"));
        assertThat(record.at("/after/loss")).isNotEqualTo(plain.at("/after/loss"));
        assertThat(record.at("/output/stored/largest_rounding_difference").asDouble()).isBetween(1e-6, 0.5);
        var evaluated = folder.resolve("evaluated.json");
        done("evaluate", out, "--data", "text:" + test(), "--window", 16, "--limit", 6, "--no-latency", "--json",
                evaluated);
        assertThat(json(evaluated).at("/evaluation/loss")).isEqualTo(record.at("/after/loss"));
        assertThat(floating(out)).containsExactly(DType.ofCode(as.toUpperCase(java.util.Locale.ROOT)).orElseThrow());
        var title = as.equals("f16") ? "float16" : "bfloat16";
        assertThat(json(out.resolve("config.json")).toString())
                .containsPattern("\"(torch_)?dtype\":\"%s\"".formatted(title));
        assertThat(record.at("/after/bytes").asLong()).isEqualTo(Files.size(out.resolve("model.safetensors")));
        assertThat(record.at("/output/stored/why/0").asText())
                .endsWith("that are float32 in the file given are written as %s.".formatted(title));
        assertThat(out.resolve("README.md")).content().contains("written as " + title, "Rounding moves a logit by");
        assertThat(out.resolve("report.html")).content().contains("written as " + title, ", as " + title + ".");
        var again = folder.resolve("again");
        var unrepaired = pruned(model, "--write-as", as, "--repair", "none");
        done("apply", unrepaired.resolve("plan.json"), model, "--write-as", as, "--quiet", "--out", again);
        assertThat(again.resolve("model.safetensors"))
                .hasSameBinaryContentAs(unrepaired.resolve("model.safetensors"));
        assertThat(again.resolve("config.json")).hasSameTextualContentAs(out.resolve("config.json"));
    }

    /// The float32 numbers of every tensor, rounded by libtorch.
    private static void assertRounded(Path written, Path exact, DType dtype) throws IOException {
        try (var some = Checkpoints.open(written);
                var all = Checkpoints.open(exact);
                var weights = Weights.forTraining(all);
                var arena = Arena.ofShared()) {
            for (var info : some.tensors().values()) {
                var wanted = info.dtype() == DType.F32 ? DType.F32 : dtype;
                assertThat(some.read(info.name()).toArray(ValueLayout.JAVA_BYTE)).as(info.name())
                        .isEqualTo(Tensors.bytes(weights.get(info.name()), wanted, arena)
                                .toArray(ValueLayout.JAVA_BYTE));
            }
        }
    }

    @Test
    void blocksOfFewBitsBecomeFloat16AndTheFilesGrowthIsExplained() throws IOException {
        var exact = folder.resolve("exact");
        done("convert", GGUF, "--write-as", "f32", "--out", exact);
        assertThat(json(exact.resolve("config.json")).get("torch_dtype").asText()).isEqualTo("float32");
        var out = folder.resolve("out");
        var run = done("convert", GGUF, "--out", out, "--json", folder.resolve("converted.json"));
        assertThat(floating(out)).contains(DType.F16);
        assertRounded(out, exact, DType.F16);
        try (var gguf = Checkpoints.open(GGUF); var written = Checkpoints.open(out)) {
            assertThat(written.tensors()).allSatisfy((name, info) -> assertThat(info.dtype()).as(name)
                    .isEqualTo(gguf.blocks(name).isPresent() ? DType.F16 : gguf.tensors().get(name).dtype()));
        }
        assertThat(json(out.resolve("config.json")).get("torch_dtype").asText()).isEqualTo("float16");
        var record = json(folder.resolve("converted.json"));
        assertThat(record.at("/stored/given_bytes").asLong()).isEqualTo(Files.size(GGUF));
        assertThat(record.at("/stored/bytes").asLong()).isEqualTo(Files.size(out.resolve("model.safetensors")));
        assertThat(record.at("/stored/largest_rounding_difference").asDouble()).isBetween(1e-7, 0.1);
        assertThat(run.out()).contains("tensors in blocks of few bits (", "which safetensors has not",
                "written as float16", "Rounding moves a logit by at most");
        assertThat(out.resolve("README.md")).content().contains("those of the original 24.4 kB",
                "in blocks of few bits");
    }

    /// The first number of a tensor becomes another.
    private Path with(float number) throws IOException {
        var file = words.model("llama3").resolve("model.safetensors");
        long at;
        try (var model = Checkpoints.open(file)) {
            at = model.read(LAST).address() - model.read(model.tensors().firstEntry().getKey()).address();
        }
        var bytes = Files.readAllBytes(file);
        var data = ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
        data.putFloat((int) (8 + data.getLong(0) + at), number);
        Files.write(file, bytes);
        try (var model = Checkpoints.open(file)) {
            assertThat(Float.compare(model.read(LAST).get(ValueLayout.JAVA_FLOAT_UNALIGNED, 0), number)).isZero();
        }
        return file.getParent();
    }

    @Test
    void aTensorThatFloat16CannotHoldStaysWiderAndIsNamed() throws IOException {
        var model = with(70_000);
        var out = folder.resolve("out");
        var run = done("convert", model, "--write-as", "f16", "--out", out, "--json", folder.resolve("c.json"));
        assertThat(run.out()).contains("Beyond what the wanted type holds: '" + LAST
                + "' (up to 70000.0; float16 ends at 65504.0; written as float32).");
        try (var written = Checkpoints.open(out)) {
            assertThat(written.tensors()).allSatisfy((name, info) -> assertThat(info.dtype()).as(name)
                    .isEqualTo(name.equals(LAST) ? DType.F32 : DType.F16));
        }
        assertThat(json(folder.resolve("c.json")).at("/stored/types").toString())
                .matches("\\{\"float16\":\\d+,\"float32\":1}");
        assertThat(out.resolve("README.md")).content().contains("'" + LAST + "' (up to 70000.0;");
        done("convert", model, "--write-as", "bf16", "--out", folder.resolve("wide"));
        assertThat(floating(folder.resolve("wide"))).containsExactly(DType.BF16);
    }

    @ParameterizedTest
    @ValueSource(floats = {Float.NaN, Float.NEGATIVE_INFINITY})
    void whatIsNoNumberIsRefusedByName(float number) throws IOException {
        var out = folder.resolve("out");
        var run = Run.of("convert", with(number), "--write-as", "f16", "--out", out);
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains(LAST, "not finite");
        assertThat(out.resolve("model.safetensors")).doesNotExist();
    }

    @Test
    void anUnknownTypeIsRefusedWithTheKnownOnes() {
        var run = Run.of("convert", GGUF, "--write-as", "q4", "--out", folder.resolve("out"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("--write-as", "same, f32, f16, bf16");
    }
}
