package dev.sglp.cli.generation;

import dev.sglp.data.text.chat.TextStream;
import dev.sglp.generation.Continuation;
import dev.sglp.generation.Generator;
import dev.sglp.generation.Sampling;
import java.io.PrintWriter;
import java.util.List;

/// A network that says its continuations aloud, one after the other.
record Voice(Speaker speaker, Generator generator, Sampling sampling, int limit) {
    Voice(Speaker speaker, Sampling sampling, int limit) {
        this(speaker, new Generator(speaker.model(),
                new Generator.Settings(sampling, speaker.stops(), limit, 1)), sampling, limit);
    }

    /// @param repeated share of the 4-grams of tokens that stood in the continuation before
    record Words(String text, int tokens, boolean ended, double repeated) {}

    String name() {
        return speaker.file().checkpoint().path().toString();
    }

    /// Continues a prompt and tells it as it comes.
    Continuation say(int[] prompt, PrintWriter out) {
        speaker.remark(prompt.length, limit).ifPresent(out::println);
        out.println("[%s]".formatted(name()));
        var stream = new TextStream(speaker.tokenizer(), prompt);
        var said = generator.of(List.of(prompt), (_, token) -> {
            out.print(stream.add(token));
            out.flush();
        }).getFirst();
        out.println(stream.rest());
        return said;
    }

    Words words(Continuation said) {
        return speaker.tongue().words(said);
    }

    /// How fast it was.
    String rates() {
        var speed = generator.speed();
        return "%s: %,.0f tokens of prompts a second, %,.1f tokens written a second".formatted(name(),
                speed.readPerSecond(), speed.writtenPerSecond());
    }
}
