package dev.sglp.surgery;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.tensor.Scope;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Writes a language model without some of its layers as a Hugging Face directory: tensors are renamed and copied byte by
/// byte, or converted piece by piece, shard by shard, never through a whole model in memory; tokenizer, templates and licence go along.
/// What was written is opened again and computes the same before it gets its name.
///
/// @param file  the model the layers come from
/// @param shard most bytes of a shard
public record DirectorySurgeon(ModelFile file, long shard) {

    /// @param outgoing  the network, in memory too, to compare with
    /// @param directory where the files go; it holds no model yet
    /// @param documents further files by name, for instance `config.json`
    /// @throws IOException where it cannot be written, or the proof fails; nothing is left then
    public Surgeon.Written write(Outgoing outgoing, Path directory, Outgoing.Documents documents) throws IOException {
        return write(new Plan(outgoing.removed(), outgoing.types(), Proof.Network.of(outgoing.network())), directory,
                documents);
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
        var written = write(
                new Plan(removed, types, new StreamedNetwork(file, removed, types.rounded())::logits), directory,
                documents);
        return types.rounded().isEmpty() ? written : written.rounded(OptionalDouble.of(difference(removed, types)));
    }

    /// The largest difference of a logit that rounding makes.
    private double difference(LayerSet removed, WrittenTypes types) throws IOException {
        try (var _ = Scope.open()) {
            var inputs = Proof.inputs(file.architecture().input());
            return Proof.apart(new StreamedNetwork(file, removed).logits(inputs),
                    new StreamedNetwork(file, removed, types.rounded()).logits(inputs));
        }
    }

    private record Plan(LayerSet removed, WrittenTypes types, Proof.Network expected) {}

    private Surgeon.Written write(Plan plan, Path directory, Outgoing.Documents documents) throws IOException {
        try (var folder = OutputFolder.open(directory, OutputFolder.Present.REFUSED)) {
            var written = ShardedWriter.write(tensors(plan), folder.aside(), shard);
            long bytes = 0;
            for (var file : written) {
                bytes += Files.size(file);
            }
            var home = file.checkpoint().home();
            if (home.isPresent()) {
                folder.copy(home.get(), file.checkpoint().files());
            }
            for (var document : documents.of(plan.types, bytes).entrySet()) {
                folder.put(document.getKey(), document.getValue());
            }
            checkRemains(plan.removed, folder.aside(), directory);
            double difference = new Proof(file.architecture().input(), plan.expected).write(folder.aside(),
                    folder.aside());
            folder.moveIntoPlace();
            var name = written.size() == 1 ? written.getFirst().getFileName().toString() : ShardedWriter.INDEX;
            return new Surgeon.Written(directory.resolve(name), bytes, difference, plan.types, OptionalDouble.empty());
        }
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
                .filter(e -> plan.types.types().containsKey(e.getKey())).map(e -> OutgoingTensor.of(file.checkpoint(),
                        e.getKey(), e.getValue(), plan.types.types().get(e.getKey())))
                .toList();
    }
}
