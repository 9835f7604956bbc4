package dev.sglp.family;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.Run;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// One network in files as trainings leave them, with PyTorch's logits; `tools/make_training_fixtures.py` made them.
final class NetworksTest {
    private static final Path HERE = Path.of("src/test/resources/training");

    @TempDir
    private Path folder;

    private static double apart(ModelFile file, String logits) throws IOException {
        try (var _ = Scope.open();
                var weights = file.forReading();
                var values = Checkpoints.open(HERE.resolve("expected.safetensors"));
                var expected = Weights.forTraining(values)) {
            var found = Autograd.off(() -> file.architecture().build(weights).forward(expected.get("input"),
                    Pass.evaluation()));
            return Tensors.toDoubles(found.sub(expected.get(logits)).abs().max())[0];
        }
    }

    private static Path file(String name) {
        return HERE.resolve(name + ".pt");
    }

    private static void isTheNetwork(ModelFile file) throws IOException {
        assertThat(file.checkpoint().tensors().keySet()).contains("conv1.weight", "linear.bias").hasSize(56);
        assertThat(apart(file, "logits")).isLessThan(1e-5);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"compiled | _orig_mod", "parallel-compiled | state_dict.module._orig_mod",
            "compiled-parallel | _orig_mod.module", "lightning | state_dict.model", "net | net",
            "backbone | model.module.backbone", "averaged | module", "state_dict_ema | state_dict_ema", "ema | ema",
            "weights | weights", "params | params", "ema-state | ema.shadow", "beside | state_dict",
            "beside-legacy | state_dict"})
    void whatStandsBeforeAllNamesIsLeftOutAndTold(String name, String prefix) throws IOException {
        try (var file = ModelFile.open(file(name))) {
            isTheNetwork(file);
            assertThat(file.notes()).first().asString().contains("under '" + prefix + "'");
        }
    }

    @Test
    void anyKeyWillDo() throws IOException {
        var text = Files.readString(file("weights"), StandardCharsets.ISO_8859_1);
        for (var key : List.of("network", "teacher", "my_own!")) {
            var renamed = text.replace("X\7\0\0\0weights", "X\7\0\0\0" + key);
            assertThat(renamed).isNotEqualTo(text);
            var path = Files.writeString(folder.resolve("x.pt"), renamed, StandardCharsets.ISO_8859_1);
            try (var file = ModelFile.open(path)) {
                isTheNetwork(file);
            }
        }
    }

    @Test
    void countersOfProfilersAndAveragesAreLeftOutAndTold() throws IOException {
        try (var profiled = ModelFile.open(file("profiled")); var averaged = ModelFile.open(file("averaged"))) {
            isTheNetwork(profiled);
            assertThat(profiled.notes()).singleElement().asString().contains("Left out: conv1.total_ops")
                    .contains("more");
            isTheNetwork(averaged);
            assertThat(averaged.notes()).last().isEqualTo("Left out: n_averaged.");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"_orig_mod.", "module._orig_mod.", "model.", "net.", "backbone.", "a.b.c."})
    void safetensorsWithSuchNamesAreReadToo(String prefix) throws IOException {
        try (var plain = ModelFile.open(file("weights"))) {
            var path = folder.resolve("model.safetensors");
            write(plain.checkpoint(), path, Map.of(prefix, ""));
            try (var file = ModelFile.open(path)) {
                isTheNetwork(file);
                assertThat(file.checkpoint().read("linear.bias").byteSize()).isEqualTo(20);
            }
        }
    }

    /// @param prefixes each of which the network gets in turn
    private static void write(Checkpoint from, Path path, Map<String, String> prefixes) throws IOException {
        var names = new LinkedHashMap<String, String>();
        prefixes.keySet().forEach(p -> from.tensors().keySet().forEach(n -> names.put(p + n, n)));
        var infos = new ArrayList<TensorInfo>();
        names.forEach((name, old) -> infos.add(from.tensors().get(old).renamed(name)));
        SafeTensorsWriter.write(path, infos, Map.of(), name -> bytes(from, names.get(name)));
    }

    private static MemorySegment bytes(Checkpoint from, String name) {
        try {
            return from.read(name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @ParameterizedTest
    @CsvSource({"both, state_dict, logits", "both, state_dict_ema, average", "both, state_dict.module, logits",
            "online, online_model, logits", "online, ema_model, average", "online, ema_model., average"})
    void ofSeveralNetworksTheKeyChooses(String name, String key, String logits) throws IOException {
        try (var file = ModelFile.open(file(name), Optional.of(key))) {
            assertThat(apart(file, logits)).isLessThan(1e-5);
            assertThat(file.notes()).first().asString().contains("is taken");
            assertThat(file.checkpoint().chosen()).isPresent();
        }
    }

    @Test
    void severalNetworksAreListedAndNoneIsTakenByItself() throws IOException {
        assertThatThrownBy(() -> ModelFile.open(file("both"))).isInstanceOf(IOException.class).hasMessageContaining(
                "both.pt] holds 2 networks: 'state_dict', 'state_dict_ema'. --weights KEY chooses one");
        assertThatThrownBy(() -> ModelFile.open(file("both"), Optional.of("ema")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("--weights 'ema'").hasMessageContaining("'state_dict', 'state_dict_ema'");
        try (var plain = ModelFile.open(file("weights"))) {
            var path = folder.resolve("model.safetensors");
            write(plain.checkpoint(), path, Map.of("", "", "ema.", ""));
            try (var top = ModelFile.open(path, Optional.of("."));
                    var inner = ModelFile.open(path, Optional.of("ema"))) {
                isTheNetwork(top);
                isTheNetwork(inner);
            }
        }
    }

    /// A plan, a kept score and a training belong to one of them.
    @Test
    void eachOfSeveralNetworksHasAnIdentityOfItsOwn() throws IOException {
        try (var model = ModelFile.open(file("both"), Optional.of("state_dict"));
                var average = ModelFile.open(file("both"), Optional.of("state_dict_ema"))) {
            assertThat(model.identity()).isNotEqualTo(average.identity());
        }
        try (var one = ModelFile.open(file("weights"));
                var same = ModelFile.open(file("weights"), Optional.of("weights"))) {
            assertThat(one.identity()).isEqualTo(same.identity());
        }
    }

    @Test
    void commandsTakeTheKeyAndWriteThePlainNames() throws IOException {
        assertThat(Run.of("inspect", file("both")).code()).isEqualTo(3);
        assertThat(Run.of("inspect", file("both"), "--weights", "x").code()).isEqualTo(2);
        var inspected = Run.of("inspect", file("both"), "--weights", "state_dict_ema");
        assertThat(inspected.code()).as(inspected.err()).isZero();
        assertThat(inspected.out()).contains("the one under 'state_dict_ema' is taken");
        var plan = Files.writeString(folder.resolve("plan.json"),
                """
                        {"removed": [1], "names": ["layer1.1"], "method": "sglp", "criterion": "loss", "layers": 4, "segmentation":
                         {"boundaries": [0, 4], "losses": [0.0], "rule": "given"}, "quota": [1], "candidates": {"scored": 1, "possible": 4,
                         "search": "all"}, "choices": [], "verification": [], "provenance": {"model": "x", "weights": "00", "data": "",
                         "seed": 0, "version": "0"}}
                        """);
        var out = folder.resolve("out");
        var applied = Run.of("apply", plan, file("both"), "--weights", "state_dict", "--any-weights", "--out", out);
        assertThat(applied.code()).as(applied.err()).isZero();
        assertThat(applied.err()).contains("note: Its tensors are those under 'state_dict.module'");
        try (var written = ModelFile.open(out)) {
            assertThat(written.notes()).isEmpty();
            assertThat(written.checkpoint().tensors().keySet()).contains("conv1.weight");
            assertThat(written.architecture().layers()).hasSize(3);
        }
    }
}
