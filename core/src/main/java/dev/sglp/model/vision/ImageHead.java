package dev.sglp.model.vision;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// From tokens to class logits, or to one vector: `[B, P + N, D] → [B, C]`.
///
/// @param norm        of every token
/// @param reading     what is read of them
/// @param pooledNorm  of what is read
/// @param classifiers one; where there are two, the second reads the second token, and the logits are their mean (DeiT); where there
///                    is none, what is read is the answer
/// @param initStd     standard deviation of freshly drawn weights
public record ImageHead(Norm norm, Reading reading, Norm pooledNorm, List<Linear> classifiers,
        double initStd) implements Part {
    public ImageHead {
        classifiers = List.copyOf(classifiers);
    }

    @Override
    public Tensor forward(Tensor x, Pass pass) {
        var normed = norm.forward(x);
        var read = pooledNorm.forward(reading.of(normed));
        if (classifiers.isEmpty()) {
            return read;
        }
        var logits = classifiers.getFirst().forward(read);
        if (classifiers.size() == 1) {
            return logits;
        }
        return logits.add(classifiers.get(1).forward(normed.select(1, 1))).mul(new Scalar(0.5));
    }

    @Override
    public ImageHead mapped(UnaryOperator<Tensor> other) {
        return new ImageHead(norm.mapped(other), reading.mapped(other), pooledNorm.mapped(other),
                classifiers.stream().map(c -> c.mapped(other)).toList(), initStd);
    }

    /// Norms 1, classifiers normal, biases 0.
    @Override
    public ImageHead reinitialised(Seed seed) {
        return new ImageHead(norm.reinitialised(), reading.reinitialised(seed, initStd), pooledNorm.reinitialised(),
                classifiers.stream().map(c -> c.reinitialised(seed, initStd)).toList(), initStd);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(norm.parameters());
        all.putAll(reading.parameters());
        all.putAll(pooledNorm.parameters());
        classifiers.forEach(c -> all.putAll(c.parameters()));
        return all;
    }

    @Override
    public long macs() {
        return reading.macs() + classifiers.stream().mapToLong(c -> c.weight().numel()).sum();
    }
}
