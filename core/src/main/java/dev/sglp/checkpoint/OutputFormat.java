package dev.sglp.checkpoint;

import dev.sglp.checkpoint.huggingface.ShardIndex;
import dev.sglp.checkpoint.torch.TorchWriter;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.OutputException;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/// The forms in which a network's weights are written.
public enum OutputFormat {
    /// Safetensors, which holds no code and is mapped by everything.
    SAFETENSORS("model.safetensors") {
        @Override
        public void write(Path target, List<TensorInfo> tensors, Function<String, MemorySegment> bytes)
                throws IOException {
            SafeTensorsWriter.write(target, tensors, Map.of("format", "pt"), bytes);
        }

        @Override
        public String openWith(String lines) {
            return lines;
        }
    },
    /// A plain state dict of PyTorch, for `torch.load(weights_only=True)`.
    PTH("model.pth") {
        @Override
        public void write(Path target, List<TensorInfo> tensors, Function<String, MemorySegment> bytes)
                throws IOException {
            TorchWriter.write(target, tensors, bytes);
        }

        @Override
        public String openWith(String lines) {
            return lines.replace("from safetensors.torch import load_file", "import torch").replace(
                    "load_file(\"model.safetensors\")",
                    "torch.load(\"model.pth\", weights_only=True)");
        }
    };

    private final String fileName;

    OutputFormat(String fileName) {
        this.fileName = fileName;
    }

    /// What the file is called in its directory.
    public String fileName() {
        return fileName;
    }

    /// @param tensors in the order of the file
    /// @param bytes   a tensor's contiguous little-endian bytes; asked twice, to write and to compare
    /// @throws IOException where the file cannot be written, or reads back differently; the old file is untouched
    public abstract void write(Path target, List<TensorInfo> tensors, Function<String, MemorySegment> bytes)
            throws IOException;

    /// Lines of Python that open a network's safetensors file, for a file of this format.
    public abstract String openWith(String lines);

    /// Asked before any work: a directory must be writable, and holds one network, because its `config.json` could not
    /// describe two.
    ///
    /// @throws OutputException where nothing can be written there
    /// @throws IOException     where weights of another format lie there
    public void checkDirectory(Path directory) throws IOException {
        AtomicFile.checkWritable(directory, "--out");
        for (var other : values()) {
            if (other != this && Files.exists(directory.resolve(other.fileName))) {
                throw new IOException(
                        "[%s] holds a %s, and a %s beside it would make two networks of one folder. Choose another --out, or remove the old one"
                                .formatted(directory, other.fileName, fileName));
            }
        }
    }

    /// Asked before any work for an image network, which replaces the one of before: nothing else is replaced.
    ///
    /// @throws IOException where a model of another kind lies there
    public void checkReplaces(Path directory) throws IOException {
        boolean ours = ConfigJson.in(directory).containsKey("family");
        for (var file : List.of(fileName, HuggingFaceDirectory.CONFIG, ShardIndex.NAME, HuggingFaceDirectory.PICKLE,
                HuggingFaceDirectory.PICKLE_INDEX)) {
            if (Files.exists(directory.resolve(file)) && !ours) {
                throw new IOException(
                        "[%s] holds a model of another kind (%s), which is not overwritten. Choose another --out, or move it away"
                                .formatted(directory, file));
            }
        }
    }
}
