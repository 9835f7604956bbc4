package dev.sglp.model;

import dev.sglp.model.Pass.Statistics;
import dev.sglp.tensor.Tensors;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorOptions;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A batch after normalisation, with the statistics it was normalised by, so that the way back needs no second count.
///
/// @param output    `γ (x − mean) / √(var + ε) + β`, shaped as the input
/// @param mean      `[C]`
/// @param deviation `1 / √(var + ε)`, `[C]`
/// @param batch     whether the statistics are the batch's own, so that they depend on the input
record NormalisedBatch(Tensor output, Tensor mean, Tensor deviation, boolean batch) {
    private static final long WIDTH = 1024; // columns counted at a time

    static NormalisedBatch of(BatchNorm norm, Tensor x, Pass pass) { // [B, C, H, W]
        boolean batch = pass.statistics() != Statistics.STORED;
        var statistics = batch ? count(x) : new Tensor[]{norm.mean(), norm.var()};
        var output = torch.batch_norm(x, some(norm.weight()), some(norm.bias()), some(statistics[0]),
                some(statistics[1]), false, 0, BatchNorm.EPSILON, false);
        return new NormalisedBatch(output, statistics[0],
                statistics[1].add(new Scalar(BatchNorm.EPSILON)).rsqrt(), batch);
    }

    /// Mean and biased variance of every channel. Several pixels stand in a row while libtorch counts: its sums over channels
    /// last are plain float32 ones, and a sum of 131,072 numbers loses two digits (1e-5) that the sum of a few thousand keeps;
    /// a row of 16 channels is also four times slower than one of 512.
    private static Tensor[] count(Tensor x) {
        long channels = x.size(1);
        var pixels = x.permute(0, 2, 3, 1).reshape(-1, channels);
        long together = together(pixels.size(0), channels);
        var rows = pixels.reshape(-1, together * channels);
        var counted = torch.batch_norm_update_stats(rows, some(constant(0, rows)), some(constant(1, rows)), 0);
        var means = counted.get0().to(ScalarType.Double).view(together, channels);
        var within = counted.get1().to(ScalarType.Double).view(together, channels).mean(0);
        var mean = means.mean(0);
        var between = means.sub(mean).square().mean(0);
        return new Tensor[]{mean.to(ScalarType.Float), within.add(between).to(ScalarType.Float)};
    }

    /// How many pixels stand in a row: a power of two that divides them.
    private static long together(long pixels, long channels) {
        return Math.min(Long.lowestOneBit(pixels), Long.highestOneBit(Math.max(1, WIDTH / channels)));
    }

    private static Tensor constant(double value, Tensor rows) {
        return torch.full(new long[]{rows.size(1)}, new Scalar(value), new TensorOptions(ScalarType.Float));
    }

    /// Gradients of input, scale and shift; the latter two only where `weights`.
    Tensor[] backward(BatchNorm norm, Tensor x, Tensor vector, boolean weights) {
        var wanted = new BoolPointer(3).put(0, true).put(1, weights).put(2, weights);
        var none = Tensors.none();
        var statistics = batch ? none : some(norm.mean());
        var variance = batch ? none : some(norm.var());
        var gradients = torch.native_batch_norm_backward(vector, x, some(norm.weight()), statistics, variance,
                some(mean), some(deviation), batch, BatchNorm.EPSILON, wanted);
        return weights
                ? new Tensor[]{gradients.get0(), gradients.get1(), gradients.get2()}
                : new Tensor[]{gradients.get0()};
    }

    private static TensorOptional some(Tensor tensor) {
        return new TensorOptional(tensor);
    }
}
