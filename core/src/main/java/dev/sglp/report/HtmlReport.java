package dev.sglp.report;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// One HTML file that shows a whole run: it asks nothing of the network, so it can be mailed, archived and printed.
///
/// Words and tables are written here and need no script; the charts are drawn by Apache ECharts, which travels inside.
public final class HtmlReport {
    private static final Pattern HOLE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final List<String> WEBJARS = List.of("org.webjars", "org.webjars.npm");

    private HtmlReport() {}

    /// Writes the report to `file`; a killed run leaves the old file or none.
    public static void write(RunRecord record, Path file) throws IOException {
        Json.replace(file, of(record));
    }

    /// The report as one HTML text.
    public static String of(RunRecord record) {
        try {
            return page(new Page(Verdict.of(record), Overview.header(record),
                    Overview.sections(record) + Sections.all(record), record.version(), ChartData.of(record),
                    resource("report.js")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// What a page shows.
    ///
    /// @param header   HTML
    /// @param sections HTML
    /// @param version  of sglp
    /// @param charts   a record that the script draws
    /// @param script   JavaScript
    public record Page(String title, String header, String sections, String version, Object charts, String script) {}

    /// A page as one HTML text that loads nothing.
    public static String page(Page page) throws IOException {
        var parts = Map.of("title", Markup.escape(page.title), "header", page.header, "sections", page.sections,
                "footer", Markup.escape("Made by sglp " + page.version), "data",
                Markup.script(Json.compact(page.charts)), "style", resource("report.css"), "echarts", echarts(),
                "script", page.script);
        return filled(resource("report.html"), parts);
    }

    /// In one pass: what fills a hole is not searched for holes again.
    private static String filled(String template, Map<String, String> parts) {
        return HOLE.matcher(template).replaceAll(hole -> Matcher.quoteReplacement(parts.get(hole.group(1))));
    }

    private static String resource(String name) throws IOException {
        try (InputStream in = HtmlReport.class.getResourceAsStream(name)) {
            return text(in, name);
        }
    }

    /// The minified library with its licence note, wherever its WebJar keeps it.
    private static String echarts() throws IOException {
        for (String group : WEBJARS) {
            String version = version(group);
            for (String place : List.of("dist/", "")) {
                String path = "/META-INF/resources/webjars/echarts/" + version + "/" + place + "echarts.min.js";
                try (InputStream in = HtmlReport.class.getResourceAsStream(path)) {
                    if (in != null) {
                        return text(in, path);
                    }
                }
            }
        }
        throw new FileNotFoundException(
                "[classpath] no echarts.min.js in META-INF/resources/webjars/echarts. Maybe the echarts WebJar was left out of the class path.");
    }

    private static String version(String group) throws IOException {
        try (InputStream in = HtmlReport.class
                .getResourceAsStream("/META-INF/maven/" + group + "/echarts/pom.properties")) {
            var properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "");
        }
    }

    private static String text(@org.jspecify.annotations.Nullable InputStream in, String name) throws IOException {
        if (in == null) {
            throw new FileNotFoundException(
                    "[classpath] no " + name + ". Maybe the jar was built without its resources.");
        }
        String text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
        if (text.contains("</script") && name.endsWith(".js")) {
            throw new IOException("[" + name + "] holds '</script', which would end the script it stands in");
        }
        return text;
    }
}
