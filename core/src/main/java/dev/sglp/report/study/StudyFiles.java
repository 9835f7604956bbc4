package dev.sglp.report.study;

import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/// The files of a study: `study.json`, `study.csv`, `study.html`.
public final class StudyFiles {
    private static final String JSON = "study.json";

    private StudyFiles() {}

    /// Asked before any work: a directory holds studies of one kind, whose finished parts go together.
    ///
    /// @throws IOException where one of another kind lies there, or something else under its name
    public static void check(String study, Path directory) throws IOException {
        var file = directory.resolve(JSON);
        if (Files.exists(file)) {
            var there = Json.text(file, "study");
            if (!there.equals(study)) {
                throw new IOException("[%s] is of %s, and would be replaced. Choose another --out".formatted(file,
                        there.isEmpty() ? "no study" : "a study of another kind (%s)".formatted(there)));
            }
        }
    }

    /// Writes all three, each under a temporary name first.
    public static void write(StudyRecord record, Path directory) throws IOException {
        Json.write(record, directory.resolve(JSON));
        Json.replace(directory.resolve("study.csv"), StudyCsv.of(record));
        Json.replace(directory.resolve("study.html"), StudyPage.of(record));
    }
}
