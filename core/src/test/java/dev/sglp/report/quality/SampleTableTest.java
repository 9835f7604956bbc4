package dev.sglp.report.quality;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

final class SampleTableTest {
    private static Sample saying(String text) {
        return new Sample("a prompt",
                List.of(new Sample.Said("dense", text, 0, null), new Sample.Said("pruned", text, 0.5, 1.25)));
    }

    @Test
    void whatNetworksWriteIsNoMarkdown() {
        var table = SampleTable
                .of(List.of(saying("a | b\n\n# c `d` <img src=x> **e** [f](http://g) $h$ www.i @j &amp;")));
        assertThat(table).contains(
                "| pruned | a \\| b # c \\`d\\` \\<img src=x\\> \\*\\*e\\*\\* \\[f\\](http\\://g) \\$h\\$ www\\.i \\@j \\&amp; | 50.00 % | 1.250 |\n");
        assertThat(table.lines().filter(line -> line.startsWith("| "))).hasSize(4);
    }

    @Test
    void itsLengthIsBounded() {
        var table = SampleTable.of(Collections.nCopies(9, saying("😀".repeat(10_000))));
        assertThat(table).contains("😀 … |", "4 further prompts are in the report.").hasSizeLessThan(8_000);
        assertThat(SampleTable.of(List.of())).isEmpty();
    }

    @Test
    void aLineTellsTheMeans() {
        var other = new Sample("another",
                List.of(new Sample.Said("dense", "", 0.5, null), new Sample.Said("pruned", "", 0, 0.25)));
        assertThat(Sample.summary(List.of(saying("x"), other))).isEqualTo(
                "2 prompts continued, side by side in the report: of 4-grams repeated dense 25.00 %, pruned 25.00 %; KL along the dense text pruned 0.750 nats a token");
    }
}
