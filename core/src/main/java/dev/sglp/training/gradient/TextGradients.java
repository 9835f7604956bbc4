package dev.sglp.training.gradient;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Ending;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.Tape;
import dev.sglp.model.wave.RunAgain;
import dev.sglp.model.work.Meter;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A language model's, layer by layer: no graph of the whole network is kept, and a step's windows go through it some at a time.
///
/// @param model    whose weights change
/// @param teaching absent where the next token alone is learned; its network computes in the same type
/// @param type     what is computed in: float32, or bfloat16 on rounded copies of the weights, which stay float32
/// @param lowRank  what is learned in the place of some matrices; absent where the network's own tensors are
/// @param compared whose answers the network's are measured against, at temperature 1: a network's in float32, or what it said of the
///                 verification data
/// @param passes   how a step's windows go through it
public record TextGradients(LayeredModel model, Optional<Teaching> teaching, DType type, Optional<LowRank> lowRank,
        Optional<Teaching> compared, Passes passes) implements LossGradients {
    /// The network's own tensors are learned.
    public TextGradients(LayeredModel model, Optional<Teaching> teaching, DType type) {
        this(model, teaching, type, Optional.empty(), teaching, Passes.USUAL);
    }

    /// The same whose windows go through it otherwise.
    public TextGradients by(Passes other) {
        return new TextGradients(model, teaching, type, lowRank, compared, other);
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
    public Found of(Dataset items, int[] windows, long seed, SequencedMap<String, Tensor> trained) {
        int[] chosen = longestFirst(items, windows);
        var student = type == DType.F32 ? model : model.in(type);
        var sums = new Accumulator(trained, type == DType.F32 ? Map.of() : copies(student), lowRank);
        long answers = Arrays.stream(chosen).mapToLong(i -> items.answers(i, i + 1)).sum();
        var total = model.device().doubles(new double[]{0}, 1);
        long places = Arrays.stream(chosen).mapToLong(i -> items.places(i, i + 1)).sum();
        int end;
        for (int from = 0; from < chosen.length; from = end) {
            end = passes.end(from, chosen.length, i -> items.places(chosen[i], chosen[i] + 1));
            int[] some = Arrays.copyOfRange(chosen, from, end);
            Scope.run(() -> {
                var batch = items.drawn(seed).pick(some);
                try (var said = teaching.map(t -> t.said(batch, some)).orElse(null)) {
                    total.add_(pass(student, batch, said, new Share(1.0 / answers, 1.0 / places, sums)));
                }
            });
        }
        return new Found(total.sum(), sums.all());
    }

    /// Those of about one length go through the network together: less is filled.
    private static int[] longestFirst(Dataset items, int[] windows) {
        return Arrays.stream(windows).boxed()
                .sorted(Comparator.comparingLong((Integer i) -> items.places(i, i + 1)).reversed())
                .mapToInt(i -> i).toArray();
    }

    /// Cross-entropy of the next token, in float32.
    @Override
    public Measured measured(Dataset items) {
        double loss = 0;
        double kl = compared.isPresent() ? 0 : Double.NaN;
        for (int from = 0; from < items.size();) {
            int start = from;
            int end = passes.end(from, items.size(), i -> items.places(i, i + 1));
            var some = Autograd.recording(false, () -> {
                try (var _ = Scope.open()) {
                    return measured(items.batch(start, end), IntStream.range(start, end).toArray());
                }
            });
            loss += items.answers(start, end) * some.loss();
            kl += items.answers(start, end) * some.kl();
            from = end;
        }
        double answers = items.answers(0, items.size());
        return new Measured(loss / answers, kl / answers);
    }

    private Measured measured(Batch batch, int[] windows) {
        Tensor h;
        try (var reading = new Reading(batch)) {
            h = model.body(batch.inputs(), reading.pass(), Tap.NONE);
        }
        double loss = Ending.of(model).loss(h, batch.targets(), Pass.evaluation());
        double kl = compared
                .map(t -> new LanguageLoss((LinearHead) model.head(), compared).divergence(h, batch.targets(),
                        t.known(batch, windows)))
                .orElse(Double.NaN);
        return new Measured(loss, kl);
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

    /// What a batch is of a step.
    ///
    /// @param answer a factor on the sum over tokens that are predicted
    /// @param place  on the sum over all
    private record Share(double answer, double place, Accumulator sums) {}

    /// @return the loss times its share
    private Tensor pass(LayeredModel student, Batch batch, @Nullable Said said, Share share) {
        var sums = share.sums;
        var path = student.parts().subList(0, student.parts().size() - 1).stream()
                .map(part -> new Tape.Node(passes.again() && part instanceof Layer layer ? new RunAgain(layer) : part,
                        sums.trains(part)))
                .toList();
        try (var reading = new Reading(batch);
                var tape = new Tape(batch.inputs(), reading.pass(),
                        new Meter(student, Math.toIntExact(batch.inputs().size(0))))) {
            var h = tape.follow(path);
            var back = new LanguageLoss((LinearHead) student.head(), teaching)
                    .back(new LanguageLoss.Place(h, batch.targets(), said == null ? null : said.known()), share.answer,
                            sums);
            return Autograd.recording(false, () -> {
                var besides = new TreeMap<Integer, Tensor>();
                var loss = back.loss().mul(new Scalar(1));
                teaching.flatMap(Teaching::hidden).ifPresent(hidden -> {
                    var streams = hidden.layers().keySet().stream().map(layer -> tape.output(1 + layer)).toList();
                    var added = hidden.of(said.streams(), streams, batch, share.place);
                    added.vectors().forEach((layer, vector) -> besides.put(1 + layer, vector));
                    loss.add_(added.loss());
                });
                tape.backward(back.vector(), 0, besides, (_, named, gradients) -> sums.add(named, gradients));
                return loss;
            });
        }
    }
}
