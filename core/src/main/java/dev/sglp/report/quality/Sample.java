package dev.sglp.report.quality;

import static dev.sglp.report.html.Markup.escape;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.sglp.report.Human;
import dev.sglp.report.html.Markup;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/// How networks go on with the same text, each taking the likeliest token.
///
/// @param prompt   what all were given
/// @param networks the whole one first, then each stage on the way, the one that is written last
public record Sample(String prompt, List<Said> networks) {
    public Sample {
        networks = List.copyOf(networks);
    }

    /// @param network  what it is: `dense`, `pruned`
    /// @param text     what it wrote
    /// @param repeated share of its runs of four tokens that had stood in it before
    /// @param kl       mean divergence from the first network along what that one wrote, nats a token; absent of the first one
    public record Said(String network, String text, double repeated,
            @JsonProperty("kl_divergence") @JsonInclude(JsonInclude.Include.NON_NULL) @Nullable Double kl) {}

    /// One line of what was measured, the mean over all, for the user who finds the texts in the report.
    ///
    /// @param samples at least one, all of the same networks
    public static String summary(List<Sample> samples) {
        var first = samples.getFirst();
        var means = IntStream.range(0, first.networks.size()).mapToObj(i -> {
            var all = samples.stream().map(sample -> sample.networks.get(i)).toList();
            return new Said(first.networks.get(i).network, "", mean(all, Said::repeated),
                    first.networks.get(i).kl == null ? null : mean(all, said -> Objects.requireNonNull(said.kl)));
        }).toList();
        var mean = new Sample("", means);
        return "%d prompts continued, side by side in the report: of 4-grams repeated %s; KL along the %s text %s nats a token"
                .formatted(samples.size(), mean.repeated(", "), first.networks.getFirst().network, mean.apart(", "));
    }

    private static double mean(List<Said> all, ToDoubleFunction<Said> value) {
        return all.stream().mapToDouble(value).average().orElse(Double.NaN);
    }

    /// One line for each network and what was measured.
    public List<String> lines() {
        var lines = new ArrayList<>(List.of("> " + prompt));
        int width = 1 + networks.stream().mapToInt(said -> said.network.length()).max().orElse(0);
        networks.forEach(said -> lines.add("  %s %s".formatted(
                (said.network + ":") + " ".repeat(width - said.network.length() - 1), said.text.strip())));
        lines.add("  of 4-grams repeated: %s; KL along the %s text: %s nats a token".formatted(repeated(", "),
                networks.getFirst().network, apart(", ")));
        return lines;
    }

    private String repeated(String between) {
        return each(said -> "%s %s".formatted(said.network, Human.percent(said.repeated)), between);
    }

    private String apart(String between) {
        return each(said -> said.kl == null
                ? ""
                : String.format(Locale.ROOT, "%s %.3f", said.network, said.kl), between);
    }

    private String each(Function<Said, String> words, String between) {
        return networks.stream().map(words).filter(word -> !word.isEmpty()).collect(Collectors.joining(between));
    }

    /// Side by side.
    public static String section(List<Sample> samples) {
        var all = samples.stream().map(s -> "<h3>%s</h3>".formatted(escape(s.prompt)) + Markup.definitions(s.rows()))
                .collect(Collectors.joining("\n"));
        return Markup.section("samples", "How it speaks", TOLD, all);
    }

    /// What the measures are.
    static final String TOLD = "The same prompts continued by each network, each time with the likeliest token. Repeated: the share of runs of four tokens that had stood there before, which is what goes first. KL: how far its next tokens are from the first network's along that one's text, nats a token.";

    private List<List<String>> rows() {
        var rows = new ArrayList<List<String>>();
        networks.forEach(said -> rows.add(List.of(Human.capitalised(said.network), said.text.strip())));
        rows.add(List.of("Repeated", repeated(" → ")));
        rows.add(List.of("KL", apart(" → ")));
        return rows;
    }
}
