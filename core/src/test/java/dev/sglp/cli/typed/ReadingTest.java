package dev.sglp.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// `--reading letter` and `letter-accumulated`, as a user asks for them.
final class ReadingTest {
    @TempDir
    static Path folder;
    private static PicoAndNoise pictures;
    private static PicoAndWords words;
    private static Path model;

    @BeforeAll
    static void makeModels() throws IOException {
        pictures = PicoAndNoise.make(folder);
        words = PicoAndWords.make(folder);
        model = words.model("llama3");
    }

    private static Run run(String line, Path out) {
        var typed = new ArrayList<Object>();
        for (var word : line.split(" ")) {
            typed.add(word.replace("IMAGES", "images:" + pictures.images())
                    .replace("NET", pictures.model().toString())
                    .replace("TEXT", "text:" + words.text()).replace("MODEL", model.toString())
                    .replace("OUT", out.toString()));
        }
        return Run.of(typed.toArray());
    }

    private static JsonNode plan(Path out) throws IOException {
        return new ObjectMapper().readTree(out.resolve("plan.json").toFile());
    }

    @ParameterizedTest
    @CsvSource({"letter, NET --data IMAGES", "letter-accumulated, NET --data IMAGES", "LETTER, MODEL --data TEXT",
            "letter-accumulated, MODEL --data TEXT"})
    void theLetterPrunesAndThePlanNamesIt(String reading, String what) throws IOException {
        var out = folder.resolve("%s-%s".formatted(reading, what.substring(0, 3)));
        var run = run("prune %s --remove 2 -k 1 --reading %s --samples 20 --second-look yes --no-latency --out OUT"
                .formatted(what, reading), out);
        assertThat(run.code()).as(run.err()).isZero();
        var plan = plan(out);
        assertThat(plan.get("criterion").asText()).isEqualToIgnoringCase("gradnorm-" + reading);
        assertThat(plan.get("removed")).hasSize(2);
        assertThat(plan.at("/candidates/scored").asInt()).isEqualTo(10); // 4 choose 2, and each alone
        assertThat(plan.at("/candidates/possible").asInt()).isEqualTo(10);
        assertThat(plan.at("/candidates/search").asText()).isEqualTo("all");
        assertThat(plan.at("/choices/0/scores")).hasSize(6).allMatch(s -> s.get("score").asDouble() < 0);
        assertThat(run.out()).contains("--draws 3 tells");
    }

    /// As many of a segment's combinations as the budget says; the record says of how many.
    @Test
    void whereThereAreMoreCombinationsSomeAreDrawn() throws IOException {
        var out = folder.resolve("drawn");
        var run = run("analyze NET --data IMAGES --remove 2 -k 1 --reading letter --candidates 3 --samples 20"
                + " --verify 0 --second-look no --out OUT", out);
        assertThat(run.code()).as(run.err()).isZero();
        var candidates = plan(out).get("candidates");
        assertThat(candidates.get("search").asText()).isEqualTo("drawn(3)");
        assertThat(candidates.get("scored").asInt()).isEqualTo(3 + 4);
        assertThat(candidates.get("possible").asInt()).isEqualTo(6 + 4);
        assertThat(plan(out).at("/choices/0/scores")).hasSize(3);
    }

    @Test
    void autoTakesItToo() {
        var run = run("analyze NET --data IMAGES --remove 1 --method auto --reading letter --samples 20 --out OUT",
                folder.resolve("auto"));
        assertThat(run.code()).as(run.err()).isZero();
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "--method one-shot --verify 0 | what --method one-shot asks for. Use --method sglp or auto",
            "--quota global | which is not what --quota global asks for",
            "--method sleb --verify 0 | --reading plays no part in --method sleb",
            "--norm sum | --norm plays no part in --reading letter",
            "--scope segment | --scope plays no part in --reading letter",
            "--criterion gradnorm-skip | it belongs to --criterion gradnorm, not to gradnorm-skip",
            "--criterion loss | belong to gradnorm, not to loss", "--draws 0 | --draws is at least 1"})
    void whatCannotUseItIsRefused(String flags, String why) {
        var out = folder.resolve("never");
        var run = run("prune NET --data IMAGES --remove 1 --reading letter %s --samples 20 --out OUT".formatted(flags),
                out);
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(why);
        assertThat(out).doesNotExist();
    }

    @Test
    void anUnknownReadingListsTheKnownOnes() {
        var run = run("prune NET --data IMAGES --remove 1 --reading leter --out OUT", folder.resolve("never"));
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).containsIgnoringCase("letter-accumulated");
        assertThat(Run.of("prune", "--help").out().replaceAll("\\s+", " "))
                .contains("absent, kept, letter, letter-accumulated:");
    }
}
