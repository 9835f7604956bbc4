package dev.sglp.report.study;

import dev.sglp.report.Json;
import java.io.IOException;
import java.nio.file.Path;

/// The files of a study: `study.json`, `study.csv`, `study.html`.
public final class StudyFiles {
    private StudyFiles() {}

    /// Writes all three, each under a temporary name first.
    public static void write(StudyRecord record, Path directory) throws IOException {
        Json.write(record, directory.resolve("study.json"));
        Json.replace(directory.resolve("study.csv"), StudyCsv.of(record));
        Json.replace(directory.resolve("study.html"), StudyPage.of(record));
    }
}
