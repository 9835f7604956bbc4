package dev.sglp.model.transformer;

import dev.sglp.model.past.Kept;
import dev.sglp.model.past.Step;
import dev.sglp.model.transformer.mixer.Mixer;
import dev.sglp.model.transformer.norm.Norm;
import dev.sglp.model.transformer.norm.Scaling;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;

/// What is added to the residual stream: `behind(x + scale · inside(mixer(before(x))))`.
///
/// @param before of what the mixer reads
/// @param inside of what it gives (Gemma 2, OLMo 2)
/// @param scale  of what is added
/// @param behind of the sum (BERT)
public record Sublayer(Norm before, Mixer mixer, Norm inside, double scale, Norm behind) {
    /// As most are: a norm before the mixer alone.
    public Sublayer(Norm before, Mixer mixer) {
        this(before, mixer, new Norm.None(), 1, new Norm.None());
    }

    /// @param residual what is added to
    /// @param x        what is read, mostly the same
    Tensor addedTo(Tensor residual, Tensor x) { // [B, T, D]
        var read = before.forward(x);
        var sum = inside instanceof Norm.None && scale == 1
                ? mixer.addedTo(residual, read)
                : residual.add(inside.forward(mixer.forward(read)), new Scalar(scale));
        return behind.forward(sum);
    }

    /// Whether its mixer's output is added as it is.
    boolean plain() {
        return inside instanceof Norm.None && behind instanceof Norm.None;
    }

    /// Whether a change of its mixer's last map changes the sum in proportion.
    boolean linear() {
        return inside instanceof Norm.None || inside instanceof Scaling;
    }

    /// Whether dividing the stream before and behind it divides all it adds: it reads the stream through a norm.
    boolean scalable() {
        return !(before instanceof Norm.None) && behind instanceof Norm.None;
    }

    /// The same with all it adds divided.
    Sublayer divided(double factor) {
        return inside instanceof Norm.None
                ? new Sublayer(before, mixer.divided(factor), inside, scale, behind)
                : new Sublayer(before, mixer, inside.divided(factor), scale, behind);
    }

    /// The same for tokens that follow others.
    ///
    /// @param kept what has been kept of those, and will be of these
    Sublayer following(Kept kept, Step step) {
        var other = mixer.following(kept, step);
        return other == mixer ? this : with(other);
    }

    /// The same over rows of several texts.
    Sublayer over(Step documents) {
        var other = mixer.over(documents);
        return other == mixer ? this : with(other);
    }

    Sublayer with(Mixer other) {
        return new Sublayer(before, other, inside, scale, behind);
    }

    Sublayer mapped(UnaryOperator<Tensor> other) {
        return new Sublayer(before.mapped(other), mixer.mapped(other), inside.mapped(other), scale,
                behind.mapped(other));
    }

    /// @param norms gives the norm that takes a norm's place
    Sublayer reinitialised(Seed seed, double std, UnaryOperator<Norm> norms) {
        return new Sublayer(norms.apply(before), mixer.reinitialised(seed, std), norms.apply(inside), scale,
                norms.apply(behind));
    }

    SequencedMap<String, Tensor> norms() {
        var all = new LinkedHashMap<>(before.parameters());
        all.putAll(inside.parameters());
        all.putAll(behind.parameters());
        return all;
    }
}
