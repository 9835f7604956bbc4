package dev.sglp;

import dev.sglp.data.Batch;
import dev.sglp.data.Dataset;
import dev.sglp.tensor.Tensors;
import java.util.List;
import java.util.Optional;
import java.util.function.LongUnaryOperator;
import java.util.stream.LongStream;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch.ScalarType;

/// Tokens that stand for no text.
public interface Numbers extends Dataset {
    @Override
    default String name() {
        return "numbers";
    }

    @Override
    default List<String> classes() {
        return List.of();
    }

    @Override
    default List<String> itemHashes() {
        return List.of();
    }

    /// Windows of one width; the tokens are counted through.
    ///
    /// @param padded how many tokens at the end of the last window are padding; 0: nothing is said of padding
    /// @param id     of each token
    record Counted(int size, int length, int padded, LongUnaryOperator id) implements Numbers {
        @Override
        public Batch batch(int from, int to) {
            var tokens = window(from, to, id);
            return new Batch(tokens, tokens, padded == 0
                    ? Optional.empty()
                    : Optional.of(window(from, to, i -> isReal(i) ? 0 : 1).to(ScalarType.Bool)));
        }

        public boolean isReal(long token) {
            return token < (long) size * length - padded;
        }

        private Tensor window(int from, int to, LongUnaryOperator value) {
            var numbers = LongStream.range((long) from * length, (long) to * length).map(value).toArray();
            return Tensors.longs(numbers).view(to - from, length);
        }
    }
}
