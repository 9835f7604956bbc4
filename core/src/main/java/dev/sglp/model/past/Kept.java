package dev.sglp.model.past;

import dev.sglp.tensor.Device;
import dev.sglp.tensor.Scope;
import java.util.List;
import java.util.function.Function;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/// Keys and values of one block. They lie in tensors with room for some more, which grow by steps.
public final class Kept implements AutoCloseable {
    private static final int STEP = 64;
    private @Nullable Tensor keys; // [B, G, room, h]
    private @Nullable Tensor values;

    Kept() {}

    private Kept(Tensor keys, Tensor values) {
        this.keys = keys;
        this.values = values;
    }

    /// @param keys   `[B, S, G, h]`
    /// @param values `[B, S, G, h]`
    public record Pair(Tensor keys, Tensor values) {}

    /// Keeps those of a pass and gives those of the texts so far: views, good until the next pass.
    ///
    /// @param keys   `[B, T, G, h]`
    /// @param values `[B, T, G, h]`
    public Pair with(Tensor keys, Tensor values, Places places) {
        this.keys = placed(this.keys, keys, places);
        this.values = placed(this.values, values, places);
        return new Pair(seen(this.keys, places.all()), seen(this.values, places.all()));
    }

    /// What {@link #with} gave, with the columns behind it that are room for more and hold finite numbers: tensors without gaps.
    public Pair roomy() {
        return new Pair(keys.transpose(1, 2), values.transpose(1, 2));
    }

    private static Tensor placed(@Nullable Tensor kept, Tensor added, Places places) {
        var own = added.transpose(1, 2); // [B, G, T, h]
        var room = kept != null && kept.size(2) >= places.all() ? kept : grown(kept, own, places);
        room.narrow(2, places.seen(), places.length()).copy_(own);
        return room;
    }

    private static Tensor grown(@Nullable Tensor kept, Tensor like, Places places) {
        return kept == null
                ? Scope.yieldOwned(() -> room(like, like.size(0), places.all()))
                : moved(kept, 0, places.seen(), places.all());
    }

    private static Tensor room(Tensor like, long texts, long columns) {
        return like.new_zeros(new long[]{texts, like.size(1), Math.ceilDiv(columns, STEP) * STEP, like.size(3)});
    }

    private static Tensor seen(Tensor kept, int columns) { // [B, S, G, h]
        return kept.narrow(2, 0, columns).transpose(1, 2);
    }

    /// Some texts of a batch.
    ///
    /// @param columns of the batch
    record Some(Kept kept, List<Integer> places, int columns) {}

    Some some(List<Integer> places, int columns) {
        return new Some(this, places, columns);
    }

    /// Those of texts that end together.
    ///
    /// @param columns of the longest text
    static Kept gathered(List<Some> all, int columns) {
        return new Kept(gathered(all, columns, kept -> kept.keys), gathered(all, columns, kept -> kept.values));
    }

    private static Tensor gathered(List<Some> all, int columns, Function<Kept, @Nullable Tensor> which) {
        return Scope.yieldOwned(() -> {
            var room = room(which.apply(all.getFirst().kept), all.stream().mapToInt(s -> s.places.size()).sum(),
                    columns);
            int at = 0;
            for (var some : all) {
                int most = Math.min(columns, some.columns);
                room.narrow(0, at, some.places.size()).narrow(2, columns - most, most).copy_(
                        which.apply(some.kept).narrow(2, some.columns - most, most)
                                .index_select(0, longs(room, some.places)));
                at += some.places.size();
            }
            return room;
        });
    }

    /// Those of some texts give their places to those of others.
    ///
    /// @param places  in this batch, of texts that have ended
    /// @param columns of this batch
    /// @param others  as many texts, which have no more columns
    void replace(List<Integer> places, int columns, Some others) {
        replace(keys, places, columns, others, kept -> kept.keys);
        replace(values, places, columns, others, kept -> kept.values);
    }

    private static void replace(@Nullable Tensor room, List<Integer> places, int columns, Some others,
            Function<Kept, @Nullable Tensor> which) {
        Scope.run(() -> {
            var rows = which.apply(others.kept).narrow(2, 0, others.columns)
                    .index_select(0, longs(room, others.places));
            room.narrow(2, 0, columns).index_copy_(0, longs(room, places), torch.constant_pad_nd(rows,
                    new long[]{0, 0, columns - others.columns, 0})); // numbers of who was there may be infinite
        });
    }

    private static Tensor longs(Tensor like, List<Integer> places) {
        return Device.of(like).longs(places.stream().mapToLong(i -> i).toArray());
    }

    /// Columns at the beginning that hold nothing of any text go, and the room for them.
    ///
    /// @param columns of the batch
    void leave(int nothing, int columns) {
        keys = moved(keys, nothing, columns - nothing, columns - nothing);
        values = moved(values, nothing, columns - nothing, columns - nothing);
    }

    /// Some columns, in front of room for others; where they lay is freed.
    ///
    /// @param all columns that there is to be room for
    private static Tensor moved(@Nullable Tensor kept, int from, int columns, int all) {
        return Scope.yieldOwned(() -> {
            var room = room(kept, kept.size(0), all);
            room.narrow(2, 0, columns).copy_(kept.narrow(2, from, columns));
            Scope.free(kept);
            return room;
        });
    }

    @Override
    public void close() {
        if (keys != null && values != null) {
            Scope.free(keys);
            Scope.free(values);
        }
        keys = null;
        values = null;
    }
}
