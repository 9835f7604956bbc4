package dev.sglp.cli.data;

import dev.sglp.cli.typed.Given;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.Dataset;
import dev.sglp.data.Noted;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Form;
import dev.sglp.family.ModelFile;
import dev.sglp.model.Objective.Answer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/// Examples of one form, each with a class: images and signals.
interface Labelled extends Modality {
    int MOST_NAMES = 10;
    Pattern WORDNET = Pattern.compile("n\\d{8}");
    int SAMPLES = 128;
    int VERIFY = 1024;
    int REPAIR = 1000;

    /// Opens what the user named.
    ///
    /// @param model whose classes they have
    ImageSource open(DataSpec spec, ModelFile model) throws IOException;

    /// How examples of it are read for this network.
    Reading reading(ModelFile model, Request request);

    /// The shape of what the network takes.
    List<Long> shape(ModelFile model);

    /// What to do about examples of another shape.
    String remedy(ModelFile model, ImageSet items);

    /// What the checkpoint does not say of such data and the user did not either.
    List<String> unsaid(ModelFile model, Dataset report) throws IOException;

    /// @throws dev.sglp.fault.UsageException where a flag was typed that plays no part with such data
    void checkFlags(Dataset data, Given given);

    @Override
    default int usualBatch(ModelFile model) {
        return PassItems.of(model.architecture());
    }

    @Override
    default boolean reportsInBatches() {
        return true;
    }

    @Override
    default boolean healedInStudies() {
        return true;
    }

    @Override
    default DataRoles roles(ModelFile model, Request request) throws IOException {
        var roles = ImageRoles.open(settings(model, request));
        checkFit(roles.calibration(), model);
        checkFit(roles.report(), model);
        checkFlags(roles.report(), request.around().given());
        return new DataRoles(roles.calibration(), roles.repair(), roles.verification(), roles.report(),
                noted(roles.notes(), model, roles.report(), request.around().given()));
    }

    @Override
    default Noted<? extends Dataset> report(ModelFile model, Request request) throws IOException {
        var report = ImageRoles.report(settings(model, request));
        checkFit(report.items(), model);
        checkFlags(report.items(), request.around().given());
        return new Noted<>(report.items(), noted(report.notes(), model, report.items(), request.around().given()));
    }

    /// Items to train on, drawn evenly over the classes.
    @Override
    default Noted<? extends Dataset> training(ModelFile model, Request request, Wanted wanted) throws IOException {
        var items = ImageRoles.training(settings(model, request), wanted.roles(), wanted.most());
        return new Noted<>(items, items.size() < wanted.most()
                ? List.of("%s: %,d were wanted (--train-samples).".formatted(items.name(), wanted.most()))
                : List.of());
    }

    private ImageRoles.Settings settings(ModelFile model, Request request) throws IOException {
        var source = open(request.data(), model);
        var other = request.test() == null ? source : open(request.test(), model);
        return new ImageRoles.Settings(source, other, request.counts().samples(SAMPLES),
                request.counts().verify(VERIFY), request.counts().repair(RepairItems.of(model.architecture(), REPAIR)),
                request.counts().limit(),
                request.seed(), request.allowOverlap(), reading(model, request));
    }

    private List<String> noted(List<String> notes, ModelFile model, Dataset data, Given given) throws IOException {
        var all = new ArrayList<>(notes);
        if (!given.has("--batch-size")) {
            PassItems.note(model.architecture(), takes()).ifPresent(all::add);
        }
        all.addAll(unsaid(model, data));
        if (model.architecture().classNames().isEmpty() && model.architecture().answer() == Answer.CLASS
                && !data.classes().equals(Labels.numbers(data.classes().size()))) {
            all.add("The model does not name its classes: those of the data are taken in their order, %s.".formatted(
                    shown(data.classes())));
        }
        return all;
    }

    /// ImageNet's folders bear the numbers of WordNet, in whose order networks have its classes.
    private static boolean numbered(List<String> classes) {
        return classes.stream().allMatch(name -> WORDNET.matcher(name).matches());
    }

    /// @throws IOException where the network was made for other examples or other classes
    private void checkFit(Dataset data, ModelFile model) throws IOException {
        if (model.architecture().answer() == Answer.CLASS) {
            checkClasses(data, model);
        }
        if (data instanceof ImageSet items && !items.form().shape().equals(shape(model))) {
            throw new IOException("[%s] has %s of %s, the network expects %s. %s".formatted(data.name(), takes(),
                    items.form().words(), Form.words(shape(model)), remedy(model, items)));
        }
    }

    private static void checkClasses(Dataset data, ModelFile model) throws IOException {
        var a = model.architecture();
        if (data.classes().size() != a.classes()) {
            throw new IOException(
                    "[%s] has %d classes, but the network's head has %d. Maybe it was trained on other data"
                            .formatted(data.name(), data.classes().size(), a.classes()));
        }
        if (!a.classNames().isEmpty() && !numbered(data.classes()) && !Labels.agree(a.classNames(), data.classes())) {
            throw new IOException(
                    "[%s] has the classes %s, but the network was trained on %s. The labels would not agree"
                            .formatted(data.name(), shown(data.classes()), shown(a.classNames())));
        }
    }

    private static String shown(List<String> names) {
        return names.stream().limit(MOST_NAMES).collect(Collectors.joining(", "))
                + (names.size() > MOST_NAMES ? ", …" : "");
    }
}
