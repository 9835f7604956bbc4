package dev.sglp.model.convolution.step;

/// How a window goes over an image, the same in both directions.
///
/// @param stride  pixels from one place to the next
/// @param padding zeros on each side
/// @param groups  channels are in so many groups that do not see each other
public record Sliding(long stride, long padding, long groups) {
    /// All channels see each other.
    public static Sliding by(long stride, long padding) {
        return new Sliding(stride, padding, 1);
    }

    /// How many places a window of this size has on `pixels` pixels.
    public long places(long pixels, long kernel) {
        return Math.floorDiv(pixels + 2 * padding - kernel, stride) + 1;
    }

    public long[] strides() {
        return new long[]{stride, stride};
    }

    public long[] paddings() {
        return new long[]{padding, padding};
    }
}
