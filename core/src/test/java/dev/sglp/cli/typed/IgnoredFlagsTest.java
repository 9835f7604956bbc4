package dev.sglp.cli.typed;

import static org.assertj.core.api.Assertions.assertThat;

import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.PicoAndWords;
import dev.sglp.cli.Run;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/// Flags that only spare work, allow something or say how work is done are ignored with a note where they play no part.
final class IgnoredFlagsTest {
    @TempDir
    static Path folder;
    private static PicoAndNoise pictures;
    private static Path model;
    private static Path text;
    private static Path questions;

    @BeforeAll
    static void makeModels() throws IOException {
        pictures = PicoAndNoise.make(folder);
        var words = PicoAndWords.make(folder);
        model = words.model("llama3");
        text = words.text();
        questions = Files.writeString(folder.resolve("piqa.jsonl"),
                "{\"goal\": \"word1 word2\", \"sol1\": \"word3\", \"sol2\": \"word4\", \"label\": 0}\n");
    }

    private static Run run(String line) {
        var words = new ArrayList<Object>(List.of());
        for (var word : line.split(" ")) {
            words.add(word.replace("IMAGES", "images:" + pictures.images()).replace("NET", pictures.model().toString())
                    .replace("TEXT", "text:" + text).replace("TASK", "task:piqa=" + questions)
                    .replace("MODEL", model.toString()).replace("OUT", folder.resolve("out-" + line.hashCode())
                            .toString()));
        }
        return Run.of(words.toArray());
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            "evaluate MODEL --data TASK --no-latency | --no-latency plays no part in task:",
            "evaluate MODEL --data TASK --batch-size 3 | --batch-size plays no part in task:",
            "evaluate MODEL --data TEXT --window 8 --limit 4 --no-latency --batch-size 4 | --batch-size plays no part in evaluate for text",
            "evaluate NET --data IMAGES --no-latency --allow-overlap | --allow-overlap plays no part in evaluate",
            "analyze NET --data IMAGES --samples 20 --no-scores --no-latency --out OUT | --no-latency plays no part in analyze",
            "prune NET --data IMAGES --remove 1 --samples 20 --criterion random --verify 0 --no-latency --no-augment --out OUT | --no-augment belongs to a training",
            "prune NET --data IMAGES --remove 1 --samples 20 --criterion random --verify 0 --no-latency --resume --out OUT | --resume goes with --heal full",
            "prune NET --data IMAGES --remove 1 --samples 20 --criterion random --verify 0 --no-latency --no-samples --out OUT | --no-samples is for language models that write text",
            "finetune NET --data IMAGES --samples 20 --epochs 1 --no-samples --out OUT | --no-samples is for language models that write text",
            "finetune NET --data IMAGES --samples 20 --epochs 1 --no-latency --out OUT | --no-latency plays no part in finetune"})
    void whatOnlySparesOrAllowsIsIgnoredWithANote(String line, String note) {
        var run = run(line);
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.err().lines().filter(l -> l.startsWith("note: "))).singleElement().asString()
                .startsWith("note: " + note).endsWith("; it is ignored");
    }

    @Test
    void aQuietCommandSaysNothingOfIt() {
        assertThat(run("evaluate MODEL --data TASK --no-latency --quiet")).satisfies(run -> {
            assertThat(run.code()).isZero();
            assertThat(run.err()).isEmpty();
        });
    }

    @ParameterizedTest
    @CsvSource({"evaluate NET --data IMAGES --samples 3", "evaluate MODEL --data TASK --window 8",
            "prune NET --data IMAGES --remove 1 --epochs 3 --out OUT", "analyze NET --data IMAGES --window 8"})
    void whatAsksForAnotherResultIsRefused(String line) {
        var run = run(line);
        assertThat(run.code()).isEqualTo(2);
        assertThat(run.err()).contains("Leave it out");
        assertThat(Arrays.asList(folder.toFile().list())).noneMatch(name -> name.equals("out-" + line.hashCode()));
    }
}
