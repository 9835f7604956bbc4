package dev.sglp.data.text;

import dev.sglp.data.DataRoles;
import dev.sglp.data.OverlapException;
import dev.sglp.data.text.Passage.Talk;
import dev.sglp.data.text.chat.Span;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;

/// Consecutive lines of a file; of them are the items that no two roles share.
///
/// @param name      what people call it
/// @param lines     with their line ends as they are; or the documents of a JSON lines file
/// @param documents whether every line is a document of its own, else all are one text
/// @param talks     the documents that are conversations, by their text
record Passage(String name, List<String> lines, boolean documents, Map<String, Talk> talks) {
    /// Lines with fewer characters do not tell a text: headings, empty lines, list items occur everywhere. WikiText-2's
    /// validation and test text share 71 lines, the longest of 39 characters.
    static final int TELLING_LENGTH = 40;

    Passage {
        lines = List.copyOf(lines);
        talks = Map.copyOf(talks);
    }

    /// A document that is a conversation.
    ///
    /// @param answers where what is predicted of it stands
    /// @param turns   what is said in it: what a system or a template says, many conversations share
    record Talk(List<Span> answers, List<String> turns) {
        Talk {
            answers = List.copyOf(answers);
            turns = List.copyOf(turns);
        }
    }

    /// No conversations: everything is predicted.
    Passage(String name, List<String> lines, boolean documents) {
        this(name, lines, documents, Map.of());
    }

    Passage named(String other) {
        return new Passage(other, lines, documents, talks);
    }

    /// Parts that end at these fractions of all characters, each at the next line end; the last part ends at 1.
    List<Passage> cut(double... fractions) {
        long all = characters();
        var parts = new ArrayList<Passage>();
        long seen = 0;
        int from = 0;
        int to = 0;
        for (double fraction : fractions) {
            for (; to < lines.size() && seen < fraction * all; to++) {
                seen += lines.get(to).length();
            }
            parts.add(new Passage(name, lines.subList(from, to), documents, talks));
            from = to;
        }
        parts.add(new Passage(name, lines.subList(from, lines.size()), documents, talks));
        return parts;
    }

    private long characters() {
        return lines.stream().mapToLong(String::length).sum();
    }

    /// What tells others that they share a text with this: the items' hashes, and those of the lines of its documents.
    Set<String> telling() {
        var all = new HashSet<>(hashes());
        if (documents) {
            lines.stream().flatMap(this::linesOf).map(Passage::hash).forEach(all::add);
        }
        return all;
    }

    /// How many of its items are among these.
    long shared(Set<String> hashes) {
        return items().stream().filter(item -> isIn(item, hashes)).map(Item::hash).distinct().count();
    }

    /// @param where  these stand, in words
    /// @param advice what to do about it
    /// @throws OverlapException where more than a few of its items are among these
    void checkShared(Set<String> hashes, String where, String advice) throws OverlapException {
        long shared = shared(hashes);
        long all = hashes().size();
        if (!DataRoles.tolerates(shared, all)) {
            throw new OverlapException("%,d of %,d %s of %s also stand in %s. %s".formatted(shared, all,
                    documents ? "documents" : "lines", name, where, advice));
        }
    }

    /// Whether a text stands elsewhere: it, or of a document half of what stands in its telling lines.
    private boolean isIn(Item item, Set<String> hashes) {
        if (!item.tells()) {
            return false;
        }
        if (!documents || hashes.contains(item.hash())) {
            return hashes.contains(item.hash());
        }
        var own = item.lines.stream().flatMap(this::linesOf).toList();
        long all = own.stream().mapToLong(String::length).sum();
        long there = own.stream().filter(line -> hashes.contains(hash(line))).mapToLong(String::length).sum();
        return there > 0 && 2 * there >= all;
    }

    private Stream<String> linesOf(String document) {
        var talk = talks.get(document);
        var said = talk == null ? Stream.of(document) : talk.turns.stream();
        return said.flatMap(String::lines).map(String::strip).filter(line -> line.length() >= TELLING_LENGTH);
    }

    /// These lines without the items that are among `hashes`.
    Passage without(Set<String> hashes) {
        var kept = items().stream().filter(item -> !isIn(item, hashes))
                .flatMap(item -> item.lines.stream()).toList();
        return kept.size() == lines.size() ? this : new Passage(name, kept, documents, talks);
    }

    /// A hash of each different item that tells a text, blanks around its lines left out: the first 128 bits of SHA-256, in
    /// hexadecimal.
    List<String> hashes() {
        var seen = new HashSet<String>();
        return items().stream().filter(Item::tells).map(Item::hash).filter(seen::add).toList();
    }

    /// Its lines; where most of the text stands in lines too short to tell it, as in verse, as many together as do.
    private List<Item> items() {
        long told = lines.stream().map(Item::of).filter(Item::tells).mapToLong(item -> item.text.length()).sum();
        if (2 * told >= lines.stream().mapToLong(line -> line.strip().length()).sum()) {
            return lines.stream().map(Item::of).toList();
        }
        var items = new ArrayList<Item>();
        var text = new StringBuilder();
        int from = 0;
        for (int i = 0; i < lines.size(); i++) {
            text.append(lines.get(i).strip());
            if (text.length() >= TELLING_LENGTH || i == lines.size() - 1) {
                items.add(new Item(lines.subList(from, i + 1), text.toString()));
                text.setLength(0);
                from = i + 1;
            }
        }
        return items;
    }

    /// @param lines as they are
    /// @param text  without the blanks around each
    private record Item(List<String> lines, String text) {
        static Item of(String line) {
            return new Item(List.of(line), line.strip());
        }

        boolean tells() {
            return text.length() >= TELLING_LENGTH;
        }

        String hash() {
            return Passage.hash(text);
        }
    }

    private static String hash(String text) {
        try {
            byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(
                    Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
