package dev.sglp.cli.generation;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.sglp.fault.UsageException;
import dev.sglp.output.AtomicFile;
import dev.sglp.output.OutputException;
import dev.sglp.output.Reason;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/// Texts that wait beside a file until all are there: a first line that says of what, then a line a batch. A last line without an end was being
/// written when its process died, and is not read. There is no file before the first batch.
final class BegunTexts {
    private static final JsonMapper JSON = new JsonMapper();

    private final Path out;
    private final Path begun;
    private final String of;
    private final List<Batch> batches = new ArrayList<>();

    /// @param texts  whole ones, the prompt first
    /// @param tokens that were written of each
    record Batch(List<String> texts, List<Integer> tokens) {
        Batch {
            texts = List.copyOf(texts);
            tokens = List.copyOf(tokens);
        }

        long written() {
            return tokens.stream().mapToLong(i -> i).sum();
        }
    }

    private record First(String of) {}

    private record Text(String text) {}

    private BegunTexts(Path out, String of) {
        this.out = out;
        this.of = of;
        begun = out.resolveSibling(out.getFileName() + ".begun");
    }

    /// @param of what makes the texts what they are
    /// @throws UsageException where the file is there already, or one was begun of something else
    static BegunTexts open(Path out, String of) throws IOException {
        if (Files.exists(out)) {
            throw new UsageException("--out %s is there already, and is not overwritten. Choose another name".formatted(
                    out));
        }
        AtomicFile.checkWritable(out.toAbsolutePath().getParent(), "--out");
        var texts = new BegunTexts(out, of);
        if (Files.exists(texts.begun)) {
            texts.read();
        }
        return texts;
    }

    private void read() throws IOException {
        var text = Files.readString(begun);
        var lines = text.substring(0, text.lastIndexOf('\n') + 1).lines().toList();
        try {
            boolean other = lines.isEmpty() || !JSON.readValue(lines.getFirst(), First.class).of.equals(of);
            if (other && lines.size() == 1) {
                return; // of a command that wrote nothing
            }
            if (other) {
                throw new UsageException(
                        "[%s] was begun by a command with another network, other prompts or flags. Remove it, or choose another --out"
                                .formatted(begun));
            }
            for (var line : lines.subList(1, lines.size())) {
                batches.add(JSON.readValue(line, Batch.class));
            }
        } catch (JsonProcessingException e) {
            throw new IOException("[%s] is damaged: %s. Remove it to begin anew".formatted(begun,
                    e.getOriginalMessage()), e);
        }
        AtomicFile.write(begun, lines.stream().map(line -> line + "\n").collect(Collectors.joining())
                .getBytes(StandardCharsets.UTF_8)); // without half a line
    }

    List<Batch> batches() {
        return batches;
    }

    long written() {
        return batches.stream().mapToLong(Batch::written).sum();
    }

    int texts() {
        return batches.stream().mapToInt(batch -> batch.texts.size()).sum();
    }

    void add(Batch batch) throws IOException {
        if (batches.isEmpty()) {
            AtomicFile.write(begun, line(new First(of)));
        }
        batches.add(batch);
        try (var channel = FileChannel.open(begun, StandardOpenOption.APPEND)) {
            var bytes = ByteBuffer.wrap(line(batch));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            channel.force(false);
        } catch (IOException e) {
            throw new OutputException("[%s] cannot be written: %s".formatted(begun, Reason.of(e)), e);
        }
    }

    /// The file itself, whole: the first texts that have so many tokens together.
    ///
    /// @return how many texts these are
    int finish(long tokens) throws IOException {
        var lines = new StringBuilder();
        int count = 0;
        long written = 0;
        for (var batch : batches) {
            for (int i = 0; i < batch.texts.size() && written < tokens; i++) {
                lines.append(new String(line(new Text(batch.texts.get(i))), StandardCharsets.UTF_8));
                written += batch.tokens.get(i);
                count++;
            }
        }
        AtomicFile.write(out, lines.toString().getBytes(StandardCharsets.UTF_8));
        Files.delete(begun);
        return count;
    }

    private static byte[] line(Object record) throws IOException {
        return (JSON.writeValueAsString(record) + "\n").getBytes(StandardCharsets.UTF_8);
    }
}
