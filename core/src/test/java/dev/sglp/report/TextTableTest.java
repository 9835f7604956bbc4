package dev.sglp.report;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class TextTableTest {
    /// A title gives way to numbers, but stays readable where they fill the terminal alone.
    @ParameterizedTest
    @CsvSource({"3,100", "5,100", "9,147"})
    void theTitleGivesWayAsFarAsItCanBeRead(int columns, int width) {
        var title = "without GradNorm: random inside the segments, the best of some random plans";
        var head = Collections.nCopies(columns + 1, "column");
        var left = new java.util.ArrayList<>(Collections.nCopies(columns + 1, false));
        left.set(0, true);
        var row = new java.util.ArrayList<>(Collections.nCopies(columns + 1, "12345678901"));
        row.set(0, title);
        var lines = new TextTable(head, left, List.of(row)).text().lines().toList();
        assertThat(lines).allSatisfy(line -> assertThat(line.length()).isLessThanOrEqualTo(width));
        assertThat(lines.getLast()).hasSize(Math.min(width, title.length() + 13 * columns));
        assertThat(lines.getLast()).startsWith(title.substring(0, 28));
    }
}
