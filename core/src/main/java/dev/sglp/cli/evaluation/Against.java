package dev.sglp.cli.evaluation;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.embedding.Answered;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Objective.Answer;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which network an encoder's embeddings are compared with.
@Under(Heading.DATA)
public final class Against {
    @Option(names = "--against", paramLabel = "MODEL", description = "encoders: the network whose embeddings of a text: or jsonl: are to be met, mostly the dense one")
    private @Nullable Path path;

    public Against() {}

    /// Checked before anything is loaded.
    ///
    /// @throws UsageException where it is missing, or plays no part
    public void check(ModelFile file, List<DataSpec> specs) {
        boolean encoder = embeds(file);
        boolean texts = specs.stream().anyMatch(s -> s.kind() != DataSpec.Kind.PAIRS && s.kind() != DataSpec.Kind.TASK);
        if (path != null && !(encoder && texts)) {
            throw new UsageException(
                    "--against is for encoders on texts or images, whose embeddings are compared with another network's");
        }
        if (path == null && encoder && texts) {
            throw new UsageException(
                    "an encoder's embeddings of a text or an image are neither right nor wrong: --against MODEL names the network that they are compared with, mostly the dense one; or of texts --data pairs:FILE.tsv");
        }
        for (var spec : specs) {
            if (spec.kind() == DataSpec.Kind.PAIRS && !(encoder && file.architecture().input() instanceof Input.Text)) {
                throw new UsageException(
                        "pairs: is for encoders of sentences; [%s] is a %s".formatted(file.checkpoint().path(),
                                file.architecture().description()));
            }
            if (spec.kind() == DataSpec.Kind.TASK && file.architecture().input() instanceof Input.Text text
                    && !text.predicts()) {
                throw new UsageException(
                        "tasks are for language models that predict the next token; [%s] is a %s".formatted(
                                file.checkpoint().path(), file.architecture().description()));
            }
        }
    }

    static boolean embeds(ModelFile file) {
        return file.architecture().answer() == Answer.EMBEDDING;
    }

    /// These texts with what the other network says of them; as they are where none is compared with.
    ///
    /// @throws IOException where it cannot be opened, or has another tokenizer
    Dataset answered(ModelFile file, Dataset texts, Progress progress) throws IOException {
        if (path == null) {
            return texts;
        }
        try (var other = ModelFile.open(path).on(file.device()); var weights = other.forReading()) {
            if (!embeds(other)) {
                throw new UsageException("--against is an encoder; [%s] is a %s".formatted(path,
                        other.architecture().description()));
            }
            checkSameInputs(file, other);
            return Answered.of(texts, other.architecture().build(weights), progress);
        }
    }

    private void checkSameInputs(ModelFile file, ModelFile other) throws IOException {
        boolean texts = file.architecture().input() instanceof Input.Text;
        if (texts && other.architecture().input() instanceof Input.Text
                ? !ModelTokenizer.tokenizer(file).json().equals(ModelTokenizer.tokenizer(other).json())
                : !file.architecture().input().fits(other.architecture().input())) {
            throw new IOException("[%s] has another %s than [%s]: their inputs would not be the same".formatted(path,
                    texts ? "tokenizer" : "size or normalisation of images", file.checkpoint().path()));
        }
    }

    /// What the user is told of it.
    String words() {
        return path == null ? "" : ", against " + path;
    }
}
