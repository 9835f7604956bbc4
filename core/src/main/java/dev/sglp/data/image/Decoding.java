package dev.sglp.data.image;

import com.sun.management.OperatingSystemMXBean;
import dev.sglp.tensor.DType;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/// Fills a set of images on many threads.
///
/// @param name    of the set
/// @param labels  of the items, in the order wanted
/// @param reading how
public record Decoding(String name, Labels labels, Reading reading) {
    private static final int BLOCK = 32;

    /// Gives one image.
    public interface Reader {
        /// @param position which item of the set, in the order wanted
        Rgb read(int position) throws IOException;

        /// What an error calls it.
        String where(int position);
    }

    /// Reads all items; the first one decides the size.
    ///
    /// @throws IOException where an item cannot be read or has another size than the first
    public ImageSet run(Reader reader) throws IOException {
        int count = labels.of().length;
        if (count == 0) {
            return new ImageSet(name, Pixels.allocate(0, new Pixels.Form(1, 1, DType.U8)), labels,
                    reading.normalisation());
        }
        var first = fitted(reader.read(0));
        checkRoom(Pixels.Form.of(first), count);
        var pixels = Pixels.allocate(count, Pixels.Form.of(first));
        var cursor = new AtomicInteger();
        try (var step = reading.progress().step("decode " + name, count, "images")) {
            Callable<Void> work = () -> {
                try {
                    for (int from = cursor.getAndAdd(BLOCK); from < count; from = cursor.getAndAdd(BLOCK)) {
                        int to = Math.min(count, from + BLOCK);
                        fill(pixels, reader, from, to);
                        step.advance(to - from);
                    }
                    return null;
                } finally {
                    cursor.set(count); // the others stop too, whether all is done or one item failed
                }
            };
            if (reading.threads() == 1) {
                alone(work);
            } else {
                together(work);
            }
        }
        return new ImageSet(name, pixels, labels, reading.normalisation());
    }

    /// A few small files can promise a thousand large images.
    private void checkRoom(Pixels.Form form, int count) throws IOException {
        long machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        if (count * form.bytes() > machine) {
            throw new IOException(
                    "[%s] %,d images of %s pixels take %,d MB, the machine has %,d. --image-size N makes them smaller, --limit N fewer"
                            .formatted(name, count, form.size(), count * form.bytes() >> 20, machine >> 20));
        }
    }

    private Rgb fitted(Rgb image) throws IOException {
        int size = reading.imageSize();
        if (size != 0 && image.dtype() != DType.U8 && (image.height() != size || image.width() != size)) {
            throw new IOException(
                    "[%s] holds floating-point images of %s pixels, which are taken as they are. Resize them before, or store uint8"
                            .formatted(name, image.size()));
        }
        return size == 0 || image.dtype() != DType.U8 ? image : Resizing.squared(image, size);
    }

    private void fill(Pixels pixels, Reader reader, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            var image = fitted(reader.read(i));
            if (!Pixels.Form.of(image).equals(pixels.form())) {
                throw new IOException(
                        "[%s] is %s pixels, but [%s] is %s. Images must be of one size; --image-size N resizes them."
                                .formatted(reader.where(i), image.size(), reader.where(0), pixels.size()));
            }
            pixels.set(i, image);
        }
    }

    private static void alone(Callable<Void> work) throws IOException {
        try {
            work.call();
        } catch (IOException | RuntimeException e) {
            throw e;
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    /// The same work on every thread; the first failure stops all.
    private void together(Callable<Void> work) throws IOException {
        int threads = Math.min(reading.threads(), Math.ceilDiv(labels.of().length, BLOCK));
        try (var pool = Executors.newFixedThreadPool(threads)) {
            List<Future<Void>> running = IntStream.range(0, threads).mapToObj(_ -> pool.submit(work)).toList();
            for (var future : running) {
                await(future);
            }
        }
    }

    private static void await(Future<Void> future) throws IOException {
        try {
            future.get();
        } catch (ExecutionException e) {
            switch (e.getCause()) {
                case IOException io -> throw io;
                case RuntimeException runtime -> throw runtime;
                case Error error -> throw error;
                case null, default -> throw new IllegalStateException(e.getCause());
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while decoding images");
        }
    }
}
