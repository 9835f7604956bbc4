package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What is not needed is not scored or measured, and the report says so.
final class ScoringLeftOutTest {
    private static final String[] IDEAS = {"Does high similarity mean that a layer can go? ",
            "Do the segments interact? ", "Was a critical layer removed? "};

    private static final String AS_REPAIRED = " (Losses as repaired, gap by gap.)";

    @TempDir
    static Path folder;
    private static PicoAndNoise made;

    @BeforeAll
    static void makeModelAndImages() throws IOException {
        made = PicoAndNoise.make(folder);
    }

    private static Run prune(Path out, Object... more) {
        var words = new ArrayList<Object>(List.of("prune", made.model(), "--data", "images:" + made.images(),
                "--samples", "20", "--verify-samples", "20", "--no-latency", "--out", out));
        words.addAll(List.of(more));
        return Run.of(words.toArray());
    }

    private static JsonNode record(Path out) throws IOException {
        return new ObjectMapper().readTree(out.resolve("prune.json").toFile());
    }

    @Test
    void removingNothingScoresNothing() throws IOException {
        var out = folder.resolve("nothing");
        var run = prune(out, "--remove", "0", "--no-diagnosis");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("scoring", "diagnosis:", "absent")
                .contains("note: --no-diagnosis belongs to scores, and nothing is to be removed; it is ignored");
        assertThat(prune(folder.resolve("never"), "--remove", "0", "--diagnosis").err())
                .contains("--diagnosis belongs to scores, and nothing is to be removed");
        assertThat(run.out()).doesNotContain(IDEAS);
        var record = record(out);
        assertThat(record.get("importance")).isEmpty();
        assertThat(record.has("mechanisms")).isFalse();
        assertThat(record.at("/plan/removed")).isEmpty();
        assertThat(record.at("/plan/candidates/scored").asInt()).isZero();
        assertThat(record.at("/plan/quota")).hasSize(record.at("/segmentation/boundaries").size() - 1);
        assertThat(record.at("/seconds").has("importance")).isFalse();
        assertThat(record.at("/after/accuracy")).isEqualTo(record.at("/before/accuracy"));
        assertThat(record.get("notes").toString()).contains("Nothing was to be removed: no layer was scored.");
        assertThat(out.resolve("model.safetensors")).exists();
        var ratio = prune(folder.resolve("ratio"), "--ratio", "0");
        assertThat(ratio.err()).as("%d", ratio.code()).doesNotContain("scoring");
    }

    @Test
    void theDiagnosisMayBeLeftOut() throws IOException {
        var with = folder.resolve("with");
        var measured = prune(with, "--remove", "1");
        assertThat(measured.err()).contains("loss with each layer absent, for the diagnosis");
        assertThat(measured.out()).contains(IDEAS);
        assertThat(record(with).get("mechanisms").properties()).extracting(Map.Entry::getKey).containsExactly("premise",
                "interaction", "critical", "repaired");
        assertThat(record(with).at("/mechanisms/repaired").booleanValue()).isTrue();
        assertThat(measured.out().lines().filter(line -> Stream.of(IDEAS).anyMatch(line::startsWith))).hasSize(3)
                .allMatch(line -> line.endsWith(AS_REPAIRED));
        var plain = folder.resolve("plain");
        assertThat(prune(plain, "--remove", "1", "--repair", "none").out()).contains(IDEAS)
                .doesNotContain(AS_REPAIRED);
        assertThat(record(plain).at("/mechanisms/repaired").booleanValue()).isFalse();
        assertThat(Files.readString(plain.resolve("report.html"))).contains("how much the loss grows without it. ")
                .doesNotContain(AS_REPAIRED);
        assertThat(Files.readString(with.resolve("report.html")))
                .contains("how much the loss grows without it, as repaired gap by gap. ", AS_REPAIRED + "</p>")
                .contains(Stream.of(IDEAS).map(idea -> "<h3>%s</h3>".formatted(idea.strip())).toList());
        var out = folder.resolve("without");
        var run = prune(out, "--remove", "1", "--no-diagnosis");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("absent");
        assertThat(run.out()).doesNotContain(IDEAS);
        var record = record(out);
        assertThat(record.has("mechanisms")).isFalse();
        assertThat(record.get("agreement")).isEmpty();
        assertThat(record.get("importance")).hasSize(4).allSatisfy(layer -> {
            assertThat(layer.get("loss_increase").isNull()).isTrue();
            assertThat(layer.get("score").isNumber()).isTrue();
        });
        assertThat(record.get("plan").get("removed")).isEqualTo(record(with).get("plan").get("removed"));
        assertThat(record.get("notes").toString()).contains("--no-diagnosis: how much the loss grows");
        assertThat(Files.readString(out.resolve("report.html")))
                .contains("was left out (--no-diagnosis, --preset fast)", "was not measured, so nothing says how far")
                .doesNotContain("Does the score order the layers as the measured loss does?", "class=\"finding\"");
    }

    @Test
    void analyzeTakesTheSame() {
        var run = Run.of("analyze", made.model(), "--data", "images:" + made.images(), "--samples", "20",
                "--criterion", "loss", "--no-diagnosis", "--out", folder.resolve("analyzed"));
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("absent");
        assertThat(run.out()).doesNotContain("loss increase").doesNotContain(IDEAS);
        var scored = Run.of("analyze", made.model(), "--data", "images:" + made.images(), "--samples", "20",
                "--criterion", "loss", "--out", folder.resolve("scored"));
        assertThat(scored.out()).as(scored.err()).contains(IDEAS[0]).doesNotContain(IDEAS[1], IDEAS[2]);
        var unscored = Run.of("analyze", made.model(), "--data", "images:" + made.images(), "--samples", "20",
                "--no-scores", "--no-diagnosis", "--out", folder.resolve("unscored"));
        assertThat(unscored.code()).isZero();
        assertThat(unscored.err()).contains("note: --no-diagnosis belongs to scores, which --no-scores leaves out");
    }
}
