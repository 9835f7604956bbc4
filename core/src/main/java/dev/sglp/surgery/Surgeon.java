package dev.sglp.surgery;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/// Writes a network without some of its layers as a checkpoint of its own, opens what it wrote and proves that it computes
/// the same. Everything is made in an {@link OutputFolder} and moved into place when the proof holds.
///
/// @param file    the checkpoint the layers come from
/// @param weights its weights, as they are now (healed or not)
/// @param format  what is written
/// @param shard   most bytes of a file of a language model's weights
public record Surgeon(ModelFile file, Weights weights, OutputFormat format, long shard) {
    public static final String WEIGHTS = OutputFormat.SAFETENSORS.fileName();
    public static final String CONFIG = "config.json";
    /// Safetensors under another suffix: there are tools that load every `*.safetensors` of a folder as weights.
    public static final String PROOF = "proof.st";

    /// Writes safetensors, of a language model in shards of the usual size.
    public Surgeon(ModelFile file, Weights weights) {
        this(file, weights, OutputFormat.SAFETENSORS, ShardedWriter.SHARD_BYTES);
    }

    /// What was written.
    ///
    /// @param weights           the new checkpoint; of several files, their index
    /// @param bytes             of all its weight files
    /// @param largestDifference between logits of the network in memory and of the file, on random inputs; NaN until they were compared
    /// @param types             of its tensors
    /// @param rounding          the largest difference of a logit that rounding to these types makes; empty where it was not asked
    public record Written(Path weights, long bytes, double largestDifference, WrittenTypes types,
            OptionalDouble rounding) {
        Written proven(double difference) {
            return new Written(weights, bytes, difference, types, rounding);
        }

        /// The same with the largest difference that rounding makes.
        public Written rounded(OptionalDouble difference) {
            return new Written(weights, bytes, largestDifference, types, difference);
        }
    }

    /// Writes a network whose numbers the types of its file hold, with documents that tell nothing of them.
    public Written write(LayerSet removed, LayeredModel pruned, Path directory, Map<String, byte[]> documents)
            throws IOException {
        return write(new Outgoing(removed, pruned, WrittenTypes.of(file, weights, removed, WriteAs.SAME)), directory,
                Outgoing.Documents.of(documents));
    }

    /// @param outgoing  the network; it is compared with what is written
    /// @param directory where the files go; made where it is missing
    /// @param documents further JSON or text files by name, for instance `config.json` and `plan.json`
    /// @throws IOException where it cannot be written, would overwrite its input, or the proof fails
    public Written write(Outgoing outgoing, Path directory, Outgoing.Documents documents) throws IOException {
        if (file.architecture().directory()) {
            return new DirectorySurgeon(file, shard).write(outgoing, weights, directory, documents);
        }
        checkOutput(file, directory, format);
        try (var folder = OutputFolder.open(directory, OutputFolder.Present.REPLACED)) {
            var aside = folder.aside().resolve(format.fileName());
            writeWeights(outgoing, aside);
            var written = new Written(directory.resolve(format.fileName()), Files.size(aside), Double.NaN,
                    outgoing.types(), OptionalDouble.empty());
            for (var document : documents.of(written).entrySet()) {
                folder.put(document.getKey(), document.getValue());
            }
            double difference = new Proof(file.architecture().input(), Proof.Network.of(outgoing.network()),
                    file.device())
                    .write(aside, folder.aside());
            folder.moveIntoPlace();
            return written.proven(difference);
        }
    }

    private static void checkFormat(OutputFormat format) {
        if (format != OutputFormat.SAFETENSORS) {
            throw new UsageException(
                    "--format %s is for networks of one file; a directory of transformers is written as safetensors"
                            .formatted(
                                    format.name().toLowerCase(java.util.Locale.ROOT)));
        }
    }

    /// @throws IOException where writing to this directory would overwrite the input, or a language model; asked before any work is done
    public static void checkOutput(ModelFile file, Path directory, OutputFormat format) throws IOException {
        if (file.architecture().directory()) {
            OutputFolder.checkFree(directory, OutputFolder.Present.REFUSED);
        }
        checkInput(file, directory, format);
    }

    /// For a directory whose network is written again and again.
    ///
    /// @throws IOException where writing to this directory would overwrite the input
    public static void checkInput(ModelFile file, Path directory, OutputFormat format) throws IOException {
        if (file.architecture().directory()) {
            checkFormat(format);
        }
        var target = directory.resolve(format.fileName());
        for (var input : file.checkpoint().weightFiles()) {
            if (Files.exists(target) && Files.isSameFile(target, input)) {
                throw new IOException(
                        "[%s] is the input and would be overwritten. Choose another --out".formatted(target));
            }
        }
        if (Files.exists(directory) && !Files.isDirectory(directory)) {
            throw new IOException("[%s] is a file, expected a directory. Choose another --out".formatted(directory));
        }
        var home = file.checkpoint().home();
        if (home.isPresent() && Files.exists(directory) && Files.isSameFile(directory, home.get())) {
            throw new IOException(
                    "[%s] is the input's own folder, whose config.json would no longer describe it. Choose another --out"
                            .formatted(directory));
        }
        format.checkDirectory(directory);
        if (!file.architecture().directory()) {
            format.checkReplaces(directory);
        }
    }

    private void writeWeights(Outgoing outgoing, Path path) throws IOException {
        var old = new LinkedHashMap<String, String>();
        var infos = new LinkedHashMap<String, TensorInfo>();
        file.architecture().renamed(outgoing.removed()).forEach((from, to) -> {
            if (outgoing.types().types().containsKey(from)) {
                old.put(to, from);
                infos.put(to, outgoing.types().info(from).renamed(to));
            }
        });
        try (var arena = Arena.ofShared()) {
            format.write(path, List.copyOf(infos.values()),
                    name -> Tensors.bytes(weights.get(old.get(name)), infos.get(name).dtype(), arena));
        }
    }
}
