package dev.sglp.cli.convolution;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/// Arrays as numpy writes them.
record Npz(ZipOutputStream out) implements AutoCloseable {
    private static final int HEADER = 118; // with what stands before it, a multiple of 64 bytes

    static Npz create(Path file) throws IOException {
        return new Npz(new ZipOutputStream(Files.newOutputStream(file)));
    }

    void bytes(String name, String shape, byte[] values) throws IOException {
        write(name, "|u1", shape, values);
    }

    void floats(String name, String shape, float[] values) throws IOException {
        var all = ByteBuffer.allocate(4 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        all.asFloatBuffer().put(values);
        write(name, "<f4", shape, all.array());
    }

    void labels(String name, int[] values) throws IOException {
        var all = ByteBuffer.allocate(2 * values.length).order(ByteOrder.LITTLE_ENDIAN);
        Arrays.stream(values).forEach(label -> all.putShort((short) label));
        write(name, "<i2", values.length + ",", all.array());
    }

    private void write(String name, String type, String shape, byte[] values) throws IOException {
        var header = "{'descr': '%s', 'fortran_order': False, 'shape': (%s), }".formatted(type, shape);
        var padded = header + " ".repeat(HEADER - 1 - header.length()) + "\n";
        out.putNextEntry(new ZipEntry(name + ".npy"));
        out.write(new byte[]{(byte) 0x93, 'N', 'U', 'M', 'P', 'Y', 1, 0, (byte) padded.length(), 0});
        out.write(padded.getBytes(StandardCharsets.US_ASCII));
        out.write(values);
        out.closeEntry();
    }

    @Override
    public void close() throws IOException {
        out.close();
    }
}
