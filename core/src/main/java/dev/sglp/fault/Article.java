package dev.sglp.fault;

/// `a` or `an`.
public final class Article {
    private Article() {}

    /// The words behind their article.
    public static String of(String words) {
        return ("aeiou".indexOf(Character.toLowerCase(words.charAt(0))) < 0 ? "a " : "an ") + words;
    }
}
