package dev.sglp.cli;

import dev.sglp.Recipe;
import dev.sglp.checkpoint.AtomicFile;
import dev.sglp.data.DataRoles;
import dev.sglp.data.DataSpec;
import dev.sglp.data.image.ImageRoles;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Normalisation;
import dev.sglp.data.image.Reading;
import dev.sglp.data.source.ImageSources;
import dev.sglp.demo.DemoTraining;
import dev.sglp.demo.RandomControl;
import dev.sglp.family.ModelFile;
import dev.sglp.importance.GradNorm;
import dev.sglp.progress.Progress;
import dev.sglp.pruning.Target;
import dev.sglp.report.Human;
import dev.sglp.training.BatchNormEstimation;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// The whole method on what the project brings along.
@Command(name = "demo", description = "The whole method on a network and images that the project made itself: nothing else is needed. Ten classes of drawn shapes; the network learned them with 'sglp demo --train'.", footer = {
        "", "Examples:", "  sglp demo", "  sglp demo --remove 6 --out my-demo/",
        "  sglp demo --train --out dense/          make the demo's network again (some minutes)"})
final class DemoCommand implements Callable<Integer> {
    static final String DATA = "glyphs:";
    private static final List<String> FILES = List.of("config.json", "model.safetensors");

    @Mixin(name = "common")
    private CommonOptions common;

    @Option(names = "--out", paramLabel = "DIR", description = "where the files go (default: ${DEFAULT-VALUE})")
    private Path out = Path.of("demo-out");

    @Option(names = "--remove", paramLabel = "R", description = "how many layers to remove (default: ${DEFAULT-VALUE})")
    private int remove = 4;

    @Option(names = "--train", description = "train the demo's network again instead, and leave it in DIR")
    private boolean train;

    @Option(names = "--epochs", paramLabel = "N", description = "with --train (default: ${DEFAULT-VALUE})")
    private int epochs = 10;

    @SuppressWarnings("NullAway") // picocli fills the fields
    DemoCommand() {}

    @Override
    public Integer call() throws IOException {
        var source = ImageSources.open(DataSpec.parse(DATA));
        if (train) {
            var progress = common.start("Training the demo's network on drawn shapes");
            new DemoTraining(source, reading(progress), epochs, common.seed()).run(out, progress);
            common.out().println("network: " + out.resolve("model.safetensors"));
            return 0;
        }
        var dense = out.resolve("dense");
        for (var name : FILES) {
            AtomicFile.write(dense.resolve(name), resource(name));
        }
        try (var file = ModelFile.open(dense)) {
            prune(file, source);
        }
        return 0;
    }

    private void prune(ModelFile file, ImageSource source) throws IOException {
        var standard = Recipe.removing(remove);
        var compute = new Recipe.Compute(standard.compute().batchSize(), common.seed(), true);
        var recipe = new Recipe(standard.cka(), standard.segments(), standard.method(), GradNorm.skipping(),
                new Target.Count(remove), standard.kept(), standard.limits(), new BatchNormEstimation(), compute);
        var progress = common.start("sglp makes a network shallower. Here: " + ModelArgument.headline(file));
        progress.say(
                """
                        It learned to tell ten kinds of drawn shapes apart. Which %d of its layers can it do without?
                          1. how similar the outputs of its layers are (CKA), 2. where that falls into segments (Fisher),
                          3. how much the network misses the layers of each segment (GradNorm), 4. remove, heal, measure, prove."""
                        .formatted(remove));
        DataRoles roles = ImageRoles.open(ImageRoles.Settings.of(source, reading(progress)).withSeed(common.seed()));
        new PruneRun(file, roles, recipe, out, common).run(progress);
        var control = new RandomControl(file, roles, remove).accuracies(common.seed(), progress);
        common.out().println("For comparison, %d layers drawn by lot and healed in the same way leave %s."
                .formatted(remove, String.join(", ", control.stream().map(Human::percent).toList())));
    }

    private Reading reading(Progress progress) {
        return new Reading(common.threads(), 0, Normalisation.IMAGENET, progress);
    }

    private static byte[] resource(String name) throws IOException {
        try (var in = DemoCommand.class.getResourceAsStream("/dev/sglp/demo/" + name)) {
            if (in == null) {
                throw new IOException(
                        "this build has no demo network (%s). Make it with: sglp demo --train".formatted(name));
            }
            return in.readAllBytes();
        }
    }
}
