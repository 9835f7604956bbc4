package dev.sglp.model.transformer.mixer;

import dev.sglp.model.transformer.linear.Linear;
import dev.sglp.tensor.Seed;
import java.util.LinkedHashMap;
import java.util.SequencedMap;
import java.util.function.UnaryOperator;
import org.bytedeco.pytorch.Scalar;
import org.bytedeco.pytorch.ScalarOptional;
import org.bytedeco.pytorch.Tensor;

/// How queries, keys and values are made: by maps of their own, or by one that stays one tensor of the checkpoint.
public sealed interface Projection {
    /// @param query `[B, T, H, h]`
    /// @param key   `[B, T, G, h]`
    /// @param value `[B, T, G, h]`
    record Heads(Tensor query, Tensor key, Tensor value) {}

    /// @param x    `[B, T, D]`
    /// @param size numbers a head, h
    Heads of(Tensor x, int size);

    /// Numbers of all keys and values of a token.
    ///
    /// @param size numbers a head
    long cached(int size);

    /// Query heads.
    ///
    /// @param size numbers a head
    long heads(int size);

    Projection mapped(UnaryOperator<Tensor> other);

    Projection reinitialised(Seed seed, double std);

    SequencedMap<String, Tensor> parameters();

    private static Tensor heads(Tensor x, int size) { // [B, T, n·h] → [B, T, n, h]
        return x.view(x.size(0), x.size(1), -1, size);
    }

    /// Three maps.
    ///
    /// @param query `[H·h, D]`
    /// @param key   `[G·h, D]`, G key heads, G divides H
    /// @param value `[G·h, D]`
    record Apart(Linear query, Linear key, Linear value) implements Projection {
        @Override
        public Heads of(Tensor x, int size) {
            return new Heads(Projection.heads(query.forward(x), size), Projection.heads(key.forward(x), size),
                    Projection.heads(value.forward(x), size));
        }

        @Override
        public long cached(int size) {
            return 2 * key.weight().size(0);
        }

        @Override
        public long heads(int size) {
            return query.weight().size(0) / size;
        }

        @Override
        public Apart mapped(UnaryOperator<Tensor> other) {
            return new Apart(query.mapped(other), key.mapped(other), value.mapped(other));
        }

        @Override
        public Apart reinitialised(Seed seed, double std) {
            return new Apart(query.reinitialised(seed, std), key.reinitialised(seed, std),
                    value.reinitialised(seed, std));
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            var all = new LinkedHashMap<>(query.parameters());
            all.putAll(key.parameters());
            all.putAll(value.parameters());
            return all;
        }
    }

    /// In which order the rows of a fused map stand.
    enum Order {
        /// All queries, all keys, all values (GPT-2, Phi-3).
        KINDS,
        /// For each key head its queries, its key, its value (GPT-NeoX, Falcon).
        GROUPS
    }

    /// One map.
    ///
    /// @param all   `[(H + 2 G)·h, D]`
    /// @param heads query heads, H
    /// @param keys  key heads, G
    record Fused(Linear all, int heads, int keys, Order order) implements Projection {
        @Override
        public Heads of(Tensor x, int size) {
            var rows = Projection.heads(all.forward(x), size); // [B, T, H + 2 G, h]
            return switch (order) {
                case KINDS -> new Heads(rows.narrow(2, 0, heads), rows.narrow(2, heads, keys),
                        rows.narrow(2, heads + keys, keys));
                case GROUPS -> {
                    int each = heads / keys;
                    var groups = rows.view(rows.size(0), rows.size(1), keys, each + 2, size);
                    yield new Heads(groups.narrow(3, 0, each).flatten(2, 3), groups.select(3, each),
                            groups.select(3, each + 1));
                }
            };
        }

        @Override
        public long cached(int size) {
            return 2L * keys * size;
        }

        @Override
        public long heads(int size) {
            return heads;
        }

        @Override
        public Fused mapped(UnaryOperator<Tensor> other) {
            return new Fused(all.mapped(other), heads, keys, order);
        }

        @Override
        public Fused reinitialised(Seed seed, double std) {
            return new Fused(all.reinitialised(seed, std), heads, keys, order);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return all.parameters();
        }
    }

    /// Another one whose numbers are bounded: `x` becomes `min(max(x, −most), most)`.
    record Clipped(Projection all, double most) implements Projection {
        @Override
        public Heads of(Tensor x, int size) {
            var heads = all.of(x, size);
            return new Heads(bounded(heads.query), bounded(heads.key), bounded(heads.value));
        }

        private Tensor bounded(Tensor x) {
            return x.clamp(new ScalarOptional(new Scalar(-most)), new ScalarOptional(new Scalar(most)));
        }

        @Override
        public long cached(int size) {
            return all.cached(size);
        }

        @Override
        public long heads(int size) {
            return all.heads(size);
        }

        @Override
        public Clipped mapped(UnaryOperator<Tensor> other) {
            return new Clipped(all.mapped(other), most);
        }

        @Override
        public Clipped reinitialised(Seed seed, double std) {
            return new Clipped(all.reinitialised(seed, std), most);
        }

        @Override
        public SequencedMap<String, Tensor> parameters() {
            return all.parameters();
        }
    }
}
