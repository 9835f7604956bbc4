package dev.sglp.data.source;

import dev.sglp.pickle.NumpyArray;
import dev.sglp.pickle.NumpyGlobals;
import dev.sglp.pickle.PickleRules;
import dev.sglp.pickle.Unpickler;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/// The Python form: pickled dictionaries with `data` (uint8 `[N, 3072]`, red, green and blue planes) and `labels`, for
/// CIFAR-100 `fine_labels`.
final class CifarPickle {
    private static final PickleRules RULES = PickleRules.of(NumpyGlobals.all(),
            "CIFAR's own files hold numpy arrays and lists only; fetch them again.");

    private CifarPickle() {}

    static Cifar.Part read(Path file, Cifar.Form form) throws IOException {
        var content = load(file);
        String key = switch (form) {
            case CIFAR10 -> "labels";
            case CIFAR100 -> "fine_labels";
        };
        int[] labels = list(file, content, key).stream()
                .mapToInt(label -> label instanceof Long l ? Math.clamp(l, -1, 256) : -1)
                .toArray();
        if (!(content.get("data") instanceof NumpyArray data) || !data.dtype().equals("|u1") || data.fortranOrder()
                || !data.shape().equals(List.of((long) labels.length, (long) Cifar.PIXELS))) {
            throw new IOException(
                    "[%s] has no array 'data' of uint8 and shape [%d, %d] beside its %d '%s'. Maybe it is damaged."
                            .formatted(file, labels.length, Cifar.PIXELS, labels.length, key));
        }
        return new Cifar.Part(MemorySegment.ofArray(data.bytes()), 0, Cifar.PIXELS, labels);
    }

    /// Class names in label order.
    static List<String> classes(Path file, Cifar.Form form) throws IOException {
        String key = switch (form) {
            case CIFAR10 -> "label_names";
            case CIFAR100 -> "fine_label_names";
        };
        return list(file, load(file), key).stream().map(CifarPickle::text).toList();
    }

    private static String text(Object name) {
        return name instanceof byte[] latin
                ? new String(latin, StandardCharsets.ISO_8859_1)
                : String.valueOf(name);
    }

    private static Map<?, ?> load(Path file) throws IOException {
        var bytes = MemorySegment.ofArray(Files.readAllBytes(file));
        if (new Unpickler(file, bytes, RULES).load() instanceof Map<?, ?> content) {
            return content;
        }
        throw new IOException("[%s] holds no dictionary, so it is not one of CIFAR's files".formatted(file));
    }

    private static List<?> list(Path file, Map<?, ?> content, String key) throws IOException {
        if (content.get(key) instanceof List<?> list) {
            return list;
        }
        throw new IOException("[%s] has no list '%s'. Maybe it is of the other CIFAR.".formatted(file, key));
    }
}
