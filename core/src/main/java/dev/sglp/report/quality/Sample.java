package dev.sglp.report.quality;

import static dev.sglp.report.html.Markup.escape;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.report.Human;
import dev.sglp.report.html.Markup;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// How two networks go on with the same text, each taking the likeliest token.
///
/// @param prompt  what both were given
/// @param dense   what the whole network writes
/// @param written what the network that is written does
/// @param kl      mean divergence of that one from the whole one along what the whole one wrote, nats a token
public record Sample(String prompt, Text dense, Text written, @JsonProperty("kl_divergence") double kl) {
    /// @param repeated share of its runs of four tokens that had stood in it before
    public record Text(String text, double repeated) {}

    /// One line for each network and what was measured.
    public List<String> lines() {
        return List.of("> " + prompt, "  dense:   " + dense.text.strip(), "  written: " + written.text.strip(),
                String.format(Locale.ROOT,
                        "  of 4-grams repeated: dense %s, written %s; KL along the dense text %.3f nats a token",
                        Human.percent(dense.repeated), Human.percent(written.repeated), kl));
    }

    /// Side by side.
    public static String section(List<Sample> samples) {
        var all = samples.stream().map(s -> "<h3>%s</h3>".formatted(escape(s.prompt)) + Markup.definitions(List.of(
                List.of("Dense", s.dense.text.strip()), List.of("Written", s.written.text.strip()),
                List.of("Repeated", "%s → %s".formatted(Human.percent(s.dense.repeated),
                        Human.percent(s.written.repeated))),
                List.of("KL", Human.number(s.kl))))).collect(Collectors.joining("\n"));
        return Markup.section("samples", "How it speaks",
                "The same prompts continued by the dense and by the written network, each time with the likeliest token. Repeated: the share of runs of four tokens that had stood there before, which is what goes first. KL: how far its next tokens are from the dense network's along the dense text, nats a token.",
                all);
    }
}
