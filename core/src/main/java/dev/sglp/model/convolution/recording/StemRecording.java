package dev.sglp.model.convolution.recording;

import dev.sglp.model.Pass;
import dev.sglp.model.Recording;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.tensor.Scope;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// `relu(bn(conv(images)))` and its derivative by hand.
public final class StemRecording implements Recording {
    private final Tensor prepared;
    private final UnitChain units;

    private StemRecording(Tensor prepared, UnitChain units) {
        this.prepared = prepared;
        this.units = units;
    }

    /// Runs it forward; empty where the stem has other steps, or statistics move.
    public static Optional<Recording> of(Chain chain, Tensor images, Pass pass) {
        return UnitChain.plan(chain)
                .filter(plan -> !plan.isEmpty() && pass.statistics() != Pass.Statistics.UPDATED).map(plan -> {
                    var prepared = Scope.own(Convolution.prepared(images, pass));
                    return new StemRecording(prepared, UnitChain.run(plan, prepared, pass));
                });
    }

    @Override
    public Tensor output() {
        return units.output();
    }

    @Override
    public Products backward(Tensor vector, boolean weights, boolean input) {
        return units.backward(vector, weights, input);
    }

    @Override
    public void free() {
        units.free();
        Scope.free(prepared);
    }
}
