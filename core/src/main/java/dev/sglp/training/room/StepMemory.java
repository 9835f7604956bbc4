package dev.sglp.training.room;

import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Part;
import dev.sglp.model.work.MemorySize;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Tensors;
import dev.sglp.training.TrainingSettings;
import dev.sglp.training.gradient.Answers;
import dev.sglp.training.gradient.LowRank;
import dev.sglp.training.gradient.Passes;
import dev.sglp.training.gradient.Teaching;
import dev.sglp.training.gradient.TextGradients;
import dev.sglp.training.gradient.Trained;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.LongPredicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Tensor;

/// What a step of a language model's training takes, in bytes, reckoned before the first one. Java and libtorch themselves come on top.
///
/// @param lasting what is there however many tokens go together, by its name
/// @param layers  what one token's activations take
/// @param logits  what is made of the logits of some tokens at a time
/// @param window  tokens of the longest window
/// @param windows of a step
public record StepMemory(SequencedMap<String, Long> lasting, Activations layers, Logits logits, long window,
        int windows) {
    private static final String WEIGHTS = "weights";
    private static final int TAUGHT = 9; // tensors as large as the logits at a time, where a teacher's are compared
    private static final int UNTAUGHT = 4;

    /// @param kept    of all layers until the way back
    /// @param inputs  of all layers their inputs alone, and the largest layer's whole
    /// @param scratch of the layer that is on its way back
    public record Activations(long kept, long inputs, long scratch) {}

    /// @param each of one token: the logits and all that is made of them
    /// @param most tokens at a time
    public record Logits(long each, long most) {
        private static Logits of(LinearHead head, boolean taught) {
            return new Logits((taught ? TAUGHT : UNTAUGHT) * Float.BYTES * head.matrix().size(0), head.rowsAtATime());
        }

        long bytes(long tokens) {
            return each * Math.min(most, tokens);
        }
    }

    /// @param gradients how they come about
    /// @param trained   what changes
    /// @param items     to train on
    public static StepMemory of(TextGradients gradients, Trained trained, Dataset items, TrainingSettings settings) {
        long learned = bytes(trained.tensors().values().stream(), DType.F32);
        var lasting = new LinkedHashMap<String, Long>();
        lasting.put(WEIGHTS, bytes(gradients.model(), DType.F32) + copies(gradients.model(), gradients.type())
                + trained.lowRank().map(StepMemory::beside).orElse(0L));
        lasting.put("gradients", learned);
        lasting.put("the optimizer", settings.optimizer().moments() * learned);
        boolean known = gradients.teaching().flatMap(Teaching::answers).isPresent();
        gradients.compared().flatMap(Teaching::network).ifPresent(teacher -> lasting.put("the teacher",
                bytes(teacher, DType.F32) + (known ? 0 : copies(teacher, gradients.type()))
                        + gradients.compared().flatMap(Teaching::answers).map(Answers::bytes).orElse(0L)));
        long window = IntStream.range(0, items.size()).mapToLong(i -> items.places(i, i + 1)).max().orElse(1);
        int windows = settings.most(items);
        int together = gradients.passes().end(0, windows, _ -> window);
        return new StepMemory(lasting,
                activations(gradients, trained, LayerWidth.of(gradients.model(), items.batch(0, together).inputs())),
                Logits.of((LinearHead) gradients.model().head(), gradients.teaching().isPresent()), window, windows);
    }

    private static long beside(LowRank low) {
        return bytes(low.learned().values().stream(), DType.F32)
                + bytes(low.matrices().values().stream().map(LowRank.Adapted::start), DType.F32);
    }

    private static long copies(LayeredModel model, DType type) {
        return type == DType.F32 ? 0 : bytes(model, type);
    }

    private static long bytes(LayeredModel model, DType type) {
        return bytes(model.parts().stream().flatMap(part -> part.parameters().values().stream()), type);
    }

    /// What stands in two places is there once.
    private static long bytes(Stream<Tensor> tensors, DType type) {
        return tensors.collect(Collectors.toMap(Tensors::identity, Tensor::numel, (a, _) -> a)).values().stream()
                .mapToLong(Long::longValue).sum() * type.bytes();
    }

    /// Layers before the first one that learns keep their outputs alone.
    private static Activations activations(TextGradients gradients, Trained trained, LayerWidth width) {
        var learned = trained.tensors().values().stream().map(Tensors::identity).collect(Collectors.toSet());
        trained.lowRank().ifPresent(
                low -> low.matrices().values().forEach(adapted -> learned.add(Tensors.identity(adapted.matrix()))));
        var parts = gradients.model().parts();
        boolean recorded = learns(parts.getFirst(), learned::contains);
        long stream = width.stream();
        long kept = stream;
        long inputs = stream;
        long largest = 0;
        long scratch = 0;
        for (var layer : gradients.model().layers()) {
            recorded |= learns(layer, learned::contains);
            long whole = recorded ? width.kept(layer) : 0;
            kept += recorded ? whole : stream;
            inputs += stream;
            largest = Math.max(largest, whole);
            scratch = Math.max(scratch, recorded ? width.scratch(layer) : 0);
        }
        long each = gradients.type().bytes();
        return new Activations(each * kept, each * (inputs + largest), each * scratch);
    }

    private static boolean learns(Part part, LongPredicate learned) {
        return part.parameters().values().stream().mapToLong(Tensors::identity).anyMatch(learned);
    }

    /// What is in memory before the first step.
    long alreadyThere() {
        return lasting.getOrDefault(WEIGHTS, 0L);
    }

    /// All of it. When the step is taken activations are gone, and the optimizer goes tensor by tensor.
    public long bytes(Passes passes) {
        long tokens = tokens(passes);
        return lasting.values().stream().mapToLong(Long::longValue).sum() + activations(passes)
                + Math.max(logits.bytes(tokens), tokens * layers.scratch);
    }

    /// Tokens that go together, at the most.
    public long tokens(Passes passes) {
        return Math.min(window * windows, Math.max(window, passes.tokens()));
    }

    private long activations(Passes passes) {
        return tokens(passes) * (passes.again() ? layers.inputs : layers.kept);
    }

    /// What it is made of.
    public String words(Passes passes) {
        var parts = new LinkedHashMap<>(lasting);
        parts.put("activations of %,d tokens%s".formatted(tokens(passes), passes.again() ? ", run again" : ""),
                activations(passes));
        parts.put("logits", logits.bytes(tokens(passes)));
        return "a step takes about %s: %s".formatted(MemorySize.words(bytes(passes)), parts.entrySet().stream()
                .map(e -> "%s %s".formatted(e.getKey(), MemorySize.words(e.getValue())))
                .collect(Collectors.joining("; ")));
    }
}
