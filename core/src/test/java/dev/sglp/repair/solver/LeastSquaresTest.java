package dev.sglp.repair.solver;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.Scoped;
import dev.sglp.tensor.Seed;
import dev.sglp.tensor.Tensors;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// By the definition, in float64.
@ExtendWith(Scoped.class)
final class LeastSquaresTest {
    private static final double LAMBDA = 0.5;

    /// Squares are summed strip by strip: less than one, one and a rest, three.
    @ParameterizedTest
    @CsvSource({"40, 90", "512, 600", "700, 900", "1536, 1700", "700, 300"})
    void theMapIsTheOneOfTheNormalEquations(int features, int rows) {
        var u = Seed.of(1).normal("u", 1, rows, features);
        var r = Seed.of(2).normal("r", 1, rows, 3);
        var exact = u.to(ScalarType.Double);
        var squares = exact.t().mm(exact);
        double mean = Tensors.toDoubles(squares.diagonal().mean())[0];
        var held = squares.add(torch.eye(features).to(ScalarType.Double), new Scalar(LAMBDA * mean));
        var products = exact.t().mm(r.to(ScalarType.Double));
        try (var sums = new LeastSquares(features)) {
            int half = rows / 2;
            sums.add(u.narrow(0, 0, half), r.narrow(0, 0, half));
            sums.add(u.narrow(0, half, rows - half), r.narrow(0, half, rows - half));
            var found = sums.solve(LAMBDA).orElseThrow().map().to(ScalarType.Double);
            assertThat(norm(held.mm(found).sub(products))).isLessThan(1e-5 * norm(products));
            double error = norm(exact.mm(found).sub(r.to(ScalarType.Double)));
            assertThat(sums.error(features > rows ? found.to(ScalarType.Float) : found))
                    .isBetween(error * error * (1 - 1e-4), error * error * (1 + 1e-4));
        }
    }

    /// Column by column, with another λ between, and rows that come later: as all at once.
    @ParameterizedTest
    @CsvSource({"40, 90", "700, 300"})
    void someColumnsAreThoseOfTheWhole(int features, int rows) {
        var u = Seed.of(1).normal("u", 1, rows, features);
        var r = Seed.of(2).normal("r", 1, rows, 3);
        try (var sums = new LeastSquares(features); var whole = new LeastSquares(features)) {
            whole.add(u, r);
            var expected = whole.solve(LAMBDA).orElseThrow().map();
            int half = rows / 2;
            sums.add(u.narrow(0, 0, half), r.narrow(0, 0, half));
            sums.solve(LAMBDA).orElseThrow();
            sums.add(u.narrow(0, half, rows - half), r.narrow(0, half, rows - half));
            for (int column = 0; column < 3; column++) {
                var found = sums.solve(LAMBDA, column, 1).orElseThrow().map();
                assertThat(norm(found.sub(expected.narrow(1, column, 1)))).isLessThan(1e-5 * norm(found));
                sums.solve(2 * LAMBDA, column, 1).orElseThrow();
            }
            assertThat(sums.outputs()).isEqualTo(3);
        }
    }

    private static double norm(Tensor a) {
        return Tensors.toDoubles(a.norm())[0];
    }
}
