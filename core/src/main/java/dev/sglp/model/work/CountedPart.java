package dev.sglp.model.work;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.tensor.Seed;
import java.util.SequencedMap;
import org.bytedeco.pytorch.Tensor;

/// A part that tells a meter when it runs forward.
record CountedPart(Part part, Meter meter) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        meter.forward(part, x.size(0));
        return part.forward(x, pass);
    }

    @Override
    public Part reinitialised(Seed seed) {
        return part.reinitialised(seed);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return part.parameters();
    }

    @Override
    public long macs() {
        return part.macs();
    }
}
