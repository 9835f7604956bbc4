package dev.sglp.tensor;

import org.bytedeco.pytorch.Tensor;

/// The gradient of one parameter, made only where it is needed whole: its norm often costs less ({@link GradientNorms}).
public sealed interface Gradient {
    /// Shaped as the parameter, in the current scope or where it already lies.
    Tensor whole();

    /// Takes it out of the open scopes. The caller owns it until {@link #free}.
    void own();

    /// Frees what {@link #own} took.
    void free();

    /// One that is there.
    record Whole(Tensor whole) implements Gradient {
        @Override
        public void own() {
            Scope.own(whole);
        }

        @Override
        public void free() {
            Scope.free(whole);
        }
    }

    /// That of the matrix of a linear map: `vectorᵀ x`.
    ///
    /// @param vector gradient with respect to the map's output, `[n, out]`
    /// @param x      the map's input, `[n, in]`; maps that read the same input share this object
    record Product(Tensor vector, Tensor x) implements Gradient {
        @Override
        public Tensor whole() { // [out, in]
            return vector.t().mm(x);
        }

        @Override
        public void own() {
            Scope.own(vector);
            Scope.own(x);
        }

        @Override
        public void free() {
            Scope.free(vector);
            Scope.free(x);
        }
    }

    /// That of a tensor that stands in two places. The second is added to the first where that lies whole, so that no third
    /// matrix is made: ask for it once.
    record Sum(Gradient first, Gradient second) implements Gradient {
        @Override
        public Tensor whole() {
            return first.whole().add_(second.whole());
        }

        @Override
        public void own() {
            first.own();
            second.own();
        }

        @Override
        public void free() {
            first.free();
            second.free();
        }
    }
}
