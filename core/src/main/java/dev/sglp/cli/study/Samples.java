package dev.sglp.cli.study;

import dev.sglp.cli.study.StudyRun.Bench;
import dev.sglp.data.Dataset;
import dev.sglp.data.Sampling;
import dev.sglp.data.image.ImageSet;
import dev.sglp.study.StudyPlan.Draw;
import dev.sglp.tensor.SplitMix;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;

/// Calibration samples for the repeats of a study. None shares an item with another, the verification or the report.
///
/// @param on the network and its data
record Samples(StudyRun run, Bench on) {
    /// The calibration data, and `count - 1` further samples of as many items.
    List<Dataset> repeats(int count) throws IOException {
        var all = new ArrayList<Dataset>(List.of(on.roles().calibration()));
        if (count > 1) {
            var more = text() ? run.data().samples(on.file(), run.common(), 0, count) : images(count);
            all.addAll(more.subList(1, count));
        }
        return List.copyOf(all);
    }

    /// Draws of so many images or tokens, in an order whose every beginning is a draw of its own.
    ///
    /// @param most images or tokens
    List<Draw> draws(int count, int most) throws IOException {
        return text() ? drawsOfText(count, most) : drawsOfImages(count, most);
    }

    private List<Draw> drawsOfText(int count, int most) throws IOException {
        int window = run.data().calibrationWindow(on.file());
        var samples = run.data().samples(on.file(), run.common(), most / window, count);
        return IntStream.range(0, count).mapToObj(i -> {
            long seed = run.common().seed() + i;
            int[] order = IntStream.range(0, most / window).toArray();
            new SplitMix(seed).shuffle(order);
            return draw(seed, samples.get(i), n -> samples.get(i).select("%,d tokens, draw %d".formatted(n, seed),
                    Arrays.copyOf(order, n / window)));
        }).toList();
    }

    /// Even over the classes, from everything that is neither verified nor reported on.
    private List<Draw> drawsOfImages(int count, int most) throws IOException {
        var pool = pool();
        if (pool.size() < most) {
            throw new IOException("[%s] has %,d images to draw from, --sizes asks for %,d. Lower --sizes"
                    .formatted(pool.name(), pool.size(), most));
        }
        return IntStream.range(0, count).mapToObj(i -> {
            long seed = run.common().seed() + i;
            int[] order = Arrays.copyOf(Sampling.order(pool.labels(), seed), most);
            return draw(seed, pool.select("draw %d".formatted(seed), order), n -> pool.select(
                    "%d training images, draw %d".formatted(n, seed), Arrays.copyOf(order, n)));
        }).toList();
    }

    /// Rows on the same beginning share what they compute: it is made once.
    private static Draw draw(long seed, Dataset items, IntFunction<Dataset> first) {
        var made = new HashMap<Integer, Dataset>();
        return new Draw(seed, items, n -> made.computeIfAbsent(n, first::apply));
    }

    private boolean text() {
        return on.file().architecture().layout().tokens();
    }

    /// The first is the calibration data.
    private List<? extends Dataset> images(int count) throws IOException {
        var first = on.roles().calibration();
        var pool = pool();
        var taken = new HashSet<>(first.itemHashes());
        var hashes = pool.itemHashes();
        int[] order = IntStream.of(Sampling.order(pool.labels(), run.common().seed()))
                .filter(i -> taken.add(hashes.get(i))).toArray();
        if ((count - 1L) * first.size() > order.length) {
            throw new IOException(
                    "[%s] leaves %,d images to draw from; %d further samples of %,d that share none need %,d. Lower --repeats or --samples"
                            .formatted(pool.name(), order.length, count - 1, first.size(),
                                    (count - 1L) * first.size()));
        }
        var all = new ArrayList<Dataset>(List.of(first));
        for (int i = 0; i < count - 1; i++) {
            int from = i * first.size();
            all.add(pool.select("%s, sample %d".formatted(pool.name(), run.common().seed() + i + 1),
                    Arrays.copyOfRange(order, from, from + first.size())));
        }
        return all;
    }

    private ImageSet pool() throws IOException {
        if (!(run.training(on) instanceof ImageSet pool)) {
            throw new IOException("[%s] holds no images".formatted(on.roles().calibration().name()));
        }
        return pool;
    }
}
