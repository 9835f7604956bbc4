package dev.sglp.zip;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;

/// The zips are written by Java's own writer, which sets the flag for UTF-8 and for no other charset.
final class EntryNameTest {
    private static ZipEntries entries(Charset charset, String... names) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out, charset)) {
            for (var name : names) {
                zip.putNextEntry(new ZipEntry(name));
            }
        }
        return new ZipEntries(Path.of("some.zip"), MemorySegment.ofArray(out.toByteArray()));
    }

    @Test
    void theFlagDecidesBetweenUtf8AndTheCodePage() throws IOException {
        assertThat(entries(StandardCharsets.UTF_8, "größe", "車").names()).containsExactly("größe", "車");
        assertThat(entries(EntryName.CODE_PAGE, "größe", "Ä").names()).containsExactly("größe", "Ä");
    }

    @Test
    void bareUtf8WithoutTheFlagIsUnderstood() throws IOException {
        var bare = new String("größe".getBytes(StandardCharsets.UTF_8), StandardCharsets.ISO_8859_1);
        assertThat(entries(StandardCharsets.ISO_8859_1, bare).names()).containsExactly("größe");
    }

    @Test
    void backslashesAreSlashesAndALeadingDotIsNothing() throws IOException {
        assertThat(entries(StandardCharsets.UTF_8, "a\\b\\c", "./d/e", ".f").names()).containsExactly("a/b/c", "d/e",
                ".f");
    }

    @Test
    void whatLeadsOutIsKnown() {
        for (var path : new String[]{"../a", "a/../../b", "a/..", "/a", "C:/a"}) {
            assertThat(EntryName.leadsOut(path)).as(path).isTrue();
        }
        for (var path : new String[]{"a/b", "a..b/c", "..a", "a/b..", "a:/b", "C:", ""}) {
            assertThat(EntryName.leadsOut(path)).as(path).isEqualTo(path.equals("a:/b"));
        }
    }
}
