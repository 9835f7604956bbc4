package dev.sglp.cli.transfer;

import dev.sglp.checkpoint.OutputFormat;
import dev.sglp.cli.CommonOptions;
import dev.sglp.cli.ModelArgument;
import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.HelpLayout;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.help.Without;
import dev.sglp.cli.tuning.OutputOptions;
import dev.sglp.data.DataSpec;
import dev.sglp.data.source.ImageSources;
import dev.sglp.family.FreshClassifier;
import dev.sglp.family.ModelFile;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayerSet;
import dev.sglp.report.Json;
import dev.sglp.surgery.NewCheckpoint;
import dev.sglp.surgery.OutputFolder;
import dev.sglp.surgery.Surgeon;
import dev.sglp.surgery.WriteAs;
import dev.sglp.surgery.WrittenTypes;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Seed;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.Callable;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/// Other classes for a trained network.
@Command(name = "reset-classifier", modelTransformer = HelpLayout.class, description = "Gives a network the classes of other data: its last linear map is drawn anew, everything else stays. finetune then teaches it.", footer = {
        "", "Examples:", "  sglp reset-classifier mobilenet_v2.pth --data images:flowers/ --out flowers0/",
        "  sglp finetune flowers0/ --data images:flowers/ --epochs 5 --out flowers1/",
        "  sglp reset-classifier run/ --classes cat,dog --out pets0/"})
@Without("--device")
public final class ResetClassifierCommand implements Callable<Integer> {
    @Mixin(name = "common")
    private CommonOptions common;

    @Mixin(name = "model")
    private ModelArgument model;

    @Under(Heading.DATA)
    @Option(names = "--data", paramLabel = "SPEC", description = "whose classes it gets: images:PATH, cifar10:PATH, cifar100:PATH, arrays:FILE.npz; only their names are read")
    private @Nullable String data;

    @Under(Heading.DATA)
    @Option(names = "--classes", paramLabel = "NAME,NAME…", split = ",", description = "instead of --data: their names, in label order")
    private List<String> classes = List.of();

    @Under(Heading.OUTPUT)
    @Option(names = "--out", paramLabel = "DIR", required = true, description = "where model.safetensors and config.json go")
    private Path out;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public ResetClassifierCommand() {}

    record Reset(List<String> classes, String weights) {}

    @Override
    public Integer call() throws IOException {
        var names = names();
        try (var file = model.open(); var _ = Scope.open()) {
            FreshClassifier.check(file.architecture());
            Surgeon.checkOutput(file, out, OutputFormat.SAFETENSORS);
            OutputOptions.checkOwn(out);
            common.start("Resetting the classifier of " + ModelArgument.headline(file));
            Path written;
            try (var weights = file.forTraining()) {
                var tensors = FreshClassifier.of(file.architecture(), weights, names.size(), Seed.of(common.seed()));
                written = write(file, tensors, Json.pretty(
                        FreshClassifier.config(file.architecture(), names)).getBytes(StandardCharsets.UTF_8),
                        WrittenTypes.of(file, weights, LayerSet.EMPTY, WriteAs.SAME).types());
            }
            try (var opened = ModelFile.open(file.architecture().directory() ? out : written)) {
                common.out().println("written: %s: %s".formatted(written, opened.architecture().description()));
            }
            common.writeJson(new Reset(names, written.toString()));
        }
        return 0;
    }

    /// Into a directory of transformers go the other files of the one it was read from too.
    private Path write(ModelFile file, SequencedMap<String, Tensor> tensors, byte[] config, Map<String, DType> types)
            throws IOException {
        if (!file.architecture().directory()) {
            return NewCheckpoint.write(tensors, out, config, types);
        }
        try (var folder = OutputFolder.open(out, OutputFolder.Present.REFUSED)) {
            var home = file.checkpoint().home();
            if (home.isPresent()) {
                folder.copy(home.get(), file.checkpoint().files());
            }
            NewCheckpoint.write(tensors, folder.aside(), config, types);
            folder.moveIntoPlace();
        }
        return out.resolve(Surgeon.WEIGHTS);
    }

    private List<String> names() throws IOException {
        if (data == null == classes.isEmpty()) {
            throw new UsageException("reset-classifier takes --data or --classes, one of them");
        }
        var found = data == null
                ? classes.stream().map(String::strip).toList()
                : ImageSources.open(DataSpec.parse(data)).classes();
        if (data == null && found.contains("")) {
            throw new UsageException("--classes %s: a name between two commas is empty"
                    .formatted(String.join(",", classes)));
        }
        if (found.size() < 2 || new HashSet<>(found).size() != found.size()) {
            throw new UsageException("a network tells at least two classes apart, each of its own name; got %s"
                    .formatted(found));
        }
        return List.copyOf(found);
    }
}
