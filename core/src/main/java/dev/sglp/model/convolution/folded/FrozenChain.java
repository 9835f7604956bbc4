package dev.sglp.model.convolution.folded;

import dev.sglp.model.Pass;
import dev.sglp.model.convolution.step.Activation;
import dev.sglp.model.convolution.step.BatchNorm;
import dev.sglp.model.convolution.step.Chain;
import dev.sglp.model.convolution.step.ChannelScale;
import dev.sglp.model.convolution.step.Convolution;
import dev.sglp.model.convolution.step.Step;
import java.util.ArrayList;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Steps for stored statistics alone, those that fold into a convolution gone.
public record FrozenChain(List<FrozenStep> steps) {
    public FrozenChain {
        steps = List.copyOf(steps);
    }

    /// One step or several in one.
    public sealed interface FrozenStep {
        Tensor of(Tensor x);

        /// It may write in the place of its input.
        default Tensor overwriting(Tensor x) {
            return of(x);
        }
    }

    /// A convolution with what follows it.
    public record Folded(FoldedConvolution convolution, Activation after) implements FrozenStep {
        @Override
        public Tensor of(Tensor x) {
            return after == Activation.RELU
                    ? convolution.rectified(x)
                    : after.overwriting(convolution.plain(x), Pass.evaluation());
        }
    }

    /// A step as it is.
    public record Plain(Step step) implements FrozenStep {
        @Override
        public Tensor of(Tensor x) {
            return step.forward(x, Pass.evaluation());
        }

        @Override
        public Tensor overwriting(Tensor x) {
            return step.overwriting(x, Pass.evaluation());
        }
    }

    public static FrozenChain of(Chain chain) {
        var frozen = new ArrayList<FrozenStep>();
        var steps = chain.steps();
        int i = 0;
        while (i < steps.size()) {
            if (!(steps.get(i) instanceof Convolution convolution)) {
                frozen.add(new Plain(steps.get(i++)));
                continue;
            }
            int end = i + 1;
            while (end < steps.size() && isChannelMap(steps.get(end))) {
                end++;
            }
            var folded = FoldedConvolution.of(convolution, steps.subList(i + 1, end));
            boolean bent = end < steps.size() && steps.get(end) instanceof Activation;
            frozen.add(new Folded(folded, bent ? (Activation) steps.get(end) : Activation.NONE));
            i = bent ? end + 1 : end;
        }
        return new FrozenChain(frozen);
    }

    private static boolean isChannelMap(Step step) {
        return step instanceof BatchNorm || step instanceof ChannelScale;
    }

    public Tensor of(Tensor x) {
        var h = x;
        for (var step : steps) {
            h = h == x ? step.of(h) : step.overwriting(h);
        }
        return h;
    }
}
