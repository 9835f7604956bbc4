package dev.sglp.model.convolution.recording;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.convolution.Block;
import dev.sglp.tensor.Gradient;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;
import org.jspecify.annotations.Nullable;

/// A block of convolutions with norms and its derivative by hand: what autograd would do with fewer passes over the activations.
public final class BlockRecording implements Recording {
    private final Block block;
    private final UnitChain branch;
    private final @Nullable UnitChain projection;

    private BlockRecording(Block block, UnitChain branch, @Nullable UnitChain projection) {
        this.block = block;
        this.branch = branch;
        this.projection = projection;
    }

    /// Runs the block forward; empty where its steps are others than convolutions with norms, or statistics move.
    ///
    /// @param x `[B, C, H, W]`, the caller's, alive as long as this
    public static Optional<Recording> of(Block block, Tensor x, Pass pass) {
        var plan = UnitChain.plan(block.branch());
        var around = UnitChain.plan(block.shortcut().chain());
        boolean known = pass.statistics() != Pass.Statistics.UPDATED && plan.isPresent() && around.isPresent()
                && block.shortcut().behind() == 0 && block.after().reversible();
        if (!known) {
            return Optional.empty();
        }
        var branch = UnitChain.run(plan.get(), x, pass);
        var projection = block.shortcut().chain().isEmpty() ? null : UnitChain.run(around.get(), x, pass);
        if (projection == null) {
            block.shortcut().added(branch.output(), x, pass);
        } else {
            branch.output().add_(projection.output());
        }
        block.after().overwriting(branch.output(), pass);
        return Optional.of(new BlockRecording(block, branch, projection));
    }

    @Override
    public Tensor output() {
        return branch.output();
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        var g = block.after().backward(vector, output());
        var own = branch.backward(g, weights, input);
        if (projection == null) {
            return new Products(own.weights(),
                    own.input() == null ? null : block.shortcut().addTo(own.input(), g));
        }
        var other = projection.backward(g, weights, input);
        var all = new ArrayList<Gradient>(own.weights());
        all.addAll(other.weights());
        return new Products(List.copyOf(all),
                own.input() == null ? null : own.input().add_(Objects.requireNonNull(other.input())));
    }

    @Override
    public void free() {
        branch.free();
        if (projection != null) {
            projection.free();
        }
    }
}
