package dev.sglp.cli.data;

import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.completion.Known;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.image.ClassMap;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.Objective.Answer;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// How images are read.
@Under(Heading.DATA)
public final class ImageOptions implements Labelled {
    @Option(names = "--normalise", paramLabel = "PRESET", completionCandidates = Known.Normalisations.class, description = "imagenet, cifar10, cifar100 or none (default: what config.json says, else imagenet)")
    private @Nullable String normalise;

    @Option(names = "--mean", paramLabel = "R,G,B", description = "channel means of pixels in [0, 1]; with --std")
    private @Nullable String mean;

    @Option(names = "--std", paramLabel = "R,G,B", description = "channel standard deviations; with --mean")
    private @Nullable String std;

    @Option(names = "--class-map", paramLabel = "FILE", description = "which class of the network each folder is: lines FOLDER<tab>CLASS, CLASS a number from 0 or a name; or ImageNet's class index in JSON")
    private @Nullable Path classMap;

    @Mixin
    private PreparationOptions preparation;

    @SuppressWarnings("NullAway") // picocli fills the fields
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
    public String[] flags() {
        return Stream
                .concat(Stream.of("--normalise", "--mean", "--std", "--class-map"), Stream.of(PreparationOptions.FLAGS))
                .toArray(String[]::new);
    }

    @Override
    public void check(ModelFile model, List<DataSpec> specs) {
        specs.forEach(ImageSources::check);
        if (classMap != null && model.architecture().answer() != Answer.CLASS) {
            throw new UsageException("--class-map is for networks that tell classes, and a %s does not"
                    .formatted(model.architecture().family()));
        }
        normalisation();
        preparation.of(model.architecture().input().image());
    }

    @Override
    public ImageSource open(DataSpec spec, ModelFile model) throws IOException {
        var source = ImageSources.open(spec);
        if (classMap == null) {
            return source;
        }
        var a = model.architecture();
        return ClassMap.read(classMap).over(source,
                a.classNames().isEmpty() ? Labels.numbers(a.classes()) : a.classNames());
    }

    @Override
    public Reading reading(ModelFile model, Request request) {
        var prepared = typed(model);
        return new Reading(request.around().threads(), prepared.architecture().input().image().preparation(),
                ModelArgument.normalisation(prepared), request.around().progress());
    }

    @Override
    public List<Long> shape(ModelFile model) {
        var input = typed(model).architecture().input().image();
        return List.of((long) input.channels(), (long) input.height(), (long) input.width());
    }

    @Override
    public String remedy(ModelFile model, ImageSet items) {
        var input = model.architecture().input().image();
        if (items.isTakenAsItIs()) {
            return items.form().shape().get(1) == 1
                    ? "These are signals, which an image network cannot read"
                    : "They are floating-point numbers, taken as they are: make them of this size before";
        }
        var size = input.height() == input.width() ? "%d" : "%d,%d";
        return ("--resize N --crop " + size + " makes them so").formatted(input.height(), input.width());
    }

    /// The network with what the user typed of its images: so it is read, compared and written.
    ModelFile typed(ModelFile model) {
        var a = model.architecture();
        var by = normalisation();
        var normalised = by.isPresent() ? a.normalisedBy(by.get().mean(), by.get().std()) : a;
        var as = preparation.of(a.input().image());
        return model.as(as.isPresent() ? normalised.preparedAs(as.get()) : normalised);
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

    @Override
    public void checkFlags(Dataset data, Given given) {
        if (data instanceof ImageSet images && images.isTakenAsItIs()) {
            given.refuse("is for images of bytes; these are floating-point numbers, taken as they are", "--normalise",
                    "--mean", "--std");
            given.refuse("is for images of bytes; these are floating-point numbers, taken as they are",
                    PreparationOptions.FLAGS);
        }
    }

    @Override
    public List<String> unsaid(ModelFile model, Dataset report) throws IOException {
        boolean bytes = report instanceof ImageSet images && !images.isTakenAsItIs();
        return bytes && normalisation().isEmpty() && !model.architecture().saysNormalisation()
                && !model.checkpoint().config().containsKey("normalisation")
                        ? List.of(
                                "The model does not say how its images are normalised: mean and standard deviation of ImageNet are taken (--normalise sets others). Pictures are taken %s (--resize, --crop)."
                                        .formatted(typed(model).architecture().input().image().preparation()))
                        : List.of();
    }
}
