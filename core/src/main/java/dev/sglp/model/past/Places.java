package dev.sglp.model.past;

import dev.sglp.tensor.Device;
import java.util.Collections;
import java.util.List;
import org.bytedeco.pytorch.Tensor;

/// Where the tokens of a pass stand in their texts. Texts of a batch end together: what is kept of them has as many columns as the longest has
/// tokens, and the shorter ones begin with columns that hold nothing.
///
/// @param seen    columns before those of the pass
/// @param length  columns of the pass, T
/// @param padding for each text the columns at its beginning that hold nothing; empty where no text has any
public record Places(int seen, int length, List<Integer> padding) {
    public Places {
        padding = List.copyOf(padding);
    }

    /// Of whole texts, all equally long.
    public static Places whole(long length) {
        return new Places(0, Math.toIntExact(length), List.of());
    }

    /// Columns of the texts with those of the pass, S.
    public int all() {
        return seen + length;
    }

    /// Whether the pass begins the texts.
    public boolean first() {
        return seen == 0;
    }

    /// Whether the tokens of all texts have the same positions.
    public boolean alike() {
        return padding.isEmpty();
    }

    /// Whether every token of a pass over whole texts is its own column.
    public boolean square() {
        return first() && alike();
    }

    /// How many texts differ: all, or one for all that are alike.
    public int texts() {
        return alike() ? 1 : padding.size();
    }

    /// The position of the pass's first token in a text.
    public int start(int text) {
        return seen - (alike() ? 0 : padding.get(text));
    }

    /// The positions of the pass's tokens, `[B, T]`; of columns that hold nothing 0.
    public Tensor positions(Device device) {
        var all = new long[texts() * length];
        for (int i = 0; i < all.length; i++) {
            all[i] = Math.max(0, start(i / length) + i % length);
        }
        return device.longs(all).view(texts(), length);
    }

    /// The largest position of all, and one more: the tokens of the longest text.
    public int longest() {
        return all() - (alike() ? 0 : Collections.min(padding));
    }
}
