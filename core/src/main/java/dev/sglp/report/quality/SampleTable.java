package dev.sglp.report.quality;

import dev.sglp.report.Human;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/// Samples in Markdown: bounded in length, and whatever networks write shows as it is.
public final class SampleTable {
    private static final int PROMPTS = 5;
    private static final int CHARACTERS = 300;

    private SampleTable() {}

    /// A section of a model card; nothing where there are no samples.
    public static String of(List<Sample> samples) {
        if (samples.isEmpty()) {
            return "";
        }
        var rows = samples.stream().limit(PROMPTS).map(SampleTable::rows).collect(Collectors.joining());
        var further = samples.size() > PROMPTS
                ? "\n%d further prompts are in the report.\n".formatted(samples.size() - PROMPTS)
                : "";
        return "\n## How it speaks\n%s\n\n| network | goes on | repeated | KL |\n|---|---|---|---|\n%s%s".formatted(
                Sample.TOLD, rows, further);
    }

    private static String rows(Sample sample) {
        return "| | **%s** | | |\n".formatted(literal(sample.prompt())) + sample.networks().stream()
                .map(said -> "| %s | %s | %s | %s |\n".formatted(said.network(), literal(said.text()),
                        Human.percent(said.repeated()),
                        said.kl() == null ? "" : String.format(Locale.ROOT, "%.3f", said.kl())))
                .collect(Collectors.joining());
    }

    /// On one line, with nothing in it that Markdown, HTML or a formula would be made of.
    static String literal(String text) {
        var line = text.strip().replaceAll("[\\s\\p{Cc}\\p{Zl}\\p{Zp}]+", " ");
        boolean cut = line.codePointCount(0, line.length()) > CHARACTERS;
        var shown = cut ? line.substring(0, line.offsetByCodePoints(0, CHARACTERS)) + " …" : line;
        return shown.replaceAll("[\\\\`*_\\[\\]<>|~&$:@]", "\\\\$0").replaceAll("(?i)(www)\\.", "$1\\\\.");
    }
}
