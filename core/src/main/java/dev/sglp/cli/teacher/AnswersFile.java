package dev.sglp.cli.teacher;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.SafeTensors;
import dev.sglp.checkpoint.SafeTensorsWriter;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.data.Dataset;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.gradient.Answers;
import dev.sglp.training.gradient.Known;
import dev.sglp.training.gradient.Teaching;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.bytedeco.pytorch.Tensor;

/// The most likely tokens of a teacher after each token of a training's windows: safetensors, two tensors a window. It owns the mapping;
/// close it.
public final class AnswersFile implements Answers, AutoCloseable {
    private static final String IDS = "ids.";
    private static final String LOGS = "log_probabilities.";
    private final Checkpoint file;

    private AnswersFile(Checkpoint file) {
        this.file = file;
    }

    /// What answers depend on, by name; the metadata of the file.
    ///
    /// @param teacher its identity
    /// @param items   to train on
    /// @param type    what the teacher computes in, in words
    /// @param most    tokens kept of each answer
    public static Map<String, String> question(String teacher, Dataset items, Teaching teaching, String type,
            int most) {
        var all = new LinkedHashMap<String, String>();
        all.put("teacher", teacher);
        all.put("items", items.digest());
        all.put("temperature", String.valueOf(teaching.temperature()));
        all.put("computed_in", type);
        all.put("top_k", String.valueOf(most));
        return all;
    }

    /// @throws IOException where it answers another question: names what differs
    public static AnswersFile open(Path path, Map<String, String> question) throws IOException {
        var file = SafeTensors.open(path);
        try {
            for (var entry : question.entrySet()) {
                var found = file.metadata().getOrDefault(entry.getKey(), "nothing");
                if (!found.equals(entry.getValue())) {
                    throw new IOException(
                            "[%s] has answers to another question: its %s is %s, expected %s. Delete it, or name another --teacher-answers"
                                    .formatted(path, entry.getKey(), found, entry.getValue()));
                }
            }
            return new AnswersFile(file);
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// Who is asked what.
    ///
    /// @param teaching asked
    /// @param items    to train on
    /// @param most     tokens kept of each answer
    public record Asked(Teaching teaching, Dataset items, int most, Progress progress) {}

    /// Asks the teacher for every window once.
    public static void write(Path path, Map<String, String> question, Asked asked) throws IOException {
        var tensors = new ArrayList<TensorInfo>();
        for (int i = 0; i < asked.items.size(); i++) {
            var shape = List.of(asked.items.places(i, i + 1), (long) asked.most);
            tensors.add(new TensorInfo(IDS + i, DType.I32, shape));
            tensors.add(new TensorInfo(LOGS + i, DType.F16, shape));
        }
        try (var step = asked.progress.step("asking the teacher", asked.items.size(), "windows")) {
            var held = new ArrayList<byte[]>(); // of the window that was asked for last
            SafeTensorsWriter.stream(path, tensors, question, (name, to) -> {
                if (name.startsWith(IDS)) {
                    held.clear();
                    held.addAll(bytes(asked, Integer.parseInt(name.substring(IDS.length()))));
                    step.advance(1);
                }
                to.accept(ByteBuffer.wrap(held.get(name.startsWith(IDS) ? 0 : 1)));
            });
        }
    }

    /// Tokens and log-probabilities of a window, as they are stored.
    private static List<byte[]> bytes(Asked asked, int window) {
        try (var _ = Scope.open(); var arena = Arena.ofConfined()) {
            var most = asked.teaching.most(asked.items, window, asked.most);
            return List.of(bytes(most.ids(), DType.I32, arena), bytes(most.logProbabilities(), DType.F16, arena));
        }
    }

    private static byte[] bytes(Tensor tensor, DType type, Arena arena) {
        return Tensors.bytes(tensor, type, arena).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Known.Most of(int window) {
        return new Known.Most(tensor(IDS + window), tensor(LOGS + window));
    }

    private Tensor tensor(String name) {
        var info = file.tensors().get(name);
        if (info == null) {
            throw new IllegalStateException("[%s] has no tensor '%s'".formatted(file.path(), name));
        }
        try {
            return Tensors.over(file.read(name), info.dtype(), info.shape());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws IOException {
        file.close();
    }
}
