package dev.sglp.tensor;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.bytedeco.pytorch.Tensor;

/// A reproducible source of randomness: what is drawn for a name depends on the seed, the name and the draw alone, on
/// every machine.
///
/// @param value the user's `--seed`
/// @param draw  which of several independent draws, from 0
public record Seed(long value, int draw) {
    public static Seed of(long value) {
        return new Seed(value, 0);
    }

    public Seed draw(int number) {
        return new Seed(value, number);
    }

    /// A fresh generator for `name`, always the same for the same name.
    public RandomGenerator generator(String name) {
        return RandomGeneratorFactory.of("L64X128MixRandom").create(mix(name));
    }

    /// A float32 tensor of independent normal numbers with mean 0.
    public Tensor normal(String name, double std, long... shape) {
        var generator = generator(name);
        long size = java.util.Arrays.stream(shape).reduce(1, Math::multiplyExact);
        var values = new float[Math.toIntExact(size)];
        for (int i = 0; i < values.length; i++) {
            values[i] = (float) (std * generator.nextGaussian());
        }
        return Tensors.floats(values, shape);
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
