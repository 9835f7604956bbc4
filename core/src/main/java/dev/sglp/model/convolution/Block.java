package dev.sglp.model.convolution;

import dev.sglp.model.Layer;
import dev.sglp.model.Part;
import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.convolution.Shortcut.Projection;
import dev.sglp.model.convolution.folded.FrozenBlock;
import dev.sglp.model.convolution.recording.BlockRecording;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.repair.LastMap;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Tensor;

/// `after(branch(x) + shortcut(x))`
///
/// @param branch it has a step
/// @param fixed  why it cannot be removed; empty where it can
public record Block(String name, Chain branch, Shortcut shortcut, Activation after, Optional<String> fixed,
        long macs) implements Layer {
    @Override
    public Tensor forward(Tensor x, Pass pass) { // [B, in, H, W] → [B, out, H', W']
        var shared = branch.first(shortcut.behind()).forward(x, pass);
        var sum = shortcut.added(branch.from(shortcut.behind()).forward(shared, pass), shared, pass);
        return after.overwriting(sum, pass);
    }

    @Override
    public Optional<Recording> recorded(Tensor x, Pass pass) {
        return BlockRecording.of(this, x, pass);
    }

    @Override
    public Part frozen() {
        return FrozenBlock.of(this);
    }

    @Override
    public Optional<LastMap> lastMap() {
        return BlockEnd.of(this);
    }

    private Block with(Chain otherBranch, Chain around) {
        var other = shortcut instanceof Projection p ? new Projection(around, p.behind()) : shortcut;
        return new Block(name, otherBranch, other, after, fixed, macs);
    }

    /// The same with another branch.
    Block with(Chain otherBranch) {
        return with(otherBranch, shortcut.chain());
    }

    @Override
    public Block mapped(UnaryOperator<Tensor> other) {
        return with(branch.mapped(other), shortcut.chain().mapped(other));
    }

    @Override
    public Block reinitialised(Seed seed) {
        return with(branch.reinitialised(seed), shortcut.chain().reinitialised(seed));
    }

    @Override
    public SequencedMap<String, Tensor> parameters() {
        var all = new LinkedHashMap<>(branch.parameters());
        all.putAll(shortcut.chain().parameters());
        return all;
    }

    @Override
    public SequencedMap<String, Tensor> buffers() {
        var all = new LinkedHashMap<>(branch.buffers());
        all.putAll(shortcut.chain().buffers());
        return all;
    }
}
