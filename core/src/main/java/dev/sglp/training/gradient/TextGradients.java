package dev.sglp.training.gradient;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Ending;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.Tape;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A language model's, layer by layer: no graph of the whole network is kept, and a step's windows go through it some at a time.
///
/// @param model    whose weights change
/// @param teaching absent where the next token alone is learned; its network computes in the same type
/// @param type     what is computed in: float32, or bfloat16 on rounded copies of the weights, which stay float32
/// @param lowRank  what is learned in the place of some matrices; absent where the network's own tensors are
/// @param compared whose answers the network's are measured against, in float32
public record TextGradients(LayeredModel model, Optional<Teaching> teaching, DType type, Optional<LowRank> lowRank,
        Optional<Teaching> compared) implements LossGradients {
    private static final int TOKENS = 2048; // of a pass

    /// The network's own tensors are learned.
    public TextGradients(LayeredModel model, Optional<Teaching> teaching, DType type) {
        this(model, teaching, type, Optional.empty(), teaching);
    }

    @Override
    public void stepped() {
        lowRank.ifPresent(LowRank::merge);
    }

    @Override
    public SequencedMap<String, Tensor> beside() {
        return lowRank.map(LowRank::learned).orElseGet(Collections::emptySortedMap);
    }

    @Override
    public Found of(Dataset items, int[] chosen, long seed, SequencedMap<String, Tensor> trained) {
        var student = type == DType.F32 ? model : model.in(type);
        var sums = new Accumulator(trained, type == DType.F32 ? Map.of() : copies(student), lowRank);
        long answers = Arrays.stream(chosen).mapToLong(i -> items.answers(i, i + 1)).sum();
        var total = model.device().doubles(new double[]{0}, 1);
        long places = Arrays.stream(chosen).mapToLong(i -> items.places(i, i + 1)).sum();
        int together = together(places, chosen.length);
        for (int from = 0; from < chosen.length; from += together) {
            int[] some = Arrays.copyOfRange(chosen, from, Math.min(chosen.length, from + together));
            Scope.run(() -> {
                var batch = items.pick(some);
                var known = teaching.map(t -> t.known(batch, some)).orElse(null);
                total.add_(pass(student, batch, known, 1.0 / answers, sums));
            });
        }
        return new Found(total.sum(), sums.all());
    }

    /// Cross-entropy of the next token, in float32.
    @Override
    public Measured measured(Dataset items) {
        int together = together(items.places(0, items.size()), items.size());
        double loss = 0;
        double kl = compared.isPresent() ? 0 : Double.NaN;
        for (int from = 0; from < items.size(); from += together) {
            int start = from;
            int end = Math.min(items.size(), from + together);
            var some = Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    return measured(items.batch(start, end));
                }
            });
            loss += items.answers(start, end) * some.loss();
            kl += items.answers(start, end) * some.kl();
        }
        double answers = items.answers(0, items.size());
        return new Measured(loss / answers, kl / answers);
    }

    private Measured measured(Batch batch) {
        var h = model.body(batch.inputs(), Pass.evaluation(), Tap.NONE);
        double loss = Ending.of(model).loss(h, batch.targets(), Pass.evaluation());
        double kl = compared
                .map(t -> new LanguageLoss((LinearHead) model.head(), compared).divergence(h, batch.targets(),
                        new Known.States(t.states(batch.inputs()))))
                .orElse(Double.NaN);
        return new Measured(loss, kl);
    }

    /// Windows of a pass.
    private static int together(long places, int windows) {
        return Math.toIntExact(Math.max(1, TOKENS * (long) windows / Math.max(1, places)));
    }

    /// What stands for each weight in the copy.
    private Map<Long, List<Tensor>> copies(LayeredModel student) {
        var all = new HashMap<Long, List<Tensor>>();
        for (int i = 0; i < model.parts().size(); i++) {
            var copy = student.parts().get(i).parameters().values().iterator();
            model.parts().get(i).parameters().values().forEach(
                    weight -> all.computeIfAbsent(Tensors.identity(weight), _ -> new ArrayList<>()).add(copy.next()));
        }
        return all;
    }

    /// @param share a factor on the sum over tokens
    /// @return the loss times its share
    private Tensor pass(LayeredModel student, Batch batch, @Nullable Known known, double share, Accumulator sums) {
        var path = student.parts().subList(0, student.parts().size() - 1).stream()
                .map(part -> new Tape.Node(part, sums.trains(part))).toList();
        try (var tape = new Tape(batch.inputs(), Pass.evaluation(),
                new Meter(student, Math.toIntExact(batch.inputs().size(0))))) {
            var h = tape.follow(path);
            var back = new LanguageLoss((LinearHead) student.head(), teaching)
                    .back(new LanguageLoss.Place(h, batch.targets(), known), share, sums);
            Autograd.recording(false, () -> {
                tape.backward(back.vector(), 0, (_, named, gradients) -> sums.add(named, gradients));
                return back;
            });
            return back.loss().mul(new Scalar(1));
        }
    }
}
