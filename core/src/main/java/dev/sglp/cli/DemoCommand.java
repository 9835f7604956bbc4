package dev.sglp.cli;

import dev.sglp.Recipe;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.data.DataRoles;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.demo.DemoNetwork;
import dev.sglp.demo.DemoTraining;
import dev.sglp.demo.RandomControl;
import dev.sglp.demo.RandomControl.Treatment;
import dev.sglp.family.ModelFile;
import dev.sglp.preparation.Preparation;
import dev.sglp.progress.Progress;
import dev.sglp.report.Human;
import dev.sglp.report.Json;
import dev.sglp.training.statistics.BatchNormWhereItHelps;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The whole method on what the project brings along.
@Command(name = "demo", modelTransformer = HelpLayout.class, description = "The whole method on a network and images that the project made itself: nothing else is needed.", footer = {
        "",
        "Examples:",
        "  sglp demo                        prune the network that lies in the program",
        "  sglp demo --train --out again/   train that network again",
        "",
        "DIR gets dense/ (the network), model.safetensors (the smaller one),",
        "config.json, plan.json, report.html, prune.json and control.json."})
final class DemoCommand implements Callable<Integer> {
    private static final int REPAIR = 1000; // images
    private static final int REMOVE = 4;
    private static final int DRAWS = 3;

    @Mixin(name = "common")
    private CommonOptions common;

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "DIR", description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("demo-out");

    @Option(names = "--train", description = "only train the embedded network again, into DIR/dense (many minutes)")
    private boolean train;

    @SuppressWarnings("NullAway") // picocli fills the fields
    DemoCommand() {}

    /// What chance would have done.
    record Control(String healing, double accuracy, List<RandomControl.Draw> random) {}

    @Override
    public Integer call() throws IOException {
        if (train) {
            common.given().refuse("plays no part in --train", "--json", "--seed");
            var progress = common.start("Training the demo's network on drawn shapes");
            DemoTraining.standard().run(out.resolve("dense"), common.threads(), progress);
            common.out().println("written: " + out.resolve("dense"));
        } else {
            var progress = common.start("A small network learned to tell ten kinds of drawn shapes apart.");
            try (var file = ModelFile.open(DemoNetwork.copyTo(out.resolve("dense")))) {
                prune(file, progress);
            }
        }
        return 0;
    }

    private void prune(ModelFile file, Progress progress) throws IOException {
        explain(file, progress);
        var roles = roles(file, progress);
        var recipe = Recipe.best(REMOVE, file.architecture().layout()).with(new BatchNormWhereItHelps());
        var run = new PruneRun(file, roles, recipe, OutputOptions.Place.of(out), common);
        var done = run.run(progress);
        var random = new RandomControl(file, roles, new Treatment(recipe.repair(), recipe.healing()), common.seed())
                .of(REMOVE, DRAWS, progress);
        double accuracy = Objects.requireNonNull(done.record().after()).accuracy();
        CommonOptions.write(out.resolve("control.json"),
                Json.pretty(new Control(recipe.healing().name(), accuracy, random)));
        run.print(done, "for comparison, %d layers removed at random instead: %s right".formatted(REMOVE,
                random.stream().map(d -> Human.percent(d.accuracy())).collect(Collectors.joining(", "))));
    }

    private static void explain(ModelFile file, Progress progress) {
        progress.say(ModelArgument.headline(file));
        progress.say("""
                1. How similar are the outputs of its layers? (CKA on 128 training images)
                2. Where do they fall into segments? (Fisher's optimal segmentation)
                3. Which %d layers does it miss least? (several methods, their best plans tried on other images)
                4. Those go; the rest is repaired by least squares, written, opened again and measured.
                """.formatted(REMOVE));
    }

    private DataRoles roles(ModelFile file, Progress progress) throws IOException {
        var reading = new Reading(common.threads(), Preparation.NONE, ModelArgument.normalisation(file), progress);
        return ImageRoles.open(
                ImageRoles.Settings.of(ImageSources.open(DemoNetwork.data()), reading).withSeed(common.seed())
                        .withRepair(REPAIR));
    }
}
