package dev.sglp.family.transformer;

import dev.sglp.model.transformer.mixer.Attention;
import dev.sglp.model.transformer.mixer.Projection;
import dev.sglp.model.transformer.mixer.Projection.Order;
import dev.sglp.model.transformer.position.Mask;
import dev.sglp.model.transformer.position.Rope;
import java.util.List;
import java.util.Optional;
import java.util.SequencedMap;

/// Self-attention.
///
/// @param projection how queries, keys and values are made
/// @param norms      of queries and keys
/// @param reach      how positions are seen
public record AttentionSpec(Heads heads, Maps projection, LinearSpec output, Norms norms,
        Reach reach) implements MixerSpec {
    /// @param query how many query heads
    /// @param key   how many key and value heads; each serves `query / key` query heads
    /// @param size  numbers a head
    public record Heads(int query, int key, int size) {
        /// Numbers of all query heads.
        public long queries() {
            return (long) query * size;
        }

        /// Numbers of all key heads, and of all value heads.
        public long keys() {
            return (long) key * size;
        }
    }

    /// The maps before the heads.
    public sealed interface Maps {
        record Apart(LinearSpec query, LinearSpec key, LinearSpec value) implements Maps {}

        record Fused(LinearSpec all, Order order) implements Maps {}

        /// All numbers they give bounded.
        record Clipped(Maps maps, double most) implements Maps {}

        default List<LinearSpec> linears() {
            return switch (this) {
                case Apart(var query, var key, var value) -> List.of(query, key, value);
                case Fused(var all, _) -> List.of(all);
                case Clipped(var maps, _) -> maps.linears();
            };
        }
    }

    /// @param each whether each head is normalised by itself, or all of them together
    public record Norms(NormSpec query, NormSpec key, boolean each) {
        /// No norms.
        public static final Norms NONE = new Norms(NormSpec.NONE, NormSpec.NONE, true);
    }

    /// @param rope  absent where positions turn nothing
    /// @param scale of the scores
    /// @param cap   of the scores; 0 for none
    public record Reach(Optional<Rope> rope, Mask.Sight sight, double scale, double cap) {}

    /// Causal, nothing turned, nothing normalised, scores divided by the root of a head's size.
    public AttentionSpec(Heads heads, Maps projection, LinearSpec output) {
        this(heads, projection, output, Norms.NONE,
                new Reach(Optional.empty(), Mask.Sight.causal(0), 1 / Math.sqrt(heads.size), 0));
    }

    public AttentionSpec turnedBy(Rope rope) {
        return with(new Reach(Optional.of(rope), reach.sight, reach.scale, reach.cap));
    }

    /// @param window positions a token sees, itself included; 0 for all before it
    public AttentionSpec seeing(int window) {
        return with(new Reach(reach.rope, Mask.Sight.causal(window), reach.scale, reach.cap));
    }

    public AttentionSpec seeing(Mask.Sight sight) {
        return with(new Reach(reach.rope, sight, reach.scale, reach.cap));
    }

    /// Farther positions count less, by slopes that are scaled as the scores are.
    public AttentionSpec slanted() {
        return seeing(new Mask.Sight(0, true, new Mask.Alibi(heads.query, reach.scale)));
    }

    public AttentionSpec scaledBy(double scale) {
        return with(new Reach(reach.rope, reach.sight, scale, reach.cap));
    }

    public AttentionSpec cappedAt(double cap) {
        return with(new Reach(reach.rope, reach.sight, reach.scale, cap));
    }

    /// @param most of queries, keys and values, as they leave their maps; 0 for no bound
    public AttentionSpec clippedAt(double most) {
        return most == 0
                ? this
                : new AttentionSpec(heads, new Maps.Clipped(projection, most), output, norms, reach);
    }

    public AttentionSpec normedBy(Norms other) {
        return new AttentionSpec(heads, projection, output, other, reach);
    }

    private AttentionSpec with(Reach other) {
        return new AttentionSpec(heads, projection, output, norms, other);
    }

    public int window() {
        return reach.sight.window();
    }

    @Override
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = Shapes.all(projection.linears().stream().map(l -> l.shapes(at)).toList());
        all.putAll(output.shapes(at));
        all.putAll(norms.query.shapes(at));
        all.putAll(norms.key.shapes(at));
        return all;
    }

    /// With `q kᵀ` and the sum of values, for the mean number of positions a token sees.
    @Override
    public long macs(long length) {
        long linear = projection.linears().stream().mapToLong(LinearSpec::macs).sum() + output.macs();
        long most = window() == 0 ? length : Math.min(window(), length);
        long seen = reach.sight.causal() ? most * (most + 1) / 2 + (length - most) * most : length * most;
        return linear + 2 * heads.queries() * seen / length;
    }

    @Override
    public Attention on(Assembly assembly, String at) {
        return new Attention(maps(projection, assembly, at), output.on(assembly, at), norms(assembly, at),
                new Attention.Reach(reach.rope.map(assembly::rotation), heads.size, assembly.mask(reach.sight),
                        reach.scale, reach.cap));
    }

    private Projection maps(Maps maps, Assembly assembly, String at) {
        return switch (maps) {
            case Maps.Apart(var query, var key, var value) -> new Projection.Apart(query.on(assembly, at),
                    key.on(assembly, at), value.on(assembly, at));
            case Maps.Fused(var all, var order) ->
                new Projection.Fused(all.on(assembly, at), heads.query, heads.key, order);
            case Maps.Clipped(var inner, var most) -> new Projection.Clipped(maps(inner, assembly, at), most);
        };
    }

    private Attention.HeadNorms norms(Assembly assembly, String at) {
        if (norms.equals(Norms.NONE)) {
            return new Attention.HeadNorms.None();
        }
        var query = norms.query.on(assembly, at);
        var key = norms.key.on(assembly, at);
        return norms.each
                ? new Attention.HeadNorms.Each(query, key)
                : new Attention.HeadNorms.Whole(query, key);
    }
}
