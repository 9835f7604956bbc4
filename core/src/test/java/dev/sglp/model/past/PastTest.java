package dev.sglp.model.past;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.sglp.family.ModelFile;
import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.Autograd;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import dev.sglp.tensor.Tensors;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/// The next tokens after what is kept are those of whole passes.
final class PastTest {
    private static Tensor ids(int[]... rows) {
        return Tensors.longs(Arrays.stream(rows).flatMapToInt(Arrays::stream).asLongStream().toArray())
                .view(rows.length, rows[0].length);
    }

    /// Of each row's last token, `[B, V]`.
    private static Tensor read(LayeredModel model, Past past, int[]... rows) {
        return Autograd.off(() -> {
            var pass = Pass.evaluation().after(past);
            var h = model.body(ids(rows), pass, Tap.NONE);
            past.read(rows[0].length);
            return model.head().forward(h.narrow(1, rows[0].length - 1, 1), pass).select(1, 0).to(ScalarType.Float);
        });
    }

    private static Past after(LayeredModel model, int[] text) {
        var past = Past.nothing(1);
        read(model, past, text);
        return past;
    }

    private static Tensor whole(LayeredModel model, int[] text) {
        return Autograd.off(() -> model.forward(ids(text), Pass.evaluation())).select(1, text.length - 1).squeeze(0);
    }

    private static int[] text(int length, int seed) {
        return IntStream.range(0, length).map(i -> 1 + (7 * i + seed * (i + 3)) % 30).toArray();
    }

    private static int[] with(int[] text, int... more) {
        return IntStream.concat(IntStream.of(text), IntStream.of(more)).toArray();
    }

    private static void same(Tensor said, Tensor expected, double share) {
        double[] all = Tensors.toDoubles(expected);
        double largest = Arrays.stream(all).map(Math::abs).max().orElseThrow();
        assertThat(Tensors.toDoubles(said)).containsExactly(all, within(share * largest));
    }

    /// Grouped heads, biases by distance, capped scores, a window: texts of different lengths side by side, a token at a time.
    @ParameterizedTest
    @ValueSource(strings = {"qwen2/yarn", "falcon/rw_1b", "gemma2/2b", "mistral/window", "gpt2/gpt2"})
    void inBfloat16(String name) throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/family", name));
                var weights = file.forReading()) {
            var exact = file.architecture().build(weights);
            var model = exact.in(DType.BF16);
            var one = text(11, 2);
            var other = text(4, 5);
            try (var past = Past.gathered(
                    List.of(Past.Texts.all(after(model, one)), Past.Texts.all(after(model, other))))) {
                for (int next : new int[]{9, 4, 17}) {
                    one = with(one, next);
                    other = with(other, next + 1);
                    var said = read(model, past, new int[]{next}, new int[]{next + 1});
                    same(said.select(0, 0), whole(exact, one), 0.1);
                    same(said.select(0, 1), whole(exact, other), 0.1);
                }
            }
        }
    }

    /// A short text takes a long one's place, and the columns that only that one had are gone.
    @Test
    void aTextTakesAnothersPlace() throws IOException {
        try (var _ = Scope.open();
                var file = ModelFile.open(Path.of("src/test/resources/family/qwen2/yarn"));
                var weights = file.forReading()) {
            var model = file.architecture().build(weights);
            var stays = text(6, 5);
            var joins = text(5, 3);
            try (var past = Past.gathered(
                    List.of(Past.Texts.all(after(model, text(80, 2))), Past.Texts.all(after(model, stays))));
                    var tooLong = after(model, text(81, 1))) {
                assertThat(past.replace(List.of(0), List.of(Past.Texts.all(tooLong)))).isFalse();
                assertThat(past.replace(List.of(0), List.of())).isFalse();
                assertThat(past.replace(List.of(0), List.of(Past.Texts.all(after(model, joins))))).isTrue();
                assertThat(past.length(0)).isEqualTo(5);
                assertThat(past.length(1)).isEqualTo(6);
                assertThat(past.step(1).places().all()).isEqualTo(7);
                var said = read(model, past, new int[]{8}, new int[]{9});
                same(said.select(0, 0), whole(model, with(joins, 8)), 1e-5);
                same(said.select(0, 1), whole(model, with(stays, 9)), 1e-5);
            }
        }
    }
}
