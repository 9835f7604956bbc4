package dev.sglp.cli.tuning;

import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.Weights;
import dev.sglp.ledger.Ledger;
import dev.sglp.output.AtomicFile;
import dev.sglp.repair.RepairTask;
import dev.sglp.repair.Repaired.LayerFit;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// The layers that a repair has fitted so far, one file each, written whole or not at all.
///
/// @param folder   where they lie
/// @param question everything they depend on, in words
record RepairFolder(Path folder, String question) implements RepairTask.Memory {
    private static final String FIT = "fit";
    private static final String SAID = "said";

    /// A record of its own, as it is kept.
    private record Said(List<String> notes) {}

    private Path file(int layer) {
        return folder.resolve("repair-%s-%d.safetensors".formatted(Ledger.hash(question), layer));
    }

    /// Removes all of any question.
    static void clear(Path folder) throws IOException {
        AtomicFile.removeAll(folder, "repair-*.safetensors");
    }

    @Override
    public boolean has(int layer) {
        return Files.exists(file(layer));
    }

    @Override
    public Optional<RepairTask.Fitted> find(int layer) {
        if (!has(layer)) {
            return Optional.empty();
        }
        var file = file(layer);
        try (var kept = SafeTensors.open(file); var weights = Weights.forReading(kept, DType.F32)) {
            var tensors = new LinkedHashMap<String, Tensor>();
            weights.all().forEach((name, tensor) -> tensors.put(name, Scope.yield(tensor::clone)));
            var metadata = kept.metadata();
            return Optional.of(new RepairTask.Fitted(tensors,
                    Json.read(file, metadata.getOrDefault(FIT, ""), LayerFit.class), metadata.containsKey(SAID)
                            ? Json.read(file, metadata.get(SAID), Said.class).notes
                            : List.of()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void keep(RepairTask.Fitted fitted) {
        try {
            Files.createDirectories(folder);
            NewCheckpoint.write(fitted.tensors(), file(fitted.fit().layer()), Map.of(FIT, Json.compact(fitted.fit()),
                    SAID, Json.compact(new Said(fitted.notes()))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
