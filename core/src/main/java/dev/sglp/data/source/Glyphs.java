package dev.sglp.data.source;

import dev.sglp.data.image.Decoding;
import dev.sglp.data.image.ImageSet;
import dev.sglp.data.image.ImageSource;
import dev.sglp.data.image.Labels;
import dev.sglp.data.image.Reading;
import dev.sglp.data.item.Rgb;
import dev.sglp.fault.UsageException;
import dev.sglp.tensor.SplitMix;
import java.io.IOException;
import java.util.List;
import java.util.stream.IntStream;

/// Ten kinds of shapes that the program draws itself, 32 × 32, hard enough to need a deep network: turned, scaled and
/// shifted, in any two colours of sometimes little contrast, under lines and blobs and noise. Each image follows from
/// (seed, split, index) alone and is the same on every platform; nothing is stored.
final class Glyphs implements ImageSource {
    static final int SIDE = 32;
    static final int TRAIN_ITEMS = 20_000;
    static final int TEST_ITEMS = 2_000;
    private static final List<Shape> SHAPES = List.of(Shape.values());

    private final long seed;
    private final int trainItems;
    private final int testItems;

    Glyphs(long seed, int trainItems, int testItems) {
        this.seed = seed;
        this.trainItems = trainItems;
        this.testItems = testItems;
    }

    /// Reads `glyphs:` or `glyphs:SEED`.
    static Glyphs parse(String location) {
        try {
            return new Glyphs(location.isBlank() ? 0 : Long.parseLong(location.strip()), TRAIN_ITEMS, TEST_ITEMS);
        } catch (NumberFormatException _) {
            throw new UsageException(
                    "'glyphs:%s' is not glyphs: or glyphs:SEED with a whole number".formatted(location));
        }
    }

    @Override
    public String name() {
        return seed == 0 ? "glyphs" : "glyphs (seed %d)".formatted(seed);
    }

    @Override
    public List<String> splits() {
        return List.of(TEST, TRAIN);
    }

    @Override
    public List<String> classes() {
        return SHAPES.stream().map(Shape::title).toList();
    }

    @Override
    public List<String> notes() {
        return List.of();
    }

    /// Every class equally often.
    @Override
    public int[] labels(String split) {
        int items = switch (split) {
            case TRAIN -> trainItems;
            case TEST -> testItems;
            default -> throw new IllegalArgumentException(
                    "[%s] has no split '%s', only %s".formatted(name(), split, splits()));
        };
        return IntStream.range(0, items).map(i -> i % SHAPES.size()).toArray();
    }

    @Override
    public ImageSet decode(String split, int[] items, Reading reading) throws IOException {
        var labels = new Labels(labels(split), classes()).select(items);
        long stream = SplitMix.mix(seed, split.equals(TRAIN) ? 1 : 2);
        return new Decoding("%s, %s".formatted(name(), split), labels, reading).run(new Decoding.Reader() {
            @Override
            public Rgb read(int position) {
                return new Drawing(new SplitMix(SplitMix.mix(stream, items[position])))
                        .draw(SHAPES.get(labels.of()[position]));
            }

            @Override
            public String where(int position) {
                return "%s, %s, image %d".formatted(name(), split, items[position]);
            }
        });
    }
}
