package dev.sglp.cli;

import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.text.TextOptions;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.data.text.TextWindows;
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.progress.Progress;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Which items play which role.
@Under(Heading.DATA)
public final class DataOptions {
    private static final int MOST_NAMES = 10;

    @Option(names = "--data", required = true, paramLabel = "SPEC", completionCandidates = Known.DataKinds.class, description = "images:PATH (folder or zip, one folder a class; train with test or val, also spelled Training, test_set, dev, eval), cifar10:PATH, cifar100:PATH, arrays:FILE.npz (x_train, y_train, x_test, y_test, or images and labels; if wanted classes); for language models text:FILE, jsonl:FILE#field, in evaluate task:NAME=FILE. evaluate takes several, each with a --data of its own")
    private List<String> data;

    @Option(names = "--test", paramLabel = "SPEC", completionCandidates = Known.DataKinds.class, description = "report data apart from --data")
    private @Nullable String test;

    @Option(names = "--samples", paramLabel = "N", description = "calibration images, from the training split (default: 128); of text: windows (default: 4)")
    private @Nullable Integer samples;

    @Option(names = "--verify-samples", paramLabel = "N", description = "verification data, on which the best plans are compared: other training images (default: 1024); of text: windows (default: 8192 tokens, or twice those of --samples)")
    private @Nullable Integer verifySamples;

    @Option(names = "--limit", paramLabel = "N", description = "report on N images, drawn evenly over the classes, or on the first N windows of text; 0: all (default: all)")
    private int limit = 0;

    @Option(names = "--batch-size", paramLabel = "N", description = "images a forward pass (default: 128); of text: calibration windows (default: 32)")
    private @Nullable Integer batchSize;

    @Mixin
    private TextOptions text;

    @Option(names = "--allow-overlap", description = "go on where calibration and report data share items; the report says so")
    private boolean allowOverlap;

    @Option(names = "--normalise", paramLabel = "PRESET", completionCandidates = Known.Normalisations.class, description = "imagenet, cifar10, cifar100 or none (default: what config.json says, else imagenet)")
    private @Nullable String normalise;

    @Option(names = "--mean", paramLabel = "R,G,B", description = "channel means of pixels in [0, 1]; with --std")
    private @Nullable String mean;

    @Option(names = "--std", paramLabel = "R,G,B", description = "channel standard deviations; with --mean")
    private @Nullable String std;

    @Option(names = "--image-size", paramLabel = "N", description = "resize and centre-crop images to N×N")
    private int imageSize = 0;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public DataOptions() {}

    /// Images a forward pass.
    public int batchSize() {
        return batchSize == null ? 128 : checked("--batch-size", batchSize, 1);
    }

    private static int checked(String flag, int value, int least) {
        if (value < least) {
            throw new UsageException("%s is at least %d, got %d".formatted(flag, least, value));
        }
        return value;
    }

    private int samples(int usual) {
        return samples == null ? usual : checked("--samples", samples, 1);
    }

    private int verifySamples(int usual) {
        return verifySamples == null ? usual : checked("--verify-samples", verifySamples, 0);
    }

    /// 0 for all.
    public int limit() {
        return checked("--limit", limit, 0);
    }

    /// Whether there are to be verification data.
    public boolean verifies() {
        return verifySamples == null || verifySamples > 0;
    }

    /// Examples a forward pass.
    public int batchSize(ModelFile model) {
        return batchSize == null && model.architecture().readsText() ? TextOptions.BATCH : batchSize();
    }

    /// Checks every flag before anything is loaded or read.
    ///
    /// @throws UsageException where one is out of range, or plays no part for this network
    public void check(ModelFile model, Given given) {
        spec();
        checkEach(model, given);
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
        var specs = data.stream().map(DataSpec::parse).toList();
        for (int i = 1; i < specs.size(); i++) {
            if (specs.subList(0, i).contains(specs.get(i))) {
                throw new UsageException("--data %s was given twice".formatted(specs.get(i)));
            }
        }
        if (specs.size() > 1 && test != null) {
            throw new UsageException(
                    "--test %s goes with one --data: give what is to be reported as a --data of its own"
                            .formatted(test));
        }
        return specs;
    }

    /// The same for a command that takes several data sets.
    public void checkEach(ModelFile model, Given given) {
        samples(1);
        verifySamples(1);
        limit();
        batchSize();
        var specs = Stream.concat(data.stream(), Stream.ofNullable(test)).map(DataSpec::parse).toList();
        if (model.architecture().readsText()) {
            given.refuse("is for images, and the network reads text", "--normalise", "--mean", "--std", "--image-size");
            text.check(model);
        } else {
            given.refuse("is for text, and the network looks at images", "--window", "--calibration-window",
                    "--verify-window");
            specs.forEach(ImageSources::check);
            normalisation();
            Reading.check(imageSize);
        }
    }

    /// All three roles, decoded.
    public DataRoles roles(ModelFile model, CommonOptions common, Progress progress) throws IOException {
        if (model.architecture().readsText()) {
            text.remark(model).ifPresent(progress::say);
            return text.roles(model, request(spec(), common));
        }
        var roles = ImageRoles.open(settings(model, spec(), common, progress));
        checkFit(roles.calibration(), model);
        checkFit(roles.report(), model);
        checkNormalised(roles.report(), common.given());
        return new DataRoles(roles.calibration(), roles.verification(), roles.report(),
                noted(roles.notes(), model, roles.report()));
    }

    /// The report role of one of {@link #specs} alone.
    public Noted<? extends Dataset> report(ModelFile model, DataSpec spec, CommonOptions common, Progress progress)
            throws IOException {
        if (model.architecture().readsText()) {
            text.remark(model).ifPresent(progress::say);
            return text.report(model, request(spec, common));
        }
        var report = ImageRoles.report(settings(model, spec, common, progress));
        checkFit(report.items(), model);
        checkNormalised(report.items(), common.given());
        return new Noted<>(report.items(), noted(report.notes(), model, report.items()));
    }

    /// What is to be trained on.
    ///
    /// @param roles none of whose verification or report it has
    /// @param most  images, drawn evenly over the classes; 0: all there are
    public record Training(DataRoles roles, int most, CommonOptions common, Progress progress) {}

    /// Images to train on.
    public Dataset training(ModelFile model, Training asked) throws IOException {
        var items = ImageRoles.training(settings(model, spec(), asked.common, asked.progress), asked.roles, asked.most);
        if (items.size() < asked.most) {
            asked.progress.say("%s: %,d were wanted (--train-samples).".formatted(items.name(), asked.most));
        }
        return items;
    }

    /// Calibration samples of a text that share no window with each other, the verification or the report.
    ///
    /// @param size windows each; 0: `--samples`
    public List<TextWindows> samples(ModelFile model, CommonOptions common, int size, int count) throws IOException {
        var asked = request(spec(), common);
        return text.samples(model, size == 0 ? asked : asked.with(size), count);
    }

    /// Tokens a window of calibration.
    public int calibrationWindow(ModelFile model) {
        return text.calibrationWindow(model);
    }

    private TextOptions.Request request(DataSpec spec, CommonOptions common) {
        return new TextOptions.Request(spec, test == null ? spec : DataSpec.parse(test),
                samples(TextOptions.SAMPLES), verifySamples == null ? null : verifySamples(0), limit(), common.seed(),
                allowOverlap);
    }

    private ImageRoles.Settings settings(ModelFile model, DataSpec spec, CommonOptions common, Progress progress)
            throws IOException {
        var source = ImageSources.open(spec);
        var other = test == null ? source : ImageSources.open(DataSpec.parse(test));
        var reading = new Reading(common.threads(), imageSize,
                ModelArgument.normalisation(normalised(model)), progress);
        return new ImageRoles.Settings(source, other, samples(128), verifySamples(1024), limit(),
                common.seed(), allowOverlap, reading);
    }

    /// The network with the normalisation that the user typed: so it is read, compared and written.
    public ModelFile normalised(ModelFile model) {
        var typed = normalisation();
        return typed.isEmpty() || model.architecture().readsText()
                ? model
                : new ModelFile(model.checkpoint(),
                        model.architecture().normalisedBy(typed.get().mean(), typed.get().std()));
    }

    private Optional<Normalisation> normalisation() {
        if (mean != null || std != null) {
            if (mean == null || std == null || normalise != null) {
                throw new UsageException("--mean and --std go together, and not with --normalise");
            }
            return Optional.of(Normalisation.parse(mean, std));
        }
        return Optional.ofNullable(normalise).map(Normalisation::named);
    }

    private static void checkNormalised(Dataset data, Given given) {
        if (data instanceof ImageSet images && images.isTakenAsItIs()) {
            given.refuse("is for images of bytes; these are floating-point numbers, taken as they are", "--normalise",
                    "--mean", "--std");
        }
    }

    /// Notes, and what the checkpoint does not say and the user did not either.
    private List<String> noted(List<String> notes, ModelFile model, Dataset data) throws IOException {
        var all = new ArrayList<>(notes);
        boolean bytes = data instanceof ImageSet images && !images.isTakenAsItIs();
        if (bytes && normalisation().isEmpty() && !model.checkpoint().config().containsKey("normalisation")) {
            all.add("The model does not say how its images are normalised: mean and standard deviation of ImageNet are taken (--normalise sets others).");
        }
        if (model.architecture().classNames().isEmpty()) {
            all.add("The model does not name its classes: those of the data are taken in their order, %s.".formatted(
                    data.classes().stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                            + (data.classes().size() > MOST_NAMES ? ", …" : "")));
        }
        return all;
    }

    /// @throws IOException where the network was made for other images or other classes
    private static void checkFit(Dataset data, ModelFile model) throws IOException {
        var a = model.architecture();
        if (data.classes().size() != a.classes()) {
            throw new IOException(
                    "[%s] has %d classes, but the network's head has %d. Maybe it was trained on other data"
                            .formatted(data.name(), data.classes().size(), a.classes()));
        }
        if (!a.classNames().isEmpty() && !Labels.agree(a.classNames(), data.classes())) {
            throw new IOException(
                    "[%s] has the classes %s, but the network was trained on %s. The labels would not agree"
                            .formatted(data.name(), data.classes(), a.classNames()));
        }
        if (data instanceof ImageSet images && a.input() instanceof Architecture.Input.Image input
                && (images.height() != input.height() || images.width() != input.width())) {
            throw new IOException(
                    "[%s] has images of %d×%d pixels, the network expects %d×%d. --image-size %d resizes them"
                            .formatted(data.name(), images.width(), images.height(), input.width(), input.height(),
                                    input.height()));
        }
    }
}
