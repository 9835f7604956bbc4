package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Ratio;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.evaluation.latency.Rounds;
import dev.sglp.evaluation.latency.Shortening;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Objective.Answer;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// How long forward passes take. Several networks are timed in turn ({@link Rounds}), the first of them the dense one.
public final class Latencies {
    private static final int LARGE = 128;
    private static final int WARM_UP = 2;
    private static final double NANOS = 1e9;

    private final List<LayeredModel> models;
    private final long budget;
    private final Progress.Step step;
    private final long start = System.nanoTime();
    private long told;

    private Latencies(List<LayeredModel> models, double seconds, Progress.Step step) {
        this.models = models;
        this.budget = (long) (NANOS * seconds);
        this.step = step;
    }

    /// One latency a network: for a batch of 1 on one thread and of 128 images shaped as those of `data` on all, or for the
    /// longest of its windows of text (the first such one) up to the next token; of its beginning where a whole one takes too long.
    ///
    /// @param models  to be compared with the first
    /// @param seconds at most, or as long as one round takes
    public static List<Latency> of(List<LayeredModel> models, Dataset data, double seconds, Progress progress) {
        long units = Math.max(1, Math.round(seconds));
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open(); var step = progress.step("timing forward passes", units, "s at most")) {
                var timing = new Latencies(models, seconds, step);
                return models.getFirst().objective().answer() == Answer.CLASS
                        || !models.getFirst().layout().tokens()
                                ? timing.images(data)
                                : timing.prefill(data, progress);
            }
        });
    }

    private List<Latency> prefill(Dataset data, Progress progress) {
        int longest = longest(data);
        var window = data.batch(longest, longest + 1).inputs();
        long tokens = new Shortening(models.size(), this::left, n -> {
            tell();
            return nanos(models.getFirst(), window.narrow(1, 0, n));
        }).tokens(window.size(1));
        if (tokens < window.size(1)) {
            progress.say(String.format(Locale.ROOT,
                    "Forward passes are timed on %,d tokens: of all %,d of a window %d rounds would take longer than %.0f s (--latency-budget).",
                    tokens, window.size(1), Rounds.FIRST_LOOK, budget / NANOS));
        }
        var inputs = window.narrow(1, 0, tokens);
        models.stream().skip(1).forEach(model -> nanos(model, inputs));
        return timings(inputs, budget).stream().map(t -> Latency.prefill(t, tokens, window.size(1))).toList();
    }

    static int longest(Dataset windows) {
        long[] widths = TokenPieces.widths(windows);
        int longest = 0;
        for (int i = 1; i < widths.length; i++) {
            longest = widths[i] > widths[longest] ? i : longest;
        }
        return longest;
    }

    /// The larger batch gets what the smaller leaves, at least half.
    private List<Latency> images(Dataset data) {
        var one = data.batch(0, 1).inputs();
        var sizes = one.shape();
        sizes[0] = LARGE;
        var small = Threads.alone(() -> warm(one, budget / 2)); // too little work to be shared
        var large = warm(one.expand(sizes).contiguous(), budget);
        return IntStream.range(0, models.size()).mapToObj(i -> new Latency(small.get(i), large.get(i))).toList();
    }

    private List<Timing> warm(Tensor inputs, long until) {
        for (int i = 0; i < WARM_UP; i++) {
            models.forEach(model -> nanos(model, inputs));
        }
        return timings(inputs, until);
    }

    /// @param until nanoseconds since the start
    private List<Timing> timings(Tensor inputs, long until) {
        var runs = models.stream().map(model -> (LongSupplier) () -> nanos(model, inputs)).toList();
        var nanos = new Rounds(System::nanoTime, _ -> tell()).of(runs, until - (System.nanoTime() - start));
        return IntStream.range(0, nanos.length)
                .mapToObj(i -> timing(nanos[i], i == 0 ? null : Ratio.of(Rounds.ratio(nanos[0], nanos[i])))).toList();
    }

    private double left() {
        return budget - (System.nanoTime() - start);
    }

    /// Whole seconds that passed.
    private void tell() {
        long seconds = (long) ((System.nanoTime() - start) / NANOS);
        step.advance(seconds - told);
        told = seconds;
    }

    private static long nanos(LayeredModel model, Tensor inputs) {
        long start = System.nanoTime();
        Scope.run(() -> {
            var h = model.body(inputs, Pass.evaluation(), Tap.NONE);
            Device.await(model.head().forward(
                    model.objective().answer() == Answer.NEXT_TOKEN ? h.narrow(1, h.size(1) - 1, 1) : h,
                    Pass.evaluation()));
        });
        return System.nanoTime() - start;
    }

    private static Timing timing(long[] nanos, @Nullable Ratio againstDense) {
        var sorted = nanos.clone();
        Arrays.sort(sorted);
        int n = sorted.length;
        double median = (sorted[(n - 1) / 2] + sorted[n / 2]) / 2.0;
        return new Timing(median / 1e6, sorted[n / 10] / 1e6, sorted[n - 1 - n / 10] / 1e6, n, againstDense);
    }
}
