package dev.sglp.cli.teacher;

import dev.sglp.checkpoint.Weights;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.tensor.Device;
import dev.sglp.training.TextLesson;
import dev.sglp.training.gradient.Teaching;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/// Who teaches: a network, what one said, or nobody. Close it when the training is over.
///
/// @param network absent where what it said is kept, or nobody teaches
/// @param said    absent where a network teaches, or nobody
/// @param file    of the network
/// @param weights of the network
public record Teacher(Optional<LayeredModel> network, Optional<AnswersFile> said, Optional<ModelFile> file,
        Optional<Weights> weights) implements AutoCloseable {
    /// Nobody.
    public static Teacher nobody() {
        return new Teacher(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
    }

    /// What a network said.
    public static Teacher absent(AnswersFile said) {
        return new Teacher(Optional.empty(), Optional.of(said), Optional.empty(), Optional.empty());
    }

    /// A network.
    ///
    /// @param path a file that holds it alone
    public static Teacher of(Path path, Device device) throws IOException {
        var file = ModelFile.open(path).on(device);
        Weights weights = null;
        try {
            weights = file.forReading();
            return new Teacher(Optional.of(file.architecture().build(weights)), Optional.empty(), Optional.of(file),
                    Optional.of(weights));
        } catch (IOException | RuntimeException e) {
            new Teacher(Optional.empty(), Optional.empty(), Optional.of(file), Optional.ofNullable(weights)).close();
            throw e;
        }
    }

    /// What a training depends on besides its identity, in words: how what it said came about, where it is not there.
    public String words() {
        return said.map(AnswersFile::words).orElse("");
    }

    /// Whether anybody does.
    public boolean teaches() {
        return network.isPresent() || said.isPresent();
    }

    /// Of the network; empty where nobody teaches.
    public String identity() throws IOException {
        return file.isPresent() ? file.get().identity() : said.map(AnswersFile::teacher).orElse("");
    }

    /// How its answers are come by.
    ///
    /// @param asking where a network is there
    public TextLesson.Answering answering(TextLesson.Answering asking) {
        return said.<TextLesson.Answering>map(kept -> (asked, _, _) -> new TextLesson.Taught(asked,
                new Teaching(kept.measured(), 1, 1))).orElse(asking);
    }

    @Override
    public void close() throws IOException {
        if (weights.isPresent()) {
            weights.get().close();
        }
        if (file.isPresent()) {
            file.get().close();
        }
        if (said.isPresent()) {
            said.get().close();
        }
    }
}
