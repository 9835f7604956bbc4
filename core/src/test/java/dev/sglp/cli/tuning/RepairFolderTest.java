package dev.sglp.cli.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.sglp.Oracle;
import dev.sglp.Pico;
import dev.sglp.data.Dataset;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.repair.Refit;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repaired;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// A repair that is stopped in its midst goes on with the layers it has, to the same numbers.
final class RepairFolderTest {
    @TempDir
    Path folder;

    /// Stops the run when it is to keep its second layer.
    private record Mortal(RepairTask.Memory memory, List<Integer> kept, int most) implements RepairTask.Memory {
        @Override
        public Optional<RepairTask.Fitted> find(int layer) {
            return memory.find(layer);
        }

        @Override
        public boolean has(int layer) {
            return memory.has(layer);
        }

        @Override
        public void keep(RepairTask.Fitted fitted) {
            if (kept.size() == most) {
                throw new IllegalStateException("killed");
            }
            kept.add(fitted.fit().layer());
            memory.keep(fitted);
        }
    }

    private static Repaired repair(LayeredModel model, Dataset data, RepairTask.Memory memory) {
        return Refit.standard().repair(new RepairTask(model, LayerSet.of(1), data, 4, (_, tensor) -> tensor, memory),
                Progress.silent());
    }

    private void goesOn(LayeredModel model, Dataset data) {
        var first = new Mortal(new RepairFolder(folder, "question"), new ArrayList<>(), 1);
        assertThatThrownBy(() -> repair(model, data, first)).hasMessage("killed");
        assertThat(first.kept).hasSize(1);
        var second = new Mortal(new RepairFolder(folder, "question"), new ArrayList<>(), Integer.MAX_VALUE);
        try (var whole = repair(model, data, RepairTask.Memory.none()); var rest = repair(model, data, second)) {
            assertThat(second.kept).doesNotContainAnyElementsOf(first.kept).isNotEmpty();
            assertThat(rest.tensors().keySet()).isEqualTo(whole.tensors().keySet());
            whole.tensors().forEach((name, tensor) -> assertThat(Tensors.toDoubles(rest.tensors().get(name))).as(name)
                    .isEqualTo(Tensors.toDoubles(tensor)));
            assertThat(rest.notes()).isEqualTo(whole.notes());
            assertThat(rest.changes()).extracting(Repaired.Change::fit)
                    .isEqualTo(whole.changes().stream().map(Repaired.Change::fit).toList());
        }
        var third = new Mortal(new RepairFolder(folder, "question"), new ArrayList<>(), 0);
        try (var whole = repair(model, data, RepairTask.Memory.none()); var known = repair(model, data, third)) {
            assertThat(known.tensors().keySet()).isEqualTo(whole.tensors().keySet());
            whole.tensors().forEach((name, tensor) -> assertThat(Tensors.toDoubles(known.tensors().get(name))).as(name)
                    .isEqualTo(Tensors.toDoubles(tensor)));
            assertThat(known.notes()).isEqualTo(whole.notes());
        }
        var other = new Mortal(new RepairFolder(folder, "another question"), new ArrayList<>(), Integer.MAX_VALUE);
        repair(model, data, other).close();
        assertThat(other.kept).hasSize(first.kept.size() + second.kept.size());
    }

    @Test
    void aDecoderGoesOn() throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/decoder/llama3"));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var tokens = Tensors.longs(LongStream.range(0, 96).map(i -> 7 * i % 40).toArray()).view(8, 12);
            goesOn(file.architecture().build(weights), new Oracle.Items(tokens, tokens, List.of()));
        }
    }

    /// With what is said of experts that few tokens ask.
    @Test
    void aMixtureOfExpertsGoesOn() throws IOException {
        try (var file = ModelFile.open(Path.of("src/test/resources/family/mixtral/8x7b"));
                var weights = file.forReading();
                var _ = Scope.open()) {
            var model = file.architecture().build(weights);
            var tokens = Tensors.longs(LongStream.range(0, 48).map(i -> 7 * i % 40).toArray()).view(4, 12);
            var data = new Oracle.Items(tokens, tokens, List.of());
            try (var whole = repair(model, data, RepairTask.Memory.none())) {
                assertThat(whole.notes()).anyMatch(note -> note.contains("keep their map"));
            }
            goesOn(model, data);
        }
    }

    @Test
    void aResNetGoesOn() {
        try (var pico = Pico.open(); var _ = Scope.open()) {
            goesOn(pico.model(), pico.items());
        }
    }

    @Test
    void whatIsDoneIsRemoved() throws IOException {
        var kept = new RepairFolder(folder, "question");
        try (var _ = Scope.open()) {
            var tensors = new java.util.LinkedHashMap<String, Tensor>();
            tensors.put("a", Tensors.zeros(dev.sglp.tensor.DType.F32, 2, 3));
            kept.keep(new RepairTask.Fitted(tensors, new LayerFit(3, 1, 0.5, 0.25), List.of("one", "two")));
            assertThat(kept.find(3).orElseThrow().fit()).isEqualTo(new LayerFit(3, 1, 0.5, 0.25));
            assertThat(kept.find(3).orElseThrow().notes()).containsExactly("one", "two");
            assertThat(kept.find(2)).isEmpty();
        }
        RepairFolder.clear(folder);
        try (var files = Files.list(folder.getParent())) {
            assertThat(files.filter(f -> f.getFileName().toString().startsWith("repair-"))).isEmpty();
        }
        assertThat(kept.find(3)).isEmpty();
    }
}
