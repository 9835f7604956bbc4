package dev.sglp.hostile;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;

/// Sound zips with something wrong inside.
final class ZipMutants {
    private ZipMutants() {}

    /// The zip with one entry damaged, and true sizes and checksums.
    static byte[] ofOneEntry(byte[] zip, int number) throws IOException {
        var entries = entries(zip);
        var names = List.copyOf(entries.keySet());
        entries.computeIfPresent(names.get(number % names.size()), (_, bytes) -> Mutants.of(bytes, number));
        return zip(entries);
    }

    /// Two classes, each with these pictures of the tests' resources.
    static byte[] ofImages(List<String> pictures) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        for (var folder : List.of("cat", "dog")) {
            for (var picture : pictures) {
                entries.put(folder + "/" + picture, Files.readAllBytes(Readers.resource("images/" + picture)));
            }
        }
        return zip(entries);
    }

    private static Map<String, byte[]> entries(byte[] zip) throws IOException {
        var entries = new LinkedHashMap<String, byte[]>();
        try (var in = new ZipInputStream(new ByteArrayInputStream(zip))) {
            for (var entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                entries.put(entry.getName(), in.readAllBytes());
            }
        }
        return entries;
    }

    static byte[] zip(Map<String, byte[]> entries) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var zip = new ZipOutputStream(out)) {
            for (var entry : entries.entrySet()) {
                zip.putNextEntry(new ZipEntry(entry.getKey()));
                zip.write(entry.getValue());
                zip.closeEntry();
            }
        }
        return out.toByteArray();
    }
}
