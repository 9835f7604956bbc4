package dev.sglp.model.convolution.step;

import dev.sglp.tensor.Device;
import dev.sglp.tensor.Seed;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/// How far from zero the weights of an untrained network lie: normal numbers.
///
/// @param by  what the standard deviation depends on
/// @param std where it depends on nothing
public record Draw(By by, double std) {
    /// What a standard deviation depends on.
    public enum By {
        /// √(2 / inputs), Kaiming He's (2015, arXiv 1502.01852), which keeps what goes forward.
        FAN_IN,
        /// √(2 / outputs), which keeps what goes backward.
        FAN_OUT,
        /// Nothing.
        NOTHING
    }

    /// √(2 / inputs)
    public static final Draw FAN_IN = new Draw(By.FAN_IN, 0);
    /// √(2 / outputs)
    public static final Draw FAN_OUT = new Draw(By.FAN_OUT, 0);

    /// The same for all.
    public static Draw of(double std) {
        return new Draw(By.NOTHING, std);
    }

    /// @param name of the tensor: what is drawn depends on it
    /// @param like shaped as outputs, inputs of a group, and the window
    Tensor weight(String name, Seed seed, Tensor like) {
        long[] shape = like.shape();
        return Device.of(like).moved(seed.normal(name, switch (by) {
            case FAN_IN -> Math.sqrt(2.0 / product(shape, 1));
            case FAN_OUT -> Math.sqrt(2.0 / (shape[0] * product(shape, 2)));
            case NOTHING -> std;
        }, shape));
    }

    private static long product(long[] shape, int from) {
        return Arrays.stream(shape, Math.min(from, shape.length), shape.length).reduce(1, Math::multiplyExact);
    }
}
