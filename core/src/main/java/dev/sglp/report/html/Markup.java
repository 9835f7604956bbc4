package dev.sglp.report.html;

import java.util.List;

/// Pieces of HTML. What comes from outside is escaped here; only what the names `body` and `html` say is taken as HTML.
public final class Markup {
    private Markup() {}

    /// Text for an element or a quoted attribute.
    public static String escape(String text) {
        return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace("\"", "&quot;").replace("'",
                "&#39;");
    }

    /// JSON for a `script` element: no `<` is left that could close it or begin a comment.
    public static String script(String json) {
        return json.replace("<", "\\u003c").replace(String.valueOf((char) 0x2028), "\\u2028")
                .replace(String.valueOf((char) 0x2029), "\\u2029");
    }

    /// A section with a heading and one sentence on how to read it; nothing where the body is empty.
    public static String section(String id, String title, String lead, String body) {
        if (body.isEmpty()) {
            return "";
        }
        return """
                <section id="%s">
                <h2>%s</h2>
                <p class="lead">%s</p>
                %s
                </section>
                """.formatted(id, escape(title), escape(lead), body.strip());
    }

    /// A table whose first `left` columns are words and whose other columns are numbers.
    public static String table(List<String> head, List<List<String>> rows, int left) {
        var body = new StringBuilder("<div class=\"scroll\"><table><thead>").append(row("th", head, left, ""))
                .append("</thead><tbody>\n");
        rows.forEach(r -> body.append(row("td", r, left, "")));
        return body.append("</tbody></table></div>\n").toString();
    }

    /// One row; `mark` is its class, empty for none.
    public static String row(String tag, List<String> cells, int left, String mark) {
        var row = new StringBuilder(mark.isEmpty() ? "<tr>" : "<tr class=\"" + mark + "\">");
        for (int c = 0; c < cells.size(); c++) {
            row.append('<').append(tag).append(c < left ? ">" : " class=\"n\">").append(escape(cells.get(c)))
                    .append("</").append(tag).append('>');
        }
        return row.append("</tr>\n").toString();
    }

    /// The place of a chart, drawn by the script; `spoken` is what a screen reader says.
    public static String chart(String kind, int index, String spoken) {
        return "<div class=\"chart %s\" data-chart=\"%s\" data-index=\"%d\" role=\"img\" aria-label=\"%s\"></div>\n"
                .formatted(kind, kind, index, escape(spoken));
    }

    /// Code with a button that copies it.
    public static String code(String text) {
        return "<div class=\"code\"><button type=\"button\" class=\"copy\">Copy</button><pre><code>%s</code></pre></div>\n"
                .formatted(escape(text));
    }

    /// Terms and what they are.
    public static String definitions(List<List<String>> rows) {
        var list = new StringBuilder("<dl>");
        rows.stream().filter(r -> !r.get(1).isBlank()).forEach(r -> list.append("<dt>").append(escape(r.get(0)))
                .append("</dt><dd>").append(escape(r.get(1))).append("</dd>\n"));
        return list.append("</dl>\n").toString();
    }

    /// Breaks the line behind the network's name if at all, and never inside a percentage.
    public static String heading(String verdict) {
        int colon = verdict.indexOf(": ") + 2;
        String html = escape(verdict.substring(0, colon)) + "<span>" + escape(verdict.substring(colon)) + "</span>";
        return html.replace(" %", "&nbsp;%");
    }

    /// A number that sums up much: what it is called, its value, where it comes from, and how it changed.
    public static String tile(String label, String value, String from, String change) {
        return "<div class=\"tile\"><span class=\"label\">%s</span><strong>%s</strong><span class=\"from\">%s</span><span class=\"change\">%s</span></div>\n"
                .formatted(escape(label), escape(value), escape(from), escape(change));
    }
}
