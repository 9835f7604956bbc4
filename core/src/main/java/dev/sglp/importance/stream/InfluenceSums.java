package dev.sglp.importance.stream;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Layout;
import dev.sglp.tensor.Scope;
import java.util.Optional;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;

/// The cosines between what each removable layer is given and what it gives.
public final class InfluenceSums implements StreamSums {
    private final LayeredModel model;
    private final double[] similar;

    InfluenceSums(LayeredModel model) {
        this.model = model;
        similar = new double[model.layers().size()];
    }

    @Override
    public void layer(int layer, Tensor x, Tensor y, Optional<Tensor> padding) {
        if (model.layers().get(layer).removable()) {
            similar[layer] += cosines(model.layout(), x, y, padding);
        }
    }

    /// The sum of the cosines between vectors of two activations of the same shape.
    ///
    /// @param padding true where a token is none, which do not count
    public static double cosines(Layout layout, Tensor x, Tensor y, Optional<Tensor> padding) {
        try (var _ = Scope.open()) {
            return layout.sum(torch.cosine_similarity(layout.vectors(x), layout.vectors(y), -1, 1e-12), padding);
        }
    }

    /// The sums so far.
    double[] sums() {
        return similar.clone();
    }

    /// Goes on from sums of before.
    void take(double... sums) {
        System.arraycopy(sums, 0, similar, 0, similar.length);
    }

    /// `1 − E[cos]` of each layer; 1 of those that cannot go.
    double[] influence(long vectors) {
        return IntStream.range(0, similar.length)
                .mapToDouble(i -> model.layers().get(i).removable() ? 1 - similar[i] / vectors : 1).toArray();
    }
}
