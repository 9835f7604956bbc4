package dev.sglp.cli.data;

import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.data.Modality.Around;
import dev.sglp.cli.data.Modality.Counts;
import dev.sglp.cli.data.Modality.RepairFrom;
import dev.sglp.cli.data.Modality.Request;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.TextOptions;
import dev.sglp.cli.typed.Given;
import dev.sglp.cli.typed.MemoryOption.Passes;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Objective.Answer;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.UsedPreset.Instead;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which items play which role.
@Under(Heading.DATA)
public final class DataOptions {
    /// Of `--data`, in help: images and signals.
    public static final String IMAGES = "images:PATH (folder or zip, one folder a class; train with test or val, also spelled Training, test_set, dev, eval), cifar10:PATH, cifar100:PATH, arrays:FILE.npz (x_train, y_train, x_test, y_test, or images and labels; if wanted classes; of images or of signals)";
    /// Of `--data`, in help: what language models read.
    public static final String TEXT = "; for language models text:FILE, jsonl:FILE#field, chat:FILE#field (conversations, of which the answers are predicted; default field: messages; a template that asks for the date is told 26 July 2024)";
    /// Of `--data`, in help: what encoders read.
    public static final String SENTENCES = "; for encoders of sentences text: and jsonl:";
    /// Of `--test`, in help.
    public static final String TEST = "report data apart from --data";

    /// Of `--samples`, in help.
    public static final String SAMPLES = "calibration images, from the training split (default: 128); of text: windows (default: 4)";
    /// The same where there are presets.
    public static final String PRESET_SAMPLES = "calibration images, from the training split (default: 128); of text: windows (default: 4, with --preset paper 8)";

    @Option(names = "--data", required = true, paramLabel = "SPEC", completionCandidates = Known.DataKinds.class, description = IMAGES
            + TEXT + SENTENCES)
    private List<String> data;

    @Option(names = "--test", paramLabel = "SPEC", completionCandidates = Known.DataKinds.class, description = TEST)
    private List<String> tests = List.of();

    @Option(names = "--samples", paramLabel = "N", description = SAMPLES)
    private @Nullable Integer samples;

    @Option(names = "--verify-samples", paramLabel = "N", description = "verification data, on which the best plans are compared: other training images (default: 1024); of text: windows (default: 8192 tokens, or twice those of --samples)")
    private @Nullable Integer verifySamples;

    @Option(names = "--limit", paramLabel = "N", description = "report on N images, drawn evenly over the classes, or on the first N windows of text; 0: all (default: all)")
    private int limit = 0;

    @Option(names = "--batch-size", paramLabel = "N", description = "images a forward pass (default: 128, fewer where that many would keep more than 4 GiB for a way back); of text: calibration windows (default: 32)")
    private @Nullable Integer batchSize;

    @Mixin
    private TextOptions text;

    @Mixin
    private ImageOptions images;

    private final SignalOptions signals = new SignalOptions();

    @Option(names = "--allow-overlap", description = "go on where calibration and report data share items; the report says so")
    private boolean allowOverlap;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public DataOptions() {}

    /// What this network's inputs are.
    public Modality of(ModelFile model) {
        return switch (model.architecture().input()) {
            case Architecture.Input.Image _ -> images;
            case Architecture.Input.Signal _ -> signals;
            case Architecture.Input.Text _ -> text;
        };
    }

    /// Told before anything is asked.
    ///
    /// @param windows of text to calibrate on where nobody says it
    public void standard(int windows) {
        text.standard(windows);
    }

    /// What `--samples` is of a network that predicts text; empty where it is what it always is.
    ///
    /// @param usual of the preset
    public List<Instead> instead(ModelFile model, int usual) {
        int taken = samples == null ? usual : samples;
        return !TextOptions.predicts(model) || usual == TextOptions.SAMPLES && taken == usual
                ? List.of()
                : List.of(new Instead("--samples", String.valueOf(usual), String.valueOf(taken)));
    }

    /// Items a forward pass.
    public int batchSize(ModelFile model) {
        return batchSize == null ? of(model).usualBatch(model) : checked("--batch-size", batchSize, 1);
    }

    /// Tokens of a forward pass.
    public Passes passes(ModelFile model) {
        return of(model) == text ? text.passes(model, batchSize(model), samples) : Passes.NONE;
    }

    /// Items a step of a training of such a network.
    public int trainingBatch(ModelFile model) {
        return batchSize == null ? of(model).usualStep(model) : checked("--batch-size", batchSize, 1);
    }

    /// @param what is for networks that are right or wrong about something
    /// @throws UsageException where this one gives embeddings
    public static void checkTask(ModelFile model, String what) {
        if (model.architecture().answer() == Answer.EMBEDDING) {
            throw new UsageException(
                    "%s is for networks with a task of their own so far, and [%s], a %s, gives embeddings".formatted(
                            what,
                            model.checkpoint().path(), model.architecture().description()));
        }
    }

    private static int checked(String flag, int value, int least) {
        if (value < least) {
            throw new UsageException("%s is at least %d, got %d".formatted(flag, least, value));
        }
        return value;
    }

    /// 0 for all.
    public int limit() {
        return checked("--limit", limit, 0);
    }

    /// Whether there are to be verification data.
    public boolean verifies() {
        return verifySamples == null || verifySamples > 0;
    }

    /// Checks every flag before anything is loaded or read.
    ///
    /// @throws UsageException where one is out of range, or plays no part for this network
    public void check(ModelFile model, Given given) {
        if (tests.size() > 1 || tests.stream().map(DataSpec::parse).anyMatch(DataOptions::asks)) {
            throw new UsageException(
                    "--test is one text or set of images here: only study methods takes several, and tasks");
        }
        spec();
        checkEach(model, given);
    }

    /// @throws UsageException where one is named twice
    private static List<DataSpec> once(String flag, List<String> typed) {
        var specs = typed.stream().map(DataSpec::parse).toList();
        for (int i = 1; i < specs.size(); i++) {
            if (specs.subList(0, i).contains(specs.get(i))) {
                throw new UsageException("%s %s was given twice".formatted(flag, specs.get(i)));
            }
        }
        return specs;
    }

    private static boolean asks(DataSpec spec) {
        return spec.kind() == DataSpec.Kind.TASK;
    }

    /// The same for a command that takes several `--test`.
    ///
    /// @throws UsageException where one is named twice
    public void checkTests(ModelFile model, Given given) {
        once("--test", tests);
        if (!further().isEmpty()
                && !(model.architecture().input() instanceof Architecture.Input.Text text && text.predicts())) {
            throw new UsageException("several --test, and tasks, are for language models; [%s] is a %s"
                    .formatted(model.checkpoint().path(), model.architecture().description()));
        }
        spec();
        checkEach(model, given);
    }

    /// The report data that were named apart from `--data`: the first `--test` that asks no questions.
    private Optional<DataSpec> test() {
        return tests.stream().map(DataSpec::parse).filter(spec -> !asks(spec)).findFirst();
    }

    /// Every other `--test`, in their order.
    public List<DataSpec> further() {
        var report = test();
        return tests.stream().map(DataSpec::parse).filter(spec -> !report.equals(Optional.of(spec))).toList();
    }

    /// The one data set.
    ///
    /// @throws UsageException where there are several
    private DataSpec spec() {
        if (data.size() > 1) {
            throw new UsageException(
                    "--data was given %d times: only evaluate takes several data sets".formatted(data.size()));
        }
        return DataSpec.parse(data.getFirst());
    }

    /// All data sets, in the order they were typed.
    ///
    /// @throws UsageException where one is named twice, or a flag goes with one alone
    public List<DataSpec> specs() {
        var specs = once("--data", data);
        if (specs.size() > 1 && !tests.isEmpty()) {
            throw new UsageException(
                    "--test %s goes with one --data: give what is to be reported as a --data of its own"
                            .formatted(tests.getFirst()));
        }
        return specs;
    }

    /// The same for a command that takes several data sets.
    public void checkEach(ModelFile model, Given given) {
        counts(0);
        batchSize(model);
        var specs = Stream.concat(data.stream().map(DataSpec::parse), test().stream()).toList();
        var own = of(model);
        Stream.<Modality>of(images, text).filter(other -> other != own)
                .forEach(other -> given.refuse(
                        "is for %s, and the network %s %s".formatted(other.takes(), own.verb(), own.takes()),
                        other.flags()));
        own.check(model, specs);
    }

    /// @param repair items of a repair; absent: the usual number; 0 where nothing is repaired
    private Counts counts(@Nullable Integer repair) {
        return new Counts(samples == null ? null : checked("--samples", samples, 1),
                verifySamples == null ? null : checked("--verify-samples", verifySamples, 0), repair,
                limit());
    }

    /// All roles, read, of a run that repairs nothing.
    public DataRoles roles(ModelFile model, CommonOptions common, Progress progress) throws IOException {
        return roles(model, RepairFrom.of(false), common, progress);
    }

    /// @param repair what a repair is fitted on
    public DataRoles roles(ModelFile model, RepairFrom repair, CommonOptions common, Progress progress)
            throws IOException {
        return of(model).roles(model, request(spec(), repair, common, progress)).on(model.device());
    }

    /// The report role of one of {@link #specs} alone.
    public Noted<? extends Dataset> report(ModelFile model, DataSpec spec, CommonOptions common, Progress progress)
            throws IOException {
        var found = of(model).report(model, request(spec, common, progress));
        return new Noted<>(found.items().on(model.device()), found.notes());
    }

    /// Whether roles may share items.
    public boolean allowsOverlap() {
        return allowOverlap;
    }

    /// A text to report on besides, as the report's are cut.
    public Noted<TextWindows> text(ModelFile model, DataSpec spec) throws IOException {
        var found = text.report(model, spec, limit());
        return new Noted<>(found.items().on(model.device()), found.notes());
    }

    /// Items to train on.
    public Noted<? extends Dataset> training(ModelFile model, Modality.Wanted wanted, CommonOptions common,
            Progress progress)
            throws IOException {
        var found = of(model).training(model, request(spec(), common, progress), wanted);
        return new Noted<>(found.items().on(model.device()), found.notes());
    }

    /// Calibration samples of a text that share no window with each other, the verification or the report.
    ///
    /// @param size windows each; 0: `--samples`
    public List<TextWindows> samples(ModelFile model, CommonOptions common, int size, int count) throws IOException {
        var asked = request(spec(), common, Progress.silent());
        return text.samples(model, size == 0 ? asked : asked.with(size), count).stream()
                .map(sample -> sample.on(model.device())).toList();
    }

    /// Tokens a window of calibration.
    public int calibrationWindow(ModelFile model) {
        return text.calibrationWindow(model);
    }

    private Request request(DataSpec spec, CommonOptions common, Progress progress) {
        return request(spec, RepairFrom.of(false), common, progress);
    }

    private Request request(DataSpec spec, RepairFrom repair, CommonOptions common, Progress progress) {
        return new Request(spec, test().orElse(null), counts(repair.items()), repair.texts(),
                common.seed(), allowOverlap,
                new Around(common.threads(), common.given(), progress));
    }

    /// The network with what the user typed of its images: so it is read, compared and written.
    public ModelFile typed(ModelFile model) {
        return of(model) == images ? images.typed(model) : model;
    }
}
