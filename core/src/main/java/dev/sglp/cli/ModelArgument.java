package dev.sglp.cli;

import dev.sglp.cli.typed.WeightsOption;
import dev.sglp.data.image.Normalisation;
import dev.sglp.family.ModelFile;
import dev.sglp.report.Human;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/// The network a command works on.
public final class ModelArgument {
    @Parameters(index = "0", paramLabel = "MODEL", description = "a checkpoint (.safetensors, .pt, .pth, .th, .gguf) or a directory with a model.safetensors, its shards or a model.pth")
    private Path path;

    @Mixin(name = "weights")
    private WeightsOption weights;

    @SuppressWarnings("NullAway") // picocli fills the fields
    public ModelArgument() {}

    /// For what computes on the processor or not at all.
    public ModelFile open() throws IOException {
        return weights.open(path);
    }

    /// To compute where the user says.
    public ModelFile open(CommonOptions common) throws IOException {
        return weights.open(path).on(common.device());
    }

    /// What people want to know first, for instance `resnet56.th: ResNet-56 (9-9-9, 10 classes), 853.0 K parameters`; then, a
    /// line each, what was unusual about reading it.
    public static String headline(ModelFile file) {
        var a = file.architecture();
        var first = "%s: %s, %d layers, %s parameters, %s".formatted(file.checkpoint().path(), a.description(),
                a.layers().size(), Human.parameters(a.parameters()), Human.macs(a.macs()));
        return Stream.concat(Stream.of(first), file.notes().stream().map(note -> "  note: " + note))
                .collect(Collectors.joining(System.lineSeparator()));
    }

    /// What the checkpoint says its images are normalised by.
    public static Normalisation normalisation(ModelFile file) {
        var input = file.architecture().input().image();
        return new Normalisation(input.mean(), input.std());
    }
}
