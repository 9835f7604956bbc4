package dev.sglp.model.repair;

import dev.sglp.model.Layout;
import dev.sglp.model.Layer;
import dev.sglp.model.Pass;
import java.util.Optional;
import org.bytedeco.pytorch.Tensor;

/// How a layer ends: in a linear map of an inner activation, added to what goes around it. A repair fits this map anew, and the
/// layer keeps its shape.
public interface LastMap {
    /// What a forward pass shows.
    ///
    /// @param inner what the map multiplies, as the layer holds it
    /// @param sum   what the map adds to, after it: the stream before whatever follows, for instance a rectifier
    record Run(Tensor inner, Tensor sum) {}

    /// Runs the layer up to its sum.
    Run run(Tensor x, Pass pass);

    /// The layer's output: `sum` itself where nothing follows.
    Tensor output(Tensor sum);

    /// What the map multiplies at some positions of the sum, `[n, f]`.
    ///
    /// @param positions counted over all examples, as {@link Layout#positions} has them
    Tensor rows(Tensor inner, Tensor positions);

    /// What a fit may change.
    enum Freedom {
        /// Every number of the map.
        MAP,
        /// One factor for each channel of its output: a norm stands between the map and the sum. {@link #rows} are what the factors
        /// multiply, and a difference is a diagonal matrix.
        CHANNELS,
        /// Nothing of all at once: there are several maps, and each sees some tokens ({@link #routed}).
        NOTHING
    }

    default Freedom freedom() {
        return Freedom.MAP;
    }

    /// The maps of which each token asks some, where the layer ends in such and in nothing else.
    default Optional<RoutedMaps> routed() {
        return Optional.empty();
    }

    /// One map as it stands.
    ///
    /// @param weight `[D, f]`, columns as {@link #rows} has them
    /// @param bias   `[D]`
    record Matrix(Tensor weight, Optional<Tensor> bias) {
        /// What the map gives, `[n, D]`.
        ///
        /// @param rows `[n, f]`
        public Tensor of(Tensor rows) {
            var product = rows.mm(weight.t());
            return bias.map(product::add).orElse(product);
        }
    }

    /// The map, where the layer ends in a single one and what it gives is added as it is, and nothing besides; good as long as the layer is,
    /// or the scope that is open.
    default Optional<Matrix> matrix() {
        return Optional.empty();
    }

    /// Whether the map may add a constant to each feature.
    boolean shifts();

    /// How strongly a fit is held to the map that is there: λ of {@link Fit}, where nobody says otherwise.
    double ridge();

    /// The same for the layers of a network of this kind.
    static double ridge(Layout layout) {
        return layout.stream() ? 1 : 0.1;
    }

    /// A change of the map.
    ///
    /// @param difference what is added to its matrix, `[D, f]`, columns as {@link #rows} has them
    /// @param shift      what is added to its constant, `[D]`; absent where it has none
    /// @param moments    mean of `(u, 1)ᵀ(u, 1)` over the rows it was fitted on, float64 `[f + 1, f + 1]`; of a map without a
    ///                   constant `[f, f]`
    record Fit(Tensor difference, Optional<Tensor> shift, Tensor moments) {}

    /// The layer with the changed map, on new tensors where they differ.
    Layer fitted(Fit fit);

    /// The same of a map that was fitted to another layer's sum. Where a norm follows the sum, it gets the numbers of that layer's, so that
    /// the layer gives what the other gave.
    ///
    /// @param aim the layer whose sum it was, mostly the last one that went
    default Layer fitted(Fit fit, Layer aim) {
        return fitted(fit);
    }

    /// Whether a norm with numbers of its own follows the sum.
    default boolean followed() {
        return false;
    }

    /// The sum of the same pass had the layer another last map, where that takes less than another pass.
    ///
    /// @param changed the end of a layer that {@link #fitted} gave
    default Optional<Tensor> sum(Run run, LastMap changed) {
        return Optional.empty();
    }

    /// Whether the stream can be scaled behind the layer: whether it {@linkplain #divided can be divided}.
    boolean scalable();

    /// The layer with everything it adds to the stream divided, on new tensors where they differ; empty where the stream cannot be
    /// scaled behind it.
    Optional<Layer> divided(double factor);
}
