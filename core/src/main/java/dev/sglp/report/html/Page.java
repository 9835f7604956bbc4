package dev.sglp.report.html;

import dev.sglp.report.Json;
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
import org.jspecify.annotations.Nullable;

/// One HTML file that asks nothing of the network. Words and tables are in it as they are and need no script; the charts are
/// drawn by Apache ECharts, which travels inside.
///
/// @param title    text
/// @param version  of the program that made it
/// @param header   HTML of its top
/// @param sections HTML of the rest
/// @param charts   what the script draws; becomes JSON
/// @param script   JavaScript that draws the charts
public record Page(String title, String version, String header, String sections, Object charts, String script) {
    private static final Pattern HOLE = Pattern.compile("\\{\\{(\\w+)}}");
    private static final List<String> WEBJARS = List.of("org.webjars", "org.webjars.npm");

    /// A page whose charts are a run's or a training's.
    public Page(String title, String version, String header, String sections, Object charts) {
        this(title, version, header, sections, charts, resource("page.js"));
    }

    /// Writes the page to `file`; a killed run leaves the old file or none.
    public void write(Path file) throws IOException {
        Json.replace(file, text());
    }

    public String text() {
        try {
            var parts = Map.of("title", Markup.escape(title), "header", header, "sections", sections, "footer",
                    Markup.escape("Made by sglp " + version), "data", Markup.script(Json.compact(charts)), "style",
                    resource("page.css"), "echarts", echarts(), "script", script + resource("copy.js"));
            return filled(resource("page.html"), parts);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// In one pass: what fills a hole is not searched for holes again.
    private static String filled(String template, Map<String, String> parts) {
        return HOLE.matcher(template).replaceAll(hole -> Matcher.quoteReplacement(parts.get(hole.group(1))));
    }

    private static String resource(String name) {
        try (InputStream in = Page.class.getResourceAsStream(name)) {
            return text(in, name);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /// The minified library with its licence note, wherever its WebJar keeps it.
    private static String echarts() throws IOException {
        for (String group : WEBJARS) {
            String version = version(group);
            for (String place : List.of("dist/", "")) {
                String path = "/META-INF/resources/webjars/echarts/" + version + "/" + place + "echarts.min.js";
                try (InputStream in = Page.class.getResourceAsStream(path)) {
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
        try (InputStream in = Page.class
                .getResourceAsStream("/META-INF/maven/" + group + "/echarts/pom.properties")) {
            var properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "");
        }
    }

    private static String text(@Nullable InputStream in, String name) throws IOException {
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
