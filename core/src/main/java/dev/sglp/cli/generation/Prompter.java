package dev.sglp.cli.generation;

import dev.sglp.data.text.chat.TextStream;
import dev.sglp.fault.UsageException;
import dev.sglp.generation.Continuation;
import dev.sglp.tensor.Seed;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/// What each of many texts begins with: prompts in turn, or, where there are none, a word drawn from the vocabulary (LLM-QAT, Liu 2023, arXiv
/// 2305.17888, draws the first token so).
record Prompter(Speaker speaker, List<String> prompts, long seed) {
    private static final Pattern WORD = Pattern.compile(" \\p{L}{2,}");
    private static final Pattern LETTERS = Pattern.compile("\\p{L}{2,}"); // a tokenizer that tells no blank before a word
    private static final int DRAWS = 1000;

    int[] tokens(int number) {
        return prompts.isEmpty()
                ? IntStream.concat(speaker.tokenizer().beginning().stream(), IntStream.of(word(number))).toArray()
                : speaker.tokens(prompts.get(number % prompts.size()));
    }

    private int word(int number) {
        var chance = Seed.of(seed).generator("word/" + number);
        var tokenizer = speaker.tokenizer();
        for (var pattern : new Pattern[]{WORD, LETTERS}) {
            for (int i = 0; i < DRAWS; i++) {
                int token = chance.below(tokenizer.vocabulary());
                if (pattern.matcher(tokenizer.decode(token)).matches()) {
                    return token;
                }
            }
        }
        throw new UsageException("[%s] has hardly a token that is a word: --prompts says what texts begin with"
                .formatted(speaker.file().checkpoint().path()));
    }

    /// The whole text, its prompt first, and behind it the token that ended it.
    String text(int number, Continuation said) {
        var first = prompts.isEmpty()
                ? speaker.tokenizer().decode(word(number)).stripLeading()
                : prompts.get(number % prompts.size());
        return ended(first + TextStream.text(speaker.tokenizer(), said.prompt(), said.tokens()), said);
    }

    /// A network that learns from the text learns where it ends, if the text reads back as it was written.
    private String ended(String text, Continuation said) {
        if (!said.ended()) {
            return text;
        }
        var tokenizer = speaker.tokenizer();
        var with = text + tokenizer.decode(said.last());
        return Arrays.equals(tokenizer.encode(with),
                IntStream.concat(Arrays.stream(tokenizer.encode(text)), IntStream.of(said.last())).toArray())
                        ? with
                        : text;
    }
}
