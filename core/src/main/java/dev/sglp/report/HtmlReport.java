package dev.sglp.report;

import dev.sglp.report.html.Page;
import java.io.IOException;
import java.nio.file.Path;

/// One HTML file that shows a whole run: it asks nothing of the network, so it can be mailed, archived and printed.
public final class HtmlReport {
    private HtmlReport() {}

    /// Writes the report to `file`; a killed run leaves the old file or none.
    public static void write(RunRecord record, Path file) throws IOException {
        page(record).write(file);
    }

    /// The report as one HTML text.
    public static String of(RunRecord record) {
        return page(record).text();
    }

    private static Page page(RunRecord record) {
        return new Page(Verdict.of(record), record.version(), Overview.header(record),
                Overview.sections(record) + Sections.all(record), ChartData.of(record));
    }
}
