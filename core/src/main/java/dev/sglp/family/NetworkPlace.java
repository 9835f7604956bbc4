package dev.sglp.family;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.Set;

/// Where in a file a network lies: other things may stand before the names that its family gives its tensors.
///
/// @param prefix what stands before them all, empty or with a dot at its end, for instance `state_dict.module.`
/// @param names  the family's name → the name in the file
public record NetworkPlace(String prefix, SequencedMap<String, String> names) {
    /// Counters that profilers and averages leave among the weights.
    private static final Set<String> EXTRAS = Set.of("total_ops", "total_params", "n_averaged");

    public NetworkPlace {
        names = Collections.unmodifiableSequencedMap(new LinkedHashMap<>(names));
    }

    /// The network behind a prefix, with the names as they stand behind it.
    public static NetworkPlace behind(String prefix, Set<String> all) {
        var names = new LinkedHashMap<String, String>();
        for (var name : all) {
            if (name.startsWith(prefix) && !isExtra(name)) {
                names.put(name.substring(prefix.length()), name);
            }
        }
        return new NetworkPlace(prefix, names);
    }

    /// The same with other names for some.
    ///
    /// @param renamed name behind the prefix → the family's name
    public NetworkPlace renamed(Map<String, String> renamed) {
        var now = new LinkedHashMap<String, String>();
        names.forEach((name, old) -> now.put(renamed.getOrDefault(name, name), old));
        return new NetworkPlace(prefix, now);
    }

    /// The same without what lies in another network's place, further inside.
    NetworkPlace without(NetworkPlace inner) {
        var left = new LinkedHashMap<>(names);
        if (!inner.prefix.equals(prefix)) {
            left.values().removeAll(inner.names.values());
        }
        return new NetworkPlace(prefix, left);
    }

    /// What may stand before a name that every network of a family has.
    public static List<String> prefixes(String name, Set<String> all) {
        return all.stream().filter(n -> n.equals(name) || n.endsWith("." + name))
                .map(n -> n.substring(0, n.length() - name.length())).toList();
    }

    private static boolean isExtra(String name) {
        return EXTRAS.contains(name.substring(name.lastIndexOf('.') + 1));
    }
}
