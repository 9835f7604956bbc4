package dev.sglp.family.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.family.conformance.Fixture.Kind;
import dev.sglp.fault.InputException;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Pass;
import dev.sglp.report.Json;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// A configuration with one field changed is refused, or gives the logits that transformers gives: silence is the worst outcome.
/// `tools/mutate_configs.py` changed them; a sample of its thousands lies here, and with `-Dsglp.mutants=DIR` all of a folder that it made are
/// looked at, of encoders or vision transformers with `-Dsglp.mutants.of=encoder` or `vision`.
final class MutantsTest {
    private static final Path HERE = Path.of("src/test/resources");
    private static final String OF = System.getProperty("sglp.mutants.of", "family");

    @TempDir
    private Path folder;

    /// @param field       what was changed
    /// @param outcome     what transformers made of it
    /// @param differs     whether its logits are other than the unchanged network's
    /// @param sensitivity how far they move with weights off by one float32 rounding
    record Mutant(int number, String fixture, String field, @Nullable Object old, @Nullable Object now, String outcome,
            boolean differs, boolean finite, double sensitivity) {
        static Mutant of(Map<String, Object> entry) {
            return new Mutant((int) entry.get("number"), (String) entry.get("fixture"), (String) entry.get("field"),
                    entry.get("old"), entry.get("new"), (String) entry.get("outcome"),
                    Boolean.TRUE.equals(entry.get("differs")), Boolean.TRUE.equals(entry.get("finite")),
                    entry.get("sensitivity") instanceof Number n ? n.doubleValue() : 0);
        }

        boolean ran() {
            return outcome.equals("ran");
        }

        @Override
        public String toString() {
            return "%d %s %s: %s → %s (%s)".formatted(number, fixture, field, old, now,
                    outcome.substring(0, Math.min(60, outcome.length())));
        }
    }

    private static List<Map<String, Object>> read(Path file) throws IOException {
        return new ObjectMapper().readValue(file.toFile(), new TypeReference<>() {
        });
    }

    /// What we make of a mutant.
    ///
    /// @param apart  from transformers' logits; absent where it is refused
    /// @param reason why it was refused
    private record Verdict(Optional<Double> apart, String reason) {}

    private static Verdict verdict(Path network, Tensor tokens, Optional<Tensor> logits) {
        try (var _ = Scope.open(); var file = ModelFile.open(network); var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var found = Autograd.off(() -> model.forward(tokens, Pass.evaluation()));
            return new Verdict(Optional.of(logits.map(expected -> apart(found, expected)).orElse(0.0)), "");
        } catch (IOException | InputException | UsageException e) {
            return new Verdict(Optional.empty(), e.getMessage());
        }
    }

    /// Of as many inputs as are known; infinite where the shapes are others.
    private static double apart(Tensor found, Tensor expected) {
        return Tensors.shape(found.select(0, 0)).equals(Tensors.shape(expected.select(0, 0)))
                ? Fixture.apart(found.narrow(0, 0, expected.size(0)), expected)
                : Double.POSITIVE_INFINITY;
    }

    /// What transformers says of the unchanged network.
    private static Weights known(Kind kind, Mutant mutant) throws IOException {
        try (var values = Checkpoints.open(kind.folder().resolve(mutant.fixture).resolve("expected.safetensors"))) {
            return Weights.forTraining(values);
        }
    }

    /// What is wrong with it; empty where nothing is.
    private static Optional<String> fault(Mutant mutant, Verdict verdict) {
        if (verdict.apart.isEmpty()) {
            return Optional.empty(); // refused
        }
        if (!mutant.ran()) {
            return mutant.outcome.startsWith("missing")
                    ? Optional.of("read, where transformers misses tensors")
                    : Optional.empty(); // transformers cannot open what we can
        }
        double tolerated = Math.max(1e-4, 10 * mutant.sensitivity);
        return mutant.finite && !(verdict.apart.get() < tolerated)
                ? Optional.of("logits %.1e apart".formatted(verdict.apart.get()))
                : Optional.empty();
    }

    @ParameterizedTest
    @CsvSource({"DECODER, mutants", "ENCODER, mutants-encoder", "VISION, mutants-vision"})
    void ofASampleNoneIsReadOtherwise(Kind kind, String sample) throws IOException {
        var faults = new ArrayList<String>();
        var counts = new TreeMap<String, Integer>();
        try (var values = Checkpoints.open(HERE.resolve(sample + ".safetensors"));
                var logits = Weights.forTraining(values)) {
            for (var entry : read(HERE.resolve(sample + ".json"))) {
                var mutant = Mutant.of(entry);
                try (var _ = Scope.open(); var known = known(kind, mutant)) {
                    var network = made(kind, mutant, entry);
                    var name = String.valueOf(mutant.number);
                    var expected = mutant.differs
                            ? Optional.of(logits.get(name).unsqueeze(0))
                            : Optional.of(known.get(kind.output()));
                    judge(mutant, verdict(network, known.get(kind.inputs()), expected), faults, counts);
                }
            }
        }
        assertThat(faults).isEmpty();
        assertThat(counts.get("refused")).isPositive();
        assertThat(counts.get("agrees")).isPositive();
    }

    private Path made(Kind kind, Mutant mutant, Map<String, Object> entry) throws IOException {
        var from = kind.folder().resolve(mutant.fixture);
        var network = Files.createDirectory(folder.resolve(String.valueOf(mutant.number)));
        try (var all = Files.walk(from)) {
            for (var file : all.filter(Files::isRegularFile).toList()) {
                var to = network.resolve(from.relativize(file).toString());
                Files.createDirectories(to.getParent());
                Files.copy(file, to);
            }
        }
        var config = Fixture.config(from);
        var place = config;
        var parts = mutant.field.split("\\.");
        for (int i = 0; i < parts.length - 1; i++) {
            @SuppressWarnings("unchecked")
            var inner = (Map<String, Object>) place.computeIfAbsent(parts[i], _ -> new TreeMap<String, Object>());
            place = inner;
        }
        if (entry.containsKey("new")) {
            place.put(parts[parts.length - 1], mutant.now);
        } else {
            place.remove(parts[parts.length - 1]);
        }
        Files.writeString(network.resolve("config.json"), Json.pretty(config));
        return network;
    }

    private static void judge(Mutant mutant, Verdict verdict, List<String> faults, Map<String, Integer> counts) {
        var fault = fault(mutant, verdict);
        fault.ifPresent(what -> faults.add(mutant + ": " + what));
        counts.merge(kind(mutant, verdict, fault.isPresent()), 1, Integer::sum);
    }

    private static String kind(Mutant mutant, Verdict verdict, boolean silent) {
        if (verdict.apart.isEmpty()) {
            return "refused";
        }
        return silent ? "silent" : mutant.ran() && mutant.finite ? "agrees" : "transformers has no logits";
    }

    /// All of one or more folders, named with commas.
    @Test
    void ofWholeFoldersNoneIsReadOtherwise() throws IOException {
        var kind = Arrays.stream(Kind.values()).filter(k -> k.folder().endsWith(OF)).findFirst().orElseThrow();
        var faults = new ArrayList<String>();
        var counts = new TreeMap<String, Integer>();
        for (var out : System.getProperty("sglp.mutants", "").split(",")) {
            if (!out.isEmpty()) {
                for (var entry : read(Path.of(out, "mutants.json"))) {
                    var mutant = Mutant.of(entry);
                    var network = Path.of(out, String.valueOf(mutant.number));
                    try (var _ = Scope.open(); var known = known(kind, mutant)) {
                        var expected = mutant.finite ? logits(network) : Optional.<Tensor>empty();
                        judge(mutant, verdict(network, known.get(kind.inputs()), expected), faults, counts);
                    }
                }
                System.out.println(out + " " + counts);
                assertThat(counts.get("agrees")).isPositive(); // else nothing could be read, for want of the weights
            }
        }
        assertThat(faults).isEmpty();
    }

    /// In the scope that is open.
    private static Optional<Tensor> logits(Path network) throws IOException {
        var file = network.resolve("expected.safetensors");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        try (var values = Checkpoints.open(file); var weights = Weights.forTraining(values)) {
            return Optional.of(weights.get("logits").clone());
        }
    }
}
