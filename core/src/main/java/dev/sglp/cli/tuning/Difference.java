package dev.sglp.cli.tuning;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// Where two descriptions of settings part, for people: both are long and mostly the same.
///
/// @param kept  what differs in the first
/// @param asked what stands in its place in the second
record Difference(String kept, String asked) {
    private static final int MOST = 200; // characters
    private static final Pattern LAYERS = Pattern.compile("kept=\\d+( \\d+)+"); // one field
    private static final String STEPS = "(Steps)\\[at=\\[[^]]*], factor=[^],]*"; // always the same
    private static final String HASH = "([0-9a-f]{12})[0-9a-f]{20,}";
    private static final String INSIDE_A_WORD = "[^ ,;\\[\\]]";

    static Difference of(String kept, String asked) {
        var there = words(kept);
        var wanted = words(asked);
        return there.size() == wanted.size() ? ofWords(there, wanted) : ofMiddle(kept, asked);
    }

    private static List<String> words(String text) {
        var joined = LAYERS.matcher(text).replaceAll(layers -> layers.group().replace(' ', '+'));
        return Pattern.compile(INSIDE_A_WORD + "+").matcher(joined).results().map(MatchResult::group).toList();
    }

    private static Difference ofWords(List<String> kept, List<String> asked) {
        var places = IntStream.range(0, kept.size()).filter(i -> !kept.get(i).equals(asked.get(i))).boxed().toList();
        return new Difference(places.stream().map(kept::get).collect(Collectors.joining(", ")),
                places.stream().map(asked::get).collect(Collectors.joining(", ")));
    }

    private static Difference ofMiddle(String kept, String asked) {
        int start = 0;
        int shortest = Math.min(kept.length(), asked.length());
        while (start < shortest && kept.charAt(start) == asked.charAt(start)) {
            start++;
        }
        while (start > 0 && insideAWord(kept, start - 1)) {
            start--;
        }
        int end = 0;
        while (end < shortest - start
                && kept.charAt(kept.length() - 1 - end) == asked.charAt(asked.length() - 1 - end)) {
            end++;
        }
        while (end > 0 && insideAWord(kept, kept.length() - end)) {
            end--;
        }
        return new Difference(kept.substring(start, kept.length() - end), asked.substring(start, asked.length() - end));
    }

    private static boolean insideAWord(String text, int at) {
        return text.substring(at, at + 1).matches(INSIDE_A_WORD);
    }

    /// `--epochs 3 there, 5 asked for`; where no flag is behind it `'train, 96 images' there, 'train, 88 images' asked for`.
    @Override
    public String toString() {
        var there = fields(kept);
        var wanted = fields(asked);
        var said = new ArrayList<>(there.keySet().stream()
                .filter(f -> SettingFlags.knows(f) && !wanted.getOrDefault(f, there.get(f)).equals(there.get(f)))
                .map(f -> SettingFlags.differ(f, there.get(f), wanted.get(f))).distinct().toList());
        if (said.isEmpty() && !(typed(there, wanted) + typed(wanted, there)).isEmpty()) {
            said.add("%s there, %s asked for".formatted(orNothing(typed(there, wanted)),
                    orNothing(typed(wanted, there))));
        }
        boolean hashes = said.isEmpty(); // else they follow from the flags
        var others = "%s there, %s asked for".formatted(others(kept, asked, hashes), others(asked, kept, hashes));
        if (!others.equals("nothing there, nothing asked for")) {
            said.add(others);
        } else if (said.isEmpty()) {
            said.add("'%s' there, '%s' asked for".formatted(shortened(kept), shortened(asked)));
        }
        return String.join("; ", said);
    }

    /// Each `name=value` of a description.
    private static SequencedMap<String, String> fields(String text) {
        var fields = new LinkedHashMap<String, String>();
        words(text).stream().filter(w -> w.indexOf('=') > 0)
                .forEach(w -> fields.put(w.substring(0, w.indexOf('=')), w.substring(w.indexOf('=') + 1)));
        return fields;
    }

    /// The flags that the other has not.
    private static String typed(SequencedMap<String, String> fields, SequencedMap<String, String> other) {
        return fields.keySet().stream().filter(f -> SettingFlags.knows(f) && !other.containsKey(f))
                .map(f -> SettingFlags.typed(f, fields.get(f))).collect(Collectors.joining(" "));
    }

    /// What the other has not and no flag is behind, with marks around it.
    private static String others(String text, String other, boolean hashes) {
        var known = Set.copyOf(words(other));
        var own = words(text.replaceAll(STEPS, "$1")).stream().filter(w -> !known.contains(w))
                .filter(w -> w.indexOf('=') <= 0 || isOther(w.substring(0, w.indexOf('='))))
                .filter(w -> hashes || !w.matches(HASH)).map(w -> w.replaceAll(HASH, "$1…"))
                .collect(Collectors.joining(" "));
        return own.isEmpty() ? orNothing(own) : "'%s'".formatted(shortened(own));
    }

    private static String orNothing(String flags) {
        return flags.isEmpty() ? "nothing" : flags;
    }

    private static boolean isOther(String field) {
        return !SettingFlags.knows(field) && !SettingFlags.isSilent(field);
    }

    private static String shortened(String text) {
        return text.length() > MOST ? text.substring(0, MOST) + "…" : text;
    }
}
