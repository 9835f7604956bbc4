package dev.sglp.hostile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/// Zips of arrays and pictures that would unfold to far more than they are, or say so.
@Timeout(60)
final class ArrayBombsTest {
    private static final int CENTRAL = 0x02014b50;
    private static final String LABELS = "{'descr': '|u1', 'fortran_order': False, 'shape': (2,), }";
    private static final String IMAGES = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 2, 2), }";

    @TempDir
    Path folder;

    @BeforeEach
    void loadClasses() throws IOException {
        assertThat(npz(IMAGES, new byte[24], LABELS, new byte[]{0, 1})).isEqualTo(Attempt.READ);
    }

    private static byte[] npy(String header, byte[] data) {
        var out = new ByteArrayOutputStream();
        out.writeBytes("\u0093NUMPY\1\0".getBytes(StandardCharsets.ISO_8859_1));
        out.write(header.length() & 255);
        out.write(header.length() >> 8);
        out.writeBytes(header.getBytes(StandardCharsets.ISO_8859_1));
        out.writeBytes(data);
        return out.toByteArray();
    }

    private static byte[] zipped(String images, byte[] pixels, String labels, byte[] classes) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        entries.put("images.npy", npy(images, pixels));
        entries.put("labels.npy", npy(labels, classes));
        return ZipMutants.zip(entries);
    }

    private String npz(String images, byte[] pixels, String labels, byte[] classes) throws IOException {
        return attempt(Readers.NPZ, zipped(images, pixels, labels, classes));
    }

    private String attempt(Readers reader, byte[] content) throws IOException {
        return Attempt.read(reader, Files.write(folder.resolve(reader.fileName), content), "bomb");
    }

    /// The zip with another unpacked size in the first record of its directory.
    private static byte[] lying(byte[] zip, int size) {
        var bytes = ByteBuffer.wrap(zip).order(ByteOrder.LITTLE_ENDIAN);
        int at = 0;
        while (bytes.getInt(at) != CENTRAL) {
            at++;
        }
        bytes.putInt(at + 24, size);
        return zip;
    }

    @Test
    void anHonestArrayOfFarTooManyZerosIsRefused() throws IOException {
        var header = "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 4000, 4000), }";
        assertThat(npz(header, new byte[96_000_000], LABELS, new byte[]{0, 1})).contains("arrays.npz")
                .contains("'images.npy'").contains("Maybe it is a bomb");
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 100, 2_000_000, Integer.MAX_VALUE, -2})
    void anEntryThatLiesAboutItsSizeIsRefused(int size) throws IOException {
        var zip = zipped(IMAGES, new byte[24], LABELS, new byte[]{0, 1});
        assertThat(attempt(Readers.NPZ, lying(zip, size))).contains("arrays.npz").contains("images");
        var pictures = ZipMutants.ofImages(List.of("grey.png"));
        assertThat(attempt(Readers.IMAGE_ZIP, lying(pictures, size))).contains("[images.zip:cat/grey.png]");
    }

    /// Size and array agree, the packed bytes do not.
    @Test
    void anEntryThatUnpacksToMoreThanBothSayIsRefused() throws IOException {
        var zip = zipped(IMAGES, new byte[3_000_000], LABELS, new byte[]{0, 1});
        assertThat(attempt(Readers.NPZ, lying(zip, npy(IMAGES, new byte[24]).length)))
                .contains("'images.npy' unpacks to other bytes than its header says");
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"(2, 3, 4294967296, 4294967296)", "(2, 3, 999999999999999999, 2)",
            "(0, 999999999999999999, 999999999999999999)", "(2, 3, -2, -2)", "(2, 3, 2, 2, 0)", "()", "(2,)", "(24)",
            "(2,,3)", "(1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1)"})
    void aShapeThatIsNoneIsRefused(String shape) throws IOException {
        assertThat(npz("{'descr': '|u1', 'fortran_order': False, 'shape': %s, }".formatted(shape), new byte[24], LABELS,
                new byte[]{0, 1})).contains("arrays.npz:images");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "[]", "{'descr': __import__('os'), 'fortran_order': False, 'shape': (2,)}",
            "{'descr': '|u1', 'shape': (24,)}", "{'descr': '|u1', 'descr': '|u1', 'shape': (2, 3, 2, 2)}",
            "{'descr': '|u1', 'fortran_order': 0, 'shape': (2, 3, 2, 2)}",
            "{'descr': '|u1', 'fortran_order': False, 'shape': (2, 3, 2, 2)} + x",
            "{'descr': '|O', 'fortran_order': False, 'shape': (2, 3, 2, 2)}"})
    void aHeaderThatIsNoneIsRefused(String header) throws IOException {
        assertThat(npz(header, new byte[24], LABELS, new byte[]{0, 1})).contains("arrays.npz:images");
    }

    @Test
    void aLabelOfBillionsMakesNoBillionsOfClasses() throws IOException {
        var labels = "{'descr': '<i4', 'fortran_order': False, 'shape': (2,), }";
        assertThat(npz(IMAGES, new byte[24], labels, new byte[]{0, 0, 0, 0, -1, -1, -1, 127}))
                .contains("label 1 is 2147483647");
    }

    @Test
    void aSmallPictureThatPromisesALargeOneIsRefused() throws IOException {
        var png = Files.readAllBytes(Readers.resource("images/rgb.png"));
        ByteBuffer.wrap(png).putInt(16, 9000).putInt(20, 9000);
        assertThat(attempt(Readers.IMAGE_ZIP, ZipMutants.zip(Map.of("cat/1.png", png, "dog/1.png", png))))
                .contains("[images.zip:").contains("81 million pixels");
    }
}
