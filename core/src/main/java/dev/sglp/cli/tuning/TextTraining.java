package dev.sglp.cli.tuning;

import dev.sglp.cli.help.Heading;
import dev.sglp.cli.help.Under;
import dev.sglp.cli.typed.Given;
import dev.sglp.fault.UsageException;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.SequencedMap;
import java.util.stream.Collectors;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// What of a language model is trained, and in which element type.
@Under(Heading.TRAINING)
public final class TextTraining {
    private static final int LAYERS = 3;

    /// What changes.
    enum Extent {
        FULL, PARTIAL
    }

    @Option(names = "--train", paramLabel = "WHAT", description = "text: full: every tensor; partial: the last layers, the last norm, and the output matrix where it is not the embedding (default: full)")
    private Extent train = Extent.FULL;

    @Option(names = "--train-layers", paramLabel = "N", description = "text: partial trains the last N layers (default: 3)")
    private @Nullable Integer layers;

    @Option(names = "--dtype", paramLabel = "T", description = "text: float32 or bfloat16: what is computed in; weights and sums stay float32 (default: float32)")
    private String dtype = "float32";

    @SuppressWarnings("NullAway") // picocli fills the fields
    public TextTraining() {}

    /// @throws UsageException where a flag plays no part, or is out of range
    void check(boolean text, Given given) {
        if (!text) {
            given.refuse("is for language models", "--train", "--train-layers", "--dtype");
        }
        if (train == Extent.FULL) {
            given.refuse("belongs to --train partial", "--train-layers");
        }
        if (layers != null && layers < 1) {
            throw new UsageException("--train-layers is at least 1, got " + layers);
        }
        type();
    }

    DType type() {
        return switch (dtype.toLowerCase(Locale.ROOT)) {
            case "float32", "f32" -> DType.F32;
            case "bfloat16", "bf16" -> DType.BF16;
            default -> throw new UsageException("--dtype of a training is float32 or bfloat16, got " + dtype);
        };
    }

    private int count() {
        return layers == null ? LAYERS : layers;
    }

    /// The tensors that change, by name.
    SequencedMap<String, Tensor> of(LayeredModel model) {
        if (train == Extent.FULL) {
            return model.parameters();
        }
        int count = count();
        var parts = new ArrayList<Part>(
                model.layers().subList(Math.max(0, model.layers().size() - count), model.layers().size()));
        parts.add(model.head());
        var embedded = model.stem().parameters().values().stream().map(Tensors::identity).collect(Collectors.toSet());
        var all = new LinkedHashMap<String, Tensor>();
        parts.forEach(part -> part.parameters().forEach((name, tensor) -> {
            if (!embedded.contains(Tensors.identity(tensor))) {
                all.put(name, tensor);
            }
        }));
        return all;
    }

    /// What changes, in words.
    String words() {
        var computed = type() == DType.F32 ? "float32" : "bfloat16, weights float32";
        return (train == Extent.FULL
                ? "every tensor, "
                : "the last %d layers and the head, ".formatted(count())) + computed;
    }

    /// The same, to compare with what was typed another time.
    String settings() {
        return ", " + List.of("train=" + train, "layers=" + (train == Extent.FULL ? "all" : count()), "dtype=" + type())
                .stream()
                .collect(Collectors.joining(", "));
    }
}
