package dev.sglp.model.guard;

import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Seed;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// A part that asks whether its weights are still there each time before it reads them.
///
/// @param before throws where they are not
public record GuardedPart(Part part, Runnable before) implements Part {
    @Override
    public Tensor forward(Tensor x, Pass pass) {
        before.run();
        return part.forward(x, pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        before.run();
        return part.recorded(x, pass);
    }

    @Override
    public Part frozen() {
        before.run();
        return part.frozen();
    }

    @Override
    public Part in(DType type, UnaryOperator<Tensor> cast) {
        before.run();
        return part.in(type, cast);
    }

    @Override
    public Part mapped(UnaryOperator<Tensor> other) {
        before.run();
        return part.mapped(other);
    }

    /// Random weights are nobody's file.
    @Override
    public Part reinitialised(Seed seed) {
        return part.reinitialised(seed);
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        return part.parameters();
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        return part.buffers();
    }

    @Override
    public long macs() {
        return part.macs();
    }

    @Override
    public boolean keeps(long length, long grown) {
        return part.keeps(length, grown);
    }

    @Override
    public long cacheBytesPerToken() {
        return part.cacheBytesPerToken();
    }
}
