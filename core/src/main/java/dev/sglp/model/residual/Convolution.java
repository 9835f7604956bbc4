package dev.sglp.model.residual;

import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import java.util.function.UnaryOperator;
import org.bytedeco.javacpp.BoolPointer;
import org.bytedeco.pytorch.LongArrayRefOptional;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.TensorVector;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.MemoryFormat;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// A 3×3 convolution without bias that keeps the size, or halves it with stride 2.
///
/// @param name   its weight's name in the checkpoint
/// @param weight `[out, in, 3, 3]`
public record Convolution(String name, Tensor weight, long stride) {
    private static final int SIDE = 3;

    /// In the precision and memory format of `x`.
    public Tensor forward(Tensor x) { // [B, in, H, W] → [B, out, H/stride, W/stride]
        return torch.conv2d(x, weight.to(x.scalar_type()), Tensors.none(), new long[]{stride, stride}, new long[]{1, 1},
                new long[]{1, 1}, 1);
    }

    /// The vector-Jacobian product at `x`.
    ///
    /// @param vector  gradient of the loss with respect to the output
    /// @param weights whether the weight's gradient is wanted
    /// @param input   whether the input's is
    /// @return the input's gradient and the weight's; what is not wanted is undefined
    public Tensor[] backward(Tensor x, Tensor vector, boolean weights, boolean input) {
        var wanted = new BoolPointer(3).put(0, input).put(1, weights).put(2, false);
        var gradients = torch.convolution_backward(vector, x, weight.to(x.scalar_type()), new LongArrayRefOptional(),
                new long[]{stride, stride}, new long[]{1, 1}, new long[]{1, 1}, false, new long[]{0, 0}, 1, wanted);
        // elements of the tuple die with it: copy the handles
        return new Tensor[]{new Tensor(gradients.get0()), new Tensor(gradients.get1())};
    }

    /// The weight as a matrix that multiplies {@link #patches}: `[out, 9 in]`.
    Tensor matrix() {
        return weight.permute(0, 2, 3, 1).reshape(weight.size(0), -1);
    }

    /// The same convolution by another matrix.
    ///
    /// @param matrix as {@link #matrix}
    Convolution of(Tensor matrix) {
        var shaped = matrix.view(weight.size(0), SIDE, SIDE, weight.size(1)).permute(0, 3, 1, 2);
        return new Convolution(name, shaped.contiguous(), stride);
    }

    /// What the weight multiplies at some positions of the output, `[n, 9 in]`: nine pixels, each with all its channels.
    ///
    /// @param positions counted over examples, rows and columns of the output
    Tensor patches(Tensor x, Tensor positions) { // [B, in, H, W]
        var padded = torch.constant_pad_nd(x, 1, 1, 1, 1).permute(0, 2, 3, 1); // [B, H + 2, W + 2, in]
        long height = (x.size(2) - 1) / stride + 1;
        long width = (x.size(3) - 1) / stride + 1;
        var example = floorDivided(positions, height * width);
        var row = floorDivided(positions, width).remainder(new Scalar(height)).mul_(new Scalar(stride));
        var column = positions.remainder(new Scalar(width)).mul_(new Scalar(stride));
        var first = example.mul_(new Scalar(padded.size(1))).add_(row).mul_(new Scalar(padded.size(2))).add_(column);
        var pixels = padded.reshape(-1, x.size(1));
        var patches = new Tensor[SIDE * SIDE];
        for (int i = 0; i < patches.length; i++) {
            long step = i / SIDE * padded.size(2) + i % SIDE;
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
        return precise.contiguous(MemoryFormat.ChannelsLast);
    }

    /// Kaiming-normal weights (He 2015, arXiv 1502.01852): standard deviation √(2 / fan-in).
    public static Tensor kaiming(String name, Seed seed, long... shape) {
        long fanIn = java.util.Arrays.stream(shape, 1, shape.length).reduce(1, Math::multiplyExact);
        return seed.normal(name, Math.sqrt(2.0 / fanIn), shape);
    }

    public Convolution mapped(UnaryOperator<Tensor> other) {
        return new Convolution(name, other.apply(weight), stride);
    }

    public Convolution reinitialised(Seed seed) {
        return new Convolution(name, kaiming(name, seed, weight.shape()), stride);
    }
}
