package dev.sglp.checkpoint;

import dev.sglp.checkpoint.huggingface.ShardIndex;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Opens checkpoints by what they hold, not by how they are named.
public final class Checkpoints {
    private static final String WEIGHTS = OutputFormat.SAFETENSORS.fileName();
    private static final Map<Checkpoint, String> HASHES = Collections.synchronizedMap(new WeakHashMap<>());
    private static final String ADAPTER = "adapter_config.json";
    private static final byte PICKLE = (byte) 0x80;
    private static final Pattern HUB_NAME = Pattern.compile("[A-Za-z0-9][\\w.-]*/([A-Za-z0-9][\\w.-]*)");
    private static final Pattern FILE_NAME = Pattern.compile(".*\\.(safetensors|gguf|pt|pth|th|bin|ckpt|json|zip)");

    private Checkpoints() {}

    /// A file, or a directory with weights (a {@link HuggingFaceDirectory} where its `config.json` has a `model_type` or names
    /// the weights, or they are not one `model.safetensors`). The caller closes it.
    ///
    /// @throws IOException where there is no such file, its format is not read, or it is damaged
    public static Checkpoint open(Path path) throws IOException {
        if (Files.isDirectory(path)) {
            for (var name : List.of(HuggingFaceDirectory.CONFIG, WEIGHTS, ShardIndex.NAME,
                    HuggingFaceDirectory.PICKLE, HuggingFaceDirectory.PICKLE_INDEX)) {
                checkLink(path.resolve(name));
            }
            refuseAdapter(path);
        }
        if (Files.isDirectory(path) && isHuggingFace(path)) {
            return HuggingFaceDirectory.open(path);
        }
        var file = Files.isDirectory(path) ? inside(path) : path;
        checkLink(file);
        if (!Files.exists(file)) {
            throw new IOException(
                    "[%s] no such file. Expected a checkpoint (.safetensors, .gguf, .pt, .pth, .th) or a directory with a %s; a model of a hub is downloaded first%s"
                            .formatted(path, WEIGHTS, download(path)),
                    new NoSuchFileException(path.toString()));
        }
        if (!Files.isRegularFile(file)) {
            throw new IOException("[%s] is no regular file, but a device or a pipe".formatted(file));
        }
        if (!Files.isReadable(file)) {
            throw new IOException("[%s] cannot be read: no permission".formatted(file));
        }
        return open(file, Download.head(file));
    }

    private static Checkpoint open(Path file, byte[] head) throws IOException {
        var text = new String(head, StandardCharsets.ISO_8859_1);
        if (isSafeTensors(text)) { // first: the length that it begins with may look like another format
            return SafeTensors.open(file);
        }
        Download.checkWeights(file, head);
        if (text.startsWith("PK") || head.length > 1 && head[0] == PICKLE && head[1] >= 2 && head[1] <= 5) {
            return TorchPickle.open(file);
        }
        if (text.startsWith("GGUF")) {
            return Gguf.open(file);
        }
        if (head.length >= 9 && text.charAt(8) == '{') {
            return SafeTensors.open(file);
        }
        throw new IOException(head.length == 0
                ? "[%s] is empty".formatted(file)
                : "[%s] is not a checkpoint that is read here: safetensors, GGUF, or PyTorch (.pt, .pth, .th). It begins with bytes %s"
                        .formatted(file, HexFormat.ofDelimiter(" ").formatHex(head, 0, Math.min(8, head.length))));
    }

    /// How to get what looks like a hub's name of a model, `organisation/model`.
    private static String download(Path path) {
        var name = HUB_NAME.matcher(path.toString());
        return name.matches() && !FILE_NAME.matcher(path.toString()).matches()
                ? ": hf download %s --local-dir %s".formatted(path, name.group(1))
                : "";
    }

    /// A header's length in 64 bits, little-endian, far below 2³², and the header.
    private static boolean isSafeTensors(String head) {
        return head.length() >= 9 && head.charAt(8) == '{' && head.substring(4, 8).equals("\0\0\0\0");
    }

    /// A cache of downloads is made of links; an interrupted download leaves some that lead nowhere.
    private static void checkLink(Path file) throws IOException {
        if (Files.isSymbolicLink(file) && !Files.exists(file)) {
            throw new IOException("[%s] is a link to %s, which does not exist. Maybe the download is not complete"
                    .formatted(file, Files.readSymbolicLink(file)));
        }
    }

    /// Beside an adapter, transformers opens the network that it was trained for, and not the weights that lie there.
    private static void refuseAdapter(Path directory) throws IOException {
        if (Files.isRegularFile(directory.resolve(ADAPTER))) {
            throw new IOException(
                    "[%s] holds an adapter (LoRA or the like: %s), not a whole network. Merge it first (merge_and_unload() of peft) and save the result"
                            .formatted(directory, ADAPTER));
        }
    }

    private static boolean isHuggingFace(Path directory) throws IOException {
        var config = ConfigJson.in(directory);
        if (HuggingFaceDirectory.namedWeights(directory, config).isPresent()) {
            return true;
        }
        return Files.isRegularFile(directory.resolve(WEIGHTS))
                ? config.get("model_type") instanceof String
                : Files.isRegularFile(directory.resolve(ShardIndex.NAME))
                        || Files.isRegularFile(directory.resolve(HuggingFaceDirectory.PICKLE))
                        || Files.isRegularFile(directory.resolve(HuggingFaceDirectory.PICKLE_INDEX));
    }

    private static Path inside(Path directory) throws IOException {
        var weights = directory.resolve(WEIGHTS);
        if (Files.isRegularFile(weights)) {
            return weights;
        }
        var pickled = directory.resolve(OutputFormat.PTH.fileName());
        if (Files.isRegularFile(pickled)) {
            return pickled;
        }
        try (var files = Files.list(directory)) {
            var found = files.map(f -> f.getFileName().toString()).sorted().limit(6).collect(Collectors.joining(", "));
            throw new IOException(
                    "[%s] has no %s. It holds: %s. A file in it can be named itself".formatted(directory, WEIGHTS,
                            found.isEmpty() ? "nothing" : found));
        }
    }

    /// SHA-256 of a checkpoint's weight files, one after the other, hexadecimal; where a part of them was chosen, its name comes
    /// first. Read once as long as it is open: a run asks for it
    /// several times.
    public static String sha256(Checkpoint checkpoint) throws IOException {
        var known = HASHES.get(checkpoint);
        if (known == null) {
            known = hash(checkpoint);
            HASHES.put(checkpoint, known);
        }
        return known;
    }

    private static String hash(Checkpoint checkpoint) throws IOException {
        try {
            var digest = MessageDigest.getInstance("SHA-256");
            var buffer = new byte[1 << 16];
            digest.update(checkpoint.chosen().orElse("").getBytes(StandardCharsets.UTF_8));
            for (var file : checkpoint.weightFiles()) {
                try (InputStream in = Files.newInputStream(file)) {
                    for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                        digest.update(buffer, 0, n);
                    }
                }
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
