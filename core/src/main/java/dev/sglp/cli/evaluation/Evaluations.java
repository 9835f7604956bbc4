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
import dev.sglp.data.text.TextWindows;
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
/// @param against what it is compared with
/// @param shots   what stands before questions whose answers are written
/// @param latency how long forward passes are timed: once, on the first data that are no questions
/// @param clock   told how long the steps took
public record Evaluations(ModelFile file, DataOptions data, Against against, ShotOptions shots, CommonOptions common,
        Budget latency, Stopwatch clock) {
    /// A data set that was found.
    private interface Opened {
        Measured measure(Turn turn) throws IOException;
    }

    /// @param heard what another network said of the texts
    /// @param timed whether forward passes are timed on these data
    private record Turn(LayeredModel network, Heard heard, boolean timed, Progress progress) {}

    /// @param several whether there are several data sets
    /// @param told    what the user has been told
    /// @param texts   get what is read of them
    private record Reading(boolean several, Set<String> told, List<TextWindows> texts, Progress progress) {
        void tell(List<String> notes) {
            notes.stream().filter(told::add).forEach(progress::say);
        }
    }

    /// In the order of the data sets.
    public List<Measured> of(List<DataSpec> specs, Progress progress) throws IOException {
        var opened = new ArrayList<Opened>();
        var reading = new Reading(specs.size() > 1, new HashSet<>(), new ArrayList<>(), progress);
        for (var spec : specs) {
            opened.add(open(spec, reading));
        }
        try (var heard = against.heard(file, reading.texts, clock, progress);
                var weights = file.forReading()) {
            var network = file.architecture().build(weights);
            var measured = new ArrayList<Measured>();
            for (var one : opened) {
                boolean timed = latency.times() && measured.stream().noneMatch(OnData.class::isInstance);
                measured.add(one.measure(new Turn(network, heard, timed, progress)));
            }
            MemoryOption.taken(file, weights, progress);
            return List.copyOf(measured);
        }
    }

    private Opened open(DataSpec spec, Reading reading) throws IOException {
        var written = ShotOptions.written(spec);
        if (written.isPresent()) {
            return toWrite(spec, written.get(), reading);
        }
        if (spec.kind() == DataSpec.Kind.TASK) {
            var questions = MultipleChoice.open(spec, ModelTokenizer.tokenizer(file), data.limit());
            reading.tell(questions.notes());
            return turn -> answered(spec, questions, turn);
        }
        if (spec.kind() == DataSpec.Kind.PAIRS) {
            var input = (Architecture.Input.Text) file.architecture().input();
            var pairs = SentencePairs.open(spec, ModelTokenizer.reading(file), input.context(), data.limit());
            reading.tell(pairs.notes());
            return turn -> alike(spec, pairs, turn);
        }
        if (reading.several && file.architecture().input() instanceof Architecture.Input.Image) {
            ImageSources.open(spec); // whatever is wrong with it is said before anything is measured
            return turn -> {
                var report = data.report(file, spec, common, turn.progress);
                reading.tell(report.notes());
                return measured(spec, report, turn);
            };
        }
        var report = data.report(file, spec, common, reading.progress);
        reading.tell(report.notes());
        if (report.items() instanceof TextWindows text) {
            reading.texts.add(text);
        }
        return turn -> measured(spec, report, turn);
    }

    private Opened toWrite(DataSpec spec, ExactMatchKind kind, Reading reading) throws IOException {
        if (Streaming.of(file).isPresent()) {
            throw new UsageException(
                    "%s writes its answers, and a network of which --memory holds a part would be read anew for each token: more --memory, or other --data"
                            .formatted(spec));
        }
        var tokenizer = ModelTokenizer.tokenizer(file);
        var evaluator = new MatchEvaluator(tokenizer, Beside.stops(file),
                ((Architecture.Input.Text) file.architecture().input()).context());
        var questions = ExactMatch.open(kind, TaskSpec.of(spec).file(), shots.asking(data.limit()), tokenizer);
        reading.tell(questions.notes());
        return turn -> {
            var found = clock.time("evaluate", () -> evaluator.score(turn.network, questions, turn.progress));
            return new OnText(spec, found.result(), turn.network.parameterCount(), Records.bytes(file),
                    questions.notes());
        };
    }

    private Measured measured(DataSpec spec, Noted<? extends Dataset> report, Turn turn) throws IOException {
        var examples = against.answered(file, report.items(), turn.progress);
        var evaluator = new Evaluator(examples, data.batchSize(file));
        var dense = turn.heard.of(examples);
        var quality = clock.time("evaluate", () -> dense.isPresent()
                ? evaluator.compare(turn.network, dense.get(), turn.progress)
                : evaluator.measure(turn.network, turn.progress));
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
