package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Which layers go may be said by a plan, by a plan that somebody edited or wrote, or on the command line.
final class ApplyTest {
    @TempDir
    static Path folder;
    private static Path model;
    private static Path words;
    private static Path plan;

    @BeforeAll
    static void aModelAndItsPlan() throws IOException {
        model = PicoAndNoise.make(folder).model();
        var text = PicoAndWords.make(folder);
        words = text.model("llama3");
        var out = folder.resolve("analyzed");
        var run = Run.of("analyze", words, "--data", "text:" + text.text(), "--remove", "1", "--window", "8",
                "--criterion", "magnitude", "--repair", "none", "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        plan = out.resolve("plan.json");
    }

    private static JsonNode json(Path file) throws IOException {
        return new ObjectMapper().readTree(file.toFile());
    }

    private static Path written(String name, String text) throws IOException {
        return Files.writeString(folder.resolve(name), text);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"0-1,5 | 0,1,5", "last | 5", "-3,0 | 0,3"})
    void namedLayersGoWithoutAPlan(String typed, String removed) throws IOException {
        var out = folder.resolve("named" + typed.hashCode());
        var run = Run.of("apply", "--layers=" + typed, model, "--out", out, "--json", folder.resolve("named.json"));
        assertThat(run.code()).as(run.err()).isZero();
        var made = json(out.resolve("plan.json"));
        assertThat(made.get("removed").toString()).isEqualTo("[" + removed + "]");
        assertThat(made.get("method").asText()).isEqualTo("by hand");
        assertThat(made.get("criterion").asText()).isEqualTo("none");
        assertThat(json(folder.resolve("named.json")).get("method").asText()).isEqualTo("by hand");
        assertThat(Run.of("inspect", out).out()).contains(6 - removed.split(",").length + " layers");
        var again = folder.resolve("again" + typed.hashCode());
        assertThat(Run.of("apply", out.resolve("plan.json"), model, "--out", again).code()).isZero();
        assertThat(again.resolve("plan.json")).hasSameTextualContentAs(out.resolve("plan.json"));
        assertThat(again.resolve("model.safetensors")).hasSameBinaryContentAs(out.resolve("model.safetensors"));
    }

    @Test
    void aPlanMayNameTheRemovedLayersAlone() throws IOException {
        var out = folder.resolve("alone");
        var run = Run.of("apply", written("alone.json", "{\"removed\": [1, 3]}"), words, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(json(out.resolve("plan.json")).get("removed").toString()).isEqualTo("[1,3]");
        assertThat(out.resolve("README.md")).content()
                .contains("counted from 0 over the original: 1 3", "By hand: somebody named the layers that go.")
                .doesNotContain("Method", "criterion");
    }

    @Test
    void anEditedPlanClaimsNoMethod() throws IOException {
        var edited = (ObjectNode) json(plan);
        assertThat(edited.get("removed")).hasSize(1);
        int other = edited.get("removed").get(0).asInt() == 0 ? 1 : 0;
        edited.putArray("removed").add(other);
        edited.putArray("names").add("model.layers." + other); // an edit that is thorough
        var out = folder.resolve("edited");
        var record = folder.resolve("edited-record.json");
        var run = Run.of("apply", written("edited.json", edited.toString()), words, "--out", out, "--json", record);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).contains("The plan was edited by hand");
        assertThat(json(record).get("method").asText()).isEqualTo("edited by hand");
        var made = json(out.resolve("plan.json"));
        assertThat(made.get("method").asText()).isEqualTo("edited by hand");
        assertThat(made.get("criterion").asText()).isEqualTo("none");
        assertThat(made.get("choices")).isEmpty();
        assertThat(made.at("/candidates/scored").asInt()).isZero();
        assertThat(out.resolve("README.md")).content().contains("Edited by hand: a plan was made on ")
                .doesNotContain("magnitude`", "Method `");
    }

    /// Whatever their names are, and also in a plan of before, which has no digest.
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void anEditIsFoundWithAndWithoutADigest(boolean digest) throws IOException {
        var edited = (ObjectNode) json(plan);
        edited.putArray("removed").add(0).add(2);
        if (!digest) {
            edited.remove("digest");
        }
        var out = folder.resolve("old" + digest);
        assertThat(Run.of("apply", written("old.json", edited.toString()), words, "--out", out).code()).isZero();
        assertThat(json(out.resolve("plan.json")).get("method").asText()).isEqualTo("edited by hand");
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aPlanThatNobodyEditedKeepsItsMethod(boolean digest) throws IOException {
        var same = (ObjectNode) json(plan);
        if (!digest) {
            same.remove("digest");
        }
        var out = folder.resolve("same" + digest);
        var run = Run.of("apply", written("same.json", same.toString()), words, "--out", out);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err()).doesNotContain("edited");
        assertThat(json(out.resolve("plan.json"))).isEqualTo(same);
        assertThat(out.resolve("README.md")).content().contains("Method `sglp`, criterion `magnitude`");
    }

    /// The preset's repair is no claim of a network that nothing repaired.
    @Test
    void aPresetThatRepairsIsToldToHaveRepairedNothing() throws IOException {
        var analyzed = folder.resolve("seen");
        var run = Run.of("analyze", words, "--data", "text:" + folder.resolve("text.txt"), "--remove", "1", "--window",
                "8", "--preset", "fast", "--repair-samples", "8", "--repair-gaps", "--out", analyzed);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(json(analyzed.resolve("plan.json")).at("/preset/instead").findValuesAsText("flag"))
                .containsExactly("--repair-gaps");
        var out = folder.resolve("unrepaired");
        assertThat(Run.of("apply", analyzed.resolve("plan.json"), words, "--out", out).code()).isZero();
        var made = json(out.resolve("plan.json"));
        assertThat(made.at("/preset/instead").toString())
                .isEqualTo("[{\"flag\":\"--repair\",\"usual\":\"refit\",\"taken\":\"none\"}]");
        assertThat(made.at("/settings/--repair").asText()).isEqualTo("none");
        assertThat(made.get("settings").has("--repair-ridge")).isFalse();
        assertThat(out.resolve("README.md")).content().contains("(preset fast with --repair none instead of refit)");
        var again = folder.resolve("unrepaired-again");
        assertThat(Run.of("apply", out.resolve("plan.json"), words, "--out", again).code()).isZero();
        assertThat(again.resolve("plan.json")).hasSameTextualContentAs(out.resolve("plan.json"));
    }

    @Test
    void namesAreThoseOfTheNetwork() throws IOException {
        var renamed = (ObjectNode) json(plan);
        renamed.putArray("names").add("another");
        var out = folder.resolve("renamed");
        assertThat(Run.of("apply", written("renamed.json", renamed.toString()), words, "--out", out).code()).isZero();
        assertThat(json(out.resolve("plan.json"))).isEqualTo(json(plan));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"--layers 9 NET | 2 | layer 9 does not exist: the network has layers 0 to 5",
            "--layers 2 NET | 2 | --layers 2 removes layer 2 (layer2.0), which has to stay",
            "--layers 0-3 PLAN NET | 2 | leave the plan", "NET | 2 | --layers LIST names layers without a plan",
            "--layers none NET | 2 | --layers takes layer indices",
            "--layers 0,1,1 NET | 2 | --layers 0,1,1: layer 1 is named twice",
            "TWICE NET | 3 | twice.json] field 'removed': layer 1 is named twice",
            "BEHIND NET | 3 | behind.json] more follows behind the end of what is read",
            "--layers 0-3 WORDS | 2 | removes all 4 layers; at least one stays",
            "FAR NET | 3 | far.json] the plan removes layer 7 of a network of 6 layers",
            "FIXED NET | 3 | fixed.json] removes layer 2 (layer2.0), which has to stay",
            "STRANGE NET | 3 | strange.json] field 'removed[0]' is not a whole number"})
    void whatCannotGoIsNamed(String line, int code, String named) throws IOException {
        var typed = line.replace("NET", model.toString()).replace("PLAN", plan.toString())
                .replace("WORDS", words.toString())
                .replace("FAR", written("far.json", "{\"removed\": [7]}").toString())
                .replace("FIXED", written("fixed.json", "{\"removed\": [2]}").toString())
                .replace("TWICE", written("twice.json", "{\"removed\": [1, 1]}").toString())
                .replace("BEHIND", written("behind.json", "{\"removed\": [1]} {\"removed\": [3]}").toString())
                .replace("STRANGE", written("strange.json", "{\"removed\": [\"a\"]}").toString());
        var out = folder.resolve("never");
        var run = Run.of(List.of(("apply " + typed + " --out " + out).split(" ")).toArray());
        assertThat(run.code()).as(run.err()).isEqualTo(code);
        assertThat(run.err()).contains(named);
        assertThat(out).doesNotExist();
    }
}
