package dev.sglp.evaluation.task;

import dev.sglp.data.task.MultipleChoice;
import dev.sglp.evaluation.task.Rows.Row;
import dev.sglp.evaluation.task.Rows.Target;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.Wave;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import dev.sglp.tensor.Threads;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Supplier;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Asks a causal language model multiple-choice questions: the choice whose continuation is the likeliest is its answer.
///
/// @param batchTokens about how many tokens a forward pass; a longer row is a batch of its own
/// @param context     most tokens the model reads at once
public record TaskEvaluator(int batchTokens, int context) {
    /// Logits of so many positions exist at a time.
    private static final int POSITIONS = 128;
    private static final int BATCH = 2048; // tokens, as many as a forward pass of text has room for at the least

    /// Some thousand tokens a forward pass.
    public static TaskEvaluator usual(int context) {
        return new TaskEvaluator(BATCH, context);
    }

    public TaskEvaluator {
        if (batchTokens < 1 || context < 1) {
            throw new IllegalArgumentException(
                    "a batch and the context need at least 1 token, got %d and %d".formatted(batchTokens, context));
        }
    }

    /// The log-likelihood of every choice.
    public TaskScores score(LayeredModel model, MultipleChoice task, Progress progress) {
        var scores = task.items().stream().map(item -> new double[item.requests().size()]).toArray(double[][]::new);
        var rows = Rows.of(task, context);
        var batches = batches(rows);
        try (var step = progress.step("asking " + task.kind().label(), rows.size(), "rows")) {
            if (LayerSource.of(model).isPresent()) {
                var entering = new Wave.Entering(batches.size(), i -> inputs(batches.get(i), model.device()),
                        step::say);
                Wave.each(List.of(model), entering, (i, outputs) -> {
                    score(model, batches.get(i), outputs::getFirst, scores);
                    step.advance(batches.get(i).size());
                });
            } else {
                Threads.each(batches.size(), i -> {
                    unrecorded(() -> score(model, batches.get(i), () -> hidden(model, batches.get(i)), scores)); // a choice stands in one row only
                    step.advance(batches.get(i).size());
                });
            }
        }
        return new TaskScores(task, scores);
    }

    private static void unrecorded(Runnable body) {
        Autograd.recording(false, () -> {
            Scope.run(body);
            return true;
        });
    }

    private static Tensor hidden(LayeredModel model, List<Row> rows) { // [B, T, D]
        return model.body(inputs(rows, model.device()), Pass.evaluation(), Tap.NONE);
    }

    private static int width(List<Row> rows) {
        return rows.getFirst().tokens().length;
    }

    /// The first row of a batch is its longest.
    private List<List<Row>> batches(List<Row> rows) {
        var batches = new ArrayList<List<Row>>();
        int from = 0;
        while (from < rows.size()) {
            int width = Math.max(1, rows.get(from).tokens().length);
            int to = Math.min(rows.size(), from + Math.max(1, batchTokens / width));
            batches.add(rows.subList(from, to));
            from = to;
        }
        return batches;
    }

    /// @param hidden the last layer's output, `[B, T, D]`
    private static void score(LayeredModel model, List<Row> rows, Supplier<Tensor> hidden, double[][] scores) {
        int width = width(rows);
        var places = new ArrayList<Long>();
        var targets = new ArrayList<Target>();
        for (int r = 0; r < rows.size(); r++) {
            for (var target : rows.get(r).targets()) {
                places.add((long) r * width + target.position());
                targets.add(target);
            }
        }
        if (targets.isEmpty()) {
            return;
        }
        var last = hidden.get();
        var flat = last.reshape(-1, last.size(2)); // [B·T, D]
        for (int from = 0; from < targets.size(); from += POSITIONS) {
            int to = Math.min(targets.size(), from + POSITIONS);
            double[] found = logProbabilities(model, flat, places.subList(from, to), targets.subList(from, to));
            for (int i = 0; i < found.length; i++) {
                var target = targets.get(from + i);
                scores[target.item()][target.choice()] += found[i];
            }
        }
    }

    /// Token ids `[B, T]`, filled up with zeros on the right: what comes later changes nothing before.
    private static Tensor inputs(List<Row> rows, Device device) {
        int width = width(rows);
        long[] ids = new long[rows.size() * width];
        for (int r = 0; r < rows.size(); r++) {
            int[] tokens = rows.get(r).tokens();
            for (int t = 0; t < tokens.length; t++) {
                ids[r * width + t] = tokens[t];
            }
        }
        return device.longs(ids).view(rows.size(), width);
    }

    /// The head sees only the positions that are asked for: `[P, D]` → `[P, V]` → `[P]`.
    private static double[] logProbabilities(LayeredModel model, Tensor flat, List<Long> places,
            List<Target> targets) {
        long[] tokens = targets.stream().mapToLong(Target::token).toArray();
        long[] chosen = places.stream().mapToLong(Long::longValue).toArray();
        try (var _ = Scope.open()) {
            var asked = flat.index_select(0, Device.of(flat).longs(chosen));
            var logits = model.head().forward(asked, Pass.evaluation()).to(ScalarType.Float);
            var all = torch.log_softmax(logits, 1);
            return Tensors.toDoubles(all.gather(1, Device.of(flat).longs(tokens).unsqueeze(1)));
        }
    }
}
