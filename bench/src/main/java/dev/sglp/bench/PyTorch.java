package dev.sglp.bench;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/// A Python script that stays alive: it prints a line when it is ready, then one JSON record for each empty line it reads.
final class PyTorch implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private final Process process;
    private final BufferedReader answers;
    private final PrintWriter questions;

    PyTorch(Settings.Rival rival, String script, List<String> arguments) throws IOException {
        var command = new ArrayList<String>(List.of(rival.python(), rival.scripts().resolve(script).toString()));
        command.addAll(arguments);
        command.addAll(List.of("--threads", String.valueOf(rival.threads()), "--serve"));
        var builder = new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT);
        builder.environment().keySet().removeIf(name -> name.matches("OMP_.*|GOMP_.*|MALLOC_.*")); // its own defaults
        process = builder.start();
        answers = process.inputReader();
        questions = new PrintWriter(process.outputWriter(), true);
        answer();
    }

    /// One round: `seconds`, `cpu_seconds` and what it found.
    JsonNode round() throws IOException {
        questions.println();
        return answer();
    }

    private JsonNode answer() throws IOException {
        var line = answers.readLine();
        if (line == null) {
            throw new IOException("the Python script ended. Maybe --python has no torch, safetensors or Pillow");
        }
        return JSON.readTree(line);
    }

    @Override
    public void close() {
        questions.close();
        process.destroy();
    }
}
