package dev.sglp.report;

import java.util.List;
import java.util.stream.IntStream;

/// Rows of text in aligned columns, for a terminal of 100 columns.
///
/// @param head one title for each column
/// @param left whether the column is aligned left; numbers are aligned right
public record TextTable(List<String> head, List<Boolean> left, List<List<String>> rows) {
    private static final int WIDTH = 100;
    private static final int LEAST = 30; // of a column that gives way
    private static final String GAP = "  ";

    /// The table with a line under its head; each line at most 100 wide unless that leaves too little of the text, and without blanks at its end.
    public String text() {
        int[] widths = widths();
        var out = new StringBuilder();
        line(out, head, widths);
        line(out, java.util.Arrays.stream(widths).mapToObj("-"::repeat).toList(), widths);
        rows.forEach(row -> line(out, row, widths));
        return out.toString();
    }

    /// The same without the columns in which no row says anything.
    public TextTable withoutEmptyColumns() {
        var said = IntStream.range(0, head.size())
                .filter(c -> rows.stream().anyMatch(row -> !row.get(c).isEmpty())).boxed().toList();
        return new TextTable(said.stream().map(head::get).toList(), said.stream().map(left::get).toList(),
                rows.stream().map(row -> said.stream().map(row::get).toList()).toList());
    }

    /// As wide as needed; where that is too much, the widest left-aligned column gives way.
    private int[] widths() {
        int[] widths = new int[head.size()];
        for (int c = 0; c < widths.length; c++) {
            int column = c;
            widths[c] = Math.max(head.get(c).length(),
                    rows.stream().mapToInt(r -> r.get(column).length()).max().orElse(0));
        }
        int spare = WIDTH - java.util.Arrays.stream(widths).sum() - GAP.length() * (widths.length - 1);
        for (; spare < 0 && widths[widestLeft(widths)] > LEAST; spare++) {
            widths[widestLeft(widths)]--;
        }
        return widths;
    }

    private int widestLeft(int[] widths) {
        int best = 0;
        for (int c = 1; c < widths.length; c++) {
            if (left.get(c) && (!left.get(best) || widths[c] > widths[best])) {
                best = c;
            }
        }
        return best;
    }

    private void line(StringBuilder out, List<String> cells, int[] widths) {
        var line = new StringBuilder();
        for (int c = 0; c < widths.length; c++) {
            String cell = fit(cells.get(c), widths[c]);
            String blank = " ".repeat(widths[c] - cell.length());
            line.append(c == 0 ? "" : GAP).append(left.get(c) ? cell + blank : blank + cell);
        }
        out.append(line.toString().stripTrailing()).append('\n');
    }

    private static String fit(String cell, int width) {
        return cell.length() <= width ? cell : cell.substring(0, Math.max(0, width - 1)) + "…";
    }
}
