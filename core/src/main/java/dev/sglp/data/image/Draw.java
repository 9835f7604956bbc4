package dev.sglp.data.image;

import dev.sglp.data.OverlapException;
import dev.sglp.data.Sampling;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.Set;
import java.util.stream.IntStream;

/// Draws items that are not in the report and were not drawn before, judged by their pixels; the next in the seeded
/// order stands in for one that is.
final class Draw {
    /// More of the items inspected in the end than this part among the report items is no accident.
    private static final double TOLERATED = 0.01;

    private final ImageSource source;
    private final String split;
    private final ImageRoles.Settings settings;
    private final ImageSet report;
    private final Set<String> reported;
    private final int planned;
    private final Set<String> drawn = new HashSet<>();
    private int inspected;
    private int inReport;
    private int repeated;

    Draw(ImageSource source, String split, ImageRoles.Settings settings, ImageSet report) {
        this.source = source;
        this.split = split;
        this.settings = settings;
        this.report = report;
        planned = (int) Math.min((long) settings.calibration() + settings.verification() + settings.repair(),
                source.labels(split).length);
        reported = Set.copyOf(report.itemHashes());
    }

    /// These items of the split, in an order whose every beginning is even over the classes.
    PrimitiveIterator.OfInt order(int[] items) {
        int[] labels = source.labels(split);
        int[] order = Sampling.order(IntStream.of(items).map(i -> labels[i]).toArray(), settings.seed());
        return IntStream.of(order).map(i -> items[i]).iterator();
    }

    /// The next `count` usable items, or all that are left.
    ImageSet take(PrimitiveIterator.OfInt order, int count) throws IOException {
        var taken = source.decode(split, new int[0], settings.reading());
        while (taken.size() < count && order.hasNext()) {
            var fresh = source.decode(split, next(order, count - taken.size()), settings.reading());
            var usable = fresh.select("", usable(fresh));
            taken = taken.size() == 0 ? usable : taken.followedBy(usable);
        }
        return taken.named("%s, %s, %,d %s sampled with seed %d".formatted(source.name(), split, taken.size(),
                source.items(), settings.seed()));
    }

    private static int[] next(PrimitiveIterator.OfInt order, int count) {
        int[] items = new int[count];
        int filled = 0;
        while (filled < count && order.hasNext()) {
            items[filled++] = order.nextInt();
        }
        return Arrays.copyOf(items, filled);
    }

    private int[] usable(ImageSet fresh) throws IOException {
        if (settings.allowOverlap()) {
            return IntStream.range(0, fresh.size()).toArray();
        }
        var hashes = fresh.itemHashes();
        inspected += fresh.size();
        inReport += (int) hashes.stream().filter(reported::contains).count();
        if (inReport > TOLERATED * Math.max(inspected, planned)) {
            throw new OverlapException(
                    "%,d of %,d inspected items of %s, %s are also report items (%s). %s".formatted(inReport, inspected,
                            source.name(), split, report.name(), OverlapException.ADVICE));
        }
        var usable = IntStream.builder();
        for (int i = 0; i < fresh.size(); i++) {
            boolean elsewhere = reported.contains(hashes.get(i));
            if (!elsewhere && drawn.add(hashes.get(i))) {
                usable.add(i);
            } else if (!elsewhere) {
                repeated++;
            }
        }
        return usable.build().toArray();
    }

    List<String> notes() {
        var notes = new ArrayList<String>();
        if (inReport > 0) {
            notes.add("%s: skipped %d of %,d items of %s that are also report items.".formatted(source.name(), inReport,
                    inspected, split));
        }
        if (repeated > 0) {
            notes.add("%s: skipped %d items of %s that repeat an item already drawn.".formatted(source.name(), repeated,
                    split));
        }
        return notes;
    }
}
