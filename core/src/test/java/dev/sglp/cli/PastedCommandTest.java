package dev.sglp.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.File;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/// What report, record and model card say to do again is done again, by a shell, from somewhere else.
final class PastedCommandTest {
    @TempDir
    Path folder;
    private Path work;

    /// The real launcher, in a folder of its own that looks as if it had been built.
    @BeforeEach
    void installAside() throws IOException {
        var home = Files.createDirectories(folder.resolve("where it's installed"));
        Files.copy(Path.of("../sglp"), home.resolve("sglp"));
        home.resolve("sglp").toFile().setExecutable(true);
        Files.createDirectories(home.resolve("core/src/main"));
        var target = Files.createDirectories(home.resolve("core/target"));
        for (var pom : List.of("pom.xml", "core/pom.xml")) {
            Files.writeString(home.resolve(pom), "");
        }
        try (OutputStream jar = Files.newOutputStream(target.resolve("sglp-0.jar"))) {
            new JarOutputStream(jar, new Manifest()).close();
        }
        Files.setLastModifiedTime(target.resolve("sglp-0.jar"), FileTime.from(Instant.now().plusSeconds(60)));
        Files.writeString(target.resolve("classpath.txt"), System.getProperty("java.class.path"));
        work = Files.createDirectories(folder.resolve("my networks"));
    }

    /// Runs words as a shell would where the user stands; what was printed.
    private static String shell(Path directory, String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("bash"));
        line.addAll(List.of(words));
        var builder = new ProcessBuilder(line).directory(directory.toFile()).redirectErrorStream(true);
        builder.environment().put("SGLP_JAVA_HOME", System.getProperty("java.home"));
        builder.environment().put("SGLP_JAVA_OPTS", "-XX:TieredStopAtLevel=1 -XX:-AutoCreateSharedArchive");
        var process = builder.start();
        var printed = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as(printed).isZero();
        return printed;
    }

    /// What the user types, in the folder `my networks`.
    private void typed(String... words) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("-c", "\"$0\" \"$@\"", "../where it's installed/sglp"));
        line.addAll(List.of(words));
        shell(work, line.toArray(String[]::new));
    }

    @Test
    void theCommandOfReportAndRecordMakesTheSameFilesFromAnywhere() throws IOException, InterruptedException {
        var made = PicoAndNoise.make(work.resolve("a $HOME of `networks`"));
        var model = work.relativize(made.model()).toString();
        typed("prune", model, "--data", "images:" + work.relativize(made.images()), "--remove", "1", "--criterion",
                "magnitude", "--verify", "0", "--samples", "20", "--no-latency", "--threads", "1", "--out", "it's out");
        var record = work.resolve("it's out/prune.json");
        var weights = Files.readAllBytes(record.resolveSibling("model.safetensors"));
        var json = new ObjectMapper().readTree(record.toFile());
        var command = json.get("command").asText();
        assertThat(json.at("/plan/provenance/command").asText()).isEqualTo(command);
        var page = Pattern.compile("<section id=\"again\">.*?<code>(.*?)</code>", Pattern.DOTALL)
                .matcher(Files.readString(record.resolveSibling("report.html")));
        assertThat(page.find()).isTrue();
        assertThat(page.group(1).replace("&#39;", "'").replace("&amp;", "&")).isEqualTo(command);
        Files.delete(record);
        Files.delete(record.resolveSibling("model.safetensors"));
        shell(Path.of(File.separator), "-c", command);
        assertThat(record).exists();
        assertThat(record.resolveSibling("model.safetensors")).hasBinaryContent(weights);
    }

    @Test
    void theCommandOfAModelCardMakesTheSameModelFromAnywhere() throws IOException, InterruptedException {
        Files.copy(Path.of("src/test/resources/gguf/pico-llama3.gguf"), work.resolve("``` *.gguf"));
        typed("convert", "``` *.gguf", "--out", "made");
        var card = Files.readString(work.resolve("made/README.md"));
        var block = Pattern.compile("(?m)^(`{3,})sh\n(.*)\n\\1$", Pattern.DOTALL).matcher(card);
        assertThat(block.find()).as(card).isTrue();
        Files.move(work.resolve("made"), work.resolve("before"));
        shell(Path.of(File.separator), "-c", block.group(2));
        assertThat(work.resolve("made/model.safetensors"))
                .hasSameBinaryContentAs(work.resolve("before/model.safetensors"));
    }
}
