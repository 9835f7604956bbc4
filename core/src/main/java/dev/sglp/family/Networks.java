package dev.sglp.family;

import dev.sglp.checkpoint.Checkpoint;
import dev.sglp.checkpoint.CheckpointPart;
import dev.sglp.checkpoint.CheckpointPart.Reading;
import dev.sglp.fault.UsageException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.stream.Collectors;

/// Finds the network in a checkpoint by where its tensors are, whatever keys and prefixes stand before their names: those of a
/// training's dictionary (`state_dict`, `model_ema`), of wrappers (`module.`, `_orig_mod.`), of a larger module (`backbone.`).
final class Networks {
    private static final String TOP = ".";
    private static final int MOST_SHOWN = 3;

    private final Checkpoint whole;
    private final SequencedMap<String, NetworkPlace> byKey;

    private Networks(Checkpoint whole, SequencedMap<String, NetworkPlace> byKey) {
        this.whole = whole;
        this.byKey = byKey;
    }

    /// The checkpoint with the names of its one network, or as it is where no family knows any.
    ///
    /// @param key which network, where there are several
    /// @throws IOException              where there are several and no key says which
    /// @throws UsageException where there is none of this key
    static Checkpoint plain(Checkpoint checkpoint, Map<String, Object> config, Optional<String> key)
            throws IOException {
        var whole = checkpoint.whole();
        var networks = new Networks(whole, byKey(places(whole, config)));
        if (key.isEmpty() && networks.byKey.isEmpty()) {
            return checkpoint;
        }
        var place = networks.pick(key);
        boolean plain = place.prefix().isEmpty() && place.names().keySet().equals(checkpoint.tensors().keySet())
                && place.names().entrySet().stream().allMatch(e -> e.getKey().equals(e.getValue()));
        return plain && networks.byKey.size() == 1 ? checkpoint : new CheckpointPart(whole, networks.reading(place));
    }

    private static List<NetworkPlace> places(Checkpoint whole, Map<String, Object> config) {
        var found = new LinkedHashMap<String, NetworkPlace>();
        for (var family : Families.all()) {
            family.places(whole.tensors().keySet(), config).forEach(place -> found.putIfAbsent(place.prefix(), place));
        }
        return found.values().stream().map(place -> found.values().stream()
                .filter(inner -> inner.prefix().startsWith(place.prefix())).reduce(place, NetworkPlace::without))
                .toList();
    }

    /// By as much of its prefix, from the beginning, as tells it from the others.
    private static SequencedMap<String, NetworkPlace> byKey(List<NetworkPlace> places) {
        var byKey = new LinkedHashMap<String, NetworkPlace>();
        for (var place : places) {
            var key = new StringBuilder();
            for (var part : place.prefix().split("(?<=\\.)")) {
                key.append(part);
                if (places.stream().filter(p -> p.prefix().startsWith(key.toString())).count() == 1) {
                    break;
                }
            }
            byKey.put(key.isEmpty() ? TOP : withoutDot(key.toString()), place);
        }
        return byKey;
    }

    private static String withoutDot(String prefix) {
        return prefix.endsWith(".") ? prefix.substring(0, prefix.length() - 1) : prefix;
    }

    private NetworkPlace pick(Optional<String> key) throws IOException {
        if (key.isEmpty() && byKey.size() > 1) {
            throw new IOException("[%s] holds %d networks: %s. --weights KEY chooses one, for instance --weights %s"
                    .formatted(whole.path(), byKey.size(), keys(), byKey.firstEntry().getKey()));
        }
        if (key.isEmpty()) {
            return byKey.firstEntry().getValue();
        }
        var wanted = withoutDot(key.get());
        return byKey.entrySet().stream()
                .filter(e -> e.getKey().equals(key.get()) || withoutDot(e.getValue().prefix()).equals(wanted))
                .map(Map.Entry::getValue).findFirst()
                .orElseThrow(() -> new UsageException(
                        "--weights '%s': [%s] holds no network of a known family under it. It holds: %s"
                                .formatted(key.get(), whole.path(), byKey.isEmpty() ? "none" : keys())));
    }

    private String keys() {
        return byKey.keySet().stream().map("'%s'"::formatted).collect(Collectors.joining(", "));
    }

    private Reading reading(NetworkPlace place) {
        var notes = new ArrayList<String>();
        boolean several = byKey.size() > 1;
        if (several) {
            notes.add("Of the networks in the file (%s), the one under '%s' is taken.".formatted(keys(), key(place)));
        }
        if (!place.prefix().isEmpty()) {
            notes.add("Its tensors are those under '%s'; that beginning is left out of their names."
                    .formatted(withoutDot(place.prefix())));
        }
        place.names().entrySet().stream().filter(e -> !e.getValue().equals(place.prefix() + e.getKey())).findFirst()
                .ifPresent(e -> notes.add("Its tensors get the family's names: '%s' is '%s'.".formatted(
                        e.getValue().substring(place.prefix().length()), e.getKey())));
        var own = new HashSet<>(place.names().values());
        var others = whole.tensors().keySet().stream().filter(n -> !own.contains(n)).toList();
        if (!others.isEmpty()) {
            notes.add("Left out: %s%s.".formatted(others.stream().limit(MOST_SHOWN).collect(Collectors.joining(", ")),
                    others.size() > MOST_SHOWN ? " and %d more".formatted(others.size() - MOST_SHOWN) : ""));
        }
        return new Reading(place.names(), several ? Optional.of(key(place)) : Optional.empty(), notes);
    }

    private String key(NetworkPlace place) {
        return byKey.entrySet().stream().filter(e -> e.getValue().equals(place)).map(Map.Entry::getKey).findFirst()
                .orElseThrow();
    }
}
