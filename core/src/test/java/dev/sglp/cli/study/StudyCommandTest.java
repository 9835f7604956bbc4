package dev.sglp.cli.study;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.PicoAndNoise;
import dev.sglp.cli.Run;
import dev.sglp.report.Json;
import dev.sglp.report.study.StudyRecord;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// The studies, in this process, on a pico network and a handful of images.
final class StudyCommandTest {
    @TempDir
    static Path folder;
    private static Path model;
    private static Path images;

    @BeforeAll
    static void makeModelAndImages() throws IOException {
        var made = PicoAndNoise.make(folder);
        model = made.model();
        images = made.images();
    }

    private static Run study(String name, String out, String... more) {
        var args = new ArrayList<>(List.of("study", name, model.toString(), "--data", "images:" + images, "--samples",
                "20", "--verify-samples", "20", "--batch-size", "20", "--no-latency", "--out",
                folder.resolve(out).toString()));
        args.addAll(List.of(more));
        return Run.of(args.toArray());
    }

    private static JsonNode json(String out) throws IOException {
        return new ObjectMapper().readTree(folder.resolve(out).resolve("study.json").toFile());
    }

    private static List<String> ids(JsonNode study) {
        return StreamSupport.stream(study.get("rows").spliterator(), false).map(r -> r.at("/label/id").asText())
                .distinct().toList();
    }

    @Test
    void theSegmentsStudyHasARowForEachNumberOfSegments() throws IOException {
        var run = study("segments", "segments", "--remove", "1,2", "--criterion", "magnitude");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("k = 2", "k = auto", "study.html");
        var study = json("segments");
        assertThat(study.get("rows")).hasSize(10);
        assertThat(ids(study)).containsExactly("k2", "k3", "k4", "k5", "auto");
        for (var row : study.get("rows")) {
            var cut = row.at("/chosen/segmentation");
            assertThat(row.at("/chosen/removed")).hasSize(row.get("remove").asInt());
            assertThat(cut.at("/stability/resamples")).hasSize(5);
            assertThat(cut.get("losses").size()).isEqualTo(6);
            assertThat(row.get("measured")).hasSize(2);
            var id = row.at("/label/id").asText();
            if (!id.equals("auto")) {
                assertThat("k" + (cut.get("boundaries").size() - 1)).isEqualTo(id);
            }
        }
        assertThat(Files.readString(folder.resolve("segments/study.html"))).contains("What one sees", "<h1>")
                .doesNotContain("<script src");
    }

    @Test
    void theAblationHasEveryRowAndTrainsOnlyTheNamedOnes() throws IOException {
        var run = study("ablation", "ablation", "--remove", "2", "--heal", "none", "--epochs", "1", "--train-rows",
                "sglp,random", "--candidates", "8");
        assertThat(run.code()).as(run.err()).isZero();
        var study = json("ablation");
        assertThat(ids(study)).containsExactly("sglp", "not-verified", "equal-segments", "one-segment",
                "random-inside", "random-verified", "gradnorm-skip-inside", "loss-inside", "reading-kept",
                "norm-global", "scope-segment", "quota-global", "fisher-mean", "cka-unbiased", "pooled",
                "block-influence", "loss",
                "magnitude", "random");
        assertThat(study.get("rows")).hasSize(19 + 3 * 4); // three rows have five seeds
        var trained = StreamSupport.stream(study.get("rows").spliterator(), false)
                .filter(r -> r.get("measured").size() > 1).toList();
        assertThat(trained).hasSize(2).allSatisfy(
                r -> assertThat(r.at("/measured/1/heal").asText()).isEqualTo("1 epoch"));
        assertThat(run.err()).contains("left");
    }

    @Test
    void theMethodsStandBesideEachOtherOnImagesToo() throws IOException {
        var run = study("methods", "methods", "--remove", "2", "--repeats", "2", "--candidates", "8");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("dense network", "removed", "accuracy", "after bn", "passes", "overlap");
        var study = json("methods");
        assertThat(ids(study)).containsExactly("gradnorm", "gradnorm-skip", "loss", "kl", "block-influence",
                "loss-batch", "kl-batch", "one-shot-block-influence", "one-shot-loss", "one-shot-magnitude", "random",
                "sleb", "tail", "auto",
                "best", "fast");
        assertThat(study.get("rows")).hasSize(13 * 2 + 1 + 5 + 1).allSatisfy(r -> {
            assertThat(r.get("measured")).hasSize(2);
            assertThat(r.get("calibration").asInt()).isEqualTo(20);
        });
    }

    @Test
    void networksThatSeveralRowsChoseAreMeasuredOnce() throws IOException {
        var run = study("segments", "once", "--remove", "1", "--criterion", "magnitude", "--heal", "none");
        assertThat(run.code()).as(run.err()).isZero();
        var study = json("once");
        var plans = StreamSupport.stream(study.get("rows").spliterator(), false)
                .map(r -> r.at("/chosen/removed").toString()).distinct().count();
        try (var parts = Files.list(folder.resolve("once/parts"))) {
            assertThat(parts.filter(p -> p.getFileName().toString().startsWith("network-"))).hasSize((int) plans);
        }
    }

    @Test
    void aStudyGoesOnWhereItWasKilled() throws IOException {
        String[] settings = {"--remove", "1,2", "--criterion", "magnitude"};
        assertThat(study("segments", "whole", settings).code()).isZero();
        assertThat(study("segments", "killed", settings).code()).isZero();
        var parts = folder.resolve("killed/parts");
        var before = times(parts);
        int i = 0;
        before.keySet().removeIf(name -> name.startsWith("scores-")); // needed only where a choice is missing
        for (var name : before.keySet()) { // as if it had been killed before every second part
            if (i++ % 2 == 0) {
                Files.delete(parts.resolve(name));
            }
        }
        Files.writeString(parts.resolve(".network-cut.json-0123456789abcdef.tmp"), "{\"heal\": ");
        Files.delete(folder.resolve("killed/study.json"));
        var kept = times(parts);
        assertThat(study("segments", "killed", settings).code()).isZero();
        assertThat(times(parts)).containsAllEntriesOf(kept).containsOnlyKeys(
                Stream.concat(before.keySet().stream(), kept.keySet().stream()).collect(Collectors.toSet()));
        assertThat(timeless("killed")).isEqualTo(timeless("whole"));
    }

    private static TreeMap<String, FileTime> times(Path parts) throws IOException {
        var times = new TreeMap<String, FileTime>();
        try (var files = Files.list(parts)) {
            for (var file : files.toList()) {
                times.put(file.getFileName().toString(), Files.getLastModifiedTime(file));
            }
        }
        return times;
    }

    /// The table without its seconds.
    private static List<String> timeless(String out) throws IOException {
        return Files.readAllLines(folder.resolve(out).resolve("study.csv")).stream().map(line -> {
            var cells = new ArrayList<>(List.of(line.split(",", -1)));
            cells.set(17, "");
            cells.set(18, "");
            return String.join(",", cells);
        }).toList();
    }

    @Test
    void otherSettingsAreOtherParts() throws IOException {
        assertThat(study("segments", "other", "--remove", "1", "--criterion", "magnitude", "--heal", "none").code())
                .isZero();
        long choices = parts("choice");
        assertThat(parts("dense")).isEqualTo(1);
        assertThat(choices).isPositive();
        assertThat(study("segments", "other", "--remove", "1", "--criterion", "magnitude", "--heal", "none", "--limit",
                "10").code()).isZero();
        assertThat(parts("dense")).isEqualTo(2);
        assertThat(parts("choice")).as("chosen without a look at the report data").isEqualTo(choices);
        assertThat(json("other").at("/dense/examples").asInt()).isEqualTo(10);
        assertThat(study("segments", "other", "--remove", "1", "--criterion", "magnitude", "--heal", "none", "--seed",
                "1").code()).isZero();
        assertThat(parts("choice")).isGreaterThan(choices);
    }

    /// A repair that is fitted on more is another network of the same choice.
    @Test
    void repairsAreFittedOnAsMuchAsIsAskedFor() throws IOException {
        String[] asked = {"--remove", "1", "--criterion", "magnitude", "--heal", "none", "--repair", "refit",
                "--repair-samples"};
        var networks = new ArrayList<Long>();
        var choices = new ArrayList<Long>();
        for (var samples : List.of("8", "16", "16")) {
            var run = study("segments", "fitted", Stream.concat(Stream.of(asked), Stream.of(samples))
                    .toArray(String[]::new));
            assertThat(run.code()).as(run.err()).isZero();
            networks.add(parts("fitted", "network"));
            choices.add(parts("fitted", "choice"));
        }
        assertThat(networks.get(1)).isGreaterThan(networks.get(0)).isEqualTo(networks.get(2));
        assertThat(choices.get(0)).isPositive().isEqualTo(choices.get(1)).isEqualTo(choices.get(2));
    }

    /// Each other ridge is a repair of its own, named by it.
    @Test
    void refitsAreHeldByOtherRidgesBesides() throws IOException {
        var run = study("segments", "ridges", "--remove", "1", "--criterion", "magnitude", "--heal", "none", "--repair",
                "refit,refit-gaps", "--repair-ridge", "10,0.5", "--repair-samples", "8");
        assertThat(run.code()).as(run.err()).isZero();
        var measured = json("ridges").at("/rows/0/measured");
        assertThat(measured.findValuesAsText("heal")).contains("refit", "refit λ 10", "refit λ 0.5", "refit-gaps",
                "refit-gaps λ 10", "refit-gaps λ 0.5");
        int sets = (int) StreamSupport.stream(json("ridges").get("rows").spliterator(), false)
                .map(row -> row.at("/chosen/removed")).distinct().count();
        assertThat(parts("ridges", "network")).as("as it is, and mended in six ways").isEqualTo(7L * sets);
    }

    private long parts(String kind) throws IOException {
        return parts("other", kind);
    }

    private static long parts(String study, String kind) throws IOException {
        try (var files = Files.list(folder.resolve(study).resolve("parts"))) {
            return files.filter(f -> f.getFileName().toString().startsWith(kind + "-")).count();
        }
    }

    @Test
    void aDamagedPartIsNamed() throws IOException {
        assertThat(study("segments", "damaged", "--remove", "1", "--criterion", "random", "--heal", "none").code())
                .isZero();
        var part = folder.resolve("damaged/parts")
                .resolve(times(folder.resolve("damaged/parts")).firstKey());
        Files.writeString(part, "{");
        var run = study("segments", "damaged", "--remove", "1", "--criterion", "random", "--heal", "none");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains(part.getFileName().toString());
    }

    @Test
    void theCalibrationStudyComparesSizesAndPlans() throws IOException {
        var run = study("calibration", "calibration", "--remove", "1", "--criterion", "block-influence", "--sizes",
                "8,16,32", "--plan-sizes", "8,32", "--draws", "2", "--heal", "none");
        assertThat(run.code()).as(run.err()).isZero();
        var study = json("calibration");
        assertThat(study.get("sizes")).hasSize(2 * 2 * 3); // draws, estimators, sizes
        for (var row : study.get("sizes")) {
            var distance = row.get("distance").asDouble();
            if (row.get("examples").asInt() == 32) {
                assertThat(distance).isZero();
            } else {
                assertThat(distance).isPositive();
            }
        }
        assertThat(ids(study)).containsExactly("images-8", "images-32");
        assertThat(study.get("rows")).hasSize(4);
    }

    @Test
    void theCalibrationStudyComparesTheMethodsItIsTold() throws IOException {
        var run = study("calibration", "rows", "--remove", "1", "--rows", "sleb,random", "--sizes", "8,16",
                "--plan-sizes",
                "16", "--draws", "2", "--heal", "none");
        assertThat(run.code()).as(run.err()).isZero();
        assertThat(run.out()).contains("overlap");
        assertThat(ids(json("rows"))).containsExactly("random-images-16", "sleb-images-16");
        assertThat(json("rows").get("rows")).hasSize(4);
    }

    @Test
    void theJsonReadsBackAsTheSameRecord() throws IOException {
        assertThat(study("segments", "back", "--remove", "1", "--criterion", "magnitude").code()).isZero();
        var file = folder.resolve("back/study.json");
        assertThat(Json.pretty(Json.read(file, StudyRecord.class, "a study"))).isEqualTo(Files.readString(file))
                .contains("\"machine\" : {", "\"logical_cores\"");
    }

    @Test
    void aFolderHoldsStudiesOfOneKind() throws IOException {
        var file = Files.createDirectories(folder.resolve("kinds")).resolve("study.json");
        Files.writeString(file, "{\"study\" : \"segments\"}");
        var run = study("methods", "kinds", "--remove", "1", "--rows", "tail");
        assertThat(run.code()).isEqualTo(3);
        assertThat(run.err()).contains(file.toString(), "another kind (segments)");
        assertThat(file).content().isEqualTo("{\"study\" : \"segments\"}");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "methods", "segments", "ablation", "calibration"})
    void everyStudyExplainsItselfWithExamples(String name) {
        var run = Run.of((name.isEmpty() ? List.of("study", "--help") : List.of("study", name, "--help")).toArray());
        assertThat(run.code()).isZero();
        assertThat(run.out()).contains("Examples:", "sglp study " + name);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"segments | --remove 5 | only 4", "segments | --remove x | --remove",
            "segments | --remove 1 --heal magic | bn",
            "ablation | --remove 1 --epochs 1 --train-rows foo | one-segment",
            "segments | --remove 1 --criterion foo | gradnorm-skip", "calibration | --remove 1 --sizes 2 | --sizes",
            "calibration | --remove 1 --sizes 8 --plan-sizes 16 | --plan-sizes",
            "calibration | --remove 1 --epochs 1 --train-rows sleb | --train-rows plays no part",
            "calibration | --remove 1 --sizes 8 --plan-sizes 2 | from 4 to the largest",
            "segments | --remove 1 --epochs 1 | name the rows to train with --train-rows",
            "ablation | --remove 1 --epochs 1 --train-seeds 0 | --train-seeds is at least 1",
            "methods | --remove 1 --heal full | a study takes none and bn",
            "calibration | --remove 1 --rows sleb --criterion loss | --criterion plays no part",
            "methods | --remove 1 --criterion loss | --criterion plays no part",
            "methods | --remove 1 --rows auto --verify 0 | --verify is 0",
            "segments | --remove 1 --repair-samples 8 | --repair-samples belongs to --repair",
            "methods | --remove 1 --repair scale --repair-ridge 1 | --repair-ridge belongs to --repair refit",
            "methods | --remove 1 --repair refit --repair-ridge 0.1,0 | --repair-ridge names numbers above 0, got '0'",
            "methods | --remove 1 --repair refit --repair-ridge high | --repair-ridge names numbers above 0, got 'high'",
            "methods | --remove 1 --repair refit --repair-samples 0 | --repair-samples is at least 1",
            "methods | --remove 1 --learning-rate 0.1 | --learning-rate belongs to --epochs"})
    void wrongArgumentsEndWithCodeTwoAndNameWhatIsKnown(String name, String more, String named) {
        var run = study(name, "never", more.split(" "));
        assertThat(run.code()).as(run.err()).isEqualTo(2);
        assertThat(run.err()).contains(named);
    }
}
