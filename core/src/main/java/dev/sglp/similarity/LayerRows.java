package dev.sglp.similarity;

import dev.sglp.model.LayeredModel;
import dev.sglp.model.Pass;
import dev.sglp.model.Tap;
import dev.sglp.model.wave.LayerSource;
import dev.sglp.model.wave.LayerSource.Aside;
import dev.sglp.model.wave.LayerSource.Place;
import dev.sglp.model.wave.Waiting;
import dev.sglp.model.wave.Wave;
import dev.sglp.model.work.Meter;
import dev.sglp.similarity.Cells.Cell;
import dev.sglp.tensor.DType;
import dev.sglp.tensor.Scope;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.IntConsumer;
import java.util.stream.IntStream;
import org.bytedeco.pytorch.Tensor;

/// What every layer of a network says of some examples.
///
/// @param batchSize items a forward pass
/// @param along     who listens too
/// @param waiting   what it said of each batch, where all have run and that waits on disk: by its first item, a layer each
record LayerRows(LayeredModel model, Examples examples, Representation representation, int batchSize, Along along,
        Map<Integer, Aside[]> waiting) {
    /// Nothing has run.
    LayerRows(LayeredModel model, Examples examples, Representation representation, int batchSize, Along along) {
        this(model, examples, representation, batchSize, along, Map.of());
    }

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
        forward(from, to, along, told);
    }

    private void forward(int from, int to, Along who, Told told) {
        var known = waiting.get(from);
        if (known != null) {
            for (int i = 0; i < known.length; i++) {
                int layer = i;
                Scope.run(() -> told.rows(layer, known[layer].read()));
            }
            return;
        }
        Scope.run(() -> {
            var pass = new Heard(from, to, who, told);
            try {
                model.body(pass.run.batch().inputs(), Pass.evaluation(), pass);
            } finally {
                pass.ended();
            }
        });
    }

    /// A pass over a batch: its rows are told, and others hear it.
    private final class Heard implements Tap {
        private final Told told;
        private final Examples.Run run;
        private final Tap other;

        Heard(int from, int to, Along who, Told told) {
            this.told = told;
            run = examples.run(from, to);
            other = run.complete() ? who.over(examples.start() + from, examples.start() + to, run.batch()) : NONE;
        }

        @Override
        public void layer(int layer, Tensor input, Tensor output) {
            Scope.run(() -> told.rows(layer, rowsOf(run, output)));
            Scope.run(() -> other.layer(layer, input, output));
        }

        @Override
        public void ended() {
            other.ended();
        }
    }

    /// Features of each layer. Those of a transformer are its stream's; of others an item is run.
    long[] widths() {
        int item = IntStream.range(0, examples.items()).filter(i -> examples.places().get(i).length > 0).findFirst()
                .orElseThrow();
        var widths = new long[layers()];
        if (model.layout().stream()) {
            Scope.run(() -> {
                var run = examples.run(item, item + 1);
                Arrays.fill(widths,
                        rowsOf(run, model.stem().forward(run.batch().inputs(), Pass.evaluation())).size(1));
            });
        } else {
            forward(item, item + 1, Along.NOBODY, (layer, rows) -> widths[layer] = rows.size(1));
        }
        return widths;
    }

    private Tensor rowsOf(Examples.Run run, Tensor output) {
        return representation.rows(model.layout(), output, run.batch().padding(), run.chosen());
    }

    /// Empty where layers are in memory.
    Optional<LayerSource> source() {
        return LayerSource.of(model);
    }

    /// Where the batch that begins with this item ends.
    int batchEnd(int from) {
        return Math.min(examples.items(), from + batchSize);
    }

    /// Whether batches go through each layer together, which is read from a file.
    boolean sideBySide() {
        return source().isPresent() && along.sideBySide() && waiting.isEmpty();
    }

    /// The same examples with fewer items a forward pass.
    LayerRows in(int other) {
        return new LayerRows(model, examples, representation, other, along);
    }

    /// A forward pass: items `[from, to)`.
    ///
    /// @param examples theirs
    record Run(int from, int to, Cell examples) {
        int count() {
            return examples.size();
        }
    }

    /// The passes in which some of examples `[from, to)` are.
    List<Run> batches(int from, int to) {
        var wanted = new Cell(from, to);
        var runs = new ArrayList<Run>();
        int first = 0;
        for (int item = 0; item < examples.items() && first < to; item = batchEnd(item)) {
            int end = first + examples.count(item, batchEnd(item));
            var own = new Cell(first, end);
            if (own.and(wanted).size() > 0) {
                runs.add(new Run(item, batchEnd(item), own));
            }
            first = end;
        }
        return runs;
    }

    /// Told what a pass says of examples that are not kept.
    interface Beyond {
        /// @param rows `[n, d]`, of all examples of the pass
        void rows(Run run, int layer, Tensor rows);
    }

    /// Room for every layer's rows of these examples, float32 `[n, d]`, in the current scope.
    ///
    /// @param widths features of each layer
    Tensor[] none(Cell own, long... widths) {
        return Arrays.stream(widths).mapToObj(width -> model.device().zeros(DType.F32, own.size(), width))
                .toArray(Tensor[]::new);
    }

    /// Keeps every layer's rows of these examples.
    ///
    /// @param kept   where, as {@link #none} makes it
    /// @param ran    told how many examples have run
    /// @param beyond told of the last pass, when all rows of the layer are kept, where it goes on behind these examples
    void keep(Cell own, Tensor[] kept, IntConsumer ran, Beyond beyond) {
        var spans = new ArrayList<Span>();
        for (var run : batches(own.from(), own.to())) {
            var part = run.examples.and(own);
            spans.add(new Span(run, (layer, rows) -> {
                part.of(kept[layer], 0, own.from()).copy_(part.of(rows, 0, run.examples.from()));
                if (run.examples.to() > own.to()) {
                    beyond.rows(run, layer, rows);
                }
            }));
        }
        run(spans, ran);
    }

    private void run(List<Span> spans, IntConsumer ran) {
        if (spans.size() > 1 && sideBySide()) {
            sideBySide(source().orElseThrow(), spans, ran);
        } else {
            spans.forEach(span -> alone(span, ran));
        }
    }

    /// Where layers are read from a file and their rows of all examples have no room: runs all batches, and lets what they say wait.
    ///
    /// @param place where
    /// @param ran   told how many examples have run
    LayerRows aside(Place place, IntConsumer ran) {
        var all = new HashMap<Integer, Aside[]>();
        var spans = batches(0, examples.count()).stream().map(run -> {
            var own = new Aside[layers()];
            all.put(run.from, own);
            return new Span(run, (layer, rows) -> own[layer] = place.aside(rows));
        }).toList();
        run(spans, ran);
        return new LayerRows(model, examples, representation, batchSize, along, all);
    }

    private void alone(Span span, IntConsumer ran) {
        forward(span.run.from, span.run.to, span.told);
        ran.accept(span.run.count());
    }

    /// A pass and who is told its rows.
    private record Span(Run run, Told told) {}

    /// Each layer is read once for all of them, or for as many as the source has room for side by side; what is heard is the same.
    private void sideBySide(LayerSource source, List<Span> spans, IntConsumer ran) {
        long each = Wave.bytes(model, spans.size(),
                i -> examples.run(spans.get(i).run.from, spans.get(i).run.to).batch().inputs());
        long room = source.streams();
        int most = Math.clamp(room / (2 * each), 1, spans.size());
        if (most == 1) {
            spans.forEach(span -> alone(span, ran));
            return;
        }
        for (int from = 0; from < spans.size(); from += most) {
            var group = spans.subList(from, Math.min(spans.size(), from + most));
            Scope.run(() -> sideBySide(source, room, group, ran));
        }
    }

    private void sideBySide(LayerSource source, long room, List<Span> group, IntConsumer ran) {
        var passes = new ArrayList<Heard>();
        int examples = group.stream().mapToInt(span -> span.run.count()).sum();
        try (var waiting = new Waiting(source, room)) {
            group.forEach(s -> passes.add(new Heard(s.run.from, s.run.to, along, s.told)));
            try (var wave = Wave.before(List.of(model), group.size(), i -> passes.get(i).run.batch().inputs(),
                    new Wave.Ride(Pass.evaluation(), new Meter(model, 1), waiting))) { // counted where it is asked for
                for (int i = 0; i < layers(); i++) {
                    int layer = i;
                    wave.through(layer, (pass, input, output) -> passes.get(pass).layer(layer, input, output));
                    ran.accept(examples * (layer + 1) / layers() - examples * layer / layers());
                }
            }
        } finally {
            passes.forEach(Heard::ended);
        }
    }
}
