package dev.sglp.training.descent;

import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Threads;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The optimizer's running tensors for each parameter, and the steps done so far. It owns them; close it.
public final class Moments implements AutoCloseable {
    private static final long PIECE = 1 << 17; // numbers; with gradient and moments 2 MB
    private static final long GRAIN = 1 << 15; // numbers; libtorch gives a thread no fewer

    private final Optimizer optimizer;
    private final SequencedMap<String, Tensor> parameters;
    private final SequencedMap<String, List<Tensor>> running = new LinkedHashMap<>();
    private long steps;

    /// All zero, as before the first step.
    public Moments(Optimizer optimizer, SequencedMap<String, Tensor> parameters) {
        this.optimizer = optimizer;
        this.parameters = parameters;
        parameters.forEach((name, w) -> running.put(name, IntStream.range(0, optimizer.moments())
                .mapToObj(_ -> Scope.yieldOwned(() -> torch.zeros_like(w.detach()))).toList()));
    }

    /// @param weightDecay of tensors with two or more dimensions: norms and biases never decay
    /// @param clipNorm    the largest norm all gradients together may have; 0: any
    public record Rates(double learningRate, double weightDecay, double clipNorm) {}

    /// One step of all parameters.
    ///
    /// @param gradients in the parameters' order; clipped in place
    public void step(Tensor[] gradients, Rates rates) {
        Autograd.recording(false, () -> {
            steps++;
            var scale = rates.clipNorm > 0 ? Optional.of(scale(gradients, rates.clipNorm)) : Optional.<Tensor>empty();
            int i = 0;
            for (var parameter : parameters.entrySet()) {
                var w = parameter.getValue();
                double decay = w.dim() > 1 ? rates.weightDecay : 0;
                var step = new Optimizer.Step(rates.learningRate, decay, steps);
                inPieces(w, gradients[i++], running.get(parameter.getKey()), (some, gradient, moments) -> {
                    scale.ifPresent(gradient::mul_);
                    optimizer.update(some, gradient, moments, step);
                });
            }
            return steps;
        });
    }

    /// Moves a tensor, or some of its numbers.
    private interface Move {
        void of(Tensor parameter, Tensor gradient, List<Tensor> moments);
    }

    /// What an update reads several times stays near the processor that long.
    private static void inPieces(Tensor w, Tensor gradient, List<Tensor> moments, Move move) {
        long piece = Math.max(PIECE, GRAIN * Threads.count());
        boolean dense = Stream.concat(Stream.of(w, gradient), moments.stream()).allMatch(Moments::inARow);
        if (!dense || w.numel() <= piece) {
            Scope.run(() -> move.of(w, gradient, moments));
            return;
        }
        each(w.numel(), piece, (from, length) -> move.of(some(w, from, length), some(gradient, from, length),
                moments.stream().map(all -> some(all, from, length)).toList()));
    }

    /// Some numbers of a tensor that lies in a row.
    private interface Piece {
        void of(long from, long length);
    }

    private static void each(long numbers, long most, Piece piece) {
        for (long from = 0; from < numbers; from += most) {
            long start = from;
            Scope.run(() -> piece.of(start, Math.min(most, numbers - start)));
        }
    }

    private static boolean inARow(Tensor tensor) {
        return tensor.is_contiguous() && Device.of(tensor).isCpu();
    }

    private static Tensor some(Tensor tensor, long from, long length) {
        return tensor.detach().view(-1).narrow(0, from, length);
    }

    /// By what all gradients are multiplied so that their common norm is at most `most`, without asking for a number.
    private static Tensor scale(Tensor[] gradients, double most) {
        var squares = Device.of(gradients[0]).doubles(new double[]{0}, 1).sum();
        Stream.of(gradients).forEach(gradient -> addSquares(squares, gradient));
        var norm = squares.sqrt().to(gradients[0].scalar_type());
        return norm.add(new Scalar(1e-6)).reciprocal().mul(new Scalar(most)).clamp_max(new Scalar(1.0));
    }

    /// Float32 knows no sum of hundreds of millions of squares.
    private static void addSquares(Tensor sum, Tensor gradient) {
        if (inARow(gradient)) {
            each(gradient.numel(), PIECE, (from, length) -> sum.add_(some(gradient, from, length).square().sum()));
        } else {
            Scope.run(() -> sum.add_(gradient.square().sum()));
        }
    }

    /// Steps done so far.
    public long steps() {
        return steps;
    }

    /// The running tensors as `NUMBER.PARAMETER`, for instance `0.conv1.weight`. Views.
    public SequencedMap<String, Tensor> tensors() {
        var all = new LinkedHashMap<String, Tensor>();
        running.forEach((name, moments) -> IntStream.range(0, moments.size())
                .forEach(i -> all.put(i + "." + name, moments.get(i))));
        return Collections.unmodifiableSequencedMap(all);
    }

    /// Goes on where {@link #tensors} and {@link #steps} were taken: copies them.
    ///
    /// @throws IllegalArgumentException where they are of another network or optimizer
    public void restore(SequencedMap<String, Tensor> tensors, long stepsDone) {
        if (!tensors.keySet().equals(tensors().keySet())) {
            throw new IllegalArgumentException("the optimizer's tensors are of another network or another optimizer");
        }
        Autograd.recording(false, () -> {
            tensors().forEach((name, tensor) -> tensor.copy_(tensors.get(name)));
            return stepsDone;
        });
        steps = stepsDone;
    }

    @Override
    public void close() {
        running.values().forEach(moments -> moments.forEach(Scope::free));
        running.clear();
    }
}
