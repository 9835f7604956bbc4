package dev.sglp.surgery;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// Writes a language model without some of its layers as a Hugging Face directory: tensors are renamed and copied byte by
/// byte, shard by shard, never through a whole model in memory; tokenizer, templates and licence go along. What was written
/// is opened again and computes the same before it gets its name.
///
/// @param file  the model the layers come from
/// @param shard most bytes of a shard
public record DirectorySurgeon(ModelFile file, long shard) {

    /// @param removed   the layers that go
    /// @param pruned    the same network in memory, to compare with
    /// @param directory where the files go; it holds no model yet
    /// @param documents further files by name, for instance `config.json`
    /// @throws IOException where it cannot be written, or the proof fails; nothing is left then
    public Surgeon.Written write(LayerSet removed, LayeredModel pruned, Path directory, Map<String, byte[]> documents)
            throws IOException {
        return write(removed, Proof.Network.of(pruned), directory, documents);
    }

    /// The same without a network in memory: the file itself is run to compare with, layer by layer.
    ///
    /// @param removed the layers that go; none converts the model
    public Surgeon.Written write(LayerSet removed, Path directory, Map<String, byte[]> documents) throws IOException {
        file.architecture().check(file.checkpoint());
        return write(removed, new StreamedNetwork(file, removed)::logits, directory, documents);
    }

    private Surgeon.Written write(LayerSet removed, Proof.Network expected, Path directory,
            Map<String, byte[]> documents) throws IOException {
        try (var folder = OutputFolder.open(directory, OutputFolder.Present.REFUSED)) {
            var written = ShardedWriter.write(tensors(removed), folder.aside(), shard);
            var home = file.checkpoint().home();
            if (home.isPresent()) {
                folder.copy(home.get(), file.checkpoint().files());
            }
            for (var document : documents.entrySet()) {
                folder.put(document.getKey(), document.getValue());
            }
            checkRemains(removed, folder.aside(), directory);
            double difference = new Proof(file.architecture().input(), expected).write(folder.aside(), folder.aside());
            long bytes = 0;
            for (var file : written) {
                bytes += Files.size(file);
            }
            folder.moveIntoPlace();
            var name = written.size() == 1 ? written.getFirst().getFileName().toString() : ShardedWriter.INDEX;
            return new Surgeon.Written(directory.resolve(name), bytes, difference);
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

    private List<OutgoingTensor> tensors(LayerSet removed) {
        return file.architecture().renamed(removed).entrySet().stream()
                .filter(e -> file.checkpoint().tensors().containsKey(e.getKey()))
                .map(e -> OutgoingTensor.of(file.checkpoint(), e.getKey(), e.getValue())).toList();
    }
}
