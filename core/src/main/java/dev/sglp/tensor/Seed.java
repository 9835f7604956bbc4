package dev.sglp.tensor;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import org.bytedeco.pytorch.Tensor;

/// A reproducible source of randomness ({@link SplitMix}): what is drawn for a name depends on the seed, the name and the draw alone, on
/// every machine.
///
/// @param value the user's `--seed` or `--weight-seed`
/// @param draw  which of several independent draws, from 0
public record Seed(long value, int draw) {
    private static final long PIECE = 1 << 20; // numbers at a time in Java's memory: an embedding has hundreds of millions

    public static Seed of(long value) {
        return new Seed(value, 0);
    }

    public Seed draw(int number) {
        return new Seed(value, number);
    }

    /// A fresh generator for `name`, always the same for the same name: its seed is the first eight bytes, the highest first, of the
    /// SHA-256 of `value/name/draw` in UTF-8.
    public SplitMix generator(String name) {
        return new SplitMix(ByteBuffer.wrap(mix(name)).getLong());
    }

    /// A float32 tensor of independent normal numbers with mean 0.
    public Tensor normal(String name, double std, long... shape) {
        var generator = generator(name);
        long size = Arrays.stream(shape).reduce(1, Math::multiplyExact);
        return Scope.yield(() -> {
            var all = Tensors.zeros(DType.F32, shape);
            for (long from = 0; from < size; from += PIECE) {
                long start = from;
                long length = Math.min(PIECE, size - from);
                Scope.run(() -> {
                    var values = new float[Math.toIntExact(length)];
                    for (int i = 0; i < values.length; i++) {
                        values[i] = (float) (std * generator.normal());
                    }
                    all.view(-1).narrow(0, start, length).copy_(Tensors.floats(values, length));
                });
            }
            return all;
        });
    }

    private byte[] mix(String name) {
        try {
            var text = value + "/" + name + "/" + draw;
            return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
