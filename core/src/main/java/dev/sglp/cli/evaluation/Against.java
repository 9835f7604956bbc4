package dev.sglp.cli.evaluation;

import dev.sglp.Stopwatch;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.teacher.TeacherFit;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.text.TextWindows;
import dev.sglp.evaluation.TokenPredictions;
import dev.sglp.evaluation.embedding.Answered;
import dev.sglp.family.Architecture.Input;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Objective.Answer;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.nio.file.Path;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// Which network another one is held against.
@Under(Heading.DATA)
public final class Against {
    @Option(names = "--against", paramLabel = "MODEL", description = "the network that MODEL is held against, mostly the dense one: language models on text:, jsonl: or chat: by KL and agreement of what they predict, encoders by their embeddings")
    private @Nullable Path path;

    public Against() {}

    /// Checked before anything is loaded.
    ///
    /// @throws UsageException where it is missing, or plays no part
    /// @throws IOException    where it cannot be opened, or takes something else
    public void check(ModelFile file, List<DataSpec> specs) throws IOException {
        checkAsked(file, specs);
        for (var spec : specs) {
            if (spec.kind() == DataSpec.Kind.PAIRS
                    && !(embeds(file) && file.architecture().input() instanceof Input.Text)) {
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
        if (path != null) {
            try (var other = ModelFile.open(path)) {
                checkSame(file, other);
            }
        }
    }

    private void checkAsked(ModelFile file, List<DataSpec> specs) {
        boolean items = specs.stream().anyMatch(s -> s.kind() != DataSpec.Kind.PAIRS && s.kind() != DataSpec.Kind.TASK);
        if (path == null && embeds(file) && items) {
            throw new UsageException(
                    "an encoder's embeddings of a text or an image are neither right nor wrong: --against MODEL names the network that they are compared with, mostly the dense one; or of texts --data pairs:FILE.tsv");
        }
        if (path != null && !embeds(file) && !predicts(file)) {
            throw new UsageException(
                    "--against is for language models and encoders, which are compared with another network; [%s] is a %s"
                            .formatted(file.checkpoint().path(), file.architecture().description()));
        }
        if (path != null && !items) {
            throw new UsageException(
                    "--against compares what two networks say of text:, jsonl:, chat: or images:, and there is none in --data. Add one, or leave --against out");
        }
    }

    private static boolean embeds(ModelFile file) {
        return file.architecture().answer() == Answer.EMBEDDING;
    }

    private static boolean predicts(ModelFile file) {
        return file.architecture().answer().token();
    }

    private void checkSame(ModelFile file, ModelFile other) throws IOException {
        if (file.architecture().input() instanceof Input.Text text && predicts(file)) {
            TeacherFit.checkTokens(other, file, text);
            return;
        }
        if (!embeds(other)) {
            throw new UsageException("--against is an encoder where MODEL is one; [%s] is a %s".formatted(path,
                    other.architecture().description()));
        }
        boolean texts = file.architecture().input() instanceof Input.Text;
        if (texts && other.architecture().input() instanceof Input.Text
                ? !ModelTokenizer.tokenizer(file).json().equals(ModelTokenizer.tokenizer(other).json())
                : !file.architecture().input().fits(other.architecture().input())) {
            throw new IOException("[%s] has another %s than [%s]: their inputs would not be the same".formatted(path,
                    texts ? "tokenizer" : "size or normalisation of images", file.checkpoint().path()));
        }
    }

    /// An encoder's texts with what the other network says of them; else, or where none is compared with, as they are.
    Dataset answered(ModelFile file, Dataset texts, Progress progress) throws IOException {
        if (path == null || !embeds(file)) {
            return texts;
        }
        try (var other = ModelFile.open(path).on(file.device()); var weights = other.forReading()) {
            return Answered.of(texts, other.architecture().build(weights), progress);
        }
    }

    /// What the other network, a language model, says of texts. It is gone before the first one is there: both need not fit into the
    /// memory.
    ///
    /// @throws UsageException where it has learned fewer positions than they have
    Heard heard(ModelFile file, List<TextWindows> texts, Stopwatch clock, Progress progress) throws IOException {
        var heard = new Heard(new IdentityHashMap<>());
        if (path == null || !predicts(file)) {
            return heard;
        }
        try (var opened = ModelFile.open(path)) {
            var other = opened.on(file.device()).asking(file.tokens(), 0).within(file.memory());
            texts.forEach(text -> checkPositions(other, text));
            MemoryOption.explain(other, progress);
            try (var weights = other.forReading()) {
                var network = other.architecture().build(weights);
                for (var text : texts) {
                    heard.said().put(text, clock.time("evaluate against",
                            () -> TokenPredictions.outliving(network, text, progress)));
                }
                MemoryOption.taken(other, weights, progress);
            }
            return heard;
        } catch (IOException | RuntimeException e) {
            heard.close();
            throw e;
        }
    }

    private static void checkPositions(ModelFile other, TextWindows text) {
        if (other.architecture().input() instanceof Input.Text reads && reads.finite()
                && text.window() > reads.context()) {
            throw new UsageException("--window %,d is longer than the %,d positions that [%s] has learned".formatted(
                    text.window(), reads.context(), other.checkpoint().path()));
        }
    }

    /// What the user is told of it.
    String words() {
        return path == null ? "" : ", against " + path;
    }
}
