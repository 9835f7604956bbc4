package dev.sglp.evaluation;

import dev.sglp.data.Dataset;
import dev.sglp.evaluation.Evaluation.Latency;
import dev.sglp.evaluation.Evaluation.Timing;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.LinearHead;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.progress.Progress;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// How long forward passes take. Several networks are timed in turn, run by run, so that whatever else the machine does
/// meets all of them alike.
public final class Latencies {
    private static final int LARGE = 128;
    private static final double MILLIS_A_SECOND = 1000;
    private static final int WARM_UP = 3;
    private static final int MOST_RUNS = 100;
    private static final long TIMED_NANOS = 2_000_000_000L;

    private Latencies() {}

    /// One latency a network: for a batch of 1 on one thread and of 128 images shaped as those of `data` on all, or for the longest of its windows
    /// of text (the first such one) up to the next token.
    public static List<Latency> of(List<LayeredModel> models, Dataset data, Progress progress) {
        return models.getFirst().head() instanceof LinearHead
                ? prefill(models, data, progress)
                : images(models, data, progress);
    }

    private static List<Latency> prefill(List<LayeredModel> models, Dataset data, Progress progress) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open(); var step = progress.step("timing forward passes", 1, "window")) {
                int longest = longest(data);
                var window = data.batch(longest, longest + 1).inputs();
                var timings = inTurn(models, window, 5);
                step.advance(1);
                return timings.stream()
                        .map(t -> new Latency(t, null, window.size(1) / (t.median() / MILLIS_A_SECOND))).toList();
            }
        });
    }

    static int longest(Dataset windows) {
        long[] widths = TokenPieces.widths(windows);
        int longest = 0;
        for (int i = 1; i < widths.length; i++) {
            longest = widths[i] > widths[longest] ? i : longest;
        }
        return longest;
    }

    private static List<Latency> images(List<LayeredModel> models, Dataset data, Progress progress) {
        return Autograd.recording(false, () -> {
            try (var _ = Scope.open(); var step = progress.step("timing forward passes", 2, "batch sizes")) {
                var one = data.batch(0, 1).inputs();
                var sizes = one.shape();
                sizes[0] = LARGE;
                var small = Threads.alone(() -> inTurn(models, one, 20)); // too little work to be shared
                step.advance(1);
                var large = inTurn(models, one.expand(sizes).contiguous(), 5);
                step.advance(1);
                return IntStream.range(0, models.size()).mapToObj(i -> new Latency(small.get(i), large.get(i)))
                        .toList();
            }
        });
    }

    /// At least `least` rounds after some to warm up, and more while a network takes under two seconds.
    private static List<Timing> inTurn(List<LayeredModel> models, Tensor inputs, int least) {
        for (int i = 0; i < WARM_UP; i++) {
            models.forEach(model -> nanos(model, inputs));
        }
        var nanos = new long[models.size()][MOST_RUNS];
        int runs = 0;
        long end = System.nanoTime() + models.size() * TIMED_NANOS;
        for (; runs < least || runs < MOST_RUNS && System.nanoTime() < end; runs++) {
            for (int m = 0; m < models.size(); m++) {
                nanos[m][runs] = nanos(models.get(m), inputs);
            }
        }
        int counted = runs;
        return Arrays.stream(nanos).map(n -> timing(Arrays.copyOf(n, counted))).toList();
    }

    private static long nanos(LayeredModel model, Tensor inputs) {
        long start = System.nanoTime();
        Scope.run(() -> {
            var h = model.body(inputs, Pass.evaluation(), Tap.NONE);
            model.head().forward(model.head() instanceof LinearHead ? h.narrow(1, h.size(1) - 1, 1) : h,
                    Pass.evaluation());
        });
        return System.nanoTime() - start;
    }

    private static Timing timing(long[] nanos) {
        Arrays.sort(nanos);
        int n = nanos.length;
        return new Timing(nanos[n / 2] / 1e6, nanos[n / 10] / 1e6, nanos[n * 9 / 10] / 1e6, n);
    }
}
