package dev.sglp.data.image;

import com.sun.management.OperatingSystemMXBean;
import dev.sglp.data.item.Form;
import dev.sglp.data.item.Item;
import dev.sglp.data.item.Rgb;
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
    private static final Form NO_FORM = new Form(List.of(3L, 1L, 1L), DType.U8);

    /// Gives one image.
    public interface Reader {
        /// @param position which item of the set, in the order wanted
        Item read(int position) throws IOException;

        /// What an error calls it.
        String where(int position);
    }

    /// Reads all items; the first one decides the size.
    ///
    /// @throws IOException where an item cannot be read or has another size than the first
    public ImageSet run(Reader reader) throws IOException {
        int count = labels.of().length;
        if (count == 0) {
            return new ImageSet(name, Pixels.allocate(0, NO_FORM), labels,
                    reading.normalisation());
        }
        var first = fitted(reader.read(0));
        checkRoom(first.form(), count);
        var pixels = Pixels.allocate(count, first.form());
        var cursor = new AtomicInteger();
        try (var step = reading.progress().step("decode " + name, count, "items")) {
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
    private void checkRoom(Form form, int count) throws IOException {
        long machine = ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize();
        if (count * form.bytes() > machine) {
            throw new IOException(
                    "[%s] %,d items of %s take %,d MB, the machine has %,d. --image-size N makes them smaller, --limit N fewer"
                            .formatted(name, count, form.words(), count * form.bytes() >> 20, machine >> 20));
        }
    }

    private Item fitted(Item item) throws IOException {
        int size = reading.imageSize();
        if (!(item instanceof Rgb image)) {
            return item;
        }
        if (size != 0 && image.dtype() != DType.U8 && (image.height() != size || image.width() != size)) {
            throw new IOException(
                    "[%s] holds floating-point images of %s, which are taken as they are. Resize them before, or store uint8"
                            .formatted(name, image.form().words()));
        }
        return size == 0 || image.dtype() != DType.U8 ? image : Resizing.squared(image, size);
    }

    private void fill(Pixels pixels, Reader reader, int from, int to) throws IOException {
        for (int i = from; i < to; i++) {
            var item = fitted(reader.read(i));
            if (!item.form().equals(pixels.form())) {
                throw new IOException(
                        "[%s] is %s, but [%s] is %s. Images must be of one size; --image-size N resizes them."
                                .formatted(reader.where(i), item.form().words(), reader.where(0),
                                        pixels.form().words()));
            }
            pixels.set(i, item);
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
