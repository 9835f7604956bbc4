package dev.sglp.surgery;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.output.AtomicFile;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/// Writes a model's tensors as Hugging Face does: one `model.safetensors`, or several shards with an index. Tensors go through
/// memory one at a time and in pieces, whatever the size of the model; every file is flushed, read back and compared.
public final class ShardedWriter {
    /// What a shard holds at most where nobody says otherwise, as in Hugging Face's own tools: 5 GB.
    public static final long SHARD_BYTES = 5_000_000_000L;
    public static final String INDEX = "model.safetensors.index.json";
    private static final Map<String, String> METADATA = Map.of("format", "pt");

    private ShardedWriter() {}

    /// @param tensors   in the order of the files
    /// @param directory where the files go: a folder aside, see {@link OutputFolder}
    /// @param most      bytes of tensors in a shard; a larger tensor has a shard of its own
    /// @return the files with weights, in order
    /// @throws IOException where one cannot be written, or reads back differently
    public static List<Path> write(List<OutgoingTensor> tensors, Path directory, long most) throws IOException {
        if (most < 1 || tensors.isEmpty()) {
            throw new IllegalArgumentException(
                    "%d tensors in shards of %d bytes: expected at least 1".formatted(tensors.size(), most));
        }
        var shards = shards(tensors, most);
        var files = new ArrayList<Path>();
        for (var shard : shards) {
            var name = shards.size() == 1
                    ? Surgeon.WEIGHTS
                    : String.format(Locale.ROOT, "model-%05d-of-%05d.safetensors", files.size() + 1, shards.size());
            files.add(directory.resolve(name));
            write(shard, files.getLast());
        }
        if (shards.size() > 1) {
            AtomicFile.write(directory.resolve(INDEX), index(shards, files));
        }
        return files;
    }

    private static List<List<OutgoingTensor>> shards(List<OutgoingTensor> tensors, long most) {
        var shards = new ArrayList<List<OutgoingTensor>>();
        long left = 0;
        for (var tensor : tensors) {
            if (shards.isEmpty() || tensor.info().bytes() > left) {
                shards.add(new ArrayList<>());
                left = most;
            }
            shards.getLast().add(tensor);
            left -= tensor.info().bytes();
        }
        return shards;
    }

    private static void write(List<OutgoingTensor> shard, Path file) throws IOException {
        var byName = shard.stream().collect(Collectors.toMap(t -> t.info().name(), t -> t, (one, _) -> one));
        SafeTensorsWriter.stream(file, shard.stream().map(OutgoingTensor::info).toList(), METADATA,
                (name, to) -> byName.get(name).bytes().stream(to));
    }

    private static byte[] index(List<List<OutgoingTensor>> shards, List<Path> files) throws IOException {
        var map = new TreeMap<String, String>();
        long total = 0;
        for (int i = 0; i < shards.size(); i++) {
            for (var tensor : shards.get(i)) {
                if (map.put(tensor.info().name(), files.get(i).getFileName().toString()) != null) {
                    throw new IllegalArgumentException(
                            "tensor '%s' is to be written twice".formatted(tensor.info().name()));
                }
                total += tensor.info().bytes();
            }
        }
        var index = new LinkedHashMap<String, Object>();
        index.put("metadata", Map.of("total_size", total));
        index.put("weight_map", map);
        return new ObjectMapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(index);
    }
}
