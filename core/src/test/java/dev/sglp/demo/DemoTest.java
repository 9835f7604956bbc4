package dev.sglp.demo;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.sglp.cli.Main;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// The demo, as a user runs it.
final class DemoTest {
    @TempDir
    private static Path out;

    private static final StringWriter SAID = new StringWriter();

    @BeforeAll
    static void run() {
        assertThat(Main.run(new PrintWriter(SAID), new PrintWriter(System.err, true), "demo", "--out", out.toString(),
                "--quiet")).isZero();
    }

    @Test
    void theChosenLayersAreMissedLessThanRandomOnes() throws IOException {
        var record = new ObjectMapper().readTree(out.resolve("prune.json").toFile());
        var control = new ObjectMapper().readTree(out.resolve("control.json").toFile());
        assertThat(record.at("/before/accuracy").asDouble()).isGreaterThan(0.85);
        assertThat(control.get("random")).hasSize(3);
        control.get("random").forEach(draw -> {
            assertThat(draw.get("removed")).hasSameSizeAs(record.at("/plan/removed"));
            assertThat(record.at("/after/accuracy").asDouble()).isGreaterThan(draw.get("accuracy").asDouble());
        });
    }

    @Test
    void theFilesAreThereAndTheNetworkIsSmaller() throws IOException {
        for (var name : List.of("dense/model.safetensors", "dense/config.json", "model.safetensors", "config.json",
                "plan.json", "report.html", "prune.json", "control.json")) {
            assertThat(out.resolve(name)).isNotEmptyFile();
        }
        assertThat(Files.size(out.resolve("model.safetensors")))
                .isLessThan(Files.size(out.resolve("dense/model.safetensors")));
    }

    @Test
    void theUserIsToldWhatChanceWouldHaveDoneAndWhereTheReportIs() {
        assertThat(SAID.toString()).contains("removed at random").contains(out.resolve("report.html").toString());
    }
}
