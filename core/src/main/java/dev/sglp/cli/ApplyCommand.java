package dev.sglp.cli;

import dev.sglp.Records;
import dev.sglp.Version;
import dev.sglp.checkpoint.Checkpoints;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.text.ModelCards;
import dev.sglp.cli.text.ModelTokenizer;
import dev.sglp.cli.text.ShardOptions;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.cli.typed.Arguments;
import dev.sglp.family.ModelFile;
import dev.sglp.pruning.PruningPlan;
import dev.sglp.report.Human;
import dev.sglp.report.Json;
import dev.sglp.report.RunRecord.Stored;
import dev.sglp.surgery.DirectorySurgeon;
import dev.sglp.surgery.Outgoing;
import dev.sglp.surgery.Rounding;
import dev.sglp.surgery.Surgeon;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/// Removal from a plan.
@Command(name = "apply", modelTransformer = HelpLayout.class, description = "Removes the layers a plan names. Needs no data; the same plan and model always give the same file.", footer = {
        "", "Examples:", "  sglp apply run/plan.json resnet56-4bfd9763.th --out pruned/",
        "  sglp apply run/plan.json resnet56-4bfd9763.th --out pruned/ --format pth",
        "  sglp apply run/plan.json llama/ --out pruned/ --max-shard-size 2GB", "",
        "A plan can be edited first: \"removed\" lists the layers that go."})
final class ApplyCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Parameters(index = "0", paramLabel = "PLAN", description = "the plan.json of analyze or prune")
    private Path plan;

    @Parameters(index = "1", paramLabel = "MODEL", description = "the checkpoint it was made for")
    private Path model;

    @Mixin(name = "output")
    private OutputOptions output;

    @Mixin(name = "shards")
    private ShardOptions shards;

    @Option(names = "--any-weights", description = "apply it to other weights than it was made for")
    private boolean anyWeights;

    @SuppressWarnings("NullAway") // picocli fills the fields
    ApplyCommand() {}

    record Applied(List<Integer> removed, String weights, Stored stored, double largestLogitDifference) {}

    @Override
    public Integer call() throws IOException {
        if (Files.isDirectory(plan)) {
            throw new IOException("[%s] is a directory, expected a plan.json. The plan comes first, then the model"
                    .formatted(plan));
        }
        var asked = Json.readPlan(plan);
        try (var file = ModelFile.open(model)) {
            check(asked, file);
            var read = asked.named(i -> file.architecture().layers().get(i).name());
            var place = output.place().sharded(shards.bytes(file.architecture()));
            Surgeon.checkOutput(file, place.directory(), place.format());
            var progress = common
                    .start("Removing layers %s from %s".formatted(read.removed(), ModelArgument.headline(file)));
            if (file.architecture().readsText()) {
                ModelTokenizer.complaint(file).ifPresent(progress::say);
            }
            var written = write(read, file, place);
            var stored = Records.stored(file, written);
            common.out().println("written: %s (%s from %s); opened again, logits at most %.1e apart".formatted(
                    written.weights(), Human.bytes(stored.bytes()), Human.bytes(stored.given()),
                    written.largestDifference()));
            stored.sentences().forEach(common.out()::println);
            common.writeJson(new Applied(read.removed().indices(), written.weights().toString(), stored,
                    written.largestDifference()));
        }
        return 0;
    }

    private static Surgeon.Written write(PruningPlan read, ModelFile file, OutputOptions.Place place)
            throws IOException {
        Outgoing.Documents documents = written -> documents(read, file, written);
        if (file.architecture().readsText()) {
            return new DirectorySurgeon(file, place.shard()).write(read.removed(), place.as(), place.directory(),
                    documents);
        }
        try (var weights = file.load()) {
            var rounding = new Rounding(file, weights, place.as());
            var pruned = rounding.of(file.architecture().build(weights).without(read.removed()), read.removed());
            return new Surgeon(file, weights, place.format(), place.shard())
                    .write(new Outgoing(read.removed(), pruned, rounding.types()), place.directory(), documents)
                    .rounded(rounding.difference());
        }
    }

    private static Map<String, byte[]> documents(PruningPlan read, ModelFile file, Surgeon.Written written)
            throws IOException {
        var documents = new LinkedHashMap<>(ModelTokenizer.documents(file));
        var config = written.types().in(file.architecture().config(read.removed(), List.of()));
        documents.put(Surgeon.CONFIG, Json.pretty(config).getBytes(StandardCharsets.UTF_8));
        documents.put("plan.json", Json.pretty(read).getBytes(StandardCharsets.UTF_8));
        documents.putAll(ModelCards.document(file, card -> card.of(read, Records.stored(file, written),
                Version.current(), Arguments.command())));
        return documents;
    }

    private void check(PruningPlan read, ModelFile file) throws IOException {
        int layers = file.architecture().layers().size();
        if (read.layers() != layers) {
            throw new IOException(
                    "[%s] is for a network of %d layers, [%s] has %d".formatted(plan, read.layers(), model, layers));
        }
        for (int i : read.removed().indices()) {
            var layer = file.architecture().layers().get(i);
            if (!layer.removable()) {
                throw new IOException("[%s] removes layer %d (%s), which has to stay: it %s".formatted(plan, i,
                        layer.name(), layer.fixed()));
            }
        }
        var weights = Checkpoints.sha256(file.checkpoint());
        if (!anyWeights && !weights.equals(read.provenance().weights())) {
            throw new IOException(
                    "[%s] was made for other weights (SHA-256 %s…) than [%s] holds (%s…). --any-weights applies it all the same"
                            .formatted(plan,
                                    read.provenance().weights().substring(0,
                                            Math.min(12, read.provenance().weights().length())),
                                    model, weights.substring(0, 12)));
        }
    }
}
