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
import dev.sglp.training.TextLesson.About;
import dev.sglp.training.TextLesson.Taught;
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

/// The most likely tokens of a teacher after each token of a training's windows and of those it is measured on: safetensors, two tensors a
/// window. It owns the mapping; close it.
public final class AnswersFile implements Answers, AutoCloseable {
    private static final String IDS = "ids.";
    private static final String LOGS = "log_probabilities.";
    private static final String TEACHER = "teacher";
    private static final String MEASURED_ON = "verification";
    private static final String MEASURED = MEASURED_ON + "."; // before the names of the windows that are measured on
    private static final String VOCABULARY = "vocabulary";
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
        all.put(TEACHER, teacher);
        all.put("items", items.digest());
        all.put("temperature", String.valueOf(teaching.temperature()));
        all.put("computed_in", type);
        all.put("top_k", String.valueOf(most));
        return all;
    }

    /// @throws IOException where it answers another question: names what differs
    public static AnswersFile open(Path path, Map<String, String> question) throws IOException {
        var file = open(path);
        try {
            file.check(question);
            return file;
        } catch (IOException | RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /// Whatever it answers: {@link #check}.
    public static AnswersFile open(Path path) throws IOException {
        return new AnswersFile(SafeTensors.open(path));
    }

    private void check(Map<String, String> question) throws IOException {
        for (var entry : question.entrySet()) {
            var found = said(entry.getKey());
            if (!found.equals(entry.getValue())) {
                throw new IOException(
                        "[%s] has answers to another question: its %s is %s, expected %s. Delete it, or name another --teacher-answers"
                                .formatted(file.path(), entry.getKey(), found, entry.getValue()));
            }
        }
    }

    private String said(String key) {
        return file.metadata().getOrDefault(key, "nothing");
    }

    /// Of the network that answered.
    public String teacher() {
        return said(TEACHER);
    }

    /// How they came about.
    String words() {
        return ", kept answers: top_k %s, computed in %s".formatted(said("top_k"), said("computed_in"));
    }

    /// Whether it does instead of the teacher.
    ///
    /// @param about      what would be asked
    /// @param vocabulary of the network that learns
    /// @param more       what besides must be as it was when it was asked
    /// @throws IOException names what differs
    public void check(About about, long vocabulary, Map<String, String> more) throws IOException {
        if (!said(MEASURED_ON).equals(about.validation().digest())) {
            throw new IOException(
                    "[%s] has no answers for the verification data of this training, only for those it was made with. Verify on these, or name --teacher MODEL too, and the file does as it is"
                            .formatted(file.path()));
        }
        var question = new LinkedHashMap<>(more);
        question.put("items", about.items().digest());
        question.put(VOCABULARY, String.valueOf(vocabulary));
        check(question);
    }

    /// Who is asked what.
    ///
    /// @param taught   who is asked
    /// @param about    the windows
    /// @param most     tokens kept of each answer
    public record Asked(Taught taught, About about, int most, Progress progress) {
        /// Of the windows that are measured on, at temperature 1.
        private Teaching compared() {
            return new Teaching(taught.compared().teacher(), 1, 1);
        }
    }

    /// Asks the teacher for every window once.
    public static void write(Path path, Map<String, String> question, Asked asked) throws IOException {
        var items = asked.about.items();
        var validation = asked.about.validation();
        var tensors = new ArrayList<TensorInfo>();
        tensors(tensors, "", items, asked.most);
        tensors(tensors, MEASURED, validation, asked.most);
        var metadata = new LinkedHashMap<>(question);
        metadata.put(MEASURED_ON, validation.digest());
        metadata.put(VOCABULARY, String.valueOf(asked.taught.by().vocabulary()));
        try (var step = asked.progress.step("asking the teacher", items.size() + validation.size(), "windows")) {
            var held = new ArrayList<byte[]>(); // of the window that was asked for last
            SafeTensorsWriter.stream(path, tensors, metadata, (name, to) -> {
                if (name.contains(IDS)) {
                    held.clear();
                    held.addAll(name.startsWith(MEASURED)
                            ? bytes(asked.compared(), validation, window(name), asked.most)
                            : bytes(asked.taught.by(), items, window(name), asked.most));
                    step.advance(1);
                }
                to.accept(ByteBuffer.wrap(held.get(name.contains(IDS) ? 0 : 1)));
            });
        }
    }

    private static void tensors(List<TensorInfo> to, String prefix, Dataset windows, int most) {
        for (int i = 0; i < windows.size(); i++) {
            var shape = List.of(windows.places(i, i + 1), (long) most);
            to.add(new TensorInfo(prefix + IDS + i, DType.I32, shape));
            to.add(new TensorInfo(prefix + LOGS + i, DType.F16, shape));
        }
    }

    private static int window(String name) {
        return Integer.parseInt(name.substring(name.lastIndexOf('.') + 1));
    }

    /// Tokens and log-probabilities of a window, as they are stored.
    private static List<byte[]> bytes(Teaching asked, Dataset windows, int window, int k) {
        try (var _ = Scope.open(); var arena = Arena.ofConfined()) {
            var most = asked.most(windows, window, k);
            return List.of(bytes(most.ids(), DType.I32, arena), bytes(most.logProbabilities(), DType.F16, arena));
        }
    }

    private static byte[] bytes(Tensor tensor, DType type, Arena arena) {
        return Tensors.bytes(tensor, type, arena).toArray(ValueLayout.JAVA_BYTE);
    }

    @Override
    public Known.Most of(int window) {
        return of("", window);
    }

    /// Of the windows that are measured on, at temperature 1.
    public Answers measured() {
        return window -> of(MEASURED, window);
    }

    private Known.Most of(String prefix, int window) {
        return new Known.Most(tensor(prefix + IDS + window), tensor(prefix + LOGS + window));
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
