package dev.sglp.model.convolution.step;

import dev.sglp.tensor.DType;
import dev.sglp.tensor.Device;
import dev.sglp.tensor.Tensors;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.jspecify.annotations.Nullable;

/// A batch after normalisation, with the statistics it was normalised by, so that the way back needs no second count.
///
/// @param output    `γ (x − mean) / √(var + ε) + β`, shaped as the input
/// @param scale     γ, `[C]`
/// @param mean      `[C]`
/// @param deviation `1 / √(var + ε)`, `[C]`
/// @param stored    `var`, `[C]`; absent where the statistics are the batch's own, so that they depend on the input
/// @param epsilon   ε
public record NormalisedBatch(Tensor output, Tensor scale, Tensor mean, Tensor deviation, @Nullable Tensor stored,
        double epsilon) {
    private static final double ANY = 1e-5; // what libtorch adds where nothing should be added is taken off before
    private static final long WIDTH = 1024; // columns counted at a time

    /// Normalises by the batch's own statistics, summed exactly. Nothing is recorded by autograd.
    ///
    /// @param x `[B, C, H, W]`
    static NormalisedBatch byItself(Tensor x, BatchNorm norm) {
        var statistics = count(x);
        return of(x, norm, statistics[0], statistics[1], null);
    }

    /// Normalises by stored statistics.
    ///
    /// @param x `[B, C, H, W]`
    static NormalisedBatch byStored(Tensor x, BatchNorm norm) {
        return of(x, norm, norm.mean(), norm.var(), norm.var());
    }

    private static NormalisedBatch of(Tensor x, BatchNorm norm, Tensor mean, Tensor variance,
            @Nullable Tensor stored) {
        double epsilon = norm.epsilon();
        var output = torch.batch_norm(x, some(norm.weight()), some(norm.bias()), some(mean), some(variance), false, 0,
                epsilon, false);
        return new NormalisedBatch(output, norm.weight(), mean, variance.add(new Scalar(epsilon)).rsqrt(), stored,
                epsilon);
    }

    /// Mean and biased variance of every channel.
    private static Tensor[] count(Tensor x) {
        var rows = rows(x);
        var counted = torch.batch_norm_update_stats(rows, Tensors.none(), Tensors.none(), 0);
        var means = counted.get0().to(ScalarType.Double).view(-1, x.size(1));
        var within = counted.get1().to(ScalarType.Double).view(-1, x.size(1)).mean(0);
        var mean = means.mean(0);
        var between = means.sub(mean).square().mean(0);
        return new Tensor[]{mean.to(ScalarType.Float), within.add(between).to(ScalarType.Float)};
    }

    /// Several pixels in a row, as libtorch shall sum them: its sums over channels last are plain float32 ones, and one of
    /// 131,072 numbers loses two digits that those of a few thousand keep; rows of 16 channels are also four times slower than
    /// rows of 512.
    private static Tensor rows(Tensor x) { // [B, C, H, W] → [B·H·W / together, together · C]
        long channels = x.size(1);
        long pixels = x.numel() / channels;
        long together = Math.min(Long.lowestOneBit(pixels), Long.highestOneBit(Math.max(1, WIDTH / channels)));
        return x.permute(0, 2, 3, 1).reshape(-1, together * channels);
    }

    private Tensor full(double value, long size) {
        return Device.of(scale).zeros(DType.F32, size).fill_(new Scalar(value));
    }

    /// Gradients of input, scale and shift.
    ///
    /// @param weights whether the latter two are wanted; undefined otherwise
    public Tensor[] backward(Tensor x, Tensor vector, boolean weights) {
        return x.scalar_type().intern() == ScalarType.Float
                ? summedByRows(x, vector, weights)
                : byLibtorch(x, vector, weights);
    }

    private Tensor[] byLibtorch(Tensor x, Tensor vector, boolean weights) {
        boolean batch = stored == null;
        var gradients = torch.native_batch_norm_backward(vector, x, some(scale), batch ? Tensors.none() : some(mean),
                stored == null ? Tensors.none() : some(stored), some(mean), some(deviation), batch, epsilon,
                wanted(true, weights));
        return new Tensor[]{gradients.get0(), gradients.get1(), gradients.get2()};
    }

    private static BoolPointer wanted(boolean input, boolean weights) {
        return new BoolPointer(3).put(0, input).put(1, weights).put(2, weights);
    }

    /// With `x̂ = (x − mean) · d`, `N` pixels and `v` the vector: `β' = Σ v`, `γ' = Σ v x̂`, and where the statistics are the
    /// batch's `x' = γ d (v − β'/N − x̂ γ'/N)`, else `x' = γ d v`.
    private Tensor[] summedByRows(Tensor x, Tensor vector, boolean weights) {
        boolean batch = stored == null;
        var factor = scale.mul(deviation); // γ d
        var vectors = rows(vector);
        long together = vectors.size(1) / x.size(1);
        var wide = factor.repeat(together);
        var none = new Tensor();
        if (!batch && !weights) {
            return new Tensor[]{images(vectors.mul(wide), x), none, none};
        }
        var sums = torch.native_batch_norm_backward(vectors, rows(x), some(full(1, vectors.size(1))), Tensors.none(),
                Tensors.none(), some(mean.repeat(together)), some(deviation.repeat(together)), true, epsilon,
                wanted(false, true));
        var ofScale = total(sums.get1(), x.size(1)); // γ'
        var ofShift = total(sums.get2(), x.size(1)); // β'
        var input = batch
                ? images(rows(without(x, factor, ofScale, ofShift)).addcmul_(vectors, wide), x)
                : images(vectors.mul(wide), x);
        return new Tensor[]{input, ofScale, ofShift};
    }

    /// `−γ d (β'/N + x̂ γ'/N)`, by libtorch's normalisation with other constants.
    private Tensor without(Tensor x, Tensor factor, Tensor ofScale, Tensor ofShift) {
        var each = new Scalar(-(double) x.size(1) / x.numel()); // −1/N
        var slope = factor.mul(deviation).mul(ofScale).mul(each);
        return torch.batch_norm(x, some(slope), some(factor.mul(ofShift).mul(each)), some(mean),
                some(full(1 - ANY, x.size(1))), false, 0, ANY, false);
    }

    /// Rows as the images they are, shaped as `like`.
    private static Tensor images(Tensor rows, Tensor like) {
        return rows.view(like.size(0), like.size(2), like.size(3), like.size(1)).permute(0, 3, 1, 2);
    }

    private static Tensor total(Tensor sums, long channels) {
        return sums.to(ScalarType.Double).view(-1, channels).sum(0).to(ScalarType.Float);
    }

    private static TensorOptional some(Tensor tensor) {
        return new TensorOptional(tensor);
    }
}
