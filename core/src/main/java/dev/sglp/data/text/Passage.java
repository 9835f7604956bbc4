package dev.sglp.data.text;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;

/// Consecutive lines of a file: the items that no two roles share.
///
/// @param name      what people call it
/// @param lines     with their line ends as they are; or the documents of a JSON lines file
/// @param documents whether every line is a document of its own, else all are one text
record Passage(String name, List<String> lines, boolean documents) {
    /// Lines with fewer characters do not tell a text: headings, empty lines, list items occur everywhere. WikiText-2's
    /// validation and test text share 71 lines, the longest of 39 characters.
    static final int TELLING_LENGTH = 40;

    Passage {
        lines = List.copyOf(lines);
    }

    Passage named(String other) {
        return new Passage(other, lines, documents);
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
            parts.add(new Passage(name, lines.subList(from, to), documents));
            from = to;
        }
        parts.add(new Passage(name, lines.subList(from, lines.size()), documents));
        return parts;
    }

    private long characters() {
        return lines.stream().mapToLong(String::length).sum();
    }

    /// These lines without those whose hash is among `hashes`.
    Passage without(Set<String> hashes) {
        var kept = lines.stream().filter(line -> !telling(line) || !hashes.contains(hash(line))).toList();
        return kept.size() == lines.size() ? this : new Passage(name, kept, documents);
    }

    /// A hash of each different line that tells a text, blanks around it left out: the first 128 bits of SHA-256, in
    /// hexadecimal.
    List<String> hashes() {
        var seen = new HashSet<String>();
        return lines.stream().filter(Passage::telling).map(Passage::hash).filter(seen::add).toList();
    }

    private static boolean telling(String line) {
        return line.strip().length() >= TELLING_LENGTH;
    }

    private static String hash(String line) {
        try {
            byte[] bytes = line.strip().getBytes(StandardCharsets.UTF_8);
            return HexFormat.of().formatHex(
                    Arrays.copyOf(MessageDigest.getInstance("SHA-256").digest(bytes), 16));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every JDK has SHA-256", e);
        }
    }
}
