package dev.sglp.data.source;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.ValueLayout;
import java.nio.channels.FileChannel;
import java.nio.channels.FileChannel.MapMode;
import java.nio.file.Files;
import java.nio.file.Path;

/// The binary form: records of one label byte (CIFAR-100: coarse, then fine) and 3,072 bytes of red, green and blue planes.
final class CifarBinary {
    private CifarBinary() {}

    static Cifar.Part read(Path file, Cifar.Form form) throws IOException {
        long stride = form.labelBytes + Cifar.PIXELS;
        long size = Files.size(file);
        if (size == 0 || size % stride != 0) {
            throw new IOException(
                    "[%s] has %d bytes, expected a multiple of %d. Maybe it is cut, or of the other CIFAR."
                            .formatted(file, size, stride));
        }
        try (var channel = FileChannel.open(file)) {
            var bytes = channel.map(MapMode.READ_ONLY, 0, size, Arena.ofAuto());
            int[] labels = new int[Math.toIntExact(size / stride)];
            for (int i = 0; i < labels.length; i++) {
                labels[i] = bytes.get(ValueLayout.JAVA_BYTE, i * stride + form.labelBytes - 1) & 0xFF;
            }
            return new Cifar.Part(bytes, form.labelBytes, stride, labels);
        }
    }
}
