package dev.sglp.cli.evaluation;

import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.evaluation.Measured.OnData;
import dev.sglp.cli.evaluation.Measured.OnPairs;
import dev.sglp.cli.evaluation.Measured.OnTask;
import dev.sglp.cli.evaluation.Measured.OnText;
import dev.sglp.cli.text.Beside;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.data.source.ImageSources;
import dev.sglp.data.task.ExactMatch;
import dev.sglp.data.task.ExactMatchKind;
import dev.sglp.data.task.MultipleChoice;
import dev.sglp.data.task.SentencePairs;
import dev.sglp.data.task.TaskSpec;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Latencies;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.evaluation.embedding.Embeddings;
import dev.sglp.evaluation.latency.Budget;
import dev.sglp.evaluation.latency.WritingSpeed;
import dev.sglp.evaluation.task.MatchEvaluator;
import dev.sglp.evaluation.task.TaskEvaluator;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.family.Streaming;
import dev.sglp.fault.UsageException;
import dev.sglp.importance.RankCorrelation;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/// Measures a network on data sets, one after the other; its weights are loaded once. Texts and questions are read before, images
/// when it is their turn, since they may be large.
///
/// @param against what an encoder is compared with
/// @param shots   what stands before questions whose answers are written
/// @param latency how long forward passes are timed: once, on the first data that are no questions
/// @param clock   told how long the steps took
public record Evaluations(ModelFile file, DataOptions data, Against against, ShotOptions shots, CommonOptions common,
        Budget latency, Stopwatch clock) {
    /// A data set that was found.
    private interface Opened {
        Measured measure(Turn turn) throws IOException;
    }

    /// @param timed whether forward passes are timed on these data
    private record Turn(LayeredModel network, boolean timed, Progress progress) {}

    /// In the order of the data sets.
    public List<Measured> of(List<DataSpec> specs, Progress progress) throws IOException {
        var opened = new ArrayList<Opened>();
        var told = new HashSet<String>();
        for (var spec : specs) {
            opened.add(open(spec, specs.size() > 1, told, progress));
        }
        try (var weights = file.forReading()) {
            var network = file.architecture().build(weights);
            var measured = new ArrayList<Measured>();
            for (var one : opened) {
                boolean timed = latency.times() && measured.stream().noneMatch(OnData.class::isInstance);
                measured.add(one.measure(new Turn(network, timed, progress)));
            }
            MemoryOption.taken(file, weights, progress);
            return List.copyOf(measured);
        }
    }

    /// @param told what the user has been told
    private Opened open(DataSpec spec, boolean several, Set<String> told, Progress progress) throws IOException {
        var written = ShotOptions.written(spec);
        if (written.isPresent()) {
            return toWrite(spec, written.get(), told, progress);
        }
        if (spec.kind() == DataSpec.Kind.TASK) {
            var questions = MultipleChoice.open(spec, ModelTokenizer.tokenizer(file), data.limit());
            tell(questions.notes(), told, progress);
            return turn -> answered(spec, questions, turn);
        }
        if (spec.kind() == DataSpec.Kind.PAIRS) {
            var input = (Architecture.Input.Text) file.architecture().input();
            var pairs = SentencePairs.open(spec, ModelTokenizer.reading(file), input.context(), data.limit());
            tell(pairs.notes(), told, progress);
            return turn -> alike(spec, pairs, turn);
        }
        if (several && file.architecture().input() instanceof Architecture.Input.Image) {
            ImageSources.open(spec); // whatever is wrong with it is said before anything is measured
            return turn -> {
                var report = data.report(file, spec, common, turn.progress);
                tell(report.notes(), told, turn.progress);
                return measured(spec, report, turn);
            };
        }
        var report = data.report(file, spec, common, progress);
        tell(report.notes(), told, progress);
        return turn -> measured(spec, report, turn);
    }

    private Opened toWrite(DataSpec spec, ExactMatchKind kind, Set<String> told, Progress progress)
            throws IOException {
        if (Streaming.of(file).isPresent()) {
            throw new UsageException(
                    "%s writes its answers, and a network of which --memory holds a part would be read anew for each token: more --memory, or other --data"
                            .formatted(spec));
        }
        var tokenizer = ModelTokenizer.tokenizer(file);
        var evaluator = new MatchEvaluator(tokenizer, Beside.stops(file),
                ((Architecture.Input.Text) file.architecture().input()).context());
        var questions = ExactMatch.open(kind, TaskSpec.of(spec).file(), shots.asking(data.limit()), tokenizer);
        tell(questions.notes(), told, progress);
        return turn -> {
            var found = clock.time("evaluate", () -> evaluator.score(turn.network, questions, turn.progress));
            return new OnText(spec, found.result(), turn.network.parameterCount(), Records.bytes(file),
                    questions.notes());
        };
    }

    private static void tell(List<String> notes, Set<String> told, Progress progress) {
        notes.stream().filter(told::add).forEach(progress::say);
    }

    private Measured measured(DataSpec spec, Noted<? extends Dataset> report, Turn turn) throws IOException {
        var examples = against.answered(file, report.items(), turn.progress);
        var evaluator = new Evaluator(examples, data.batchSize(file));
        var quality = clock.time("evaluate", () -> evaluator.measure(turn.network, turn.progress));
        Evaluation evaluation = turn.timed
                ? clock.time("latency", () -> quality.with(timed(examples, turn)))
                : quality;
        return new OnData(spec, examples.name() + against.words(), examples.classes().size(),
                evaluation.stored(Records.bytes(file)),
                ClaimedAccuracy.of(file.checkpoint().metadata(), evaluation).orElse(null), report.notes());
    }

    private Latency timed(Dataset examples, Turn turn) {
        var alone = List.of(turn.network);
        return WritingSpeed
                .beside(Latencies.of(alone, examples, latency.after(0, 0), turn.progress), alone, examples).getFirst();
    }

    private Measured alike(DataSpec spec, SentencePairs pairs, Turn turn) throws IOException {
        var found = clock.time("evaluate", () -> Embeddings.of(turn.network, pairs.sentences(), turn.progress));
        var cosines = pairs.pairs().stream().mapToDouble(pair -> found.cosine(pair.first(), pair.second())).toArray();
        var correlation = RankCorrelation.of(cosines, pairs.scores());
        return new OnPairs(spec, pairs.name(), cosines.length,
                correlation.isPresent() ? correlation.getAsDouble() : null, turn.network.parameterCount(),
                Records.bytes(file), pairs.notes());
    }

    private Measured answered(DataSpec spec, MultipleChoice questions, Turn turn) throws IOException {
        if (!(file.architecture().input() instanceof Architecture.Input.Text input)) {
            throw new UsageException("tasks are for language models; %s is a %s"
                    .formatted(file.checkpoint().path(), file.architecture().description()));
        }
        var evaluator = TaskEvaluator.usual(input.context());
        var result = clock.time("evaluate", () -> evaluator.score(turn.network, questions, turn.progress)).result();
        return new OnTask(spec, result, turn.network.parameterCount(), Records.bytes(file), questions.notes());
    }
}
