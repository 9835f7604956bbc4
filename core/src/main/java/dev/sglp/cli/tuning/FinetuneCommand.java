package dev.sglp.cli.tuning;

import dev.sglp.Records;
import dev.sglp.Stopwatch;
import dev.sglp.Version;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.checkpoint.TensorInfo;
import dev.sglp.checkpoint.Weights;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.Documents;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.data.DataOptions;
import dev.sglp.cli.data.HealingData;
import dev.sglp.cli.data.Modality;
import dev.sglp.cli.generation.SampleOptions;
import dev.sglp.cli.generation.SideBySide;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Says;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.teacher.RemovedLayers;
import dev.sglp.cli.teacher.Teacher;
import dev.sglp.cli.teacher.TeacherFit;
import dev.sglp.cli.text.ModelCards;
import dev.sglp.cli.tuning.TrainingOptions.Usual;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.cli.typed.MemoryOption;
import dev.sglp.data.DataRoles;
import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation;
import dev.sglp.evaluation.Evaluator;
import dev.sglp.evaluation.Machine;
import dev.sglp.evaluation.Memory;
import dev.sglp.evaluation.claim.ClaimedAccuracy;
import dev.sglp.family.ModelFile;
import dev.sglp.model.LayerSet;
import dev.sglp.model.LayeredModel;
import dev.sglp.progress.Progress;
import dev.sglp.report.Human;
import dev.sglp.report.Json;
import dev.sglp.report.tuning.TuningRecord;
import dev.sglp.report.tuning.TuningReport;
import dev.sglp.surgery.WriteAs;
import dev.sglp.surgery.WrittenTypes;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Threads;
import dev.sglp.training.FineTuning;
import dev.sglp.training.TextLesson;
import dev.sglp.training.TrainingSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Trains a network further.
@Command(name = "finetune", modelTransformer = HelpLayout.class, description = "Trains a network further on the training images, or a language model on text, and measures it before and after. The verification data choose the best epoch, or the network as it came where none is better; the report data are only reported.", footer = {
        "",
        "Examples:",
        "  sglp finetune run/ --data images:cifar10-jpeg.zip --epochs 20 --out tuned/",
        "  sglp finetune run/ --data images:cifar10-jpeg.zip \\",
        "      --teacher resnet56-4bfd9763.th --out tuned/",
        "  sglp finetune run/ --data images:cifar10-jpeg.zip --epochs 20 \\",
        "      --out tuned/ --resume",
        "  sglp finetune small/ --teacher smollm2/ --data text:train.txt \\",
        "      --test text:test.txt --window 512 --dtype bfloat16 --out tuned/",
        "  sglp finetune small/ --teacher smollm2/ --data chat:talk.jsonl \\",
        "      --test text:test.txt --out tuned/      # of conversations the answers",
        "  sglp finetune small/ --teacher smollm2/ --data jsonl:texts.jsonl \\",
        "      --pack documents --distil-hidden 0.5 --recompute --out tuned/",
        "  sglp finetune run/ --data images:cifar10-jpeg.zip --out tried/ \\",
        "      --train-samples 2000 --max-steps 50",
        "",
        "DIR gets best/ and last/ (each a network), report.html, finetune.json and",
        "training.safetensors, from which --resume goes on."})
@Says(of = "--batch-size", value = "images a step, and a forward pass (default: 128, fewer where that many would keep more than 4 GiB for a way back); of text: windows a step (default: 8)")
@Says(of = "--data", value = DataOptions.IMAGES + DataOptions.TEXT)
@Says(of = "--verify-window", value = "text: tokens a window of the verification and of what is trained on (default: --window, at most 512)")
@Says(of = "--prompt", value = "language models: continue TEXT before and after, and by the teacher, side by side in the report and the model card; may be given several times (default: five short texts)")
@Without({"--no-latency", "--calibration-window"})
public final class FinetuneCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Mixin(name = "data")
    private DataOptions data;

    @Mixin(name = "training")
    private TrainingOptions training;

    @Mixin
    private TextTraining textTraining;

    @Mixin
    private HealingData healing;

    @Under(Heading.TRAINING)
    @Option(names = "--dtype", paramLabel = "T", description = "text: float32 or bfloat16: what is computed in; weights and sums stay float32 (default: float32)")
    private String dtype = "float32";

    @Under(Heading.TRAINING)
    @Option(names = "--memory", paramLabel = "BYTES", description = "text: what weights, gradients, the optimizer, the teacher and activations of a step may take together, for instance 6g, 300m (binary) or 6GB (the runtime comes on top); where it is too little layers are run again on the way back, then fewer windows go together (default: what the machine has free, and no fewer windows)")
    private @Nullable String memory;

    @Under(Heading.TRAINING)
    @Option(names = "--adapter", description = "--train lora: leave what was learned as a PEFT adapter of MODEL too, in best/adapter and last/adapter")
    private boolean adapter;

    @Under(Heading.TRAINING)
    @Option(names = "--teacher", paramLabel = "MODEL", description = "learn from this network's answers too; a file that holds it alone (--teacher-answers FILE does without where FILE is there)")
    private @Nullable Path teacher;

    @Mixin(name = "samples")
    private SampleOptions samples;

    @Mixin(name = "output")
    private OutputOptions output;

    @Under(Heading.TRAINING)
    @Option(names = "--resume", description = "go on where a training into the same DIR was stopped")
    private boolean resume;

    @Option(names = "--no-latency", description = "as in prune; nothing is timed here")
    private boolean noLatency;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public FinetuneCommand() {}

    private Path out() {
        return output.place().directory();
    }

    @Override
    public Integer call() throws IOException {
        common.given().ignore("plays no part in finetune, which times no forward pass", "--no-latency");
        if (teacher == null) {
            textTraining.checkUntaught("--teacher MODEL");
        }
        OutputOptions.checkOwn(out());
        boolean there = TrainingFolder.check(output.place(), resume);
        try (var opened = model.open(common)) {
            var file = data.typed(opened);
            var usual = usual(file);
            if (teacher == null && !(usual.text() && training.answers().alone())) {
                TrainingOptions.refuseTeaching("belongs to --teacher MODEL", common.given());
            }
            checkFlags(usual);
            checkTrained(file);
            var settings = settings(file, usual);
            data.check(file, common.given());
            TrainingFolder.checkInput(output.place(), file);
            checkTeacher(file);
            var progress = common.start("Training " + ModelArgument.headline(file));
            if (resume && !there) {
                progress.say("[%s] holds no training to resume: it begins at the beginning".formatted(out()));
            }
            var roles = data.roles(file, common, progress);
            roles.notes().forEach(progress::say);
            var found = data.training(file, new Modality.Wanted(roles, training.trainSamples(),
                    textTraining.tokens(), healing.from()).with(textTraining.packs()), common, progress);
            found.notes().forEach(progress::say);
            var items = found.items();
            try (var by = teacher()) {
                var lesson = by.teaches()
                        ? " with %s, %s%s".formatted(by.identity(), training.teaching(usual), by.words())
                        : "";
                if (usual.text()) {
                    training.checkAnswers(by, file, new TextLesson.About(items, roles.verification()), type());
                }
                tune(file, roles, new Plan(settings, items, by, usual, lesson(usual, lesson)), progress);
            }
        }
        return 0;
    }

    private Teacher teacher() throws IOException {
        if (teacher != null) {
            return Teacher.of(teacher, common.device());
        }
        return training.answers().alone() ? Teacher.absent(training.answers().open()) : Teacher.nobody();
    }

    private TrainingSettings settings(ModelFile file, Usual usual) {
        return training.settings(null, data.trainingBatch(file), common.seed(), usual)
                .ofTokens(textTraining.batchTokens());
    }

    private void checkFlags(Usual usual) {
        textTraining.check(usual.text(), common.given());
        if (usual == Usual.SIGNALS) {
            common.given().ignore("is for images; signals are trained on as they are", "--no-augment");
        }
        training.check(common.given(), usual);
        if (usual != Usual.LORA) {
            common.given().refuse("belongs to --train lora", "--adapter");
        }
        if (!usual.text()) {
            common.given().refuse("is for language models", "--dtype", "--memory");
            HealingData.refuse("is for language models", common.given());
        }
        if (textTraining.batchTokens() > 0) {
            common.given().refuse("says how many windows a step has, and so does --batch-tokens", "--batch-size");
        }
        if (usual == Usual.BLOCKWISE) {
            common.given().refuse("plays no part in --train blockwise, which asks how much is free", "--memory");
        }
        textTraining.within(memory == null ? OptionalLong.empty() : OptionalLong.of(MemoryOption.bytes(memory)));
        type();
        healing.from();
    }

    private void checkTrained(ModelFile file) {
        textTraining.check(file);
        textTraining.checkLayers(file.architecture().layers().size());
        if (textTraining.besideGaps() && teacher == null) {
            new RemovedLayers(file).planned();
        }
    }

    private DType type() {
        return TextTraining.type("--dtype of a training", dtype);
    }

    private Usual usual(ModelFile file) {
        DataOptions.checkTask(file, "finetune");
        samples.check(file, common.given());
        return TrainingOptions.usual(file.architecture().input(), textTraining);
    }

    private String lesson(Usual usual, String teaching) {
        return usual.text() ? teaching + textTraining.settings(type()) : teaching;
    }

    private void checkTeacher(ModelFile file) throws IOException {
        if (teacher != null) {
            try (var other = ModelFile.open(teacher)) {
                TeacherFit.check(other, file);
                TrainingFolder.checkInput(output.place(), other);
            }
        }
    }

    /// What is trained how.
    ///
    /// @param teacher whose answers are learned too
    /// @param usual   of images or of text
    /// @param lesson  all that the teaching depends on, in words
    private record Plan(TrainingSettings settings, Dataset items, Teacher teacher, Usual usual, String lesson) {
        /// Everything it depends on, in words.
        String text(ModelFile file) throws IOException {
            return "%s of %s on %s %s%s".formatted(settings, file.identity(), items.name(), items.digest(), lesson);
        }
    }

    /// What it is taught by goes on first, then what it was.
    private static void hear(SideBySide samples, String state, Plan plan, LayeredModel network) {
        plan.teacher.network().ifPresent(teacher -> samples.reached(RemovedLayers.teacher(state), teacher));
        samples.reached(state, network);
    }

    private void tune(ModelFile file, DataRoles roles, Plan plan, Progress progress) throws IOException {
        var clock = new Stopwatch();
        try (var spoken = samples.of(file, progress).orElse(null);
                var weights = file.forTraining();
                var folder = new TrainingFolder(output.place(),
                        new TrainingFolder.Content(weights, Optional.of(() -> documents(file, weights, roles)),
                                plan.text(file) + writtenAs() + (adapter ? ", adapter=true" : "")
                                        + TrainingFolder.here(),
                                () -> types(file, weights).types(),
                                beside(file), adapter ? textTraining.adapter(file)::write : (_, _) -> {}),
                        training.saveEvery());
                var _ = training.answers()) {
            folder.checkSettings();
            var network = file.architecture().build(weights);
            var before = clock.time("evaluate before", () -> evaluate(network, roles, plan, progress));
            var state = new RemovedLayers(file).state();
            if (spoken != null) {
                clock.time("samples", () -> hear(spoken, state, plan, network));
            }
            var lesson = lesson(file, plan, progress);
            var record = clock.time("training",
                    () -> lesson.train(network, plan.items, roles.verification(), folder, progress));
            var after = afterwards(folder.best(), best -> {
                if (spoken != null) {
                    spoken.reached(RemovedLayers.afterTraining(state), best);
                }
                return evaluate(best, roles, plan, progress);
            });
            var result = new TuningRecord(Arguments.command(), Version.current(), Records.model(file),
                    data(plan, roles), settings(plan, folder.best()), before.stored(Records.bytes(file)), after, record,
                    clock.seconds(), Memory.peakResidentBytes(), Machine.here(Threads.count()),
                    spoken == null ? null : spoken.samples());
            CommonOptions.write(out().resolve(TrainingFolder.RECORD), Json.pretty(result));
            CommonOptions.write(out().resolve("report.html"), TuningReport.of(result));
            ModelCards.tuned(file, folder.best(), result);
            common.writeJson(result);
            Optional.ofNullable(spoken).ifPresent(said -> said.lines().forEach(common.out()::println));
            print(result, folder, roles, ClaimedAccuracy.of(file.checkpoint().metadata(), before));
        }
    }

    private WrittenTypes types(ModelFile file, Weights weights) throws IOException {
        return WrittenTypes.of(file, weights, LayerSet.EMPTY, output.place().as());
    }

    private Map<String, byte[]> documents(ModelFile file, Weights weights, DataRoles roles) throws IOException {
        var config = types(file, weights)
                .in(file.architecture().config(LayerSet.EMPTY, roles.report().classes()));
        return Documents.of(file, config);
    }

    /// Of a model's directory; folders in it stay behind.
    private static List<Path> beside(ModelFile file) throws IOException {
        return file.architecture().directory()
                ? file.checkpoint().files().stream().filter(Files::isRegularFile).toList()
                : List.of();
    }

    private FineTuning.Lesson lesson(ModelFile file, Plan plan, Progress progress) throws IOException {
        return plan.usual.text()
                ? textTraining.lesson(plan.settings, training.teaching(plan.teacher), type(),
                        plan.teacher.answering(training.answers().of(plan.teacher.identity(), progress)),
                        new RemovedLayers(file)::of)
                : new FineTuning.Images(plan.settings, plan.teacher.network().map(training::teacher));
    }

    private static Map<String, String> data(Plan plan, DataRoles roles) {
        var data = new LinkedHashMap<String, String>();
        data.put("training", plan.items.name());
        data.put("verification", roles.verification().name());
        data.put("report", roles.report().name());
        return data;
    }

    private Evaluation afterwards(Path best, Function<LayeredModel, Evaluation> measured) throws IOException {
        try (var file = ModelFile.open(best).on(common.device()); Weights weights = file.forReading()) {
            return measured.apply(file.architecture().build(weights)).stored(Records.bytes(file));
        }
    }

    /// A training that goes on writes as it began; nothing is said of what is usual, as in trainings of before.
    private String writtenAs() {
        var as = output.place().as();
        return as == WriteAs.SAME ? "" : ", writeAs=" + as;
    }

    private Map<String, String> settings(Plan plan, Path best) throws IOException {
        var settings = new LinkedHashMap<>(training.words(plan.settings,
                plan.teacher.said().isPresent() ? training.answers().words() : Objects.toString(teacher, null),
                plan.usual));
        if (plan.usual.text()) {
            settings.put("Trained", textTraining.words(type()));
        }
        try (var written = Checkpoints.open(best)) {
            settings.put("Written as", written.tensors().values().stream().map(TensorInfo::dtype)
                    .filter(DType::floating).map(DType::title).distinct().sorted().collect(Collectors.joining(", ")));
        }
        return settings;
    }

    private static Evaluation evaluate(LayeredModel network, DataRoles roles, Plan plan, Progress progress) {
        int batch = network.layout().tokens() ? 1 : plan.settings.batchSize();
        return new Evaluator(roles.report(), batch).measure(network, progress);
    }

    private static String worth(Evaluation of) {
        return of.perplexity() != null
                ? "perplexity %.4f, cross-entropy %.4f".formatted(of.perplexity(), of.loss())
                : "%s right, cross-entropy %.4f".formatted(Human.percent(of.accuracy()), of.loss());
    }

    /// @param claim what the input says of itself
    private void print(TuningRecord result, TrainingFolder folder, DataRoles roles, Optional<ClaimedAccuracy> claim) {
        var print = common.out();
        print.println("%s".formatted(roles.report().name()));
        print.println("  before           " + worth(result.before()));
        print.println("  after            %s (%s)".formatted(worth(result.after()), result.training().bestInWords()));
        claim.flatMap(ClaimedAccuracy::warning).ifPresent(warning -> print.println(common.warning(warning)));
        print.println("best: " + folder.best());
        print.println("last: " + folder.last());
        print.println("report: " + out().resolve("report.html"));
    }
}
