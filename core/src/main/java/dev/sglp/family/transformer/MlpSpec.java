package dev.sglp.family.transformer;

import dev.sglp.model.transformer.mixer.Activation;
import dev.sglp.model.transformer.mixer.Mlp;
import java.util.List;
import java.util.SequencedMap;

/// A multilayer perceptron.
///
/// @param entry the maps that the input goes through
/// @param down  the last one
public record MlpSpec(Entry entry, LinearSpec down, Activation activation) implements MixerSpec {
    /// The first maps.
    public sealed interface Entry {
        /// One map, then the bend.
        record Plain(LinearSpec up) implements Entry {}

        /// A gate beside it.
        record Gated(LinearSpec gate, LinearSpec up) implements Entry {}

        /// The same in one tensor, the gate's rows first.
        record Fused(LinearSpec both) implements Entry {}

        default List<LinearSpec> linears() {
            return switch (this) {
                case Plain(var up) -> List.of(up);
                case Gated(var gate, var up) -> List.of(gate, up);
                case Fused(var both) -> List.of(both);
            };
        }
    }

    /// Without a gate.
    public static MlpSpec plain(LinearSpec up, LinearSpec down, Activation activation) {
        return new MlpSpec(new Entry.Plain(up), down, activation);
    }

    @Override
    public SequencedMap<String, List<Long>> shapes(String at) {
        var all = Shapes.all(entry.linears().stream().map(l -> l.shapes(at)).toList());
        all.putAll(down.shapes(at));
        return all;
    }

    @Override
    public long macs(long length) {
        return entry.linears().stream().mapToLong(LinearSpec::macs).sum() + down.macs();
    }

    @Override
    public Mlp on(Assembly assembly, String at) {
        var maps = switch (entry) {
            case Entry.Plain(var up) -> new Mlp.Entry.Plain(up.on(assembly, at));
            case Entry.Gated(var gate, var up) -> new Mlp.Entry.Gated(gate.on(assembly, at), up.on(assembly, at));
            case Entry.Fused(var both) -> new Mlp.Entry.Fused(both.on(assembly, at));
        };
        return new Mlp(maps, down.on(assembly, at), activation);
    }
}
