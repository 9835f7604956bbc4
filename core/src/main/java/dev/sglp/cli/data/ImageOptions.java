package dev.sglp.cli.data;

import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
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
import dev.sglp.family.Architecture;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// How images are read.
@Under(Heading.DATA)
public final class ImageOptions implements Modality {
    private static final int MOST_NAMES = 10;
    private static final Pattern WORDNET = Pattern.compile("n\\d{8}");
    private static final int BATCH = 128;
    private static final int SAMPLES = 128;
    private static final int VERIFY = 1024;
    private static final int REPAIR = 1000;

    @Option(names = "--normalise", paramLabel = "PRESET", completionCandidates = Known.Normalisations.class, description = "imagenet, cifar10, cifar100 or none (default: what config.json says, else imagenet)")
    private @Nullable String normalise;

    @Option(names = "--mean", paramLabel = "R,G,B", description = "channel means of pixels in [0, 1]; with --std")
    private @Nullable String mean;

    @Option(names = "--std", paramLabel = "R,G,B", description = "channel standard deviations; with --mean")
    private @Nullable String std;

    @Option(names = "--image-size", paramLabel = "N", description = "resize and centre-crop images to N×N")
    private int imageSize = 0;

    public ImageOptions() {}

    @Override
    public String takes() {
        return "images";
    }

    @Override
    public String verb() {
        return "looks at";
    }

    @Override
    public int usualBatch() {
        return BATCH;
    }

    @Override
    public boolean reportsInBatches() {
        return true;
    }

    @Override
    public boolean trains() {
        return true;
    }

    @Override
    public String[] flags() {
        return new String[]{"--normalise", "--mean", "--std", "--image-size"};
    }

    @Override
    public void check(ModelFile model, List<DataSpec> specs) {
        specs.forEach(ImageSources::check);
        normalisation();
        Reading.check(imageSize);
    }

    @Override
    public DataRoles roles(ModelFile model, Request request) throws IOException {
        var roles = ImageRoles.open(settings(model, request));
        checkFit(roles.calibration(), model);
        checkFit(roles.report(), model);
        checkNormalised(roles.report(), request.around().given());
        return new DataRoles(roles.calibration(), roles.repair(), roles.verification(), roles.report(),
                noted(roles.notes(), model, roles.report()));
    }

    @Override
    public Noted<? extends Dataset> report(ModelFile model, Request request) throws IOException {
        var report = ImageRoles.report(settings(model, request));
        checkFit(report.items(), model);
        checkNormalised(report.items(), request.around().given());
        return new Noted<>(report.items(), noted(report.notes(), model, report.items()));
    }

    /// Images to train on.
    ///
    /// @param roles none of whose verification or report it has
    /// @param most  drawn evenly over the classes; 0: all there are
    @Override
    public Dataset training(ModelFile model, Request request, DataRoles roles, int most) throws IOException {
        var items = ImageRoles.training(settings(model, request), roles, most);
        if (items.size() < most) {
            request.around().progress().say("%s: %,d were wanted (--train-samples).".formatted(items.name(), most));
        }
        return items;
    }

    private ImageRoles.Settings settings(ModelFile model, Request request) throws IOException {
        var source = ImageSources.open(request.data());
        var other = request.test() == null ? source : ImageSources.open(request.test());
        var reading = new Reading(request.around().threads(), imageSize,
                ModelArgument.normalisation(normalised(model)), request.around().progress());
        return new ImageRoles.Settings(source, other, request.counts().samples(SAMPLES),
                request.counts().verify(VERIFY), request.counts().repair(RepairItems.of(model.architecture(), REPAIR)),
                request.counts().limit(),
                request.seed(), request.allowOverlap(),
                reading);
    }

    /// The network with the normalisation that the user typed: so it is read, compared and written.
    ModelFile normalised(ModelFile model) {
        return normalisation().map(typed -> model.as(
                model.architecture().normalisedBy(typed.mean(), typed.std()))).orElse(model);
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
        if (bytes && normalisation().isEmpty() && !model.architecture().saysNormalisation()
                && !model.checkpoint().config().containsKey("normalisation")) {
            all.add("The model does not say how its images are normalised: mean and standard deviation of ImageNet are taken (--normalise sets others).");
        }
        if (model.architecture().classNames().isEmpty()) {
            all.add("The model does not name its classes: those of the data are taken in their order, %s.".formatted(
                    data.classes().stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                            + (data.classes().size() > MOST_NAMES ? ", …" : "")));
        }
        return all;
    }

    /// ImageNet's folders bear the numbers of WordNet, in whose order networks have its classes.
    private static boolean numbered(List<String> classes) {
        return classes.stream().allMatch(name -> WORDNET.matcher(name).matches());
    }

    /// @throws IOException where the network was made for other images or other classes
    private static void checkFit(Dataset data, ModelFile model) throws IOException {
        var a = model.architecture();
        if (data.classes().size() != a.classes()) {
            throw new IOException(
                    "[%s] has %d classes, but the network's head has %d. Maybe it was trained on other data"
                            .formatted(data.name(), data.classes().size(), a.classes()));
        }
        if (!a.classNames().isEmpty() && !numbered(data.classes()) && !Labels.agree(a.classNames(), data.classes())) {
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
