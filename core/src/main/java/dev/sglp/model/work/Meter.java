package dev.sglp.model.work;

import dev.sglp.model.Layer;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Part;

/// Counts what is computed, in forward equivalents: one pass of a whole network forward over all examples is 1, a pass
/// through one part its share of the network's multiply-accumulate operations. Backward through a part counts once for the
/// gradient of its input and once for those of its weights, where they are wanted: 2 for the whole network, but for what
/// its first part saves. Several threads may tell it.
public final class Meter {
    private final double macs;
    private final double parts;
    private final double examples;
    private long done;
    private double elsewhere;

    /// @param whole    the dense network
    /// @param examples over which a pass counts 1
    public Meter(LayeredModel whole, int examples) {
        this.macs = whole.macs();
        this.parts = whole.parts().size();
        this.examples = examples;
    }

    /// A part ran forward on some examples.
    public synchronized void forward(Part part, long some) {
        done += operations(part) * some;
    }

    /// Gradients went back through a part.
    ///
    /// @param weights whether the gradients of its weights were wanted
    /// @param input   whether its input's was
    public synchronized void backward(Part part, boolean weights, boolean input, long some) {
        int wanted = (weights && !part.parameters().isEmpty() ? 1 : 0) + (input ? 1 : 0);
        done += wanted * operations(part) * some;
    }

    /// Counts what was done elsewhere.
    public synchronized void add(double forwardEquivalents) {
        elsewhere += forwardEquivalents;
    }

    public synchronized double forwardEquivalents() {
        return done / (macs > 0 ? macs : parts) / examples + elsewhere;
    }

    /// Whole numbers, so that the order in which threads tell makes no difference. Every part counts alike where nobody knows the
    /// operations.
    private long operations(Part part) {
        return macs > 0 ? part.macs() : 1;
    }

    /// The same network for forward passes, whose parts tell this meter when they run.
    public LayeredModel counting(LayeredModel model) {
        return new LayeredModel(model.family(), new CountedPart(model.stem(), this),
                model.layers().stream().<Layer>map(layer -> new CountedLayer(layer, this)).toList(),
                new CountedPart(model.head(), this), model.objective(), model.layout(), model.access());
    }
}
