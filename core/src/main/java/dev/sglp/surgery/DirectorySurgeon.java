package dev.sglp.surgery;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalDouble;
import org.jspecify.annotations.Nullable;

/// Writes a language model without some of its layers as a Hugging Face directory: tensors are renamed and copied byte by
/// byte, or converted piece by piece, shard by shard, never through a whole model in memory; tokenizer, templates and licence go along.
/// What was written is opened again and computes the same before it gets its name.
///
/// @param file  the model the layers come from
/// @param shard most bytes of a shard
public record DirectorySurgeon(ModelFile file, long shard) {

    /// @param outgoing  the network, in memory too, to compare with
    /// @param weights   its weights: all are written where they may have been trained, else those that stand in the place of the file's
    /// @param directory where the files go; it holds no model yet
    /// @param documents further files by name, for instance `config.json`
    /// @throws IOException where it cannot be written, or the proof fails; nothing is left then
    Surgeon.Written write(Outgoing outgoing, Weights weights, Path directory, Outgoing.Documents documents)
            throws IOException {
        return write(new Plan(outgoing.removed(), outgoing.types(), Proof.Network.of(outgoing.network()),
                OptionalDouble.empty(), weights), directory, documents);
    }

    /// The same as the file has it, with documents that tell nothing of the weights.
    public Surgeon.Written write(LayerSet removed, Path directory, Map<String, byte[]> documents) throws IOException {
        return write(removed, WriteAs.SAME, directory, Outgoing.Documents.of(documents));
    }

    /// The same without a network in memory: the file itself is run to compare with, layer by layer, its numbers rounded as they
    /// are written.
    ///
    /// @param removed the layers that go; none converts the model
    public Surgeon.Written write(LayerSet removed, WriteAs as, Path directory, Outgoing.Documents documents)
            throws IOException {
        file.architecture().check(file.checkpoint());
        var types = WrittenTypes.of(file, removed, as);
        try (var _ = Scope.open()) {
            var inputs = Proof.inputs(file.architecture().input());
            var expected = new StreamedNetwork(file, removed, types.rounded()).logits(inputs);
            var rounding = types.rounded().isEmpty()
                    ? OptionalDouble.empty()
                    : OptionalDouble.of(
                            Proof.apart(new StreamedNetwork(file, removed).logits(inputs), expected));
            return write(new Plan(removed, types, _ -> expected, rounding, null), directory, documents);
        }
    }

    /// @param rounding the largest difference of a logit that it makes, where it is known
    /// @param weights  what stands in the place of the file's tensors; absent where nothing does
    private record Plan(LayerSet removed, WrittenTypes types, Proof.Network expected, OptionalDouble rounding,
            @Nullable Weights weights) {
        OutgoingTensor tensor(Checkpoint from, String name, String renamed) {
            var type = types.types().get(name);
            return weights != null && (weights.writable() || weights.replaced().contains(name))
                    ? OutgoingTensor.of(weights, name, types.info(name).renamed(renamed))
                    : OutgoingTensor.of(from, name, renamed, Objects.requireNonNull(type));
        }
    }

    private Surgeon.Written write(Plan plan, Path directory, Outgoing.Documents documents) throws IOException {
        try (var folder = OutputFolder.open(directory, OutputFolder.Present.REFUSED)) {
            var files = ShardedWriter.write(tensors(plan), folder.aside(), shard);
            var name = files.size() == 1 ? files.getFirst().getFileName().toString() : ShardedWriter.INDEX;
            var written = new Surgeon.Written(directory.resolve(name), bytes(files), Double.NaN, plan.types,
                    plan.rounding);
            var home = file.checkpoint().home();
            if (home.isPresent()) {
                folder.copy(home.get(), file.checkpoint().files());
            }
            for (var document : documents.of(written).entrySet()) {
                folder.put(document.getKey(), document.getValue());
            }
            checkRemains(plan.removed, folder.aside(), directory);
            double difference = new Proof(file.architecture().input(), plan.expected, file.device()).write(
                    folder.aside(),
                    folder.aside());
            folder.moveIntoPlace();
            return written.proven(difference);
        }
    }

    private static long bytes(List<Path> files) throws IOException {
        long bytes = 0;
        for (var file : files) {
            bytes += Files.size(file);
        }
        return bytes;
    }

    private void checkRemains(LayerSet removed, Path written, Path directory) throws IOException {
        try (var again = ModelFile.open(written)) {
            if (!file.architecture().remains(removed, again.architecture())) {
                throw new IOException(
                        "[%s] config.json, as it was written, describes another network than what remains of the original. Nothing was kept"
                                .formatted(directory));
            }
        }
    }

    private List<OutgoingTensor> tensors(Plan plan) {
        return file.architecture().renamed(plan.removed).entrySet().stream()
                .filter(e -> plan.types.types().containsKey(e.getKey())).map(e -> plan.tensor(file.checkpoint(),
                        e.getKey(), e.getValue()))
                .toList();
    }
}
