package dev.sglp.report;

import static dev.sglp.report.html.Markup.escape;

import dev.sglp.evaluation.Evaluation;
import dev.sglp.report.RunRecord.LayerRow;
import dev.sglp.report.html.Markup;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/// The top of the HTML report: the verdict, its tiles, the network before and after, and the numbers.
final class Overview {
    private Overview() {}

    static String header(RunRecord record) {
        var model = record.model();
        var done = Tables.done(record);
        return """
                <p class="kicker">Layer pruning report</p>
                <h1>%s</h1>
                <p class="model">%s <span class="path">%s</span></p>
                %s<div class="tiles">
                %s</div>
                """.formatted(Markup.heading(Verdict.of(record)), escape(model.description()), escape(model.path()),
                done.isEmpty() ? "" : "<p class=\"fine\">%s</p>\n".formatted(escape(done)), tiles(record));
    }

    static String sections(RunRecord record) {
        return network(record) + numbers(record);
    }

    private static String tiles(RunRecord record) {
        Evaluation before = record.before();
        Evaluation after = Verdict.last(record);
        if (before == null || after == null) {
            return plainTiles(record);
        }
        var tiles = new StringBuilder();
        for (var row : Comparison.of(record).rows()) {
            String label = switch (row.label()) {
                case "Accuracy" -> before.perplexity() == null ? row.label() : "";
                case "Perplexity", Comparison.AGREEMENT, "Parameters", Comparison.LATENCY -> row.label();
                case "MACs an example", "MACs a token" -> "MACs";
                default -> isTime(row.label()) ? row.label() : "";
            };
            if (!label.isEmpty()) {
                tiles.append(
                        Markup.tile(label, row.values().getLast(), "from " + row.values().getFirst(), row.change()));
            }
        }
        return tiles.toString();
    }

    /// Of a window of text.
    private static boolean isTime(String label) {
        return label.endsWith(" tokens");
    }

    private static String plainTiles(RunRecord record) {
        var model = record.model();
        var plan = record.plan();
        long removable = record.layers().stream().filter(LayerRow::removable).count();
        return Markup.tile("Layers", String.valueOf(model.layers()), removable + " removable",
                plan == null ? "" : plan.removed().size() + " in the plan")
                + Markup.tile("Segments", String.valueOf(record.segmentation().size()), record.segmentation().rule(),
                        "")
                + Markup.tile("Parameters", Human.parameters(model.parameters()), Human.bytes(model.bytes()), "")
                + Markup.tile("MACs", Human.macs(model.macs()), model.macsOf(), "");
    }

    private static String network(RunRecord record) {
        if (record.layers().isEmpty()) {
            return "";
        }
        boolean removed = record.layers().stream().anyMatch(LayerRow::removed);
        var kept = record.layers().stream().filter(l -> !l.removed()).toList();
        String strips = strip(record, removed ? "Before · %d layers".formatted(record.layers().size()) : "",
                record.layers())
                + (removed ? strip(record, "After · %d layers".formatted(kept.size()), kept) : "");
        return Markup.section("network", removed ? "The network before and after" : "The network",
                "Each box is a layer, from the input on the left to the output on the right, with its number in the original network.",
                strips + legend(record, removed) + layerTable(record.layers()));
    }

    /// Rows of equal length, at most 48 boxes each and 14 on a phone; many layers get small boxes without numbers.
    private static String strip(RunRecord record, String label, List<LayerRow> layers) {
        int n = record.layers().size();
        boolean small = n > 144;
        int wide = Math.ceilDiv(n, Math.ceilDiv(n, small ? 100 : 48));
        int narrow = Math.ceilDiv(n, Math.ceilDiv(n, small ? 30 : 14));
        String cells = layers.stream().map(l -> cell(record, l)).collect(Collectors.joining());
        return "<div class=\"strip-label\">%s</div><div class=\"strip%s\" role=\"group\" tabindex=\"0\" aria-label=\"%s\" style=\"--wide:%d;--narrow:%d\">%s</div>\n"
                .formatted(escape(label), small ? " small" : "", escape(spoken(record, layers)), wide, narrow, cells);
    }

    /// What a screen reader says of a strip before it comes to the boxes.
    private static String spoken(RunRecord record, List<LayerRow> layers) {
        var segments = IntStream.range(0, record.segmentation().size()).mapToObj(s -> "segment %d has %d".formatted(
                s + 1, layers.stream().filter(l -> segmentOf(record, l.index()) == s).count()));
        long removed = layers.stream().filter(LayerRow::removed).count();
        return "%d layers: %s%s. Left and right arrow keys go from layer to layer.".formatted(layers.size(),
                segments.collect(Collectors.joining(", ")),
                removed == 0 ? "" : "; %d %s removed".formatted(removed, removed == 1 ? "is" : "are"));
    }

    private static String cell(RunRecord record, LayerRow layer) {
        String state = layer.removed() ? " removed" : layer.removable() ? "" : " fixed";
        int segment = segmentOf(record, layer.index());
        String tip = "%s (layer %d)\nSegment %d\n%s parameters · %s".formatted(layer.name(), layer.index(), segment + 1,
                Human.parameters(layer.parameters()), Human.macs(layer.macs()));
        tip += layer.removed() ? "\nRemoved" : layer.fixed() == null ? "" : "\nFixed: " + layer.fixed();
        return "<span class=\"cell seg%d%s\" role=\"img\" tabindex=\"-1\" title=\"%s\"><i>%d</i></span>".formatted(
                segment % 5, state,
                escape(tip), layer.index());
    }

    private static String legend(RunRecord record, boolean removed) {
        var legend = new StringBuilder("<p class=\"legend\">");
        for (int s = 0; s < record.segmentation().size(); s++) {
            var segment = record.segmentation().segment(s);
            legend.append("<span><b class=\"chip seg%d\"></b>Segment %d, layers %d to %d</span>".formatted(s % 5, s + 1,
                    segment.from(), segment.to() - 1));
        }
        legend.append(removed ? "<span><b class=\"chip removed\"></b>removed</span>" : "");
        boolean fixed = record.layers().stream().anyMatch(l -> !l.removable());
        return legend.append(fixed ? "<span><b class=\"chip fixed\"></b>fixed, cannot be removed</span>" : "")
                .append("</p>\n").toString();
    }

    private static String layerTable(List<LayerRow> layers) {
        var rows = layers.stream().map(l -> Markup.row("td", List.of(l.name(),
                l.removed() ? "removed" : l.removable() ? "kept" : l.fixed() == null ? "fixed" : "fixed: " + l.fixed(),
                String.valueOf(l.index()), Tables.shape(l), Human.parameters(l.parameters()), Human.macs(l.macs())), 2,
                l.removed() ? "removed" : "")).collect(Collectors.joining());
        String head = Markup.row("th", List.of("Name", "State", "Layer", "Output", "Parameters", "MACs"), 2, "");
        return "<details><summary>All %d layers as a table</summary><div class=\"scroll\"><table><thead>%s</thead><tbody>%s</tbody></table></div></details>\n"
                .formatted(layers.size(), head, rows);
    }

    private static String numbers(RunRecord record) {
        var comparison = Comparison.of(record);
        if (comparison.rows().isEmpty()) {
            return "";
        }
        boolean change = comparison.columns().size() > 1;
        return Markup.section("numbers", change ? "What was lost and what was gained" : "What the network is worth",
                comparison.note() + (change ? " × is what the dense network needs over what this one needs." : ""),
                Markup.table(comparison.head(), comparison.cells(), 1) + (comparison.remarks().isEmpty()
                        ? ""
                        : "<p class=\"fine\">" + escape(String.join(" ", comparison.remarks())) + "</p>"));
    }

    private static int segmentOf(RunRecord record, int layer) {
        return record.segmentation().find(layer).orElse(0);
    }
}
