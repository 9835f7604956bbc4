package dev.sglp.model.convolution.step;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.LongOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorOptional;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A convolution; one over a single pixel may be a matrix in the checkpoint.
///
/// @param name    its tensors are `name.weight` and `name.bias`
/// @param weight  `[out, in / groups, k, k]`, of signals `[out, in / groups, k]`, or `[out, in]` where `k` is 1
/// @param bias    `[out]`
/// @param sliding how its window goes over the image
/// @param draw    how an untrained one is drawn
public record Convolution(String name, Tensor weight, Optional<Tensor> bias, Sliding sliding,
        Draw draw) implements Step {
    public static final long[] ONES = {1, 1};
    private static final int LINE = 3;

    /// In the precision and memory format of `x`.
    public Tensor forward(Tensor x) { // [B, in, H, W] → [B, out, H', W']
        var dense = dense();
        if (line()) {
            return torch.conv1d(seen(x), weight.to(x.scalar_type()), biasFor(x), new long[]{dense.stride()},
                    new long[]{dense.padding()}, new long[]{1}, dense.groups());
        }
        return torch.conv2d(seen(x), kernel().to(x.scalar_type()), biasFor(x), dense.strides(), dense.paddings(), ONES,
                dense.groups());
    }

    /// Whether it skips places that it then does not see: oneDNN's way to the gradient of such a weight ends the process (libtorch
    /// 2.10, AVX-512), so places are skipped first.
    private boolean skips() {
        return kernel().size(3) == 1 && sliding.stride() > 1 && sliding.padding() == 0;
    }

    /// How the window goes over what it sees.
    public Sliding dense() {
        return skips() ? new Sliding(1, 0, sliding.groups()) : sliding;
    }

    /// What of an image the window sees: a view.
    public Tensor seen(Tensor x) {
        return skips() ? sampled(x, sliding.stride()) : x;
    }

    /// Every so manieth row and column: a view.
    public static Tensor sampled(Tensor x, long step) { // [B, C, H, W] → [B, C, H/step, W/step]
        var all = new LongOptional();
        if (x.dim() == LINE) {
            return torch.slice(x, 2, all, all, step);
        }
        return torch.slice(torch.slice(x, 2, all, all, step), 3, all, all, step);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        return forward(x);
    }

    /// Whether it goes over signals.
    public boolean line() {
        return weight.dim() == LINE;
    }

    /// The weight as `[out, in / groups, k, k]`, of signals `[out, in / groups, 1, k]`.
    public Tensor kernel() {
        if (line()) {
            return weight.unsqueeze(2);
        }
        return weight.dim() == 2 ? weight.view(weight.size(0), weight.size(1), 1, 1) : weight;
    }

    private TensorOptional biasFor(Tensor x) {
        return bias.map(b -> new TensorOptional(b.to(x.scalar_type()))).orElseGet(Tensors::none);
    }

    /// The vector-Jacobian product at `x`, without the bias's.
    ///
    /// @param vector  gradient of the loss with respect to the output
    /// @param weights whether the weight's gradient is wanted
    /// @param input   whether the input's is
    /// @return the input's gradient and the weight's; what is not wanted is undefined
    public Tensor[] backward(Tensor x, Tensor vector, boolean weights, boolean input) {
        var wanted = new BoolPointer(3).put(0, input).put(1, weights).put(2, false);
        var dense = dense();
        var gradients = torch.convolution_backward(vector, seen(x), kernel().to(x.scalar_type()),
                new LongArrayRefOptional(), dense.strides(), dense.paddings(), ONES, false, new long[]{0, 0},
                dense.groups(), wanted);
        // elements of the tuple die with it: copy the handles
        var ofInput = new Tensor(gradients.get0());
        var ofWeight = new Tensor(gradients.get1());
        return new Tensor[]{input && skips() ? spread(ofInput, x) : ofInput,
                weights && weight.dim() == 2 ? ofWeight.view(weight.shape()) : ofWeight};
    }

    /// The gradient of an image of which the window saw some places.
    private Tensor spread(Tensor gradient, Tensor x) {
        var all = torch.zeros_like(x);
        seen(all).copy_(gradient);
        return all;
    }

    /// The weight as a matrix that multiplies {@link #patches}: `[out, k² in]`. Of one group.
    public Tensor matrix() {
        return kernel().permute(0, 2, 3, 1).reshape(weight.size(0), -1);
    }

    /// The same convolution by another matrix and, where it has one, another bias.
    ///
    /// @param matrix as {@link #matrix}
    public Convolution of(Tensor matrix, Optional<Tensor> otherBias) {
        var kernel = kernel();
        var shaped = matrix.view(kernel.size(0), kernel.size(2), kernel.size(3), kernel.size(1)).permute(0, 3, 1, 2);
        return new Convolution(name, shaped.contiguous().view(weight.shape()), otherBias, sliding, draw);
    }

    /// What the weight multiplies at some positions of the output, `[n, k² in]`: k² pixels, each with all its channels.
    ///
    /// @param positions counted over examples, rows and columns of the output
    public Tensor patches(Tensor x, Tensor positions) { // [B, in, H, W]
        return patchesOf(line() ? x.unsqueeze(2) : x, positions);
    }

    private Tensor patchesOf(Tensor x, Tensor positions) { // [B, in, H, W]
        long p = sliding.padding();
        long above = line() ? 0 : p;
        var wide = p == 0 ? x : torch.constant_pad_nd(x, p, p, above, above); // zeros beside nothing would be a copy
        var padded = wide.permute(0, 2, 3, 1); // [B, H + 2 p, W + 2 p, in]
        long side = kernel().size(3);
        long height = line() ? 1 : sliding.places(x.size(2), side);
        long width = sliding.places(x.size(3), side);
        var stride = new Scalar(sliding.stride());
        var example = floorDivided(positions, height * width);
        var row = floorDivided(positions, width).remainder(new Scalar(height)).mul_(stride);
        var column = positions.remainder(new Scalar(width)).mul_(stride);
        var first = example.mul_(new Scalar(padded.size(1))).add_(row).mul_(new Scalar(padded.size(2))).add_(column);
        var pixels = padded.reshape(-1, x.size(1));
        var patches = new Tensor[Math.toIntExact(side * kernel().size(2))];
        for (int i = 0; i < patches.length; i++) {
            long step = i / side * padded.size(2) + i % side;
            patches[i] = pixels.index_select(0, first.add(new Scalar(step)));
        }
        return torch.cat(new TensorVector(patches), 1);
    }

    private static Tensor floorDivided(Tensor whole, long by) {
        return torch.floor_divide(whole, new Scalar(by));
    }

    /// Images as convolutions like them best: channels last, in the pass's precision.
    public static Tensor prepared(Tensor images, Pass pass) { // [B, C, H, W]
        var precise = switch (pass.precision()) {
            case FLOAT32 -> images;
            case BFLOAT16 -> images.to(ScalarType.BFloat16);
        };
        return images.dim() == LINE ? precise.contiguous() : precise.contiguous(MemoryFormat.ChannelsLast);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<String, Tensor>();
        all.put(name + ".weight", weight);
        bias.ifPresent(b -> all.put(name + ".bias", b));
        return all;
    }

    @Override
    public Convolution mapped(UnaryOperator<Tensor> other) {
        return new Convolution(name, other.apply(weight), bias.map(other), sliding, draw);
    }

    @Override
    public Convolution reinitialised(Seed seed) {
        return new Convolution(name, draw.weight(name + ".weight", seed, weight), bias.map(torch::zeros_like),
                sliding, draw);
    }
}
