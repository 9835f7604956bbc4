package dev.sglp.tensor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.Scoped;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Norms of products against the matrices, made and summed in float64.
@ExtendWith(Scoped.class)
final class GradientNormsTest {
    private static Tensor normal(String name, long... shape) {
        return Seed.of(5).normal(name, 1, shape);
    }

    /// `‖vᵀx‖`, summed here.
    private static double exact(Tensor vector, Tensor x) {
        var matrix = Tensors.toDoubles(vector.to(ScalarType.Double).t().mm(x.to(ScalarType.Double)));
        return Math.sqrt(Arrays.stream(matrix).map(d -> d * d).sum());
    }

    /// One band, whole bands, a rest, a single row; wide and narrow enough for either way.
    @ParameterizedTest
    @CsvSource({"1, 300, 200", "100, 300, 200", "128, 400, 400", "300, 700, 500", "512, 900, 900", "300, 8, 8",
            "512, 16, 900"})
    void theNormOfAProductIsThatOfItsMatrix(long rows, long out, long in) {
        var vector = normal("vector", rows, out);
        var x = normal("x", rows, in);
        double norm = GradientNorms.of(List.of(new Gradient.Product(vector, x)))[0];
        assertThat(norm).isCloseTo(exact(vector, x), within(1e-6 * norm));
    }

    @Test
    void mapsOfTheSameInputAndWholeGradientsKeepTheirPlaces() {
        var x = normal("x", 200, 600);
        var y = normal("y", 200, 500);
        var vectors = Stream.of(400, 300, 200).map(out -> normal("v" + out, 200, out)).toList();
        var whole = normal("whole", 30, 20);
        var norms = GradientNorms.of(List.of(new Gradient.Product(vectors.get(0), x), new Gradient.Whole(whole),
                new Gradient.Product(vectors.get(1), y), new Gradient.Product(vectors.get(2), x)));
        double[] expected = {exact(vectors.get(0), x), exact(whole, torch.eye(30)), exact(vectors.get(1), y),
                exact(vectors.get(2), x)};
        assertThat(norms).containsExactly(expected, within(1e-3));
    }

    /// Half the rows take back, but for a millionth, what the other half gives.
    @Test
    void rowsThatCancelLoseNoDigits() {
        var half = normal("x", 150, 800);
        var x = torch.cat(new org.bytedeco.pytorch.TensorVector(half, half));
        var v = normal("v", 150, 900);
        var vector = torch.cat(new org.bytedeco.pytorch.TensorVector(v, v.mul(new Scalar(-0.999))));
        double norm = GradientNorms.of(List.of(new Gradient.Product(vector, x)))[0];
        assertThat(norm).isCloseTo(exact(vector, x), within(1e-3 * norm));
    }

    /// An embedding tied to the head: the head's product, and a row for each token, one of them twice.
    @Test
    void theNormOfATiedTensorIsThatOfItsSum() {
        var product = new Gradient.Product(normal("vector", 150, 900), normal("x", 150, 700));
        var places = Tensors.longs(new long[]{3, 899, 3, 17}).view(1, -1);
        var rows = torch.sparse_coo_tensor(places, normal("rows", 4, 700).mul_(new Scalar(100.0)), 900, 700).coalesce();
        double norm = GradientNorms.of(List.of(new Gradient.Sum(product, new Gradient.Whole(rows))))[0];
        var sum = product.vector().to(ScalarType.Double).t().mm(product.x().to(ScalarType.Double))
                .add(rows.to_dense().to(ScalarType.Double));
        assertThat(norm).isCloseTo(GradientNorms.of(sum), within(1e-6 * norm));
        assertThat(norm).as("the product between the two counts").isNotCloseTo(
                Math.hypot(exact(product.vector(), product.x()), GradientNorms.of(rows)), within(1e-5 * norm));
    }

    @Test
    void nothingIsNothing() {
        var zero = torch.zeros(200, 500);
        assertThat(GradientNorms.of(List.of(new Gradient.Product(zero, normal("x", 200, 500))))).containsExactly(0);
    }

    @Test
    void bfloat16IsSummedWider() {
        var vector = normal("vector", 300, 700).to(ScalarType.BFloat16);
        var x = normal("x", 300, 500).to(ScalarType.BFloat16);
        double norm = GradientNorms.of(List.of(new Gradient.Product(vector, x)))[0];
        assertThat(norm).isCloseTo(exact(vector, x), within(2e-3 * norm));
    }
}
