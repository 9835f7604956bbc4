package dev.sglp.similarity;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.Arrays;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// What every layer of a network says of some examples.
///
/// @param batchSize items a forward pass
/// @param along     who listens too
record LayerRows(LayeredModel model, Examples examples, Representation representation, int batchSize, Along along) {
    /// Is told a layer's rows, which live as long as the call.
    interface Told {
        /// @param rows `[n, d]`
        void rows(int layer, Tensor rows);
    }

    int layers() {
        return model.layers().size();
    }

    /// Runs items `[from, to)` forward once.
    void forward(int from, int to, Told told) {
        Scope.run(() -> {
            var run = examples.run(from, to);
            var other = run.complete()
                    ? along.over(examples.start() + from, examples.start() + to, run.batch())
                    : Tap.NONE;
            Tap tap = (layer, input, output) -> {
                Scope.run(() -> told.rows(layer,
                        representation.rows(model.layout(), output, run.batch().padding(), run.chosen())));
                Scope.run(() -> other.layer(layer, input, output));
            };
            model.body(run.batch().inputs(), Pass.evaluation(), tap);
        });
    }

    /// The rows of the first item that holds examples: they tell how many features each layer has, and are not computed again. It
    /// owns them; close it.
    ///
    /// @param end the item after it
    record First(Tensor[] rows, int end) implements AutoCloseable {
        long width(int layer) {
            return rows[layer].size(1);
        }

        /// Of all layers together.
        long features() {
            return Arrays.stream(rows).mapToLong(r -> r.size(1)).sum();
        }

        int count() {
            return Math.toIntExact(rows[0].size(0));
        }

        @Override
        public void close() {
            Arrays.stream(rows).forEach(Scope::free);
        }
    }

    First first() {
        int item = IntStream.range(0, examples.items()).filter(i -> examples.places().get(i).length > 0).findFirst()
                .orElseThrow();
        var found = new Tensor[layers()];
        forward(item, item + 1, (layer, rows) -> found[layer] = Scope.own(rows.clone()));
        return new First(found, item + 1);
    }

    /// Where the batch that begins with this item ends.
    int batchEnd(int from) {
        return Math.min(examples.items(), from + batchSize);
    }

    /// Every layer's rows of items `[from, to)`, float32 `[n, d]`, in the current scope.
    ///
    /// @param ran told how many examples have run
    Tensor[] kept(int from, int to, First first, IntConsumer ran) {
        int n = examples.before(to) - examples.before(from);
        var kept = IntStream.range(0, layers()).mapToObj(i -> model.device().zeros(DType.F32, n, first.width(i)))
                .toArray(Tensor[]::new);
        int start = from;
        if (from < first.end) {
            IntStream.range(0, layers()).forEach(i -> kept[i].narrow(0, 0, first.count()).copy_(first.rows[i]));
            ran.accept(first.count());
            start = first.end;
        }
        for (; start < to; start += batchSize) {
            int end = Math.min(to, start + batchSize);
            int at = examples.before(start) - examples.before(from);
            int count = examples.before(end) - examples.before(start);
            if (count > 0) {
                forward(start, end, (layer, rows) -> kept[layer].narrow(0, at, count).copy_(rows));
                ran.accept(count);
            }
        }
        return kept;
    }
}
